"""The conversation with a client: greeting, one command after the other, and the limits on nonsense."""

import asyncio

from gateway.intake.smtp import replies
from gateway.intake.smtp.auth import sign_in
from gateway.intake.smtp.bulk import skip_chunk, take_data
from gateway.intake.smtp.proxy import read_proxy_header
from gateway.intake.smtp.session import Goodbye, Session, State
from gateway.intake.smtp.verbs import EMPTY, VERBS, start_tls

LONG = {b"DATA": take_data, b"BDAT": skip_chunk, b"STARTTLS": start_tls, b"AUTH": sign_in}
_FOREIGN = frozenset({b"GET", b"POST", b"PUT", b"HEAD", b"OPTIONS", b"CONNECT", b"DELETE", b"PATCH", b"TRACE", b"PRI"})
_ERRORS = (b"500", b"501", b"502", b"503", b"504", b"555")
TURNS = 3
ENDLESS = 1024 * 1024  # bytes of one line, after which its end is not waited for


async def converse(session: Session) -> None:
    """Until the client leaves. Raises Goodbye with the last reply, or what the connection raises when it breaks."""
    await _admit(session)
    await _greet(session)
    session.state = State.WAITING
    while True:
        line = await _next_line(session)
        _keep_time(session)
        if line is None:
            session.reply(replies.LINE_TOO_LONG)
            session.count_error()
            continue
        verb, _, argument = line.rstrip(b" \t").partition(b" ")
        verb = verb.upper()
        if (long := LONG.get(verb)) is not None and not _is_bad(line):
            await long(session, argument.strip(b" "))
        else:
            _answer(session, line, verb, argument.strip(b" "))
        if session.hall.closing:
            raise Goodbye(replies.CLOSING)


async def _admit(session: Session) -> None:
    """Find out who it really is, and whether there is a place for them."""
    if session.settings.proxy_from and session.is_proxy():
        await read_proxy_header(session)
    if session.trusted:
        return
    if not session.hall.crowd.enter(session.peer, session.limits):
        session.hall.counts["connections_refused"] += 1
        raise Goodbye(replies.TOO_MANY_CONNECTIONS)
    session.counted = True


async def _greet(session: Session) -> None:
    # RFC 5321 §4.3.1: a client waits for the greeting. Who does not is no mail server; what it has said by now
    # shows after a few turns of the loop.
    for _ in range(TURNS):
        await asyncio.sleep(0)
    if not session.inbound.is_empty():
        session.hall.counts["early_talkers"] += 1
        raise Goodbye(replies.TALKS_TOO_EARLY)
    session.reply(b"220 " + session.settings.hostname.encode() + b" ESMTP")


async def _next_line(session: Session) -> bytes | None:
    """The next command without its CR LF, or None for one that was too long (and is gone)."""
    inbound = session.inbound
    if not inbound.has_line():
        await session.flush()
    try:
        line = await inbound.readuntil(b"\r\n")
    except asyncio.LimitOverrunError as overrun:
        await _skip_line(session, overrun.consumed)
        return None
    limits = session.limits
    longest = limits.auth_line + 64 if line[:5].upper() == b"AUTH " else limits.command_line
    return line[:-2] if len(line) <= longest else None


async def _skip_line(session: Session, consumed: int) -> None:
    skipped = 0
    while skipped < ENDLESS:
        skipped += len(await session.inbound.read(max(consumed, 1)))
        try:
            await session.inbound.readuntil(b"\r\n")
            return
        except asyncio.LimitOverrunError as overrun:
            consumed = overrun.consumed
    raise Goodbye(replies.LINE_WITHOUT_END)


def _keep_time(session: Session) -> None:
    # A stranger's time until the first mail began at the greeting and is not renewed by idle talk.
    if session.trusted or session.login or session.mails or session.mail:
        session.wait_at_most(session.limits.idle)


def _is_bad(line: bytes) -> bool:
    """RFC 5321 §2.3.8: CR and LF only as CR LF. A lone one could be read as an end of line by somebody else."""
    return b"\n" in line or b"\r" in line or b"\0" in line


def _answer(session: Session, line: bytes, verb: bytes, argument: bytes) -> None:
    if verb in _FOREIGN or b":" in verb:
        # A browser, or a mail's header after a refused DATA: what follows must not be read as commands.
        session.hall.counts["not_smtp"] += 1
        raise Goodbye(replies.NOT_SMTP)
    if not line:
        reply = replies.EMPTY_LINE
    elif _is_bad(line):
        reply = replies.BAD_LINE
    elif (say := VERBS.get(verb)) is None:
        reply = replies.UNKNOWN_COMMAND
    else:
        reply = say(session, argument)
    session.reply(reply)
    if reply.startswith(_ERRORS):
        session.count_error()
    elif verb in EMPTY:
        session.empty_commands += 1
        if session.empty_commands > session.limits.empty_commands:
            session.hall.counts["too_many_commands"] += 1
            raise Goodbye(replies.TOO_MANY_COMMANDS)
