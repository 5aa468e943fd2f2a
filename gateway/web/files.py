"""Downloads: a mail as it came or went, and one file of it. A browser saves them and shows none."""

from collections.abc import AsyncIterator
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from gateway.errors import TryLater
from gateway.mail.limits import Unreadable
from gateway.offload import TooHeavy
from gateway.pipeline.parts import Parts
from gateway.pipeline.scanning import NOT_LOOKED_AT, look_at_whole
from gateway.store import arrivals, deliveries
from gateway.store.arrivals import Kept
from gateway.store.database import Store
from gateway.web.arrival import cut_out
from gateway.web.operations import error
from gateway.web.surroundings import parts

_PIECE = 256 * 1024


async def arrival_mail(request: Request, person: str) -> Response:
    kept = await parts(request).store.read(arrivals.fetch, request.path_params["id"])
    if kept is None:
        return error("there is no such mail", 404)
    warning = await _warning_of(parts(request), kept)
    if warning and not request.query_params.get("anyway"):
        return _not_to_be_opened("mail", warning)
    return _mail(parts(request).store, f"mail-{kept.id}.eml", kept.raw, kept.sha256)


async def sent_mail(request: Request, person: str) -> Response:
    known = await parts(request).store.read(deliveries.fetch, request.path_params["id"])
    if known is None:
        return error("there is no such mail", 404)
    return _mail(parts(request).store, f"sent-{known.id}.eml", known.outgoing.raw, known.outgoing.blob or "")


async def attachment(request: Request, person: str) -> Response:
    here = parts(request)
    kept = await here.store.read(arrivals.fetch, request.path_params["id"])
    index = int(request.path_params["index"])
    if kept is None:
        return error("there is no such mail", 404)
    warning = arrivals.warnings_of(kept).get(str(index), "") if _was_read(kept) else await _warning_of(here, kept)
    if warning and not request.query_params.get("anyway"):
        return _not_to_be_opened("file", warning)
    try:
        content = await cut_out(here, kept, index)
    except (Unreadable, TooHeavy) as heavy:
        return error(heavy.reason, 404)
    name = request.query_params.get("name", "")[:200] or f"file-{index}"
    return Response(content, headers=_saved_as(name))


async def _warning_of(here: Parts, kept: Kept) -> str:
    """Why the mail as it came is not to be opened: one of its files is not, or the scanner says so of what could not
    be read."""
    if _was_read(kept):
        return "; ".join(dict.fromkeys(arrivals.warnings_of(kept).values()))
    try:
        return await look_at_whole(here, kept)
    except TryLater as away:
        return f"{NOT_LOOKED_AT}: {away}"


def _was_read(kept: Kept) -> bool:
    """Then its files were looked at one by one."""
    return "warnings" in (kept.evidence or {})


def _not_to_be_opened(what: str, warning: str) -> Response:
    return error(f"this {what} is not to be opened ({warning}); with ?anyway=yes it is given all the same", 409)


def _mail(store: Store, name: str, raw: bytes | None, blob: str) -> Response:
    if raw is not None:
        return Response(raw, headers=_saved_as(name))
    return StreamingResponse(_pieces(store, blob), headers=_saved_as(name))


async def _pieces(store: Store, blob: str) -> AsyncIterator[bytes]:
    at = 0
    while piece := await store.blobs.read(blob, at, _PIECE):
        at += len(piece)
        yield piece


def _saved_as(name: str) -> dict[str, str]:
    """RFC 6266: a name any browser takes, and the real one. Whatever the file is, nothing in it runs here."""
    plain = "".join(one if one.isascii() and (one.isalnum() or one in " ._-") else "_" for one in name)
    return {
        "content-type": "application/octet-stream",
        "content-disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}",
        "content-security-policy": "default-src 'none'; sandbox",
    }
