"""What is kept of a mail that Creatio sends through our SMTP door: one entry, one mail, whichever way we hear of it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from gateway.config.settings import Settings
from gateway.conversations.conversation import Conversation, Entry
from gateway.conversations.matching import Arriving, nearest_first
from gateway.desk.addressing import is_for_customer
from gateway.desk.arriving import carriers, case_numbers
from gateway.desk.dossier import Remark
from gateway.desk.mailboxes import Directory, is_among_us
from gateway.desk.records import row_id
from gateway.desk.replies import bare_subject
from gateway.errors import StartOver
from gateway.log import Event
from gateway.mail import tokens
from gateway.mail.automatic import auto_submitted
from gateway.mail.message import Address, Message
from gateway.mail.trust import Trust
from gateway.pipeline import handoff, place, recording, repeated
from gateway.pipeline.repeated import Repeat, Rows, Words
from gateway.store import (
    arrivals,
    conversations,
    customers,
    deliveries,
    history,
    installation,
    known_ids,
    ledger,
    notices,
    submissions,
)
from gateway.store.arrivals import Fate, Kept
from gateway.store.database import Transaction
from gateway.store.deliveries import Outgoing, Phase
from gateway.store.ledger import Line
from gateway.store.submissions import SENT_AS

_FOR_EVER = timedelta(days=36_500)  # a rep may answer on a case however old it is


@dataclass(frozen=True, slots=True)
class Ground:
    """What is known of a submitted mail. `left` have not got it yet; `entry` is what it is already, if anything;
    `mailed`: the row in Creatio that it is was mailed by us before, to all but those who are left. `repeat`: whether
    it was sent before, as far as `rows` tell; `again`: it was submitted before, under another id."""

    home: str | None
    linked: str | None
    entry: int | None
    mailed: bool
    left: tuple[str, ...]
    repeat: Repeat = Repeat.NO
    again: bool = False
    rows: Rows | None = None


@dataclass(frozen=True, slots=True)
class Submission:
    """One submitted mail, thought through. `fresh`: its conversation must be begun. `entry` None: a notification."""

    kept: Kept
    message: Message
    ground: Ground
    outgoing: Outgoing
    entry: Entry | None
    fresh: Conversation | None


def look(
    tx: Transaction, kept: Kept, message: Message, text: str, settings: Settings, rows: Rows | None = None
) -> Ground:
    """`text` is what the rep says in it, without what Creatio put around it; `rows` what Creatio has of these words."""
    got = submissions.served(tx, kept, message.message_id, message.content)
    left = tuple(one for one in kept.envelope.outside if one not in got)
    home, linked = _home(tx, kept, message, settings)
    known = known_ids.find(tx, [message.message_id])
    entry_id = known[0].entry_id if known else None
    if got or is_automatic(message):
        return Ground(home, linked, entry_id, False, left, rows=rows)
    words = words_of(kept, message, text)
    if home is None:
        alone = repeated.weigh_alone(tx, words, message.subject, rows)
        return Ground(home, linked, entry_id, False, left, alone.repeat, rows=rows)
    standing = repeated.weigh(tx, home, words, entry_id, rows)
    if (said := standing.said) is None:
        return Ground(home, linked, entry_id, False, left, standing.repeat, rows=rows)
    left = tuple(one for one in left if one.casefold() not in said.got)
    mailed = bool(said.got) and not said.has_mail
    return Ground(home, linked, said.entry_id, mailed, left, standing.repeat, said.has_mail, rows)


def words_of(kept: Kept, message: Message, text: str) -> Words:
    people = frozenset(one.casefold() for one in kept.envelope.outside)
    return Words(text, people, frozenset(one.sha256 for one in message.attachments if not one.inline))


def is_rep_among_us(tx: Transaction, kept: Kept, message: Message, settings: Settings) -> bool:
    return is_among_us(message, kept.envelope, settings) and not known_ids.sent_by_us(tx, message.message_id)


def is_automatic(message: Message) -> bool:
    return auto_submitted(message) not in ("", "no")


def keep(tx: Transaction, mail: Submission, settings: Settings, text: str) -> Sequence[Event]:
    """The entry and the mail, the arrival's fate: all of it or none. Overtaken thought starts over."""
    _look_again(tx, mail.kept, mail.message, mail.ground, text, settings)
    if mail.fresh is not None:
        conversations.begin(tx, replace(mail.fresh, customer_id=customers.find_or_add(tx, mail.fresh.customer)))
        conversations.join(tx, mail.fresh.id, mail.fresh.customer, Trust.UNVERIFIED)
    here = mail.outgoing.conversation_id
    entry_id = _enter(tx, mail, here) if here is not None and mail.entry is not None else None
    delivery_id = deliveries.add(tx, replace(mail.outgoing, entry_id=entry_id))
    made = deliveries.fetch(tx, delivery_id)
    if made is not None and made.state is Phase.REFUSED:
        deliveries.resend(tx, delivery_id)  # the same mail, submitted again because nobody had got it
    events: list[Event] = []
    if here is not None:
        people = mail.outgoing.recipients
        for one in (mail.outgoing.message_id, mail.message.message_id):
            known_ids.add(
                tx, mail.outgoing.mailbox, one, here, entry_id, ours=True, people=[who.casefold() for who in people]
            )
        arrivals.put_in_conversation(tx, mail.kept.id, here, entry_id)
    if here is not None and mail.entry is not None:
        events += _take(tx, mail, here, delivery_id)
    what = "a rep's mail" if mail.entry is not None else "an automatic notification"
    why = f"{what}, sent from Creatio by {mail.kept.envelope.login}: mailed on as mail {delivery_id}"
    _remember(tx, mail.kept, mail.message, why, {SENT_AS: delivery_id})
    events += recording.settle(tx, mail.kept, Fate.RECORDED, [why])
    return [*events, Event("passed_on", {"arrival": mail.kept.id, "delivery": delivery_id, "conversation": here})]


def record(tx: Transaction, *, kept: Kept, message: Message, why: str, here: str | None = None) -> list[Event]:
    _remember(tx, kept, message, why)
    if here is not None:
        arrivals.put_in_conversation(tx, kept.id, here, None)
    return recording.settle(tx, kept, Fate.RECORDED, [why])


def claim(
    tx: Transaction, *, kept: Kept, message: Message, ground: Ground, text: str, settings: Settings
) -> list[Event]:
    """Creatio sends by SMTP what we have mailed from its row, or hands over again what it did not hear the end of: it
    is the same reply, and went out once."""
    _look_again(tx, kept, message, ground, text, settings)
    assert ground.home is not None
    known_ids.add(
        tx, kept.mailbox, message.message_id, ground.home, ground.entry, ours=True, people=kept.envelope.outside
    )
    # Only a reply that was not submitted before is this arrival's; the other has its own.
    arrivals.put_in_conversation(tx, kept.id, ground.home, None if ground.again else ground.entry)
    _remember(tx, kept, message, "", {SENT_AS: None})
    why = "the reply that was mailed from its row in Creatio before: not mailed again"
    if ground.again:
        why = "the reply that Creatio handed over before, now under another id, with one row for both: not mailed again"
        text = (
            f"The mail “{message.subject}” was handed over again by Creatio, which has it once. The customer has got it"
        )
        _tell_rep(tx, ground.home, message, "Not mailed twice", f"{text}, and gets no second copy.")
    return recording.settle(tx, kept, Fate.RECORDED, [why])


def leave(tx: Transaction, *, kept: Kept, message: Message, why: str, settings: Settings) -> list[Event]:
    """It is not sent, though Creatio's row may say so: the operator and the rep must know."""
    _remember(tx, kept, message, why)
    text = f"Mail {kept.id}, sent from Creatio as {kept.envelope.sender}, was not mailed on: {why}"
    notices.raise_notice(tx, f"aside:arrival:{kept.id}", text)
    home, linked = _home(tx, kept, message, settings)
    named = known_ids.find(tx, nearest_first(message.in_reply_to, message.references))
    if here := home or linked or next((one.conversation_id for one in named), None):
        what = f"The mail “{message.subject}” to {', '.join(kept.envelope.outside) or kept.mailbox}, sent from Creatio,"
        told = f"{what} was not mailed on: {why}. The gateway's operator has it as arrival-{kept.id}, set aside."
        _tell_rep(tx, here, message, "Mail not sent", told)
    return recording.settle(tx, kept, Fate.SET_ASIDE, [why])


def _look_again(tx: Transaction, kept: Kept, message: Message, ground: Ground, text: str, settings: Settings) -> None:
    """A look at the case makes an entry of the row of this mail: one of the two waits for the other."""
    if ground.home is not None:
        conversations.lock(tx, ground.home)
    if look(tx, kept, message, text, settings, ground.rows) != ground:
        raise StartOver("what is known of this mail changed meanwhile")


def _home(tx: Transaction, kept: Kept, message: Message, settings: Settings) -> tuple[str | None, str | None]:
    """The conversation that a submitted mail goes on in, as though those it is sent to had written it; else the older
    one that it names."""
    known = known_ids.find(tx, [message.message_id])
    if known:
        return known[0].conversation_id, None
    linked: str | None = None
    for arriving in _arrivings(tx, kept, message, settings):
        lasting = replace(settings, creatio=replace(settings.creatio, reopen_window=_FOR_EVER))
        home = place.rethink(tx, arriving, lasting)
        if home.found is not None:
            talk = conversations.load(tx, home.found)
            aside = talk is not None and not is_for_customer(talk, _people(kept, message, settings))
            return (None, home.found) if aside else (home.found, None)
        linked = linked or home.linked
    return None, linked


def _arrivings(tx: Transaction, kept: Kept, message: Message, settings: Settings) -> Iterable[Arriving]:
    """By the mailbox it is sent as, then by those whose mails it refers to; for each of whom it is sent to."""
    secret, references = installation.identity(tx).secret, nearest_first(message.in_reply_to, message.references)
    named = [conversations.load(tx, one.conversation_id) for one in known_ids.find(tx, references)]
    people = _people(kept, message, settings)[:10]
    carried = [text for text in carriers(message, "") if text]
    for mailbox in dict.fromkeys((kept.mailbox, *(one.mailbox for one in named if one is not None))):
        found = [tokens.find(secret, mailbox, text) for text in carried]
        for person in people:
            yield Arriving(
                sender=person,
                trust=Trust.VERIFIED,
                mailbox=mailbox,
                subject=bare_subject(message.subject),
                at=tx.now,
                references=references,
                tokens={one.conversation: frozenset() for one in found if one is not None},
                case_numbers=case_numbers(message.subject),
                quotes=True,
            )


def _people(kept: Kept, message: Message, settings: Settings) -> list[str]:
    """Whom it is to, shown or not, by their case-folded addresses."""
    is_ours = Directory(settings.mailboxes).is_ours
    shown = [one.key for one in (*message.to, *message.cc) if not is_ours(one.address)]
    return list(dict.fromkeys((*shown, *(one.casefold() for one in kept.envelope.outside))))


def _enter(tx: Transaction, mail: Submission, here: str) -> int:
    """The entry: the one that a look at Creatio, or an earlier copy to others, has made of it, else a new one."""
    assert mail.entry is not None
    if mail.ground.entry is not None:
        return mail.ground.entry
    found = conversations.find_entry(tx, mail.entry.key)
    return found if found is not None else conversations.add_entry(tx, here, mail.entry, mail.outgoing.mailbox)


def _take(tx: Transaction, mail: Submission, here: str, delivery_id: int) -> list[Event]:
    """A person has the conversation from now on; Creatio, which has the mail's row, is not told of it again."""
    entry, name = mail.entry, mail.entry.sender.name if mail.entry else ""
    assert entry is not None
    events = handoff.take_over(tx, here, why=f"{name or 'an agent'} replied from Creatio")
    conversation = conversations.load(tx, here)
    if conversation is not None and conversation.case and mail.ground.entry is None:
        line = Line(row_id(entry.key, "activity"), "activity", here, conversation.case)
        ledger.done(tx, line, {"ours": False}, note="written in Creatio")
    history.note(
        tx,
        "agent_replied",
        conversation=here,
        arrival=mail.kept.id,
        delivery=delivery_id,
        by=name,
        sent_by="creatio, through the gateway",
    )
    return events


def _tell_rep(tx: Transaction, here: str, message: Message, title: str, text: str) -> None:
    """A note on the case, where there is one; the same is said once."""
    conversation = conversations.load(tx, here)
    if conversation is None or conversation.case is None:
        return
    key = installation.identity(tx).derive(here, message.message_id, message.content, title)
    ledger.want(tx, here, conversation.case, Remark(row_id(key, f"remark {text}"), title, text, tx.now))
    handoff.tell_creatio(tx, here)


def _remember(
    tx: Transaction, kept: Kept, message: Message, why: str, sent: Mapping[str, int | None] | None = None
) -> None:
    sender = next(iter(message.senders), Address(kept.envelope.sender)).address
    told = {"origin": "own", "trust": Trust.VERIFIED.value, "from": sender, "subject": message.subject[:500]}
    reasons = [one for one in (f"signed in as {kept.envelope.login}", why) if one]
    evidence = {**told, "reasons": reasons, "notes": list(message.notes), **(sent or {})}
    arrivals.record_reading(tx, kept.id, message.message_id, message.content, evidence)
