"""One opened folder: searched by UID, fetched in small bites, marked only when told."""

import asyncio
import contextlib
import hashlib
import os
import tempfile
from collections.abc import AsyncGenerator, AsyncIterator, Coroutine, Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, BinaryIO

from aioimaplib.aioimaplib import Response

from gateway.errors import TryLater
from gateway.intake.imap.answers import Listed, encode_folder, name_uids, read_code, read_listed, read_uids
from gateway.intake.imap.opening import Line, said
from gateway.log import get, trouble
from gateway.ports import LargeMail, SmallMail, UnfitMail

BATCH = 50  # mails in one FETCH
BATCH_BYTES = 8 * 1024 * 1024
LARGE = 2 * 1024 * 1024  # from here on a mail is fetched in pieces, to a file
PIECE = 1024 * 1024
HEAD = 256 * 1024
LONGEST_IDLE = timedelta(minutes=9)  # RFC 2177 says 29 minutes; routers forget a silent connection sooner
FETCHING = 180.0

log = get("intake.imap")


class ImapFolder:
    """`after` is "seen", "nothing" or "move:FOLDER"; `spool` is where large mails are written."""

    def __init__(self, line: Line, selected: Response, after: str, spool: Path, max_size: int) -> None:
        validity = read_code(selected.lines, "UIDVALIDITY")
        if validity is None:
            raise TryLater(f"{line.name} gives its folder no UIDVALIDITY; mails cannot be told apart there")
        self.validity = validity
        self.next_uid = read_code(selected.lines, "UIDNEXT") or 0
        self._line = line
        self._after = after
        self._spool = spool
        self._max_size = max_size
        self._idles = line.can("IDLE")

    async def search(self, first: int, last: int | None = None) -> Sequence[int]:
        wire = self._line.wire
        wire.news = False
        # No CHARSET: Exchange and Yahoo refuse it.
        span = f"{first}:{'*' if last is None else last}"
        response = await self._line.tell(wire.search("UID", span, charset=None, by_uid=True))
        # `n:*` names the last mail even when its UID is below n.
        return [uid for uid in read_uids(response.lines) if uid >= first and (last is None or uid <= last)]

    async def ask_next_uid(self) -> None:
        """For a server that did not say it. An empty folder has no last mail, which some call an error."""
        response = await self._line.ask(self._line.wire.search("UID", "*", charset=None, by_uid=True))
        found = read_uids(response.lines) if response.result == "OK" else []
        self.next_uid = max(found, default=0) + 1

    async def fetch(self, uids: Sequence[int]) -> AsyncGenerator[SmallMail | LargeMail | UnfitMail, None]:
        for at in range(0, len(uids), BATCH):
            left = set(uids[at : at + BATCH])
            listed = await self._list(sorted(left))
            for bite in _bites(listed):
                async for mail in self._fetch_bite(bite):
                    left.discard(mail.uid)
                    yield mail
            # Most of what is left out was removed meanwhile; but what is still there may not be taken for gone.
            for uid in await self.search(min(left), max(left)) if left else ():
                if uid in left:
                    known = (one for one in listed if one.uid == uid)
                    yield await self._fetch_alone(next(known, Listed(uid, 0, None, None)))

    async def finish(self, uids: Sequence[int]) -> None:
        for at in range(0, len(uids), BATCH):
            some = name_uids(uids[at : at + BATCH])
            refused = await self._mark(some)
            if refused:
                trouble(log, "not_marked", place=self._line.name, after=self._after, why=refused)

    async def wait(self, longest: timedelta) -> bool:
        wire = self._line.wire
        seconds = min(longest, LONGEST_IDLE).total_seconds()
        if wire.news:
            return True
        self._idles = self._idles and await self._idle(seconds)
        if not self._idles:
            await asyncio.wait({wire.lost}, timeout=seconds)
            await self._line.tell(wire.simple_command("NOOP"))
        return wire.news

    # -- fetching ----------------------------------------------------------------------------------------------------

    async def _list(self, uids: Sequence[int]) -> list[Listed]:
        """Sizes first, so that nobody fetches what is too large."""
        response = await self._ask_for(uids, "(UID RFC822.SIZE INTERNALDATE)")
        if response.result == "OK":
            # Each once: the flags that others set meanwhile come with the UID, too (RFC 3501 §6.4.8).
            found = sorted(read_listed(response.lines), key=lambda one: one.size)
            return [one for uid, one in sorted({one.uid: one for one in found}.items()) if uid in uids]
        if len(uids) == 1:
            return [Listed(uids[0], 0, None, None)]
        return [one for uid in uids for one in await self._list([uid])]

    async def _fetch_bite(self, bite: Sequence[Listed]) -> AsyncIterator[SmallMail | LargeMail | UnfitMail]:
        if bite[0].size >= LARGE:
            yield await self._fetch_large(bite[0])
            return
        response = await self._ask_for([one.uid for one in bite], "(UID BODY.PEEK[])")
        bodies = {one.uid: one.body for one in read_listed(response.lines) if one.body is not None}
        for one in bite:
            body = bodies.get(one.uid)
            if body is not None:
                yield SmallMail(one.uid, one.received, body)
            elif response.result != "OK":
                yield await self._fetch_alone(one)

    async def _fetch_alone(self, one: Listed) -> SmallMail | UnfitMail:
        """The server failed at a bite with this mail in it: is it this one?"""
        response = await self._ask_for([one.uid], "(UID BODY.PEEK[])")
        for found in read_listed(response.lines):
            if found.uid == one.uid and found.body is not None:
                return SmallMail(one.uid, one.received, found.body)
        why = f"the mail server does not give it out: {said(response)}"
        return UnfitMail(one.uid, one.received, one.size, b"", why, for_good=False)

    async def _fetch_large(self, one: Listed) -> LargeMail | UnfitMail:
        if one.size > self._max_size:
            why = f"it has {one.size / 1e6:.0f} MB, more than max_size; it is still in its folder"
            return UnfitMail(one.uid, one.received, one.size, await self.head(one.uid), why, for_good=True)
        path = await asyncio.to_thread(_new_file, self._spool)
        try:
            found = await self._write(one, path)
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        if found is not None:
            return found
        path.unlink(missing_ok=True)
        why = "the mail server does not give it out whole"
        return UnfitMail(one.uid, one.received, one.size, await self.head(one.uid), why, for_good=False)

    async def _write(self, one: Listed, path: Path) -> LargeMail | None:
        """Piece by piece to the disk; None when a piece is not to be had, or there is no end to them."""
        digest, size = hashlib.sha256(), 0
        with path.open("wb") as file:
            while size <= self._max_size:
                piece = await self._piece(one.uid, size)
                if piece is None:
                    return None
                await asyncio.to_thread(file.write, piece)
                digest.update(piece)
                size += len(piece)
                # A size may be wrong, and a piece shorter than asked for: only both together are the end.
                if not piece or (len(piece) < PIECE and size >= one.size):
                    await asyncio.to_thread(_sync, file)
                    return LargeMail(one.uid, one.received, path, size, digest.hexdigest())
        return None

    async def _piece(self, uid: int, offset: int) -> bytes | None:
        response = await self._ask_for([uid], f"(UID BODY.PEEK[]<{offset}.{PIECE}>)")
        found = [one.body for one in read_listed(response.lines) if one.uid == uid and one.body is not None]
        return found[0] if found else b"" if response.result == "OK" and offset else None

    async def head(self, uid: int) -> bytes:
        """The first 256 kB of the header; empty when the server does not give it out. Nothing is marked."""
        response = await self._ask_for([uid], f"(UID BODY.PEEK[HEADER]<0.{HEAD}>)")
        return next((one.body for one in read_listed(response.lines) if one.uid == uid and one.body), b"")

    async def _ask_for(self, uids: Sequence[int], what: str) -> Response:
        return await self._line.ask(self._line.wire.fetch(name_uids(uids), what, by_uid=True), FETCHING)

    # -- marking -----------------------------------------------------------------------------------------------------

    async def _mark(self, uids: str) -> str:
        """Empty, or what the server has against it."""
        wire, kind, _, target = self._line.wire, *self._after.partition(":")
        if kind == "nothing":
            return ""
        if kind == "seen":
            response = await self._line.ask(wire.store(uids, "+FLAGS.SILENT", r"(\Seen)", by_uid=True))
            return "" if response.result == "OK" else said(response)
        response = await self._move(uids, encode_folder(target))
        if response.result != "OK" and "TRYCREATE" in said(response).upper():
            await self._line.ask(wire.simple_command("CREATE", encode_folder(target)))
            response = await self._move(uids, encode_folder(target))
        return "" if response.result == "OK" else said(response)

    async def _move(self, uids: str, target: str) -> Response:
        wire, ask = self._line.wire, self._line.ask
        if self._line.can("MOVE"):
            return await ask(wire.move(uids, target, by_uid=True))
        response = await ask(wire.copy(uids, target, by_uid=True))
        if response.result != "OK":
            return response
        response = await ask(wire.store(uids, "+FLAGS.SILENT", r"(\Deleted)", by_uid=True))
        # A plain EXPUNGE would remove what others have marked: without UIDPLUS ours stay marked.
        if response.result == "OK" and self._line.can("UIDPLUS"):
            return await ask(wire.expunge(uids, by_uid=True))
        return response

    # -- waiting -----------------------------------------------------------------------------------------------------

    async def _idle(self, seconds: float) -> bool:
        """False when the server offers IDLE and does not do it."""
        wire = self._line.wire
        idle = asyncio.ensure_future(wire.idle())
        try:
            answered = wire.wait_for_idle_response()  # type: ignore[no-untyped-call]  # the library's own gap
            if not await self._line.ask(_begun(idle, answered)):
                return False
            await self._line.ask(self._listen(seconds), seconds + 30)
            wire.idle_done()
            await self._line.ask(_end(idle))
        finally:
            idle.cancel()
        return True

    async def _listen(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while not self._line.wire.news:
                    await self._line.wire.idle_queue.get()


async def _begun(idle: "asyncio.Future[Response]", answered: Coroutine[Any, Any, None]) -> bool:
    """Whether the server idles, once it has said so or not."""
    ready = asyncio.ensure_future(answered)
    either: set[asyncio.Future[Any]] = {idle, ready}
    try:
        await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        return not idle.done()
    finally:
        ready.cancel()


async def _end(idle: "asyncio.Future[Response]") -> Response:
    return await asyncio.shield(idle)


def _bites(listed: Sequence[Listed]) -> Iterator[list[Listed]]:
    """Groups of small mails that together are not too large; each large one by itself. In their order."""
    bite: list[Listed] = []
    for one in listed:
        if bite and (one.size >= LARGE or sum(other.size for other in bite) + one.size > BATCH_BYTES):
            yield bite
            bite = []
        bite.append(one)
        if one.size >= LARGE:
            yield bite
            bite = []
    if bite:
        yield bite


def _new_file(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix="imap-", suffix=".part", dir=folder)
    os.close(handle)
    return Path(name)


def _sync(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())
