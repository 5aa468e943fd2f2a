"""What would become of a mail: the pipeline's own thinking, in memory, with nothing asked and nothing kept."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from gateway.config.settings import Assistant, Mailbox, Settings
from gateway.conversations.conversation import Author
from gateway.conversations.matching import Arriving, Evidence, Home
from gateway.conversations.near_misses import near_misses
from gateway.conversations.transcript import new_text
from gateway.desk.arriving import carriers, describe
from gateway.desk.considering import consider
from gateway.desk.course import ID_USED_AGAIN, Course, Way, has_place, way_inside, way_outside
from gateway.desk.loops import Turn, find_loop
from gateway.desk.mailboxes import AMONG_US, Directory, believed_servers, is_among_us, plain
from gateway.desk.policy import Standing, gate_before
from gateway.desk.rehearsal import Rehearsal
from gateway.desk.triage import Triage
from gateway.mail import tokens
from gateway.mail.authenticity import Answers, Ask, Proof, prove
from gateway.mail.envelopes import envelope_of, recipients_of
from gateway.mail.message import Envelope, Message
from gateway.mail.quotes.trimmed import Earlier, Trimmed
from gateway.mail.trust import Trust

_NOWHERE = "unknown@unknown.invalid"
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
_ENDS_ANSWERS = (Course.DECIDE, Course.HAND_OFF)


@dataclass(frozen=True, slots=True)
class Foreseen:
    """`refused` says why the mail would not be taken at all, else it is empty; then `way` is what becomes of it."""

    mailbox: str
    verdict: Triage
    home: Home
    trimmed: Trimmed
    way: Way
    refused: str = ""


@dataclass(frozen=True, slots=True)
class Taken:
    """How a mail was taken in, as it was kept beside it; `answers` None: the DNS was not asked then."""

    mailbox: str
    envelope: Envelope
    raw: bytes = b""
    answers: Answers | None = None
    received: datetime | None = None
    history: bool = False
    sent_by_us: bool = False


@dataclass(frozen=True, slots=True)
class _Seen:
    message: Message
    mailbox: Mailbox
    verdict: Triage
    arriving: Arriving


def foresee(
    message: Message,
    earlier: Sequence[tuple[str, Message]],
    settings: Settings | None,
    taken: Taken | None = None,
    *,
    secret: bytes = b"",
) -> Foreseen:
    """Walk one mail to its fate. `earlier` are the named mails before it; without settings its recipient is a mailbox.

    `taken` is what was kept when it came; without it, the recipients in its head say which mailbox was meant, the DNS
    is not asked, and it counts as arriving at its own Date, one without a date right after the newest before it.
    Without the `secret` of the installation no token of ours is believed.
    """
    here = settings or _without_settings(message)
    meant = _mailbox_of(message, here) if taken is None else _mailbox_then(taken, here)
    mailbox = meant or Mailbox(_NOWHERE)
    times = [one.date for _, one in earlier if one.date is not None]
    newest = max(times, default=_LONG_AGO)
    at = (taken.received if taken else None) or message.date or newest
    seen = _see(message, mailbox, here, at, taken, secret=secret)
    rehearsal = _rehearse(earlier, mailbox, here, secret)
    home = rehearsal.find(seen.arriving)
    missed = near_misses(rehearsal.recognise(seen.arriving), rehearsal.candidates)
    home = replace(home, evidence=(*home.evidence, *missed, *_unproven(seen, secret)))
    trimmed = _trim(seen, rehearsal, home, here)
    way = _way(seen, home, trimmed, rehearsal, here, history=taken is not None and taken.history)
    if taken is not None and taken.envelope.outside:
        way = Way(Course.RECORD, (f"on its way out: sent from Creatio by {taken.envelope.login}, mailed on once",))
    if taken is not None and is_among_us(message, taken.envelope, here):
        way = Way(Course.SET_ASIDE, (AMONG_US,))
    way = replace(way, reasons=(*way.reasons, *_remarks(seen, home, way, rehearsal, here)))
    return Foreseen(
        mailbox=mailbox.address if meant else "",
        verdict=seen.verdict,
        home=home,
        trimmed=trimmed,
        way=way,
        refused="" if meant else _why_refused(message, here),
    )


def _why_refused(message: Message, settings: Settings) -> str:
    why = "none of its recipients is a mailbox of ours"
    directory = Directory(settings.mailboxes)
    if settings.smtp is None or not settings.smtp.sending or not message.senders:
        return why
    ours = all(directory.is_ours(one.address) for one in message.senders)
    who = ", ".join(sorted(settings.smtp.sending))
    return f"{why}; it would be mailed on for a user that sends ({who})" if ours else why


def _without_settings(message: Message) -> Settings:
    """Any recipient counts as a mailbox then, and there is an assistant that could be asked."""
    first = next((one.address for one in recipients_of(message)), _NOWHERE)
    return Settings(Path(), "", Path(), (Mailbox(first.casefold()),), assistant=Assistant(kind="http"))


def _mailbox_of(message: Message, settings: Settings) -> Mailbox | None:
    directory = Directory(settings.mailboxes)
    for one in recipients_of(message):
        key = directory.lookup(one.address)
        if key is not None:
            return directory.mailboxes[key]
    # With no recipient at all (Bcc, a folder) it can only have come for the one mailbox there is.
    return settings.mailboxes[0] if len(settings.mailboxes) == 1 and not (message.to or message.cc) else None


def _mailbox_then(taken: Taken, settings: Settings) -> Mailbox:
    """Also one that the settings do not name any more."""
    return Directory(settings.mailboxes).find(taken.mailbox) or Mailbox(taken.mailbox)


def _unproven(seen: _Seen, secret: bytes) -> Iterator[Evidence]:
    """What may be a token of ours, where nobody can say."""
    if not secret and any(map(tokens.may_be, carriers(seen.message, seen.arriving.mailbox))):
        why = "carries what is written like our token; without the installation's secret it proves nothing here"
        yield Evidence("token_unproven", 0, why, "")


def _see(
    message: Message,
    mailbox: Mailbox,
    settings: Settings,
    at: datetime,
    taken: Taken | None = None,
    *,
    secret: bytes,
) -> _Seen:
    came = taken or Taken(mailbox.address, envelope_of(message, mailbox.address))
    envelope = came.envelope
    verdict = _judge(message, came, mailbox, settings)
    arriving = describe(message, verdict, mailbox=mailbox.address, recipient=envelope.recipient, at=at, secret=secret)
    return _Seen(message, mailbox, verdict, arriving)


def _judge(message: Message, came: Taken, mailbox: Mailbox, settings: Settings) -> Triage:
    servers = believed_servers(settings, came.envelope)
    proof = prove(came.raw, message, came.envelope, servers=servers, answers=came.answers)
    if isinstance(proof, Ask):
        names = ", ".join(name for name, _ in proof.questions)
        proof = Proof(Trust.UNVERIFIED, (f"what the DNS said of {names} was not kept",))
    return consider(message, came.envelope, mailbox, settings, proof=proof, sent_by_us=came.sent_by_us)


def _rehearse(earlier: Sequence[tuple[str, Message]], mailbox: Mailbox, settings: Settings, secret: bytes) -> Rehearsal:
    """Each earlier mail in its conversation, as it would have been placed; those from our address are ours."""
    rehearsal = Rehearsal(settings.creatio.reopen_window)
    at = _LONG_AGO
    for name, message in earlier:
        at = message.date or at
        seen = _see(message, mailbox, settings, at, secret=secret)
        home = rehearsal.find(seen.arriving)
        text = _trim(seen, rehearsal, home, settings).text
        if Directory([mailbox]).is_ours(seen.verdict.writer.address):
            rehearsal.add_ours(seen.arriving, message, text)
        elif has_place(seen.verdict, home, settings.creatio) and rehearsal.copy_of(message) is None:
            rehearsal.add(seen.arriving, message, text, name)
    return rehearsal


def _trim(seen: _Seen, rehearsal: Rehearsal, home: Home, settings: Settings) -> Trimmed:
    thread: Sequence[Earlier] = rehearsal.conversations[home.found].said if home.found else ()
    ours = sorted(Directory(settings.mailboxes).ours)
    chosen = settings.mail
    return new_text(seen.message.body, seen.message.subject, thread, ours, chosen.quotes, chosen.signatures)


def _way(seen: _Seen, home: Home, trimmed: Trimmed, rehearsal: Rehearsal, settings: Settings, *, history: bool) -> Way:
    copy = rehearsal.copy_of(seen.message)
    if copy is not None:
        return Way(Course.RECORD, (copy,))
    if not has_place(seen.verdict, home, settings.creatio):
        return way_outside(seen.verdict, seen.message)
    held = home.found is not None and rehearsal.conversations[home.found].with_person
    way = way_inside(seen.verdict, with_person=held, history=history)
    if way.course is not Course.DECIDE:
        return way
    loop = _loop(seen, home, trimmed, rehearsal) if home.found is not None else ""
    return _through_the_gates(seen, trimmed, settings, loop)


def _remarks(seen: _Seen, home: Home, way: Way, rehearsal: Rehearsal, settings: Settings) -> Iterator[str]:
    """What else becomes of it that only the store will know."""
    message, mailbox = seen.message, seen.mailbox
    said = rehearsal.conversations[home.found].said[-1:] if home.found else []
    quiet = settings.assistant.quiet_window
    for before in said:
        if way.course not in _ENDS_ANSWERS or Directory([mailbox]).is_ours(before.address):
            continue
        if way.course is Course.DECIDE and before.at and seen.arriving.at - before.at <= quiet:
            yield f"one of several within {quiet.total_seconds():.0f} s: decided together, one answer for all"
        else:
            yield "an answer to the mail before it that has not left by then is cancelled"
    if way.course is not Course.RECORD and rehearsal.uses_id_again(message):
        yield ID_USED_AGAIN
    directory = Directory(settings.mailboxes)
    also = {directory.lookup(one.address) for one in (*message.to, *message.cc)} - {None, plain(mailbox.address)}
    if also and way.course is Course.DECIDE:
        named = ", ".join(sorted(map(str, also)))
        yield f"also sent to {named}: the copy that comes first is answered, the other is kept"


def _loop(seen: _Seen, home: Home, trimmed: Trimmed, rehearsal: Rehearsal) -> str:
    """What was said before in this conversation; `gateway explain` knows no other."""
    here, at = home.found or "", seen.arriving.at
    said = rehearsal.conversations[here].said
    ours = Directory([seen.mailbox]).is_ours
    ids = {one.message_id for one in said if ours(one.address)}
    before = [
        Turn(here, one.at, ours(one.address), one.text, refers=not ids.isdisjoint(one.in_reply_to))
        for one in said
        if one.at is not None
    ]
    refers = not ids.isdisjoint(seen.message.in_reply_to)
    newest = Turn(here, at, ours=False, text=trimmed.text, open=True, refers=refers)
    return find_loop([*before, newest], here, at)


def _through_the_gates(seen: _Seen, trimmed: Trimmed, settings: Settings, loop: str) -> Way:
    verdict = seen.verdict
    standing = Standing(
        texts=[trimmed.text],
        oldest=seen.arriving.at,
        now=seen.arriving.at,
        is_person=verdict.is_person and verdict.author is Author.CUSTOMER,
        may_answer=verdict.may_answer,
        trust=verdict.trust,
        hidden_characters=seen.message.hidden_characters,
        mode=seen.mailbox.mode,
        state=seen.mailbox.state,
        loop=loop,
    )
    gated = gate_before(standing, settings.assistant)
    return Way(Course.DECIDE, ("the assistant is asked",)) if gated is None else Way(Course.HAND_OFF, (gated.reason,))
