"""check smtp: somebody answers at the door, or it can be opened; its certificate can be read."""

import asyncio
import errno
import socket
import ssl
from collections.abc import Iterator, Sequence

from gateway.config.settings import Settings, Smtp
from gateway.config.values import split_endpoint
from gateway.health import Finding

AREA = "smtp"
_PATIENCE = 5.0
_ANYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1", "[::]": "::1"}


async def check(settings: Settings) -> Sequence[Finding]:
    smtp = settings.smtp
    if smtp is None:
        fix = "write [intake.smtp] when mail shall be forwarded here"
        return [Finding(AREA, False, "no [intake.smtp]: no mail comes in by SMTP", fix, warning=True)]
    doors = [await _knock(endpoint, smtp.hostname) for endpoint in smtp.listen]
    doors += [await _knock(endpoint, smtp.hostname, _any_certificate()) for endpoint in smtp.listen_tls]
    return [*doors, *_look(smtp)]


def _any_certificate() -> ssl.SSLContext:
    """Whose certificate it is, is looked at elsewhere: here the question is who answers."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


async def _knock(endpoint: str, hostname: str, tls: ssl.SSLContext | None = None) -> Finding:
    """Who answers there? When nobody does: may it be opened?"""
    host, port = split_endpoint(endpoint)
    if port == 0:
        return Finding(AREA, True, f"{endpoint}: any free port")
    try:
        async with asyncio.timeout(_PATIENCE):
            reader, writer = await asyncio.open_connection(_ANYWHERE.get(host, host.strip("[]")), port, ssl=tls)
            greeting = (await reader.readline()).decode("ascii", "replace").strip()
            writer.write(b"QUIT\r\n")
            writer.close()
    except ConnectionRefusedError:
        return _try_to_open(endpoint)
    except OSError as error:  # also no answer in time
        why = error.strerror or "no answer"
        return Finding(AREA, False, f"{endpoint} cannot be reached: {why}", "is listen an address of this machine?")
    if greeting.startswith("220 ") and hostname in greeting.split():
        return Finding(AREA, True, f"{endpoint} answers: {greeting}")
    if greeting.startswith("421 "):
        return Finding(AREA, False, f"{endpoint} turns us away: {greeting}", "too many connections? ask again")
    said = f"somebody else ({greeting[:80]})" if greeting else "somebody who says nothing"
    return Finding(AREA, False, f"{endpoint} is in use by {said}", "stop that program, or choose another listen")


def _try_to_open(endpoint: str) -> Finding:
    host, port = split_endpoint(endpoint)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as door:
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            door.bind((host.strip("[]"), port))
        except OSError as error:
            if error.errno == errno.EACCES:
                fix = "start it by systemd (gateway.socket opens the port), or listen on a port above 1023"
                return Finding(AREA, False, f"{endpoint} may not be opened by this user", fix, warning=True)
            why = f"{endpoint} cannot be opened: {error.strerror}"
            return Finding(AREA, False, why, "is listen an address of this machine?")
    return Finding(AREA, True, f"{endpoint} is free: gateway serve will open it")


def _look(smtp: Smtp) -> Iterator[Finding]:
    if not smtp.tls.cert:
        fix = "set intake.smtp.tls: cert and key"
        yield Finding(AREA, False, "no certificate: mail arrives in clear", fix, warning=True)
    else:
        yield _certificate(smtp.tls.cert, smtp.tls.key)
    for name in sorted(smtp.sending):
        yield Finding(AREA, True, f"{name} may send to anybody as one of our mailboxes, signed in over TLS")
    if "." not in smtp.hostname:
        fix = "set intake.smtp.hostname to this machine's public name"
        yield Finding(
            AREA, False, f"hostname {smtp.hostname} is no full name; senders may refuse it", fix, warning=True
        )
    if any(network.prefixlen == 0 for network in smtp.trusted_peers):
        fix = "name only your own forwarders"
        yield Finding(AREA, False, "trusted_peers trusts everybody: anyone can claim to be anyone", fix, warning=True)
    if smtp.soft_bounce:
        fix = "set it to false once the first mails have come through"
        yield Finding(AREA, False, "soft_bounce: what is refused will be sent again and again", fix, warning=True)


def _certificate(cert: str, key: str) -> Finding:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        context.load_cert_chain(cert, key or None)
    except ssl.SSLError as error:
        why = f"certificate {cert} cannot be used: {error.reason or 'not PEM'}"
        return Finding(AREA, False, why, "cert and key must be PEM files that belong together")
    except OSError as error:
        return Finding(AREA, False, f"{error.filename or cert}: {error.strerror}", "let the gateway's user read it")
    return Finding(AREA, True, f"certificate {cert} can be read: STARTTLS is offered")
