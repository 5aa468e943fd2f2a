"""A connection to a relay is opened: greeted, encrypted as the settings demand, signed in."""

import asyncio
import socket
import ssl

import aiosmtplib

from gateway.config.settings import Relay
from gateway.errors import TryLater
from gateway.http_client.reaching import reach
from gateway.http_client.tokens import AccessTokens
from gateway.relay import verdict
from gateway.relay.connection import Connection

GREETING = 300.0  # and each reply after it, until the connection is open
_LOOPBACK = ("localhost", "::1")


async def connect(
    settings: Relay, trusted: ssl.SSLContext, hostname: str, tokens: AccessTokens | None, now: float
) -> Connection:
    """Connect, greet, encrypt as the settings demand (there is no way back to plain text), sign in.

    Raises TryLater with the fix.
    """
    try:
        connection = await reach(settings.host, settings.port, settings.proxy)
    except OSError as error:
        raise _trouble(settings, error) from None
    smtp = aiosmtplib.SMTP(
        hostname=settings.host,
        sock=connection,
        use_tls=settings.tls == "tls",
        start_tls=False,
        tls_context=trusted if settings.tls != "none" else None,
        local_hostname=hostname,
        timeout=GREETING,
    )
    try:
        await _greet(smtp, settings)
        await _sign_in(smtp, settings, tokens)
    except (aiosmtplib.SMTPException, OSError, ValueError) as error:
        _abandon(smtp)
        raise _trouble(settings, error) from None
    except BaseException:
        _abandon(smtp)
        raise
    return Connection(settings, smtp, now)


def _abandon(smtp: aiosmtplib.SMTP) -> None:
    """Let go at once. The socket is the transport's to close: closed behind its back, its number would be given to
    the next connection while the loop still believes it to be this one's."""
    if isinstance(smtp.transport, asyncio.Transport):
        smtp.transport.abort()
    smtp.close()


async def _greet(smtp: aiosmtplib.SMTP, settings: Relay) -> None:
    await smtp.connect()
    await _hello(smtp)
    if settings.tls == "starttls":
        if not smtp.supports_extension("starttls"):
            raise TryLater(f'{settings.host} offers no STARTTLS; try another port, or tls = "tls"')
        await smtp.starttls()
        await _hello(smtp)


async def _hello(smtp: aiosmtplib.SMTP) -> None:
    try:
        await smtp.ehlo()
    except aiosmtplib.SMTPHeloError as error:
        if not smtp.is_connected or error.code == 421:
            raise
        await smtp.helo()


async def _sign_in(smtp: aiosmtplib.SMTP, settings: Relay, tokens: AccessTokens | None) -> None:
    if not settings.user:
        return
    plain = smtp.get_transport_info("sslcontext") is None
    if plain and settings.host not in _LOOPBACK and not settings.host.startswith("127."):
        raise TryLater(f"the password is not sent to {settings.host} in clear; set tls in [relay]")
    if tokens is not None:
        try:
            await smtp.auth_xoauth2(settings.user, await tokens.get())
        except aiosmtplib.SMTPAuthenticationError:
            tokens.forget()
            raise
        return
    if not smtp.supported_auth_methods:
        raise TryLater(f"{settings.host} lets nobody sign in here; try another port, or leave user empty")
    ways = {"plain": smtp.auth_plain, "login": smtp.auth_login, "cram-md5": smtp.auth_crammd5}
    way = next(ways[name] for name in ("plain", "login", "cram-md5") if name in smtp.supported_auth_methods)
    await way(settings.user, settings.password.value)


def _trouble(settings: Relay, error: Exception) -> TryLater:
    """Why there is no connection, in words with the fix. Never the foreign error itself: it may hold the password."""
    where = f"{settings.host}:{settings.port}"
    match error:
        case aiosmtplib.SMTPResponseException():
            phase = {aiosmtplib.SMTPAuthenticationError: "the sign-in", aiosmtplib.SMTPHeloError: "EHLO"}
            return verdict.refusal(settings.name, phase.get(type(error), "us"), verdict.read(error.code, error.message))
        case TimeoutError() | aiosmtplib.SMTPTimeoutError():
            return TryLater(f"{where} does not answer in time; is the address right, does a firewall block the port?")
    cause = error if isinstance(error, ssl.SSLError | ConnectionRefusedError | socket.gaierror) else error.__cause__
    match cause:
        case ssl.SSLCertVerificationError():
            return TryLater(f"the certificate of {where} is not trusted ({cause.verify_message}); see ca_file")
        case ssl.SSLError():
            return TryLater(f'TLS with {where} fails; is tls = "starttls" or "tls" right for this port?')
        case ConnectionRefusedError():
            return TryLater(f"{where} refuses the connection; is the relay running, is the port right?")
        case socket.gaierror():
            return TryLater(f"the name of {where} cannot be resolved; is it right, does the DNS answer?")
    return TryLater(f"{where} cannot be used as a relay ({type(cause or error).__name__})")
