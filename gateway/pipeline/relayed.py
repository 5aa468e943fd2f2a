"""What is kept of a rep's replies: the ruling on each row, the entry and the mail made of it, what the rep is told."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from gateway.config.settings import Settings
from gateway.conversations.conversation import Author, Conversation, Entry
from gateway.desk.addressing import replied_to
from gateway.desk.dossier import Remark
from gateway.desk.mailboxes import Directory
from gateway.desk.records import row_id
from gateway.desk.replies import OWN_USER, ActivitySeen, ActivityWhole, Ruling, Verdict, bare_subject, named_in
from gateway.desk.reply_text import ReplyText
from gateway.log import Event
from gateway.mail import tokens
from gateway.mail.addresses import read_addresses
from gateway.pipeline import answering, handoff, relaying, repeated
from gateway.pipeline.answering import Written
from gateway.pipeline.ruling import SEND_HERE, Board
from gateway.pipeline.watching import hanging_reply
from gateway.store import cases, conversations, customers, history, known_ids, ledger, notices
from gateway.store.cases import SeenActivity
from gateway.store.database import Transaction
from gateway.store.installation import identity
from gateway.store.ledger import Line
from gateway.store.submissions import Said

# Kept beside a row's state: whether the Message-ID under which Creatio sent it is known, and who wrote it.
LEARNT, BY = "learnt", "by"
TOO_LONG = timedelta(minutes=15)  # for Creatio to be sending a mail
_OFFER = "“Send from here”, on the page behind View session, mails it from the gateway."
UNSENT = "unsent"  # a reply that is ours to mail and cannot be


@dataclass(frozen=True, slots=True)
class Sent:
    """A reply that we mail."""

    row: ActivitySeen
    conversation: Conversation
    written: Written
    name: str
    message_id: str = ""


@dataclass(frozen=True, slots=True)
class Recorded:
    """A reply that Creatio has mailed."""

    row: ActivitySeen
    conversation: Conversation
    whole: ActivityWhole
    said: ReplyText


@dataclass(frozen=True, slots=True)
class Unsent:
    """A reply that is not mailed. `conversation` is None when the case has none (any more)."""

    row: ActivitySeen
    conversation: Conversation | None
    why: str
    message_id: str = ""


@dataclass(frozen=True, slots=True)
class Beside:
    """A mail that Creatio has sent to others: no part of what was said to the customer."""

    row: ActivitySeen
    message_id: str = ""


@dataclass(frozen=True, slots=True)
class Failed:
    """A reply that Creatio could not send, or of whose sending it did not hear the end. `text` is what it says."""

    row: ActivitySeen
    verdict: Verdict
    text: str | None
    message_id: str = ""


Outcome = Sent | Recorded | Unsent | Beside | Failed


def remember(tx: Transaction, board: Board, row: ActivitySeen, verdict: Verdict) -> None:
    """Keep a ruling that makes no entry, and tell the rep what they could not know."""
    known = board.known.get(row.id)
    _keep(tx, board, row, verdict.ruling.value, verdict.why)
    if verdict.ruling is Ruling.FAILED:
        text = f"The reply “{row.title}” did not reach the customer: {verdict.why}. {_OFFER}"
        _tell_rep(tx, board, row, board.talks[0] if board.talks else None, "Reply not sent", text)
    if verdict.why == OWN_USER:
        text = f"The reply “{row.title}” was not sent: it is {OWN_USER}."
        _tell_rep(tx, board, row, board.talks[0] if board.talks else None, "Reply not sent", text)
    waits = known is not None and known.verdict == Ruling.WAITING.value and board.now - known.since >= TOO_LONG
    if verdict.ruling is Ruling.WAITING and waits:
        text = f"Creatio has not sent the reply “{row.title}” yet. Look at Creatio's mailbox of the sender"
        _tell_rep(tx, board, row, board.talks[0] if board.talks else None, "Reply still waiting in Creatio", text)


def tell(tx: Transaction, board: Board, outcome: Outcome, settings: Settings) -> list[Event]:
    """The reply becomes an entry, and a mail where it is ours; or the rep is told why not. A row makes one entry."""
    earlier = cases.activities(tx, [outcome.row.id]).get(outcome.row.id)
    if earlier is not None and earlier.entry_id is not None:
        return []
    if not isinstance(outcome, Beside | Failed) and outcome.conversation is not None:
        conversations.lock(tx, outcome.conversation.id)  # its mail may come by SMTP at this moment
    if (mail := _submitted(tx, board, outcome)) is not None:
        return _bind_to_mail(tx, board, outcome.row, mail)
    match outcome:
        case Failed():
            remember(tx, board, outcome.row, outcome.verdict)
            return []
        case Sent():
            return _mail(tx, board, outcome, settings)
        case Recorded():
            return _record(tx, board, outcome, settings)
        case Unsent():
            return _leave(tx, board, outcome)
        case Beside():
            why = f"Creatio has sent it to {outcome.row.recipients or 'nobody'}, not to the customer"
            _keep(tx, board, outcome.row, Ruling.NEVER.value, why)
            return []


def learn(tx: Transaction, case_id: str, known: SeenActivity, message_id: str) -> None:
    """Creatio's own Message-ID became known: the customer's answer to it finds home."""
    assert known.entry_id is not None
    found = conversations.home_of_entry(tx, known.entry_id)
    if found is not None:
        conversation_id, mailbox = found
        people = conversations.participants(tx, conversation_id)
        known_ids.add(tx, mailbox, message_id, conversation_id, known.entry_id, ours=True, people=people)
    state = {**known.state, LEARNT: "yes"}
    cases.remember_activity(tx, case_id, known.id, verdict=known.verdict, why=known.why, state=state)


def _mail(tx: Transaction, board: Board, sent: Sent, settings: Settings) -> list[Event]:
    here = sent.conversation.id
    events = handoff.take_over(tx, here, why=f"{sent.name or 'an agent'} replied in Creatio")
    delivery_id = answering.keep(tx, sent.written)
    entry_id = conversations.find_entry(tx, sent.written.entry.key)
    _bind(tx, board, sent.conversation, sent.written.entry, entry_id)
    why = "a completed reply that Creatio does not send"
    _keep(tx, board, sent.row, Ruling.MAIL.value, why, entry_id, {BY: sent.row.author})
    _tell_of_wish(tx, board, sent)
    _tell_of_two(tx, board, sent.row, sent.conversation)
    _tell_of_left_out(tx, board, sent, settings)
    notices.clear(tx, hanging_reply(board.case.id))
    history.note(tx, "agent_replied", conversation=here, activity=sent.row.id, delivery=delivery_id, by=sent.name)
    return [*events, Event("agent_replied", {"conversation": here, "case": board.case.id, "delivery": delivery_id})]


def _record(tx: Transaction, board: Board, done: Recorded, settings: Settings) -> list[Event]:
    """Creatio mailed it: an entry under its own Message-ID, never a mail of ours."""
    here, sender = done.conversation.id, relaying.writer_of(done.whole)
    events = handoff.take_over(tx, here, why=f"{sender.name or 'an agent'} replied from Creatio")
    entry = _entry_of(tx, done)
    entry_id = conversations.add_entry(tx, here, entry, done.conversation.mailbox)
    _bind(tx, board, done.conversation, entry, entry_id)
    notices.clear(tx, hanging_reply(board.case.id))
    extra = {LEARNT: "yes" if done.whole.message_id else "no", BY: done.row.author}
    _keep(tx, board, done.row, Ruling.RECORD.value, "Creatio has sent it", entry_id, extra)
    history.note(tx, "agent_replied", conversation=here, activity=done.row.id, by=sender.name, sent_by="creatio")
    _tell_of_two(tx, board, done.row, done.conversation)
    if sender.address and not Directory(settings.mailboxes).is_ours(sender.address):
        text = (
            f"The reply “{done.row.title}” was sent from {sender.address}. The customer's answer to it will go there "
            f"and may not be seen here; {done.conversation.mailbox} is where it would be."
        )
        _tell_rep(tx, board, done.row, done.conversation, "The customer's answer may go elsewhere", text, notify=False)
    return [*events, Event("agent_replied", {"conversation": here, "case": board.case.id, "sent_by": "creatio"})]


def _submitted(tx: Transaction, board: Board, outcome: Outcome) -> Said | None:
    """The mail that Creatio has sent through our SMTP door and that this row is."""
    match outcome:
        case Sent():
            said: tuple[str | None, str] = (outcome.written.entry.text, outcome.message_id)
        case Recorded():
            said = (outcome.said.text, outcome.whole.message_id)
        case Failed():
            said = (outcome.text, outcome.message_id)
        case Unsent() | Beside():
            said = (None, outcome.message_id)
    return repeated.find_mail(tx, board.case, outcome.row, *said)


def _bind_to_mail(tx: Transaction, board: Board, row: ActivitySeen, mail: Said) -> list[Event]:
    """One entry, not two: it is there since the mail came, and went out through our own relay."""
    line = Line(row_id(mail.key, "activity"), "activity", mail.conversation_id, board.case.id, mail.entry_id)
    if not ledger.known(tx, [line.id]):
        ledger.done(tx, line, {"ours": False}, note="written in Creatio")
    why = "Creatio has sent it through the gateway's SMTP door: mailed from here once, as its entry says"
    _keep(tx, board, row, Ruling.RECORD.value, why, mail.entry_id, {LEARNT: "yes", BY: row.author})
    notices.clear(tx, hanging_reply(board.case.id))
    return [Event("row_of_mail", {"case": board.case.id, "activity": row.id, "conversation": mail.conversation_id})]


def _tell_of_wish(tx: Transaction, board: Board, sent: Sent) -> None:
    known = board.known.get(sent.row.id)
    if known is not None and (by := known.state.get(SEND_HERE)):
        text = f"{by} has the reply “{sent.row.title}” sent from here. Please do not send it in Creatio again."
        _tell_rep(tx, board, sent.row, sent.conversation, "Reply sent from the gateway", text, notify=False)


def _tell_of_two(tx: Transaction, board: Board, row: ActivitySeen, conversation: Conversation) -> None:
    """Two reps have answered the same mail: both replies went out, and both may want to know."""
    since = max((one.id for one in conversation.entries if one.author is Author.CUSTOMER), default=0)
    recent = {one.id for one in conversation.entries if one.author is Author.AGENT and one.id > since}
    others = [one for one in board.known.values() if one.entry_id in recent and one.state.get(BY, "") != row.author]
    if others and row.author:
        text = f"The reply “{row.title}” went to the customer after another rep's reply to the same mail."
        _tell_rep(tx, board, row, conversation, "Two replies were sent", text, notify=False)


def _tell_of_left_out(tx: Transaction, board: Board, sent: Sent, settings: Settings) -> None:
    """Whom the row names beside the customer and who is on copy already gets nothing from here (contract 8)."""
    known = [*sent.written.outgoing.recipients, *customers.addresses(tx, sent.conversation.customer_id)]
    got, is_ours = {one.casefold() for one in known}, Directory(settings.mailboxes).is_ours
    left = [one.address for one in named_in(sent.row) if one.key not in got and not is_ours(one.address)]
    if left:
        text = f"The reply “{sent.row.title}” went to {', '.join(sent.written.outgoing.recipients)}, not to "
        text += f"{', '.join(left)}: who is not on the customer's newest mail gets no copy from the gateway."
        _tell_rep(tx, board, sent.row, sent.conversation, "Not sent to everybody", text, notify=False)


def _leave(tx: Transaction, board: Board, left: Unsent) -> list[Event]:
    _keep(tx, board, left.row, UNSENT, f"not sent: {left.why}")
    text = f"The reply “{left.row.title}” was not sent: {left.why}."
    _tell_rep(tx, board, left.row, left.conversation, "Reply not sent", text)
    return [Event("reply_not_sent", {"case": board.case.id, "activity": left.row.id, "why": left.why})]


def _entry_of(tx: Transaction, done: Recorded) -> Entry:
    ours, conversation, row = identity(tx), done.conversation, done.row
    key = ours.derive(conversation.mailbox, row.id, "reply")
    answered = replied_to(conversation)
    made = tokens.message_id(ours.secret, conversation.mailbox, conversation.id, key, conversation.mailbox)
    sender = relaying.writer_of(done.whole)
    return Entry(
        id=0,
        author=Author.AGENT,
        at=max([tx.now, *(one.at for one in conversation.entries)]),
        arrived=tx.now,
        key=key,
        message_id=done.whole.message_id or made,
        subject=bare_subject(row.title),
        text=done.said.text,
        html=done.said.html,
        full=done.said.text,
        sender=sender if sender.address else replace(sender, address=conversation.mailbox),
        to=read_addresses([row.recipients.replace(";", ",").encode()]) or (conversation.customer,),
        cc=read_addresses([row.copies.replace(";", ",").encode()]),
        in_reply_to=(answered.message_id,) if answered else (),
    )


def _bind(tx: Transaction, board: Board, conversation: Conversation, entry: Entry, entry_id: int | None) -> None:
    """The rep's own row is this entry's activity: Creatio is not told of it again."""
    line = Line(row_id(entry.key, "activity"), "activity", conversation.id, board.case.id, entry_id)
    ledger.done(tx, line, {"ours": False}, note="written in Creatio")


def _keep(
    tx: Transaction,
    board: Board,
    row: ActivitySeen,
    verdict: str,
    why: str,
    entry_id: int | None = None,
    extra: Mapping[str, str] | None = None,
) -> None:
    state = {**row.state(), **(extra or {})}
    cases.remember_activity(tx, board.case.id, row.id, verdict=verdict, why=why, state=state, entry_id=entry_id)


def _tell_rep(
    tx: Transaction,
    board: Board,
    row: ActivitySeen,
    conversation: Conversation | None,
    title: str,
    text: str,
    *,
    notify: bool = True,
) -> None:
    """A note on the case, once for each thing said; the operator is told as well when a reply hangs."""
    if notify:
        notices.raise_notice(tx, hanging_reply(board.case.id), f"Case {board.case.number or board.case.id}: {text}")
    if conversation is None:
        return
    remark = Remark(row_id(row.id, f"remark {text}"), title, text, tx.now)
    ledger.want(tx, conversation.id, board.case.id, remark)
    handoff.tell_creatio(tx, conversation.id)
