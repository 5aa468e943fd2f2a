"""A clamd that speaks the protocol and knows one signature."""

import asyncio
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from gateway.scanner.checks import EICAR


@dataclass
class FakeClamd:
    """`longest` is its StreamMaxLength; `silent` says nothing. `looked_at` are the sizes of what it was given."""

    longest: int = 1 << 20
    silent: bool = False
    looked_at: list[int] = field(default_factory=list)
    where: str = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            match await reader.readuntil(b"\0"):
                case b"zVERSION\0":
                    said = b"ClamAV 0.0-fake"
                case b"zINSTREAM\0":
                    said = await self._look_at(reader)
                case _:
                    said = b"UNKNOWN COMMAND"
            if self.silent:
                await reader.read()
            writer.write(said + b"\0")
            await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def _look_at(self, reader: asyncio.StreamReader) -> bytes:
        content = b""
        while True:
            (length,) = struct.unpack(">L", await reader.readexactly(4))
            if not length:
                break
            content += await reader.readexactly(length)
            if len(content) > self.longest:
                return b"INSTREAM size limit exceeded. ERROR"
        self.looked_at.append(len(content))
        return b"stream: Eicar-Test-Signature FOUND" if EICAR in content else b"stream: OK"


@asynccontextmanager
async def fake_clamd(clamd: FakeClamd) -> AsyncIterator[FakeClamd]:
    server = await asyncio.start_server(clamd.serve, "127.0.0.1", 0)
    clamd.where = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server:
        yield clamd
