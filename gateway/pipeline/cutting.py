"""An attachment is cut out of its kept mail into a file of ours, for as long as it is needed."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from pathlib import Path

from gateway.desk.records import FileContent
from gateway.errors import GiveUp
from gateway.mail.content import decode_body
from gateway.mail.limits import Unreadable
from gateway.mail.message import Attachment
from gateway.mail.reading import save_attachment
from gateway.offload import TooHeavy
from gateway.pipeline.parts import Parts
from gateway.store import arrivals
from gateway.store.arrivals import Kept
from gateway.store.spool import spool_file

CUTTING_TIME = timedelta(seconds=30)
LARGEST_PIECE = 4 << 20  # what is larger is read from disk by the reading process; a mail has few of those


@asynccontextmanager
async def cut_out(parts: Parts, file: FileContent) -> AsyncIterator[Path | str]:
    """The attachment as a file, or why it cannot be had any more. The reading process reads and writes by path, so
    that nothing large comes into our memory."""
    kept = await parts.store.read(arrivals.fetch, file.arrival)
    if kept is None:
        yield "the mail is no longer kept"
        return
    target = await asyncio.to_thread(spool_file, parts.settings.data_dir / "spool")
    try:
        async with AsyncExitStack() as stack:
            try:
                piece = None if file.place is None else await cut_piece(parts, kept, file.place)
                if piece is not None:
                    await asyncio.to_thread(target.write_bytes, piece)
                else:
                    whole: bytes | str | None = kept.raw
                    if whole is None:
                        whole = str(await stack.enter_async_context(parts.store.blobs.path_of(kept.sha256)))
                    await parts.readers.run(save_attachment, whole, file.index, str(target), timeout=CUTTING_TIME)
                cut: Path | str = target
            except (TooHeavy, Unreadable, GiveUp) as lost:
                cut = str(lost)
        yield cut
    finally:
        await asyncio.to_thread(target.unlink, missing_ok=True)


async def cut_piece(parts: Parts, kept: Kept, one: Attachment) -> bytes | None:
    """A file by its place alone, however long and full its mail is. None: its place is not known, or it is too large
    for our memory, or other bytes are there than were read; then the whole mail is read for it."""
    length = one.end - one.start
    if not 0 < length <= LARGEST_PIECE:
        return None
    if kept.raw is not None:
        body = kept.raw[one.start : one.end]
    else:
        body = await parts.store.blobs.read(kept.sha256, one.start, length)
    content = await parts.readers.run(decode_body, body, one.encoding, timeout=CUTTING_TIME)
    return content if hashlib.sha256(content).hexdigest() == one.sha256 else None
