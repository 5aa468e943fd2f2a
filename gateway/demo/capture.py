"""A mail server that sends nothing on: it keeps every mail with its envelope, and can be told how to fail."""

import asyncio
import base64
import email
import email.policy
import ssl
import warnings
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import EmailMessage
from typing import Any, Literal, TypeAlias

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

# CONNECT is the greeting, DOT the answer to the mail itself, BODY the time between 354 and the final dot.
Moment: TypeAlias = Literal["CONNECT", "EHLO", "STARTTLS", "AUTH", "MAIL", "RCPT", "DATA", "BODY", "DOT"]


@dataclass(frozen=True, slots=True)
class Captured:
    """One mail as it was given to us."""

    sender: str
    recipients: tuple[str, ...]
    raw: bytes
    at: datetime
    user: str = ""
    tls: bool = False

    @property
    def message(self) -> EmailMessage:
        return email.message_from_bytes(self.raw, policy=email.policy.default)


@dataclass(slots=True)
class _Planned:
    moment: Moment
    reply: str
    when: Callable[[str], bool]
    times: int
    kept: bool
    delay: float


@dataclass(slots=True)
class Outbox:
    """The mails that arrived, in order, and the failures to come.

    `user` and `password`: with a user set, AUTH is required before MAIL. `commands` lists what was said to us, without
    what AUTH carries.
    """

    port: int = 0
    user: str = ""
    password: str = ""
    mails: list[Captured] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)
    connections: int = 0
    open: set["_Conversation"] = field(default_factory=set)
    _plan: list[_Planned] = field(default_factory=list)
    _arrived: asyncio.Condition = field(default_factory=asyncio.Condition)

    def refuse(
        self, moment: Moment, reply: str, *, times: int = 1, when: Callable[[str], bool] = lambda argument: True
    ) -> None:
        """Answer with `reply` ("550 5.1.1 no such user") so many times; a 421 closes the connection as well.

        `when` sees the command's argument: of RCPT the address, of DOT the recipients joined by spaces.
        """
        self._plan.append(_Planned(moment, reply, when, times, kept=False, delay=0))

    def drop(self, moment: Moment, *, times: int = 1, kept: bool = False) -> None:
        """Cut the connection instead of answering. At DOT the mail has come whole; `kept`: and we keep it."""
        self._plan.append(_Planned(moment, "", lambda argument: True, times, kept, delay=0))

    def slow(self, moment: Moment, seconds: float, *, times: int = 1) -> None:
        """Answer as usual, later."""
        self._plan.append(_Planned(moment, "", lambda argument: True, times, kept=True, delay=seconds))

    def behave(self) -> None:
        """Forget the failures still to come."""
        self._plan.clear()

    def to(self, address: str) -> list[Captured]:
        """The mails that one recipient got."""
        return [mail for mail in self.mails if address.lower() in (each.lower() for each in mail.recipients)]

    async def wait_for(self, count: int, *, timeout: float = 10) -> list[Captured]:
        """All mails, once there are so many; TimeoutError, naming the subjects that came, when they do not come."""
        try:
            async with asyncio.timeout(timeout), self._arrived:
                await self._arrived.wait_for(lambda: len(self.mails) >= count)
        except TimeoutError:
            came = [str(mail.message["Subject"]) for mail in self.mails]
            raise TimeoutError(f"{len(came)} of {count} mails came: {came}") from None
        return self.mails

    async def keep(self, mail: Captured) -> None:
        async with self._arrived:
            self.mails.append(mail)
            self._arrived.notify_all()

    def strike(self, moment: Moment, argument: str) -> _Planned | None:
        for planned in self._plan:
            if planned.moment == moment and planned.when(argument):
                planned.times -= 1
                if planned.times <= 0:
                    self._plan.remove(planned)
                return planned
        return None


class _Conversation(SMTP):
    """One client's connection."""

    line_length_limit = 2**20

    def __init__(self, outbox: Outbox, tls: ssl.SSLContext | None, max_size: int | None) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a password in clear never leaves this machine
            super().__init__(
                self,
                hostname="capture.example",
                ident="capture",
                tls_context=tls,
                auth_required=bool(outbox.user),
                auth_require_tls=False,
                authenticator=self._judge,
                enable_SMTPUTF8=True,
                data_size_limit=max_size,
                loop=asyncio.get_running_loop(),
            )
        self._outbox = outbox

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._outbox.open.add(self)

    def connection_lost(self, error: Exception | None) -> None:
        self._outbox.open.discard(self)
        super().connection_lost(error)

    def hang_up(self) -> None:
        if isinstance(self.transport, asyncio.Transport):
            self.transport.abort()

    async def smtp_EHLO(self, hostname: str) -> None:  # noqa: N802 - aiosmtpd calls it by this name
        if not await self._fails("EHLO", hostname):
            await super().smtp_EHLO(hostname)

    async def smtp_STARTTLS(self, arg: str) -> None:  # noqa: N802 - aiosmtpd calls it by this name
        if not await self._fails("STARTTLS", arg):
            await super().smtp_STARTTLS(arg)

    async def smtp_AUTH(self, arg: str) -> None:  # noqa: N802 - aiosmtpd calls it by this name
        if not await self._fails("AUTH", arg.partition(" ")[0]):
            await super().smtp_AUTH(arg)

    async def smtp_MAIL(self, arg: str | None) -> None:  # noqa: N802 - aiosmtpd calls it by this name
        if not await self._fails("MAIL", _address(arg)):
            await super().smtp_MAIL(arg)

    async def smtp_RCPT(self, arg: str | None) -> None:  # noqa: N802 - aiosmtpd calls it by this name
        if not await self._fails("RCPT", _address(arg)):
            await super().smtp_RCPT(arg)

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802 - aiosmtpd calls it by this name
        if await self._fails("DATA", arg):
            return
        cut = self._outbox.strike("BODY", "")
        if cut is not None and not cut.delay:
            await self.push("354 End data with <CR><LF>.<CR><LF>")
            self.hang_up()
            return
        await super().smtp_DATA(arg)

    async def auth_XOAUTH2(self, _: Any, args: list[str]) -> AuthResult:  # noqa: N802 - aiosmtpd calls it by this name
        """`password` is then the access token."""
        given = base64.b64decode(args[1]).decode("utf-8", "replace").split("\x01") if len(args) > 1 else []
        wanted = [f"user={self._outbox.user}", f"auth=Bearer {self._outbox.password}"]
        return AuthResult(success=given[:2] == wanted, handled=False, auth_data=self._outbox.user)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd calls it by this name
        recipients = tuple(envelope.rcpt_tos)
        planned = self._outbox.strike("DOT", " ".join(recipients))
        if planned is not None and planned.delay:
            await asyncio.sleep(planned.delay)
        if planned is None or planned.kept:
            content = envelope.original_content or b""
            user = str(session.auth_data or "")
            moment = datetime.now(UTC)
            mail = Captured(envelope.mail_from or "", recipients, content, moment, user, tls=session.ssl is not None)
            await self._outbox.keep(mail)
        if planned is not None and not planned.delay:
            if not planned.reply:
                self.hang_up()
            return planned.reply or "421 4.4.2 connection lost"
        return f"250 2.0.0 kept as {len(self._outbox.mails)}"

    def _judge(self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, given: Any) -> AuthResult:
        wanted = (self._outbox.user.encode(), self._outbox.password.encode())
        fits = isinstance(given, LoginPassword) and (given.login, given.password) == wanted
        return AuthResult(success=fits, handled=False, auth_data=self._outbox.user)

    async def _fails(self, moment: Moment, argument: str | None) -> bool:
        """Whether this command has been answered by a planned failure."""
        self._outbox.commands.append(f"{moment} {argument or ''}".strip())
        planned = self._outbox.strike(moment, argument or "")
        if planned is None:
            return False
        if planned.delay:
            await asyncio.sleep(planned.delay)
            return False
        if not planned.reply:
            self.hang_up()
            return True
        await self.push(planned.reply)
        if planned.reply.startswith("421") and self.transport is not None:
            self.transport.close()
        return True


class _Unwelcoming(asyncio.Protocol):
    """A connection that is refused at its greeting, or cut before it."""

    def __init__(self, reply: str) -> None:
        self._reply = reply

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if isinstance(transport, asyncio.Transport):
            if self._reply:
                transport.write(f"{self._reply}\r\n".encode())
            transport.close()


@asynccontextmanager
async def capture(
    port: int = 0,
    *,
    user: str = "",
    password: str = "",
    tls: ssl.SSLContext | None = None,
    max_size: int | None = None,
) -> AsyncIterator[Outbox]:
    """The server on 127.0.0.1, in this loop; its port is in `outbox.port`."""
    outbox = Outbox(user=user, password=password)

    def welcome() -> asyncio.BaseProtocol:
        outbox.connections += 1
        planned = outbox.strike("CONNECT", "")
        if planned is not None and not planned.delay:
            return _Unwelcoming(planned.reply)
        return _Conversation(outbox, tls, max_size)

    server = await asyncio.get_running_loop().create_server(welcome, "127.0.0.1", port)
    outbox.port = server.sockets[0].getsockname()[1]
    try:
        yield outbox
    finally:
        server.close()
        for conversation in list(outbox.open):
            conversation.hang_up()
        await server.wait_closed()


def _address(argument: str | None) -> str:
    text = argument or ""
    return text[text.find("<") + 1 : text.find(">")] if "<" in text else text
