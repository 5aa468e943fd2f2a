"""The commands that are answered at once."""

from collections.abc import Callable, Mapping

from gateway.errors import TryLater
from gateway.intake.smtp import replies
from gateway.intake.smtp.paths import NotReadable, Said, read_recipient, read_sender
from gateway.intake.smtp.session import Goodbye, Session, Transaction
from gateway.log import event, get

log = get("intake.smtp")


def _helo(session: Session, argument: bytes) -> bytes:
    if not argument:
        return replies.NO_NAME
    session.helo, session.extended, session.mail = _name(argument), False, None
    return b"250 " + session.settings.hostname.encode()


def _ehlo(session: Session, argument: bytes) -> bytes:
    if not argument:
        return replies.NO_NAME
    session.helo, session.extended, session.mail = _name(argument), True, None
    settings = session.settings
    offers = [settings.hostname, "PIPELINING", f"SIZE {settings.max_size}", "8BITMIME", "SMTPUTF8"]
    if settings.tls is not None and not session.tls:
        offers.append("STARTTLS")
    if settings.authenticate is not None and session.tls:
        offers.append("AUTH PLAIN LOGIN")
    lines = [f"250-{offer}" for offer in offers] + ["250 ENHANCEDSTATUSCODES"]
    return "\r\n".join(lines).encode()


def _name(argument: bytes) -> str:
    """What a client calls itself; anything is believed to be a name, but it must not upset a log or a database."""
    text = argument[:255].decode(errors="replace")
    return "".join(letter if letter.isprintable() else "?" for letter in text)


def _mail(session: Session, argument: bytes) -> bytes:
    if not session.helo:
        return replies.SAY_HELLO
    if session.mail is not None:
        return replies.NESTED_MAIL
    if argument[:5].upper() != b"FROM:":
        return replies.BAD_MAIL
    try:
        said = read_sender(argument[5:])
    except NotReadable:
        return replies.BAD_SENDER if argument[5:].strip() else replies.BAD_MAIL
    mail = Transaction(session.hall.next_id(), said.address)
    refusal = _check_parameters(session, mail, said) or _may_begin(session, mail)
    if refusal is None:
        session.mail = mail
        session.wait_at_most(session.limits.idle)
    return refusal or replies.SENDER_OK


def _check_parameters(session: Session, mail: Transaction, said: Said) -> bytes | None:
    for key, value in said.parameters:
        match key, (value or "").upper():
            case "SIZE", size:
                if not (size.isdecimal() and size.isascii() and len(size) <= 20):
                    return replies.BAD_SIZE
                if 0 < session.settings.max_size < int(size):
                    session.hall.counts["too_big"] += 1
                    return replies.too_big(session.settings.max_size)
                mail.size = int(size)
            case "BODY", "7BIT" | "8BITMIME":
                pass
            case "BODY", _:
                return replies.BAD_BODY
            case "SMTPUTF8", "" if value is None:
                mail.utf8 = True
            case "AUTH", _ if value and session.settings.authenticate is not None:
                pass  # RFC 4954 §5: taken, and not believed
            case _:
                return replies.UNKNOWN_PARAMETER
    return replies.NEEDS_UTF8 if said.foreign and not mail.utf8 else None


def _may_begin(session: Session, mail: Transaction) -> bytes | None:
    counts = session.hall.counts
    if not session.hall.enough_room():
        counts["no_room"] += 1
        return replies.NO_ROOM
    if session.login and session.login.senders and mail.sender.casefold() not in session.login.senders:
        counts["wrong_sender"] += 1
        return replies.NOT_YOUR_SENDER
    if not session.trusted and not session.login and not session.hall.crowd.may_send(session.peer, session.limits):
        counts["too_many_mails"] += 1
        return replies.TOO_MANY_MAILS
    return None


def _rcpt(session: Session, argument: bytes) -> bytes:
    mail = session.mail
    if mail is None:
        return replies.NEEDS_MAIL if session.helo else replies.SAY_HELLO
    if argument[:3].upper() != b"TO:":
        return replies.BAD_RCPT
    try:
        said = read_recipient(argument[3:])
    except NotReadable:
        mail.refused += 1
        return replies.BAD_RECIPIENT if argument[3:].strip() else replies.BAD_RCPT
    if said.parameters:
        mail.refused += 1
        return replies.UNKNOWN_PARAMETER
    reply = replies.NEEDS_UTF8 if said.foreign and not mail.utf8 else _add_recipient(session, mail, said.address)
    mail.refused += reply is not replies.RECIPIENT_OK
    return reply


def _add_recipient(session: Session, mail: Transaction, address: str) -> bytes:
    limits = session.limits
    unknown = not session.trusted and session.login is None
    if mail.asked >= (limits.stranger_recipients if unknown else limits.recipients):
        session.hall.counts["too_many_recipients"] += 1
        return replies.TOO_MANY_RECIPIENTS
    try:
        mailbox = find_mailbox(session, address)
    except TryLater:
        return replies.MAILBOX_LATER
    if mailbox is None and session.login is not None and session.login.sends:
        return _send_outside(session, mail, address)
    if mailbox is None:
        return _refuse_recipient(session, unknown)
    mail.asked += 1
    mail.recipients.setdefault(mailbox, address)
    return replies.RECIPIENT_OK


def _send_outside(session: Session, mail: Transaction, address: str) -> bytes:
    """The one way for mail to others: a user that may send, as one of our own mailboxes."""
    mail.leaving = session.settings.leaving(mail.sender)
    if mail.leaving is None:
        session.hall.counts["wrong_sender"] += 1
        return replies.NOT_OUR_SENDER
    if "@" not in address:
        return replies.BAD_RECIPIENT
    if mail.size > mail.leaving.max_size:
        session.hall.counts["too_big"] += 1
        return replies.too_big_to_send(mail.leaving.max_size)
    mail.asked += 1
    mail.outside[address] = None
    return replies.RECIPIENT_OK


def _refuse_recipient(session: Session, unknown: bool) -> bytes:
    session.hall.counts["unknown_recipients"] += 1
    session.refused_recipients += 1
    event(log, "recipient_refused", peer=session.peer, why="no such mailbox")
    if unknown and session.refused_recipients > session.limits.refused_recipients:
        raise Goodbye(replies.TOO_MANY_UNKNOWN)
    return replies.NO_SUCH_MAILBOX


def find_mailbox(session: Session, address: str) -> str | None:
    """The mailbox of an address. RFC 5321 §4.5.1: postmaster is always somebody, bare or at any domain of ours."""
    mailbox = session.hall.addressing.lookup(address)
    if mailbox is not None:
        return mailbox
    local, _, domain = address.rpartition("@") if "@" in address else (address, "", "")
    settings = session.settings
    own = not domain or domain == settings.hostname.lower() or session.hall.addressing.is_local_domain(domain)
    return settings.postmaster if own and local.lower() == "postmaster" else None


def _rset(session: Session, argument: bytes) -> bytes:
    if argument:
        return replies.NO_ARGUMENT
    session.mail = None
    return replies.OK


def _noop(session: Session, argument: bytes) -> bytes:
    return replies.OK


def _vrfy(session: Session, argument: bytes) -> bytes:
    return replies.NOT_VERIFIED


def _help(session: Session, argument: bytes) -> bytes:
    return replies.HELP


def _not_here(session: Session, argument: bytes) -> bytes:
    return replies.NOT_IMPLEMENTED


def _quit(session: Session, argument: bytes) -> bytes:
    if argument:
        return replies.NO_ARGUMENT
    raise Goodbye(replies.BYE)


async def start_tls(session: Session, argument: bytes) -> None:
    """RFC 3207."""
    context = session.settings.tls
    if argument:
        session.reply(replies.NO_ARGUMENT)
    elif session.tls:
        session.reply(replies.TLS_TWICE)
    elif context is None:
        session.reply(replies.NO_TLS)
    else:
        session.reply(replies.START_TLS)
        await session.flush()
        await session.secure(context)


VERBS: Mapping[bytes, Callable[[Session, bytes], bytes]] = {
    b"EHLO": _ehlo,
    b"HELO": _helo,
    b"MAIL": _mail,
    b"RCPT": _rcpt,
    b"RSET": _rset,
    b"NOOP": _noop,
    b"VRFY": _vrfy,
    b"HELP": _help,
    b"QUIT": _quit,
    **dict.fromkeys((b"EXPN", b"ETRN", b"TURN", b"SEND", b"SOML", b"SAML", b"XCLIENT", b"XFORWARD"), _not_here),
}
EMPTY = frozenset({b"EHLO", b"HELO", b"RSET", b"NOOP", b"VRFY", b"HELP"})
