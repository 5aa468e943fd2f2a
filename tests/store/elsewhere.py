"""A store in a process of its own, so that a test can take its disk away: one line in, one line out.

`write NAME`, `blob SEED`, `get NAME`, `ready`, `trouble`; the answer is `ok …`, or `away …` when the store is.
"""

import asyncio
import contextlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from gateway.store import marks
from gateway.store.database import Store, StoreAway


class Elsewhere:
    """The test's end of it."""

    def __init__(self, folder: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.store.elsewhere", str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
        )
        self.id = self._process.pid
        assert self._hear() == "open"

    def ask(self, what: str) -> str:
        assert self._process.stdin is not None
        self._process.stdin.write(what + "\n")
        return self._hear()

    def kill(self) -> None:
        self._process.kill()
        self._process.communicate()

    def _hear(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().rstrip("\n")


@contextlib.contextmanager
def opened(folder: Path) -> Iterator[Elsewhere]:
    there = Elsewhere(folder)
    try:
        yield there
    finally:
        there.kill()


async def serve(folder: Path) -> None:
    store = await Store.open("sqlite", folder)
    print("open", flush=True)
    while line := await asyncio.to_thread(sys.stdin.readline):
        try:
            said = f"ok {await answer(store, *line.split())}"
        except StoreAway as error:
            said = f"away {error}"
        print(said, flush=True)


async def answer(store: Store, verb: str, name: str = "") -> object:
    match verb:
        case "write":
            return await store.write(marks.put, name, "x" * 3000)
        case "blob":
            return await store.blobs.keep_bytes(name.encode() * 10_000)
        case "get":
            return await store.read(marks.get, name) is not None
        case "ready":
            return await store.ready()
    return store.trouble


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1])))
