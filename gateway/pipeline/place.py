"""A mail takes its place: its conversation, its entry, and what is to be done next. One transaction."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from gateway.config.settings import Settings
from gateway.conversations.conversation import Author, Conversation, Entry, Held, State
from gateway.conversations.matching import Arriving, Home, find_home
from gateway.desk.course import ID_USED_AGAIN, Course, Way, sent_to_two, way_inside
from gateway.desk.mailboxes import Directory, plain
from gateway.desk.policy import asks_for_person
from gateway.desk.thanks import is_bare_thanks
from gateway.desk.triage import Triage
from gateway.errors import StartOver
from gateway.log import Event
from gateway.mail import tokens
from gateway.mail.message import Message
from gateway.mail.quotes.trimmed import Trimmed
from gateway.mail.trust import Trust
from gateway.pipeline import handoff
from gateway.store import arrivals, candidates, conversations, customers, history, jobs, outlook
from gateway.store.arrivals import Fate, Kept
from gateway.store.database import Transaction
from gateway.store.installation import Installation, identity

LONGEST_THREAD = 1000  # characters of Outlook's fields that are kept
BEFORE, AFTER = timedelta(days=7), timedelta(minutes=10)  # contract 9: how far Date may be from the arrival
LONGEST_WAIT = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Reading:
    """All that was thought about one arrival before its transaction."""

    message: Message
    triage: Triage
    arriving: Arriving
    home: Home
    trimmed: Trimmed


def place(tx: Transaction, kept: Kept, reading: Reading, settings: Settings) -> list[Event]:
    """Put a mail of a person into its conversation and queue what follows. Overtaken thought starts over."""
    if reading.home.found:
        conversations.lock(tx, reading.home.found)  # so that nobody merges it into another meanwhile
    home = rethink(tx, reading.arriving, settings)
    if (home.found, home.linked) != (reading.home.found, reading.home.linked):
        raise StartOver("its conversation changed meanwhile")
    ours = identity(tx)
    here = home.found or _begin(tx, kept, reading, ours)
    if home.linked and home.found is None:
        history.note(tx, "goes_on_from", conversation=here, older=home.linked)
    entry = _entry(kept, reading, ours)
    entry_id = conversations.add_entry(tx, here, entry, kept.mailbox)
    arrivals.put_in_conversation(tx, kept.id, here, entry_id)
    outlook.remember(tx, kept.mailbox, reading.arriving.thread_index, here)
    _join(tx, here, reading)
    evidence = [f"{one.rule}: {one.why}" for one in home.evidence[:6]]
    evidence += [ID_USED_AGAIN] if arrivals.earlier(tx, kept, reading.message.message_id) else []
    history.note(tx, "mail_arrived", conversation=here, arrival=kept.id, entry=entry_id, evidence=evidence)
    return _what_next(tx, kept, reading, here, settings)


def rethink(tx: Transaction, arriving: Arriving, settings: Settings) -> Home:
    """Find the home with what the store knows now."""
    found = candidates.gather(
        tx,
        arriving.mailbox,
        sender=arriving.sender,
        references=arriving.references,
        named=arriving.tokens,
        case_numbers=arriving.case_numbers,
        thread=arriving.thread_index,
    )
    good = {one.id: frozenset(one.participants) for one in found if one.id in arriving.tokens}
    return find_home(replace(arriving, tokens=good), found, reopen_window=settings.creatio.reopen_window)


def _begin(tx: Transaction, kept: Kept, reading: Reading, ours: Installation) -> str:
    customer = reading.triage.customer
    conversation_id = ours.derive(kept.mailbox, reading.message.message_id, reading.message.content, "conversation")
    fresh = Conversation(
        id=conversation_id,
        mailbox=kept.mailbox,
        subject=reading.message.subject,
        customer=customer,
        customer_id=customers.find_or_add(tx, customer),
        state=State.OPEN,
        held=Held.ASSISTANT,
        created=tx.now,
        anchor=tokens.anchor(ours.secret, kept.mailbox, conversation_id),
        parent=reading.home.linked,
        verified=reading.triage.trust in (Trust.VERIFIED, Trust.FORWARDER_VERIFIED),
    )
    conversations.begin(tx, fresh)
    return conversation_id


def _entry(kept: Kept, reading: Reading, ours: Installation) -> Entry:
    message, trimmed = reading.message, reading.trimmed
    return Entry(
        id=0,
        author=reading.triage.author,
        at=own_time(message.date, kept.received),
        arrived=kept.received,
        key=ours.derive(kept.mailbox, message.message_id, message.content, "entry"),
        message_id=message.message_id,
        subject=message.subject,
        text=trimmed.text,
        html=trimmed.html,
        full=trimmed.full,
        cuts=tuple((cut.first, cut.last, cut.rule, cut.confidence) for cut in trimmed.cuts),
        sender=reading.triage.writer,
        to=message.to,
        cc=message.cc,
        in_reply_to=message.in_reply_to,
        references=message.references,
        attachments=message.attachments,
        trust=reading.triage.trust,
        arrival=kept.id,
        automatic=not reading.triage.may_answer,
        reply_to=reading.triage.reply_to,
        thread_index=message.header("thread-index")[:LONGEST_THREAD],
        thread_topic=message.header("thread-topic")[:LONGEST_THREAD],
    )


def own_time(date: datetime | None, received: datetime) -> datetime:
    """The mail's own time: its Date when that is believable, else when it arrived."""
    if date is not None and received - BEFORE <= date <= received + AFTER:
        return date
    return received


def _join(tx: Transaction, conversation_id: str, reading: Reading) -> None:
    """The writer takes part, and so does who got a copy: a colleague on Cc may answer."""
    triage = reading.triage
    if triage.trust is Trust.FAILED:
        return
    conversations.join(tx, conversation_id, triage.writer, triage.trust)
    known = conversations.participants(tx, conversation_id)
    for address in (*reading.message.to, *reading.message.cc):
        if address.key not in known and address.key not in triage.ours:
            conversations.join(tx, conversation_id, address, Trust.UNVERIFIED)


def _what_next(tx: Transaction, kept: Kept, reading: Reading, here: str, settings: Settings) -> list[Event]:
    triage, about = reading.triage, {"arrival": kept.id, "conversation": here}
    with_person = not conversations.held_by_assistant(tx, here)
    way = way_inside(triage, with_person=with_person, history=kept.history)
    reasons = list(way.reasons)
    if way.course is Course.RECORD:
        arrivals.settle(tx, kept.id, Fate.RECORDED, reasons)
        return [Event("recorded", {**about, "why": "history"})]
    if way.course is Course.HAND_OFF:
        return handoff.hand_off(tx, here, reason=reasons[0], by="gate")
    if triage.author is Author.AGENT:
        events = handoff.take_over(tx, here, why="a person of ours wrote to the customer")
    else:
        events = _reopened(tx, reading, here)
    if way.course is Course.DECIDE and (elsewhere := _way_elsewhere(tx, kept, reading, settings)) is not None:
        way, reasons = elsewhere, list(elsewhere.reasons)
    if way.course is Course.DECIDE:
        if settings.creatio.create_case == "on_first_message" or not triage.may_answer:
            handoff.tell_creatio(tx, here)
        _decide_soon(tx, here, asks_for_person(reading.trimmed.text), settings)
        return [*events, Event("placed", about)]
    if triage.is_person and triage.author is Author.CUSTOMER and handoff.begun_by_rep(tx, here):
        return [
            *events,
            *handoff.hand_off(tx, here, reason="the answer to a mail that a rep had begun with", by="gate"),
        ]
    fate = Fate.APPENDED if way.course is Course.APPEND else Fate.KEPT_SILENT
    arrivals.settle(tx, kept.id, fate, reasons)
    handoff.tell_creatio(tx, here)
    return [*events, Event(fate.value, {**about, "origin": triage.origin})]


def _way_elsewhere(tx: Transaction, kept: Kept, reading: Reading, settings: Settings) -> Way | None:
    """Its way when it names another mailbox of ours that has got it before."""
    there = arrivals.elsewhere(tx, kept, reading.message.message_id, reading.message.content)
    if there is None:
        return None
    directory = Directory(settings.mailboxes)
    named = {directory.lookup(one.address) for one in (*reading.message.to, *reading.message.cc)}
    return sent_to_two(f"{there[1]} (arrival {there[0]})") if plain(there[1]) in named else None


def _reopened(tx: Transaction, reading: Reading, here: str) -> list[Event]:
    files = any(not one.inline for one in reading.message.attachments)
    if not reading.triage.may_reopen or is_bare_thanks(reading.trimmed.text, files=files):
        return []
    return handoff.reopen(tx, here, by="customer", why="the customer wrote again")


def _decide_soon(tx: Transaction, here: str, wants_person: bool, settings: Settings) -> None:
    """After the quiet window, at most five minutes after the first undecided mail; a wish for a person at once."""
    first = arrivals.oldest_undecided(tx, here) or tx.now
    quiet = min(settings.assistant.quiet_window, max(first + LONGEST_WAIT - tx.now, timedelta(0)))
    after = timedelta(0) if wants_person else quiet
    jobs.add(tx, "decide", here, here, key=f"decide:{here}", after=after, moves=True)
