"""DATA: the mail itself arrives, is kept, and only then acknowledged."""

import asyncio
import errno
from functools import partial

from gateway.errors import TryLater
from gateway.intake.smtp import replies
from gateway.intake.smtp.dots import Dots
from gateway.intake.smtp.received import Received, SpooledFile
from gateway.intake.smtp.session import Goodbye, Session, State, Transaction
from gateway.intake.smtp.settings import Leaving
from gateway.intake.smtp.spool import SUFFIX, Spool
from gateway.intake.smtp.trace import goes_round, received_line
from gateway.log import event, get, trouble
from gateway.mail.message import Envelope
from gateway.mail.passing import authors_of

PIECE = 256 * 1024
_DISK_FULL = (errno.ENOSPC, errno.EDQUOT)

log = get("intake.smtp")


class _Refused(Exception):
    def __init__(self, reply: bytes) -> None:
        super().__init__(reply)
        self.reply = reply


async def take_data(session: Session, argument: bytes) -> None:
    """RFC 5321 §4.1.1.4. One final reply, whatever happens; 250 only when the mail is on disk."""
    mail = session.mail
    if mail is None or argument or not (mail.recipients or mail.outside):
        return _refuse_command(session, argument)
    session.reply(replies.GO_AHEAD)
    await session.flush()
    session.state = State.RECEIVING
    examine = partial(_examine, session, mail)
    spool = Spool(
        session.settings.incoming / (mail.id + SUFFIX), session.hall.threads, received_line(session, mail), examine
    )
    try:
        raw = await _arrive(session, spool, mail)
    except _Refused as refused:
        spool.discard()
        session.reply(refused.reply)
    except BaseException:
        spool.discard()
        raise
    else:
        session.reply(await _store(session, mail, raw))
    session.mail = None
    session.state = State.WAITING
    session.wait_at_most(session.limits.idle)
    return None


async def skip_chunk(session: Session, argument: bytes) -> None:
    """BDAT is not offered. Who sends it all the same has bytes behind it, which are no commands (RFC 3030 §2)."""
    size = argument.split(b" ")[0]
    if not (size.isdigit() and len(size) <= 12):
        session.reply(replies.NOT_IMPLEMENTED)
        session.count_error()
        return
    left = int(size)
    session.state = State.RECEIVING
    began = session.loop.time()
    while left:
        piece = await session.inbound.read(min(left, PIECE))
        if not piece:
            raise ConnectionResetError
        left -= len(piece)
        _keep_pace(session, began, int(size) - left)
    session.state = State.WAITING
    session.reply(replies.NOT_IMPLEMENTED)
    session.count_error()


def _refuse_command(session: Session, argument: bytes) -> None:
    mail = session.mail
    if mail is None:
        session.reply(replies.NEEDS_MAIL)
    elif argument:
        session.reply(replies.NO_ARGUMENT)
    else:
        session.reply(replies.NO_RECIPIENTS if mail.refused else replies.NEEDS_RCPT)
    session.count_error()
    # RFC 2920 §3.1: nothing may be pipelined behind DATA. What is there already is the mail: never read it as commands.
    if session.inbound.next_word() not in (b"", b"QUIT", b"RSET"):
        raise Goodbye(replies.NOT_SMTP)


def _examine(session: Session, mail: Transaction, head: bytes) -> bytes:
    """Why a mail is refused that begins like this, or nothing."""
    if goes_round(head, session.settings.hostname):
        return replies.GOES_ROUND
    if mail.outside and not all(session.settings.leaving(one) for one in authors_of(head) or ("",)):
        return replies.NOT_OUR_AUTHOR
    return b""


async def _arrive(session: Session, spool: Spool, mail: Transaction) -> bytes | SpooledFile:
    """Read to the final dot. What is refused is read to its end all the same: a client listens only then."""
    dots = Dots()
    refusal: _Refused | None = None
    began = session.loop.time()
    received = 0
    while not dots.ended:
        piece = await session.inbound.read(PIECE)
        if not piece:
            session.hall.counts["dropped_in_data"] += 1
            raise ConnectionResetError
        received += len(piece)
        _keep_pace(session, began, received)
        clean = dots.feed(piece)
        if refusal is None:
            refusal = await _keep(session, spool, clean, mail.leaving if mail.outside else None)
    session.inbound.put_back(dots.rest)
    if refusal is not None:
        raise refusal
    session.state = State.STORING
    try:
        raw = await spool.finish()
    except OSError as error:
        raise _Refused(_explain(session, error)) from error
    if spool.remark:
        circle = spool.remark == replies.GOES_ROUND
        session.hall.counts["loops" if circle else "wrong_sender"] += 1
        event(log, "mail_refused", peer=session.peer, why="goes round in a circle" if circle else "From is not ours")
        raise _Refused(spool.remark)
    return raw


async def _keep(session: Session, spool: Spool, clean: bytes, leaving: Leaving | None) -> _Refused | None:
    if 0 < session.settings.max_size < spool.size + len(clean):
        session.hall.counts["too_big"] += 1
        event(log, "mail_refused", peer=session.peer, why="too big")
        spool.discard()
        return _Refused(replies.too_big(session.settings.max_size))
    if leaving is not None and leaving.max_size < spool.size + len(clean):
        session.hall.counts["too_big"] += 1
        spool.discard()
        return _Refused(replies.too_big_to_send(leaving.max_size))
    try:
        await spool.add(clean)
    except OSError as error:
        spool.discard()
        return _Refused(_explain(session, error))
    return None


def _keep_pace(session: Session, began: float, received: int) -> None:
    """RFC 5321 §4.5.3.2: time for each block, not for the whole; but no stranger holds a place by a trickle."""
    limits = session.limits
    elapsed = session.loop.time() - began
    slow = not session.trusted and elapsed > limits.slow_after and received < elapsed * limits.slow_rate
    if slow or elapsed > limits.data:
        session.hall.counts["too_slow"] += 1
        raise Goodbye(replies.TOO_SLOW)
    session.wait_at_most(min(limits.block, limits.data - elapsed))


async def _store(session: Session, mail: Transaction, raw: bytes | SpooledFile) -> bytes:
    """The final reply. The client may be gone meanwhile; the mail is kept all the same (and its second copy known)."""
    task = session.hall.store(_received(session, mail, raw))
    await asyncio.wait({task}, timeout=session.limits.storing)
    if not task.done():
        trouble(log, "store_trouble", id=mail.id, why="no answer", fix="see the store's log")
        return replies.TRY_LATER
    error = None if task.cancelled() else task.exception()
    if error is None and not task.cancelled():
        session.hall.counts["mails"] += 1
        session.mails += 1
        session.bad_commands = session.empty_commands = 0
        return replies.kept(mail.id)
    return _explain(session, error)


def _explain(session: Session, error: BaseException | None) -> bytes:
    """What the sender is told of our trouble: always "try again", never a word of the error itself."""
    session.hall.counts["not_stored"] += 1
    full = isinstance(error, OSError) and error.errno in _DISK_FULL
    if not isinstance(error, TryLater):
        why = "cancelled" if error is None else f"{type(error).__name__}: {error}"
        trouble(log, "store_trouble", why=why, fix="make room on the disk" if full else "see the store's log")
    return replies.NO_ROOM if full else replies.TRY_LATER


def _received(session: Session, mail: Transaction, raw: bytes | SpooledFile) -> Received:
    """A mail on its way out is one, at the mailbox as which it leaves; what it says to others of ours it says there."""
    going = mail.leaving if mail.outside else None
    meant = {going.mailbox: mail.sender} if going is not None else mail.recipients
    envelopes = tuple(
        Envelope(
            sender=mail.sender,
            recipient=recipient,
            peer=session.peer,
            helo=session.helo,
            trusted=session.trusted,
            tls=session.tls,
            login=session.login.name if session.login else "",
            utf8=mail.utf8,
            outside=tuple(mail.outside),
        )
        for recipient in meant.values()
    )
    return Received(envelopes, tuple(meant), raw)
