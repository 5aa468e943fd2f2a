"""The protocol of clamd: a file is streamed to it (INSTREAM), and it names what it finds."""

import asyncio
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from gateway.config.values import split_endpoint
from gateway.errors import TryLater

UNIX = "unix:"
_PATIENCE = timedelta(seconds=20)
_PIECE = 64 * 1024
_LONGEST_REPLY = 1000


class Clamd:
    """The `Scanner` behind `[mail] scanner`: "unix:/run/clamav/clamd.ctl" or "HOST:PORT"."""

    def __init__(self, where: str, patience: timedelta = _PATIENCE) -> None:
        self._where = where
        self._patience = patience.total_seconds()

    async def scan(self, content: bytes) -> str:
        """The name of the virus, or nothing. Raises TryLater when that cannot be said now."""
        said = await self._ask(b"zINSTREAM\0", content)
        if said.endswith(" FOUND"):
            return said.removeprefix("stream: ").removesuffix(" FOUND")
        if said == "stream: OK":
            return ""
        raise TryLater(f"the scanner answers {said or 'nothing'}", partner_down=False)

    async def greet(self) -> str:
        """Its version. Raises TryLater when it does not answer."""
        return await self._ask(b"zVERSION\0", None)

    async def _ask(self, command: bytes, content: bytes | None) -> str:
        try:
            async with asyncio.timeout(self._patience), self._connection() as (reader, writer):
                writer.write(command)
                if content is not None:
                    await _stream(writer, content)
                reply = await reader.read(_LONGEST_REPLY)
        except TimeoutError:
            raise TryLater(f"the scanner at {self._where} takes too long", partner_down=False) from None
        except (BrokenPipeError, ConnectionResetError):
            # It closes in the middle of what is over its limit, and its answer may be lost with that.
            why = f"the scanner breaks off (is {len(content or b'')} bytes over its size limit, StreamMaxLength?)"
            raise TryLater(why, partner_down=False) from None
        except OSError as error:
            why = error.strerror or type(error).__name__
            raise TryLater(f"the scanner at {self._where} cannot be asked: {why}", partner_down=False) from None
        return reply.rstrip(b"\0\n").decode("utf-8", "replace")

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
        if self._where.startswith(UNIX):
            reader, writer = await asyncio.open_unix_connection(self._where.removeprefix(UNIX))
        else:
            reader, writer = await asyncio.open_connection(*split_endpoint(self._where))
        try:
            yield reader, writer
        finally:
            writer.close()


async def _stream(writer: asyncio.StreamWriter, content: bytes) -> None:
    """clamd(8): each piece behind its length, in network order, then an empty one."""
    for start in range(0, len(content), _PIECE):
        piece = content[start : start + _PIECE]
        writer.write(struct.pack(">L", len(piece)) + piece)
        await writer.drain()
    writer.write(struct.pack(">L", 0))
    await writer.drain()
