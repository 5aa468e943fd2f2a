"""One connection: its bytes, its clock and its end."""

import asyncio
import contextlib
import enum
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import cast

from aiosmtpd.smtp import SMTP

from gateway.intake.smtp import replies
from gateway.intake.smtp.crowd import is_among, plain_address
from gateway.intake.smtp.hall import Hall
from gateway.intake.smtp.reader import LIMIT, Inbound
from gateway.intake.smtp.settings import DoorSettings, Leaving, Limits, Login
from gateway.log import get

log = get("intake.smtp")


class State(enum.Enum):
    GREETING = enum.auto()
    WAITING = enum.auto()  # for a command
    RECEIVING = enum.auto()  # a mail
    STORING = enum.auto()
    LEAVING = enum.auto()


@dataclass(slots=True)
class Transaction:
    """A mail being announced. `recipients` has one accepted address for each mailbox; `asked` counts all accepted.

    `outside` are the recipients that are none of ours: with one of them the mail is on its way out, `leaving` says as
    whom. `size` is what MAIL said, or 0.
    """

    id: str
    sender: str
    utf8: bool = False
    size: int = 0
    leaving: Leaving | None = None
    recipients: dict[str, str] = field(default_factory=dict)
    outside: dict[str, None] = field(default_factory=dict)
    asked: int = 0
    refused: int = 0


class Goodbye(Exception):
    """Say this and close."""

    def __init__(self, reply: bytes) -> None:
        super().__init__(reply)
        self.reply = reply


class Session(SMTP):
    """aiosmtpd's protocol with another life inside: `converse` speaks, this class moves bytes and keeps time.

    The parent's constructor is not called: it inspects two objects by name for each connection (0.2 ms). What the
    parent's remaining methods (`connection_made`) need is set here.
    """

    def __init__(self, hall: Hall, converse: "Callable[[Session], Awaitable[None]]") -> None:
        self.loop = asyncio.get_running_loop()
        self.inbound = Inbound(LIMIT, self.loop)
        asyncio.StreamReaderProtocol.__init__(self, self.inbound, loop=self.loop)
        self.transport = self.session = self.envelope = self._original_transport = None
        self.wire: asyncio.Transport | None = None
        self._handler_coroutine: asyncio.Task[None] | None = None
        self._converse = converse
        self.hall = hall
        self.settings: DoorSettings = hall.settings
        self.limits: Limits = hall.settings.limits
        self.peer = ""
        self.trusted = False
        self.counted = False
        self.helo = ""
        self.extended = False
        self.tls = False
        self.login: Login | None = None
        self.mail: Transaction | None = None
        self.mails = self.bad_commands = self.empty_commands = self.refused_recipients = self.auth_failures = 0
        self.state = State.GREETING
        self._said: list[bytes] = []
        self._may_write = asyncio.Event()
        self._may_write.set()
        self._expires = 0.0
        self._timer: asyncio.TimerHandle | None = None

    # --- what asyncio calls ---

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.wire = cast(asyncio.Transport, transport)  # uvloop's is none by inheritance
        name = transport.get_extra_info("peername")
        self.come_from(name[0] if isinstance(name, tuple) else "")
        self.tls = transport.get_extra_info("sslcontext") is not None
        self.hall.sessions.add(self)
        self.hall.counts["connections"] += 1
        super().connection_made(transport)

    def eof_received(self) -> bool:
        """A client that has said all it wants may still wait for the reply (half-close); TLS has no such thing."""
        self.inbound.feed_eof()
        return not self.tls and self.state is not State.LEAVING

    def connection_lost(self, error: Exception | None) -> None:
        asyncio.StreamReaderProtocol.connection_lost(self, error)
        self.wire = self.transport = None
        self._may_write.set()
        self.hall.leave(self)
        if self.counted:
            self.counted = False
            self.hall.crowd.leave(self.peer)
        if self._timer is not None:
            self._timer.cancel()
        if self._handler_coroutine is not None:
            self._handler_coroutine.cancel()

    def pause_writing(self) -> None:
        self._may_write.clear()

    def resume_writing(self) -> None:
        self._may_write.set()

    # --- what aiosmtpd calls ---

    def _set_rset_state(self) -> None:
        self.mail = None

    def _reset_timeout(self, duration: float | None = None) -> None:
        self.wait_at_most(self.limits.stranger_start if not self.trusted else duration or self.limits.idle)

    async def _handle_client(self) -> None:
        try:
            await self._converse(self)
        except Goodbye as goodbye:
            self._leave(goodbye.reply)
        except (asyncio.IncompleteReadError, ConnectionError, TimeoutError):
            self._hang_up()
        except asyncio.CancelledError:
            self._hang_up()
            raise
        except Exception:
            # Ours, never the mail's: said once, here; the other sessions do not notice.
            self.hall.counts["faults"] += 1
            log.exception("session_failed", peer=self.peer)
            self._leave(replies.BROKEN)

    # --- what the commands use ---

    def come_from(self, host: str) -> None:
        self.peer = plain_address(host)
        self.trusted = is_among(self.peer, self.settings.trusted_peers)

    def reply(self, reply: bytes) -> None:
        """Say something; it leaves with `flush`, so that the replies to pipelined commands share a packet."""
        self._said.append(replies.soften(reply) if self.settings.soft_bounce else reply)

    async def flush(self) -> None:
        if self._said and self.wire is not None:
            self._said.append(b"")
            self.wire.write(b"\r\n".join(self._said))
            self._said.clear()
        if not self._may_write.is_set():
            await self._may_write.wait()

    async def secure(self, context: ssl.SSLContext) -> None:
        """Begin TLS. All that was said before is forgotten (RFC 3207 §4.2)."""
        assert self.wire is not None
        self.inbound.forget()
        secured = await self.loop.start_tls(
            self.wire, self, context, server_side=True, ssl_handshake_timeout=self.limits.handshake
        )
        assert secured is not None
        self.wire = self.transport = secured
        self.inbound.move_to(secured)
        self.tls = True
        self.helo, self.extended, self.mail = "", False, None

    def wait_at_most(self, seconds: float) -> None:
        """From now on. One timer a session, moved only when it rings too early: commands are many, timeouts few."""
        self._expires = self.loop.time() + seconds
        if self._timer is None:
            self._timer = self.loop.call_at(self._expires, self._ring)
        elif self._expires < self._timer.when():
            self._timer.cancel()
            self._timer = self.loop.call_at(self._expires, self._ring)

    def is_proxy(self) -> bool:
        return is_among(self.peer, self.settings.proxy_from)

    def count_error(self) -> None:
        """One more command that made no sense. Raises Goodbye after the last that is borne."""
        self.bad_commands += 1
        if self.bad_commands >= self.limits.bad_commands:
            self.hall.counts["too_many_errors"] += 1
            raise Goodbye(replies.TOO_MANY_ERRORS)

    def dismiss(self) -> None:
        """The house closes: who waits is told so at once, a mail on its way may end first (RFC 5321 §3.8)."""
        if self.state in (State.GREETING, State.WAITING):
            self._cut(replies.CLOSING)

    def throw_out(self) -> None:
        """The house is closed: the mail on its way will come again."""
        if self.state is State.STORING:
            self._hang_up()
        else:
            self._cut(replies.CLOSING)

    def abort(self) -> None:
        if self.wire is not None:
            self.wire.abort()

    # --- below the counter ---

    def _ring(self) -> None:
        self._timer = None
        if self.wire is None:
            return
        if self.loop.time() < self._expires:
            self._timer = self.loop.call_at(self._expires, self._ring)
        elif self.state is State.LEAVING:
            self.wire.abort()
        elif self.state is State.STORING:
            self.wait_at_most(self.limits.idle)
        else:
            self.hall.counts["timeouts"] += 1
            self._cut(replies.IDLE)

    def _cut(self, reply: bytes) -> None:
        if self._handler_coroutine is not None:
            self._handler_coroutine.cancel()
        self._leave(reply)

    def _leave(self, reply: bytes) -> None:
        """Say the last words and wait a moment for the peer to take them: bytes it is still sending would else
        reset the connection and take our reply with them."""
        wire = self.wire
        if wire is None or self.state is State.LEAVING:
            return
        self._set_leaving()
        self._said.append(reply)
        wire.write(b"\r\n".join([*self._said, b""]))
        self._said.clear()
        if reply is not replies.BYE and wire.can_write_eof():
            with contextlib.suppress(OSError):
                wire.write_eof()
        else:
            wire.close()

    def _hang_up(self) -> None:
        if self.wire is None or self.state is State.LEAVING:
            return
        self._set_leaving()
        self.wire.close()

    def _set_leaving(self) -> None:
        self.state = State.LEAVING
        self.wait_at_most(self.hall.patience())
        self.hall.ended.set()
