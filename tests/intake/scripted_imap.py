"""An IMAP server that says exactly what a test wants it to say."""

import asyncio
import contextlib
import re
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field

from gateway.config.settings import Imap, Secret
from tests.peers.dovecot import CERTIFICATE

Say = Callable[[bytes], Awaitable[None]]
SELECTED = b"* 3 EXISTS\r\n* OK [UIDVALIDITY 7] ok\r\n* OK [UIDNEXT 4] ok\r\nTAG OK [READ-WRITE] done\r\n"
USUAL = {
    "CAPABILITY": b"* CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN IDLE MOVE UIDPLUS\r\nTAG OK done\r\n",
    "AUTHENTICATE": b"TAG OK in\r\n",
    "SELECT": SELECTED,
    "LOGOUT": b"TAG OK bye\r\n",
}


@dataclass
class Server:
    """`answers`: a regular expression for the whole command (without its tag) -> what is said, TAG being the tag.

    The first that fits counts; without one, nothing is said. An answer of `CUT` ends the connection.
    """

    answers: dict[str, bytes]
    greeting: bytes = b"* OK hello\r\n"
    at_once: int = 1 << 20  # bytes in one write
    heard: list[str] = field(default_factory=list)
    port: int = 0

    def account(self, **more: object) -> Imap:
        plain = {"port": self.port, "user": "u", "password": Secret("secret"), "ca_file": str(CERTIFICATE)} | more
        return Imap(host="localhost", mailbox="b@dst.test", **plain)  # type: ignore[arg-type]  # as given

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, ssl.SSLError):
            await self._say(writer, self.greeting)
            tag = ""
            while line := (await reader.readline()).rstrip(b"\r\n").decode():
                if line != "DONE":  # it has no tag of its own: it ends the IDLE before it
                    tag, _, line = line.partition(" ")
                self.heard.append(line)
                said = self._answer(line).replace(b"TAG ", f"{tag} ".encode())
                if said == b"CUT":
                    break
                await self._say(writer, said)
                if b"* BYE" in said:
                    break
        writer.close()

    def _answer(self, command: str) -> bytes:
        for pattern, said in (*self.answers.items(), *USUAL.items()):
            if re.match(pattern, command):
                return said
        return b""

    async def _say(self, writer: asyncio.StreamWriter, said: bytes) -> None:
        for at in range(0, len(said), self.at_once):
            writer.write(said[at : at + self.at_once])
            await writer.drain()


@contextlib.asynccontextmanager
async def scripted(answers: dict[str, bytes] | None = None, **more: object) -> AsyncIterator[Server]:
    server = Server(answers or {}, **more)  # type: ignore[arg-type]  # as the test gives them
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(CERTIFICATE)
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0, ssl=tls, limit=1 << 20)
    server.port = listening.sockets[0].getsockname()[1]
    async with listening:
        yield server
