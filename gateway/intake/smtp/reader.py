"""The bytes a peer has sent and we have not read yet."""

import asyncio

LIMIT = 64 * 1024


class Inbound(asyncio.StreamReader):
    """A StreamReader into which bytes can be put back, and which can move to another transport for STARTTLS.

    It knows two private names of its parent; the probe in tests/intake is what notices when they change.
    """

    _buffer: bytearray
    _transport: asyncio.BaseTransport | None

    def has_line(self) -> bool:
        """Whether the next command is here already (RFC 2920: then its reply can wait for the others)."""
        return b"\r\n" in self._buffer

    def is_empty(self) -> bool:
        return not self._buffer

    def next_word(self) -> bytes:
        """The beginning of what waits, as a command would begin; empty when nothing waits."""
        return bytes(self._buffer[:4]).upper()

    def put_back(self, rest: bytes) -> None:
        self._buffer[:0] = rest

    def forget(self) -> None:
        """Drop what is here: it came before the TLS handshake and could be anybody's (CVE-2011-0411)."""
        self._buffer.clear()

    def move_to(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
