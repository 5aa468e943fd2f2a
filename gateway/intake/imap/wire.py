"""aioimaplib's protocol, but read by length: no response is too long, and a lost connection is told at once."""

import asyncio
import contextlib
import re
from typing import cast

from aioimaplib import aioimaplib
from aioimaplib.aioimaplib import AUTH, CRLF, NONAUTH, Command, IMAP4ClientProtocol

MOST_IN_A_LITERAL = 32 * 1024 * 1024  # we ask for less; a server that sends more does not do what it is told
MOST_IN_A_LINE = 64 * 1024 * 1024  # a million UIDs

_LITERAL = re.compile(rb"~?\{(\d+)\}$")
_TAGGED = re.compile(rb"[A-Z0-9]+ (?:OK|NO|BAD)\b")
_NAME = re.compile(rb"(?:(\d{1,10}) )?([A-Za-z]+)")


class Wire(IMAP4ClientProtocol):
    """One connection. `greeted` ends with the server's greeting, `lost` (with the reason) when the line is cut.

    The parent calls itself once a line, so that a thousand lines end in RecursionError, counts parentheses inside
    quoted text, tells nobody of a lost connection and never answers a refused XOAUTH2. What it does well is kept:
    commands, tags and states. tests/intake/test_imap_wire.py notices when its private names change.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(loop)
        self.greeted: asyncio.Future[None] = loop.create_future()
        self.lost: asyncio.Future[str] = loop.create_future()
        self.news = False  # the folder has grown since this was last set to false
        self.challenge = b""
        self._mails = 0  # in the folder, as the server counts them
        self._goodbye = ""
        self._heard = bytearray()
        self._looked = 0  # so many bytes of it have no end of line
        self._literal: bytearray | None = None
        self._missing = 0
        self._inside = False  # the next line goes on with a response whose literal has just ended
        self._response: Command | None = None

    def data_received(self, d: bytes) -> None:
        self._heard += d
        try:
            while self._take_literal() if self._literal is not None else self._take_line():
                pass
        except (aioimaplib.AioImapException, ValueError) as error:
            self.cut(f"it says what cannot be understood: {error}")
        if (pending := self._pending()) is not None:
            pending.flush()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._is_lost(self._goodbye or "the connection was lost")

    def eof_received(self) -> None:
        self._is_lost(self._goodbye or "the server has closed the connection")

    def cut(self, why: str) -> None:
        """End the connection at once."""
        self._is_lost(why)
        if (transport := self._transport()) is not None:
            transport.abort()

    def forget(self) -> None:
        """Drop what was heard before TLS began: it could be anybody's."""
        self._heard.clear()
        self._looked = 0

    def _pending(self) -> Command | None:
        """The one command that nothing else may overlap. The parent's own annotation knows only its first value."""
        return cast("Command | None", self.pending_sync_command)

    def _transport(self) -> asyncio.Transport | None:
        return cast("asyncio.Transport | None", self.transport)

    def _is_lost(self, why: str) -> None:
        if not self.lost.done():
            self.lost.set_result(why)

    def _take_literal(self) -> bool:
        assert self._literal is not None
        piece = self._heard[: self._missing]
        del self._heard[: len(piece)]
        self._literal += piece
        self._missing -= len(piece)
        if self._missing:
            return False
        if self._response is not None:
            self._response.append_to_resp(self._literal)  # type: ignore[arg-type]  # as the parent does: literals differ
        self._literal, self._inside = None, True
        return True

    def _take_line(self) -> bool:
        end = self._heard.find(CRLF, self._looked)
        if end < 0:
            self._looked = max(0, len(self._heard) - 1)
            if self._looked > MOST_IN_A_LINE:
                raise ValueError("a line without an end")
            return False
        line = bytes(self._heard[:end])
        del self._heard[: end + 2]
        self._looked = 0
        if self._inside:
            if self._response is not None:
                self._response.append_to_resp(line)
        else:
            self._response = self._respond(line)
        self._inside = False
        if (literal := _LITERAL.search(line)) is not None:
            self._missing = int(literal[1])
            if self._missing > MOST_IN_A_LITERAL:
                raise ValueError(f"a literal of {self._missing} bytes")
            self._literal = bytearray()
        return True

    def _respond(self, line: bytes) -> Command | None:
        """The beginning of a response; returns the command that it belongs to."""
        if not self.greeted.done():
            self._greet(line)
        elif line.startswith(b"* "):
            return self._untagged_response(line)
        elif line.startswith(b"+"):
            self._continuation(line)
        elif _TAGGED.match(line):
            self._response_done(line)
        return None

    def _greet(self, line: bytes) -> None:
        if line.startswith((b"* OK", b"* PREAUTH")):
            self.state = AUTH if line.startswith(b"* PREAUTH") else NONAUTH
            self.greeted.set_result(None)
        else:
            self.cut(f"it greets with: {_printable(line)}")

    def _untagged_response(self, line: bytes) -> Command | None:  # type: ignore[override]  # the parent says so too
        text = line[2:]
        found = _NAME.match(text)
        name = found[2].decode().upper() if found else ""
        if found and found[1]:
            self._count(name, int(found[1]))
        elif name == "BYE":
            self._goodbye = f"it says goodbye: {_printable(text)}"
        waiting = self._pending()
        if waiting is None:
            waiting = self.pending_async_commands.get(name)
            if waiting is not None and found is not None and not text[:1].isdigit():
                text = text[found.end() :].lstrip()
        if waiting is not None:
            waiting.append_to_resp(text)
        return waiting

    def _count(self, name: str, number: int) -> None:
        """Some servers repeat EXISTS with every answer: only a folder that has grown is news."""
        if name == "EXISTS":
            self.news = self.news or number > self._mails
            self._mails = number
        elif name == "EXPUNGE":
            self._mails = max(0, self._mails - 1)

    def _continuation(self, line: bytes) -> None:
        pending, transport = self._pending(), self._transport()
        if pending is not None and pending.name == "AUTHENTICATE" and transport is not None:
            # A refusal in two acts: the server tells why, and says NO only after an empty line.
            self.challenge = line[2:]
            transport.write(CRLF)
            return
        super()._continuation(line)


def _printable(line: bytes) -> str:
    text = line[:200].decode(errors="replace")
    with contextlib.suppress(ValueError):
        text = text[text.index("BYE") + 4 :]
    return "".join(letter if letter.isprintable() else "?" for letter in text)
