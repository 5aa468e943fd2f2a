"""An attachment is cut out of its kept mail into a file of ours, for as long as it is needed."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from pathlib import Path

from gateway.desk.records import FileContent
from gateway.errors import GiveUp
from gateway.mail.limits import Unreadable
from gateway.mail.reading import save_attachment
from gateway.offload import TooHeavy
from gateway.pipeline.parts import Parts
from gateway.store import arrivals
from gateway.store.spool import spool_file

CUTTING_TIME = timedelta(seconds=30)


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
