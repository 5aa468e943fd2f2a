"""The operator's webhook: a small HTTP server on loopback that keeps what it heard."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Webhook:
    status: int
    url: str = ""
    heard: list[dict[str, Any]] = field(default_factory=list)


@asynccontextmanager
async def webhook(status: int = 200) -> AsyncIterator[Webhook]:
    hook = Webhook(status)

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        size = int(head.split("content-length:")[1].split()[0])
        hook.heard.append(json.loads(await reader.readexactly(size)))
        writer.write(f"HTTP/1.1 {hook.status} X\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    hook.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/told"
    try:
        yield hook
    finally:
        server.close()
        await server.wait_closed()
