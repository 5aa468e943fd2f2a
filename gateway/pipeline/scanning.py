"""The files of a mail are looked at before anybody can open them."""

from contextlib import AsyncExitStack
from dataclasses import replace

from gateway.errors import GiveUp, TryLater
from gateway.health import Condition
from gateway.mail.limits import Unreadable
from gateway.mail.message import Attachment, Message
from gateway.mail.reading import attachment_bytes, attachment_of_file
from gateway.offload import TooHeavy
from gateway.pipeline.cutting import CUTTING_TIME, cut_piece
from gateway.pipeline.parts import Parts
from gateway.ports import Scanner
from gateway.store.arrivals import Kept

NOT_LOOKED_AT = "not looked at for viruses"
NOT_YET = f"{NOT_LOOKED_AT} yet"  # SCAN tries again


async def look_at_files(parts: Parts, kept: Kept, message: Message) -> Message:
    """The same message; an attachment that is a virus, or that the scanner could not look at, says so.

    A scanner that is away holds up no mail: its files stay here, with a warning, until SCAN has asked it again.
    """
    if parts.scanner is None or not message.attachments:
        return message
    async with AsyncExitStack() as stack:
        path = (
            "" if kept.raw is not None else str(await stack.enter_async_context(parts.store.blobs.path_of(kept.sha256)))
        )
        looked = [await _look_at(parts, parts.scanner, kept, path, one) for one in message.attachments]
    return replace(message, attachments=tuple(looked))


async def look_again(parts: Parts, scanner: Scanner, kept: Kept, index: int) -> str:
    """The warning about one file, or nothing when it is clean. Raises TryLater while the scanner cannot say."""
    async with AsyncExitStack() as stack:
        path = ""
        if kept.raw is None:
            path = str(await stack.enter_async_context(parts.store.blobs.path_of(kept.sha256)))
        return await _warning(parts, scanner, kept, path, Attachment(index, "", "", 0, ""))


async def look_at_whole(parts: Parts, kept: Kept) -> str:
    """Like `look_again`, for a mail as it came: one that could not be read has no files to look at."""
    if parts.scanner is None:
        return ""
    async with parts.uploads:
        whole = kept.raw if kept.raw is not None else await parts.store.blobs.read(kept.sha256, 0, kept.size)
        found = await parts.scanner.scan(whole)
    return f"a virus: {found}" if found else ""


async def _look_at(parts: Parts, scanner: Scanner, kept: Kept, path: str, one: Attachment) -> Attachment:
    try:
        warning = await _warning(parts, scanner, kept, path, one)
    except TryLater as away:
        parts.health.note("scanner", Condition.FAILED, str(away))
        return replace(one, warning=f"{NOT_YET}: {away}")
    parts.health.note("scanner", Condition.WORKING)
    return replace(one, warning=warning)


async def _warning(parts: Parts, scanner: Scanner, kept: Kept, path: str, one: Attachment) -> str:
    try:
        # One whole file is in memory here: their number is bounded, as when they are uploaded.
        async with parts.uploads:
            piece = await cut_piece(parts, kept, one)
            found = await scanner.scan(piece if piece is not None else await _cut_out(parts, kept, path, one.index))
    except (TooHeavy, Unreadable, GiveUp) as lost:
        return f"{NOT_LOOKED_AT}: {lost}"
    return f"a virus: {found}" if found else ""


async def _cut_out(parts: Parts, kept: Kept, path: str, index: int) -> bytes:
    if kept.raw is not None:
        return await parts.readers.run(attachment_bytes, kept.raw, index, timeout=CUTTING_TIME)
    return await parts.readers.run(attachment_of_file, path, index, timeout=CUTTING_TIME)
