"""Files go to Creatio as they are read: however large they are, little of them is in memory at a time."""

import asyncio
import json
import tracemalloc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from gateway.config.settings import Creatio, Secret
from gateway.creatio.crm import CreatioCrm
from gateway.ports import Written
from tests.creatio.tenancy import its_bytes

MEBIBYTE = 1024 * 1024
SIZE = 40 * MEBIBYTE


class Sink:
    """A tenant that lets anybody in, takes files and keeps nothing of them."""

    def __init__(self) -> None:
        self.taken: dict[str, int] = {}

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := (await reader.readuntil(b"\r\n\r\n")).decode():
                method, path, _ = head.split(" ", 2)
                length = next(
                    (int(line[15:]) for line in head.splitlines() if line.lower()[:15] == "content-length:"), 0
                )
                left = length
                while left:
                    left -= len(await reader.read(min(left, 65_536)))
                if method == "PUT":
                    self.taken[path] = length
                said = {"access_token": "t", "expires_in": 3600} if "token" in path else {"value": []}
                body = json.dumps(said).encode()
                kind = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
                writer.write(kind.encode() + body)
        except asyncio.IncompleteReadError:
            writer.close()


@asynccontextmanager
async def a_sink() -> AsyncIterator[tuple[Sink, CreatioCrm]]:
    sink = Sink()
    server = await asyncio.start_server(sink.serve, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    crm = CreatioCrm(Creatio(url=url, identity_url=url, client_id="gateway", client_secret=Secret("s")))
    async with server:
        yield sink, crm
        await crm.close()


async def test_a_large_file_is_never_in_memory(tmp_path: Path) -> None:
    large = tmp_path / "film.mp4"
    with large.open("wb") as file:
        file.truncate(SIZE)
    async with a_sink() as (sink, crm):
        tracemalloc.start()
        try:
            answer = await crm.write(its_bytes(size=SIZE), large)
            _, most = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert isinstance(answer, Written)
    assert list(sink.taken.values()) == [SIZE]
    assert most < SIZE / 4
