"""Large bytes, named by their content: kept on disk before the row that names them."""

from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from pathlib import Path
from typing import Protocol

from gateway.store.bucket import open_bucket
from gateway.store.chunks import Chunks
from gateway.store.named import Named
from gateway.store.shelf import Shelf
from gateway.store.transaction import Engine

SMALL = 64 * 1024  # up to here bytes stay in their row


class Blobs(Protocol):
    """All raise StoreAway when nothing can be kept or read now, GiveUp when the blob is not there."""

    async def keep_bytes(self, raw: bytes) -> str:
        """Keep `raw`; returns its sha256 in hex."""

    async def keep_file(self, path: Path, sha256: str) -> None:
        """Take over the file at `path`, whose content has this hash. Nothing is left at `path`. Memory stays small."""

    def path_of(self, sha256: str) -> AbstractAsyncContextManager[Path]:
        """A local file with the content, for as long as the context lasts. Not to be changed."""

    async def read(self, sha256: str, start: int = 0, length: int | None = None) -> bytes:
        """`length` bytes (None: all) from `start` on; fewer at the end."""

    async def sweep(self, named: Named = ..., older_than: timedelta = ...) -> int:
        """Remove what is older and no row names any more; returns how many."""


def open_blobs(where: str, data_dir: Path, engine: Engine, *, shared: bool) -> Blobs:
    """The place that `[store] blobs` names; empty: a folder on SQLite, rows of chunks on a shared database."""
    spool = data_dir / "spool"
    if "://" in where:
        return open_bucket(where, spool, engine)
    if where or not shared:
        return Shelf(Path(where) if where else data_dir / "blobs", engine)
    return Chunks(spool, engine)
