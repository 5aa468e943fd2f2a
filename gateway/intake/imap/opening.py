"""A connection to an IMAP server is opened: reached, encrypted, signed in to. Each wait has an end."""

import asyncio
import ssl
from base64 import b64encode
from collections.abc import Coroutine, Sequence
from typing import Any, TypeVar, cast

from aioimaplib import aioimaplib
from aioimaplib.aioimaplib import Command, Response

from gateway.config.settings import Imap
from gateway.errors import SignInRefused, TryLater
from gateway.http_client.client import trust
from gateway.http_client.reaching import reach
from gateway.http_client.tokens import AccessTokens
from gateway.intake.imap.answers import codes, quote
from gateway.intake.imap.wire import Wire

T = TypeVar("T")
USUAL = 60.0
STARTTLS_PORT = 143  # RFC 8314: everywhere else TLS is there from the first byte
# What a server that is only busy says in its NO (RFC 5530); the rest is a refusal.
_BUSY = frozenset({"UNAVAILABLE", "INUSE", "LIMIT", "SERVERBUG", "OVERQUOTA", "CONTACTADMIN"})


class Line:
    """A connection whose every wait ends: with the answer, with the connection, or after its time."""

    def __init__(self, wire: Wire, name: str) -> None:
        self.wire = wire
        self.name = name

    async def ask(self, work: Coroutine[Any, Any, T], seconds: float = USUAL) -> T:
        """What `work` gives. Raises TryLater when the connection ends first or does, the time being over."""
        task = asyncio.ensure_future(work)
        try:
            either: set[asyncio.Future[Any]] = {task, self.wire.lost}
            await asyncio.wait(either, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
            if task.done():
                return task.result()
            if not self.wire.lost.done():
                self.wire.cut(f"no answer within {seconds:g} seconds")
            raise TryLater(f"{self.name}: {self.wire.lost.result()}")
        except aioimaplib.AioImapException as error:
            self.wire.cut(str(error))
            raise TryLater(f"{self.name}: {error}") from error
        finally:
            if not task.done():
                task.cancel()

    async def tell(self, work: Coroutine[Any, Any, Response]) -> Response:
        """The same for a command that must succeed."""
        response = await self.ask(work)
        if response.result != "OK":
            raise TryLater(f"{self.name}: {said(response)}")
        return response

    def can(self, capability: str) -> bool:
        return capability in {one.upper() for one in self.wire.capabilities}

    async def close(self) -> None:
        """Say goodbye if anybody is there to hear it."""
        try:
            if not self.wire.lost.done() and not self.wire.has_pending_idle_command():
                await self.ask(self.wire.logout(), 5)
        except TryLater:
            pass
        finally:
            self.wire.cut("closed")


async def open_line(account: Imap, tokens: AccessTokens | None, *, starttls_port: int = STARTTLS_PORT) -> Line:
    """A connection that is signed in. Raises TryLater, or SignInRefused when name or password are not taken."""
    name = f"{account.host}:{account.port}"
    try:
        line = await _connect(account, name, in_clear=account.port == starttls_port)
    except OSError as error:
        raise TryLater(f"{name} cannot be reached ({_reason(error)})") from error
    try:
        await line.ask(_greeting(line.wire), 30)
        await line.ask(line.wire.capability())
        if account.port == starttls_port:
            await _start_tls(line, account)
        if line.wire.state == aioimaplib.NONAUTH:
            await _sign_in(line, account, tokens)
            await line.ask(line.wire.capability())  # a server may have more to offer to those it knows
    except BaseException:
        line.wire.cut("not signed in")
        raise
    return line


def said(response: Response) -> str:
    """The last line of a response, in one line of plain text."""
    text = bytes(response.lines[-1]).decode(errors="replace") if response.lines else ""
    words = "".join(letter if letter.isprintable() else " " for letter in text)[:300]
    return f"{response.result} {words}"


async def _greeting(wire: Wire) -> None:
    await asyncio.shield(wire.greeted)


async def _connect(account: Imap, name: str, *, in_clear: bool) -> Line:
    loop = asyncio.get_running_loop()
    wire = Wire(loop)
    connection = await reach(account.host, account.port, account.proxy)
    options: dict[str, Any] = {"sock": connection}
    if not in_clear:
        options |= {"ssl": trust(account.ca_file), "server_hostname": account.host, "ssl_handshake_timeout": 30}
    try:
        await loop.create_connection(lambda: wire, **options)
    except BaseException:
        connection.close()
        raise
    return Line(wire, name)


async def _start_tls(line: Line, account: Imap) -> None:
    """RFC 3501 §6.2.1. Nothing is said in the open but that."""
    wire = line.wire
    if not line.can("STARTTLS"):
        raise TryLater(f"{line.name} offers no STARTTLS; use port 993")
    await line.tell(wire.execute(Command("STARTTLS", wire.new_tag())))
    wire.forget()
    loop = asyncio.get_running_loop()
    plain = cast("asyncio.Transport", wire.transport)
    try:
        secured = await loop.start_tls(
            plain, wire, trust(account.ca_file), server_hostname=account.host, ssl_handshake_timeout=30
        )
    except (OSError, ssl.SSLError) as error:
        raise TryLater(f"{line.name}: no TLS ({_reason(error)})") from error
    wire.transport = secured  # type: ignore[assignment]  # the parent's annotation knows only its first value
    await line.ask(wire.capability())


async def _sign_in(line: Line, account: Imap, tokens: AccessTokens | None) -> None:
    wire = line.wire
    if tokens is not None:
        response = await line.ask(wire.xoauth2(account.user, await tokens.get()))
    elif line.can("AUTH=PLAIN") and line.can("SASL-IR"):
        words = f"\0{account.user}\0{account.password.value}".encode()
        response = await line.ask(_authenticate(wire, b64encode(words).decode()))
    elif line.can("LOGINDISABLED"):
        raise TryLater(f"{line.name} takes no password on this connection")
    else:
        response = await line.ask(wire.login(quote(account.user), account.password.value))
    if response.result == "OK":
        return
    if tokens is not None:
        tokens.forget()
    why = f"{line.name} does not let {account.user} in: {said(response)}"
    last: Sequence[bytes] = response.lines[-1:]
    if last and codes(bytes(last[0])) & _BUSY:
        raise TryLater(why)
    raise SignInRefused(why)


async def _authenticate(wire: Wire, words: str) -> Response:
    response = await wire.execute(Command("AUTHENTICATE", wire.new_tag(), "PLAIN", words))
    if response.result == "OK":
        wire.state = aioimaplib.AUTH
    return response


def _reason(error: Exception) -> str:
    return getattr(error, "verify_message", "") or getattr(error, "strerror", "") or type(error).__name__
