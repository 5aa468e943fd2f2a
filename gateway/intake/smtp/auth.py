"""AUTH PLAIN and LOGIN (RFC 4954), inside TLS only, with a budget for failures."""

import asyncio
import binascii
import hmac
from base64 import b64decode, b64encode
from collections.abc import Collection, Mapping

from gateway.errors import TryLater
from gateway.intake.smtp import replies
from gateway.intake.smtp.session import Goodbye, Session
from gateway.intake.smtp.settings import Authenticate, Login
from gateway.log import event, get

log = get("intake.smtp")


class _Cancelled(Exception):
    def __init__(self, reply: bytes) -> None:
        super().__init__(reply)
        self.reply = reply


def known_users(passwords: Mapping[str, str], sending: Collection[str] = ()) -> Authenticate:
    """Names and passwords out of the settings. Every name costs the same time, known or not. `sending`: who sends."""
    known = {name.encode(): secret.encode() for name, secret in passwords.items()}

    async def authenticate(name: str, password: str) -> Login | None:
        expected = known.get(name.encode())
        same = hmac.compare_digest(expected or b"", password.encode())
        return Login(name, sends=name in sending) if expected and same else None

    return authenticate


async def sign_in(session: Session, argument: bytes) -> None:
    authenticate = session.settings.authenticate
    mechanism, _, initial = argument.partition(b" ")
    refusal = _not_now(session, authenticate, mechanism.upper())
    if refusal is not None or authenticate is None:
        session.reply(refusal or replies.NOT_IMPLEMENTED)
        session.count_error()
        return
    try:
        name, password = await (_plain if mechanism.upper() == b"PLAIN" else _login)(session, initial)
    except _Cancelled as cancelled:
        session.reply(cancelled.reply)
        session.count_error()
        return
    try:
        login = await authenticate(name, password)
    except TryLater:
        session.reply(replies.AUTH_TRY_LATER)
        return
    if login is None:
        await _refuse(session)
    else:
        session.login = login
        session.reply(replies.SIGNED_IN)


def _not_now(session: Session, authenticate: Authenticate | None, mechanism: bytes) -> bytes | None:
    if authenticate is None:
        return replies.NOT_IMPLEMENTED
    if not session.tls:
        return replies.AUTH_NEEDS_TLS
    if not session.extended:
        return replies.SAY_HELLO
    if session.login is not None:
        return replies.AUTH_TWICE
    if session.mail is not None:
        return replies.AUTH_IN_MAIL
    if not session.hall.crowd.may_sign_in(session.peer, session.limits):
        session.hall.counts["sign_ins_refused"] += 1
        raise Goodbye(replies.TOO_MANY_SIGN_INS)
    return None if mechanism in (b"PLAIN", b"LOGIN") else replies.AUTH_UNKNOWN


async def _refuse(session: Session) -> None:
    limits = session.limits
    session.auth_failures += 1
    session.hall.crowd.sign_in_failed(session.peer)
    session.hall.counts["sign_ins_failed"] += 1
    event(log, "sign_in_failed", peer=session.peer)
    await asyncio.sleep(limits.auth_delay * session.auth_failures)
    session.reply(replies.AUTH_WRONG)
    if session.auth_failures >= limits.auth_failures:
        raise Goodbye(replies.TOO_MANY_SIGN_INS)


async def _plain(session: Session, initial: bytes) -> tuple[str, str]:
    """RFC 4616: authorization id, name and password, with NUL between them."""
    words = (_decode(session, initial) if initial else await _ask(session, b"")).split("\0")
    if len(words) != 3:
        raise _Cancelled(replies.AUTH_NOT_READABLE)
    return words[1], words[2]


async def _login(session: Session, initial: bytes) -> tuple[str, str]:
    name = _decode(session, initial) if initial else await _ask(session, b"Username:")
    return name, await _ask(session, b"Password:")


async def _ask(session: Session, question: bytes) -> str:
    session.reply(replies.TELL + b64encode(question))
    await session.flush()
    try:
        line = await session.inbound.readuntil(b"\r\n")
    except asyncio.LimitOverrunError as overrun:
        raise Goodbye(replies.LINE_WITHOUT_END) from overrun
    return _decode(session, line[:-2])


def _decode(session: Session, word: bytes) -> str:
    if word == b"*":
        raise _Cancelled(replies.AUTH_CANCELLED)
    if len(word) > session.limits.auth_line:
        raise _Cancelled(replies.LINE_TOO_LONG)
    try:
        return "" if word == b"=" else b64decode(word, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError) as error:
        raise _Cancelled(replies.AUTH_NOT_READABLE) from error
