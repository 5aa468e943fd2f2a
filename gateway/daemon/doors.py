"""The doors: each is opened, kept open, and reopened with back-off when it fails. None takes the house down."""

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable, Mapping, Sequence

from gateway.config.settings import Settings, Smtp
from gateway.config.values import split_endpoint
from gateway.desk.mailboxes import plain
from gateway.errors import Fault, Misconfigured
from gateway.health import Condition, Health
from gateway.intake.smtp.auth import known_users
from gateway.intake.smtp.door import DoorSettings, Received, SpooledFile
from gateway.intake.smtp.settings import Authenticate, Leaving
from gateway.log import get, trouble
from gateway.pipeline.accept import Incoming, Spooled, accept, tell_accepted
from gateway.pipeline.answering import way_out
from gateway.store.arrivals import Door as Way
from gateway.store.database import Store

_AROUND = 32 * 1024  # signature, threading headers: what a submitted mail may grow by before it leaves
_PAUSES = (1.0, 2.0, 5.0, 10.0, 30.0)
log = get("daemon")


async def keep_open(name: str, serve: Callable[[], Awaitable[None]], health: Health, stopping: asyncio.Event) -> None:
    """Serve until the house closes. A door that fails is logged, shown in health, and opened again."""
    failures = 0
    while not stopping.is_set():
        began = asyncio.get_running_loop().time()
        try:
            await serve()
        except Exception as error:  # noqa: BLE001 - whatever a door dies of, the house stays (rule 7)
            why = f"{type(error).__name__}: {error}"
            health.note(name, Condition.FAILED, why)
            pause = _PAUSES[min(failures, len(_PAUSES) - 1)]
            trouble(log, "door_failed", door=name, why=why, again_in=pause)
            failures = 0 if asyncio.get_running_loop().time() - began > 60 else failures + 1
            await wait(stopping, pause)


async def wait(stopping: asyncio.Event, seconds: float) -> None:
    """For so long, or until the house closes."""
    try:
        async with asyncio.timeout(seconds):
            await stopping.wait()
    except TimeoutError:
        return


def door_settings(settings: Settings, smtp: Smtp, *, shared: bool) -> DoorSettings:
    """What the SMTP door is told. Raises Misconfigured when certificate or key cannot be used."""
    return DoorSettings(
        hostname=smtp.hostname,
        incoming=settings.data_dir / "incoming",
        listen=tuple(split_endpoint(one) for one in smtp.listen),
        listen_tls=tuple(split_endpoint(one) for one in smtp.listen_tls),
        max_size=smtp.max_size,
        trusted_peers=smtp.trusted_peers,
        proxy_from=smtp.proxy_from,
        soft_bounce=smtp.soft_bounce,
        tls=_tls(smtp),
        authenticate=_users(smtp),
        leaving=_senders(settings),
        postmaster=settings.mailboxes[0].address,
        reuse_port=shared,
    )


def _users(smtp: Smtp) -> Authenticate | None:
    passwords = {name: secret.value for name, secret, _ in smtp.users}
    return known_users(passwords, smtp.sending) if passwords else None


def _senders(settings: Settings) -> Callable[[str], Leaving | None]:
    """Our mailboxes by the addresses that customers know, with room for what we put around a mail."""
    known = {
        plain(address): Leaving(plain(mailbox.address), way_out(settings, mailbox).max_size - _AROUND)
        for mailbox in settings.mailboxes
        for address in (mailbox.address, *mailbox.aliases)
    }
    return lambda address: known.get(plain(address))


def taker(store: Store) -> Callable[[Received], Awaitable[None]]:
    """Keeps what the SMTP door hands over."""

    async def take(mail: Received) -> None:
        raw = mail.raw
        kept = Spooled(raw.path, raw.size, raw.sha256) if isinstance(raw, SpooledFile) else raw
        incoming = Incoming(mail.envelopes, mail.mailboxes, kept, Way.SMTP)
        tell_accepted(await accept(store, incoming), incoming)

    return take


def given_sockets(sockets: Mapping[str, Sequence[socket.socket]], name: str) -> list[socket.socket] | None:
    """Copies of the sockets that systemd opened for this door: the door closes its own, the originals stay."""
    return [one.dup() for one in sockets.get(name, ())] or None


def _tls(smtp: Smtp) -> ssl.SSLContext | None:
    if not smtp.tls.cert:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    try:
        context.load_cert_chain(smtp.tls.cert, smtp.tls.key or None)
    except OSError as error:
        why = f"certificate and key cannot be used ({getattr(error, 'reason', None) or error.strerror})"
        raise Misconfigured([Fault(smtp.tls.cert, 1, "intake.smtp.tls", why)]) from None
    return context
