"""Keeps a mail while it arrives: in memory at first, in a file once it is big."""

import asyncio
import contextlib
import hashlib
import os
import threading
from collections.abc import Callable
from concurrent.futures import Executor
from pathlib import Path
from typing import BinaryIO

from gateway.intake.smtp.received import SpooledFile

IN_MEMORY = 256 * 1024
AT_ONCE = 256 * 1024  # written by one visit of a thread; the loop has its turn in between
SUFFIX = ".part"


class Spool:
    """`examine` sees the beginning of the mail (all of it, or the first IN_MEMORY bytes) once; `remark` is its answer:
    with what the mail is refused, or nothing.

    Every method may raise OSError. After `discard` nothing is left on the disk.
    """

    def __init__(self, path: Path, threads: Executor, opening: bytes, examine: Callable[[bytes], bytes]) -> None:
        self._path = path
        self._threads = threads
        self._opening = opening
        self._examine = examine
        self._pieces: list[bytes] = []
        self._waiting = 0
        self._lock = threading.Lock()
        self._file: BinaryIO | None = None
        self._hash = hashlib.sha256()
        self._written = 0
        self._discarded = False
        self._handed_over = False
        self.size = 0
        self.remark = b""

    async def add(self, piece: bytes) -> None:
        self._pieces.append(piece)
        self._waiting += len(piece)
        self.size += len(piece)
        if self._waiting >= (IN_MEMORY if self._file is None else AT_ONCE):
            await self._hand_over(self._append)

    async def finish(self) -> bytes | SpooledFile:
        """The whole mail. A file is synced; its name is not."""
        if self._file is None:
            mail = b"".join(self._pieces)
            self.remark = self._examine(mail)
            return self._opening + mail
        await self._hand_over(self._complete)
        return SpooledFile(self._path, self._written, self._hash.hexdigest())

    def discard(self) -> None:
        """Drop everything. Does not wait: a thread may still be writing, then it is removed behind that."""
        self._pieces.clear()
        if self._handed_over:
            self._threads.submit(self._remove)

    async def _hand_over(self, work: Callable[[list[bytes]], None]) -> None:
        pieces, self._pieces, self._waiting = self._pieces, [], 0
        self._handed_over = True
        await asyncio.get_running_loop().run_in_executor(self._threads, work, pieces)

    def _append(self, pieces: list[bytes]) -> None:
        with self._lock:
            if self._discarded:
                return
            if self._file is None:
                self.remark = self._examine(b"".join(pieces))
                self._file = self._path.open("xb")
                pieces = [self._opening, *pieces]
            for piece in pieces:
                self._hash.update(piece)
                self._written += self._file.write(piece)

    def _complete(self, pieces: list[bytes]) -> None:
        self._append(pieces)
        with self._lock:
            if self._file is not None and not self._discarded:
                self._file.flush()
                os.fsync(self._file.fileno())
                self._file.close()

    def _remove(self) -> None:
        with self._lock:
            self._discarded = True
            with contextlib.suppress(OSError):
                if self._file is not None:
                    self._file.close()
            with contextlib.suppress(OSError):
                self._path.unlink(missing_ok=True)
