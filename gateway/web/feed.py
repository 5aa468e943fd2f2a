"""Mail from files, through the socket: kept as though it had just arrived."""

import asyncio
import hashlib
import os
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from gateway.config.settings import Smtp
from gateway.desk.mailboxes import Directory
from gateway.mail.addresses import read_addresses
from gateway.mail.fields import Head, read_head, skip_preamble
from gateway.mail.glance import first_from
from gateway.mail.identity import read_date
from gateway.mail.limits import Unreadable
from gateway.mail.message import Envelope
from gateway.pipeline.accept import INLINE, Incoming, Spooled, accept, tell_accepted
from gateway.store.arrivals import Door
from gateway.web.operations import BadRequest
from gateway.web.surroundings import parts

_HEAD = 256 * 1024
_TO = ("delivered-to", "x-original-to", "envelope-to", "x-delivered-to", "x-forwarded-to", "to", "cc", "bcc")
_NO_HEAD = Head((), 0)


async def feed(request: Request, person: str) -> Response:
    """Take one mail in; answers with its arrivals' ids."""
    here = parts(request)
    largest = (here.settings.smtp or Smtp()).max_size
    path = here.settings.data_dir / "spool" / f"feed-{secrets.token_hex(8)}.part"
    try:
        raw = await _receive(request, path, largest)
        head = await asyncio.to_thread(_read_head, raw)
        fields = _fields(head)
        named = request.query_params.get("mailbox", "")
        boxes = find_mailboxes(fields, named, Directory(here.settings.mailboxes))
        if not boxes:
            why = f"{named} is no mailbox here" if named else "none of its recipients is a mailbox here: name one"
            raise BadRequest(why, 422)
        history = request.query_params.get("history", "") in ("yes", "true", "1")
        incoming = _incoming(raw, head, fields, boxes, history)
        ids = await accept(here.store, incoming)
    finally:
        path.unlink(missing_ok=True)
    tell_accepted(ids, incoming)
    return JSONResponse({"arrivals": list(ids), "mailboxes": boxes})


def find_mailboxes(fields: Head, named: str, directory: Directory) -> list[str]:
    """The mailbox that was named, else all that the mail is addressed to."""
    if named:
        known = directory.lookup(named)
        return [known] if known else []
    for name in _TO:
        found = [directory.lookup(one.address) for one in read_addresses(fields.every(name))]
        if boxes := list(dict.fromkeys(box for box in found if box)):
            return boxes
    return []


def _incoming(raw: bytes | Spooled, head: bytes, fields: Head, boxes: Sequence[str], history: bool) -> Incoming:
    returned = fields.every("return-path")
    sender = next((one.address for one in read_addresses(returned)), "" if returned else first_from(head))
    # What is only recorded keeps its own time, so that an old conversation is not a new one.
    dated = read_date(fields.every("date")) if history else None
    received = min(dated, datetime.now(UTC)) if dated else None
    envelopes = tuple(Envelope(sender, box, trusted=True) for box in boxes)
    return Incoming(envelopes, tuple(boxes), raw, Door.FEED, received=received, history=history)


async def _receive(request: Request, path: Path, largest: int) -> bytes | Spooled:
    """The body: in memory while it is small, in a synced file when it is not."""
    small, size, digest = b"", 0, hashlib.sha256()
    file: BinaryIO | None = None
    try:
        async for piece in request.stream():
            size += len(piece)
            if size > largest:
                raise BadRequest(f"the mail is larger than {largest} bytes (intake.smtp.max_size)", 413)
            digest.update(piece)
            if file is None and size <= INLINE:
                small += piece
                continue
            if file is None:
                file = await asyncio.to_thread(_open, path)
                await asyncio.to_thread(file.write, small)
            await asyncio.to_thread(file.write, piece)
        if not size:
            raise BadRequest("there is no mail in that")
        if file is None:
            return small
        await asyncio.to_thread(_sync, file)
    finally:
        if file is not None:
            file.close()
    return Spooled(path, size, digest.hexdigest())


def _open(path: Path) -> BinaryIO:
    path.parent.mkdir(mode=0o700, exist_ok=True)
    return path.open("xb")


def _sync(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())


def _read_head(raw: bytes | Spooled) -> bytes:
    if isinstance(raw, bytes):
        return raw[:_HEAD]
    with raw.path.open("rb") as file:
        return file.read(_HEAD)


def _fields(head: bytes) -> Head:
    try:
        return read_head(head, skip_preamble(head), len(head))
    except Unreadable:
        return _NO_HEAD
