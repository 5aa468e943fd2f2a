"""The relay room against real SMTP servers on loopback: one that keeps mail and can fail, one that follows a script."""

import asyncio
import ssl
import subprocess
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gateway.config.settings import Relay, Secret, Settings
from gateway.ports import Parcel
from gateway.relay.smtp import SmtpRelay

MAIL = b"From: support@example.com\r\nTo: anna@customer.example\r\nSubject: Re: Lost key\r\n\r\nIn the drawer.\r\n"
ANNA, BOB = "anna@customer.example", "bob@customer.example"


def a_parcel(*recipients: str, raw: bytes = MAIL, relay: str = "", sender: str = "support@example.com") -> Parcel:
    return Parcel(sender, recipients or (ANNA,), raw, relay)


@dataclass
class Watched:
    """What the relay asked of its caller, in order: "may_go" and "at_data"."""

    asked: list[str] = field(default_factory=list)
    stop_at: str = ""

    async def may_go(self) -> None:
        self._ask("may_go")

    async def at_data(self) -> None:
        self._ask("at_data")

    def _ask(self, what: str) -> None:
        self.asked.append(what)
        if what == self.stop_at:
            raise Stopped(what)


class Stopped(Exception):
    """The caller does not want the mail to go."""


@asynccontextmanager
async def a_relay(port: int, *others: Relay, **more: Any) -> AsyncIterator[SmtpRelay]:
    """The real adapter for 127.0.0.1:port, without TLS unless told otherwise."""
    told: dict[str, Any] = {"host": "127.0.0.1", "port": port, "tls": "none"} | more
    if isinstance(told.get("password"), str):
        told["password"] = Secret(told["password"])
    settings = Settings(Path("config.toml"), "", Path("/nowhere"), (), relay=Relay(**told), relays=others)
    relay = SmtpRelay(settings)
    try:
        yield relay
    finally:
        await relay.close()


@dataclass
class Script:
    """A server that answers each command with the next of its lines; an empty one ends the connection."""

    answers: Sequence[str]
    port: int = 0
    heard: list[bytes] = field(default_factory=list)
    body: bytes = b""


@asynccontextmanager
async def scripted(*answers: str) -> AsyncIterator[Script]:
    """`answers` begin with the greeting. After a 354 the mail is read up to its dot before the next answer."""
    script = Script(answers)
    tasks: set[asyncio.Task[None] | None] = set()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        tasks.add(asyncio.current_task())
        try:
            await _follow(script, reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    script.port = server.sockets[0].getsockname()[1]
    try:
        yield script
    finally:
        server.close()
        for task in tasks:
            if task is not None:
                task.cancel()
        await server.wait_closed()


async def _follow(script: Script, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    for answer in script.answers:
        if not answer:
            return
        writer.write(answer.encode() + b"\r\n")
        await writer.drain()
        if answer.startswith("354"):
            script.body = await reader.readuntil(b"\r\n.\r\n")
        else:
            script.heard.append(await reader.readuntil(b"\r\n"))


def certificate(folder: Path, name: str = "127.0.0.1") -> tuple[ssl.SSLContext, Path]:
    """A server's TLS context for that address, and the file that makes a client trust it."""
    key, cert = folder / "key.pem", folder / "cert.pem"
    kind = "IP" if name[0].isdigit() else "DNS"
    command = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-nodes",
        "-days",
        "2",
    ]
    command += [
        "-subj",
        f"/CN={name}",
        "-addext",
        f"subjectAltName={kind}:{name}",
        "-keyout",
        str(key),
        "-out",
        str(cert),
    ]
    subprocess.run(command, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    return context, cert
