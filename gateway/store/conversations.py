"""Conversations and their entries."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any, cast

import sqlalchemy as sa

from gateway.conversations.conversation import Author, Conversation, Entry, Held, State, Trust
from gateway.desk.decision import Understanding
from gateway.mail.message import Address, Attachment
from gateway.store import customers, known_ids, splitting
from gateway.store.database import Transaction
from gateway.store.installation import identity
from gateway.store.schema import arrival, conversation, entry, participant

_CLOCKS_DIFFER = timedelta(minutes=10)


def begin(tx: Transaction, fresh: Conversation) -> None:
    """Make a new, empty conversation; `fresh.entries` is ignored."""
    row = {
        "id": fresh.id,
        "mailbox": fresh.mailbox,
        "subject": fresh.subject,
        "customer_id": fresh.customer_id,
        "address": fresh.customer.address,
        "name": fresh.customer.name,
        "verified": fresh.verified,
        "state": fresh.state.value,
        "held": fresh.held.value,
        "anchor": fresh.anchor,
        "case_id": fresh.case,
        "parent_id": fresh.parent,
        "created": tx.now,
        "changed": tx.now,
    }
    tx.execute(sa.insert(conversation), row)
    known_ids.add(tx, fresh.mailbox, fresh.anchor, fresh.id, None, ours=True, people=[fresh.customer.key])


def load(tx: Transaction, conversation_id: str) -> Conversation | None:
    """The whole conversation with its entries in order of their time."""
    row = tx.execute(sa.select(conversation).where(conversation.c.id == conversation_id)).first()
    if row is None:
        return None
    wanted = sa.select(entry).where(entry.c.conversation_id == conversation_id).order_by(entry.c.at, entry.c.id)
    return Conversation(
        id=row.id,
        mailbox=row.mailbox,
        subject=row.subject,
        customer=Address(row.address, row.name),
        customer_id=row.customer_id,
        state=State(row.state),
        held=Held(row.held),
        created=row.created,
        anchor=row.anchor,
        entries=tuple(_to_entry(one) for one in tx.execute(wanted)),
        case=row.case_id,
        parent=row.parent_id,
        answers=row.answers,
        verified=row.verified,
        confirmed=frozenset((*customers.addresses(tx, row.customer_id), *_confirmed(tx, conversation_id))),
    )


def add_entry(tx: Transaction, conversation_id: str, fresh: Entry, mailbox: str) -> int:
    """Add an entry (its `id` is ignored) and make its Message-ID known. Returns its id."""
    row = {
        "conversation_id": conversation_id,
        "key": fresh.key,
        "author": fresh.author.value,
        "at": _after_others(tx, conversation_id, fresh),
        "arrived": fresh.arrived,
        "arrival_id": fresh.arrival,
        "message_id": fresh.message_id,
        "subject": fresh.subject,
        "sender": asdict(fresh.sender),
        "text": fresh.text,
        "rest": _rest(fresh),
        "searchable": _searchable(fresh, fresh.text),
    }
    entry_id = int(tx.scalar(sa.insert(entry).values(row).returning(entry.c.id)))
    people = [one.key for one in (fresh.sender, *fresh.to, *fresh.cc)]
    ours = fresh.author is not Author.CUSTOMER
    known_ids.add(tx, mailbox, fresh.message_id, conversation_id, entry_id, ours=ours, people=people)
    touched = {"changed": tx.now}
    if fresh.author is Author.ASSISTANT:
        tx.execute(_change(conversation_id).values(answers=conversation.c.answers + 1, **touched))
    else:
        tx.execute(_change(conversation_id).values(**touched))
    return entry_id


def _after_others(tx: Transaction, conversation_id: str, fresh: Entry) -> datetime:
    """Date has whole seconds and clocks differ: what came after somebody else's words does not stand before them."""
    others = (entry.c.conversation_id == conversation_id) & (entry.c.author != fresh.author.value)
    newest = tx.scalar(sa.select(sa.func.max(entry.c.at)).where(others))
    if newest is not None and timedelta(0) <= newest - fresh.at < _CLOCKS_DIFFER:
        return cast(datetime, newest) + timedelta(milliseconds=1)
    return fresh.at


def reword(tx: Transaction, entry_id: int, text: str) -> None:
    """A person gave a draft other words."""
    row = tx.execute(sa.select(entry).where(entry.c.id == entry_id)).one()
    said = _searchable(_to_entry(row), text)
    rest = {**row.rest, "full": text, "html": ""}
    tx.execute(sa.update(entry).where(entry.c.id == entry_id).values(text=text, searchable=said, rest=rest))


def record_warning(tx: Transaction, arrival_id: int, index: int, warning: str) -> list[str]:
    """What the scanner has said of one file of a kept mail since. Returns the conversations that the mail stands in:
    its own, and those that people split it off to."""
    of_mail = sa.select(arrival.c.entry_id).where(arrival.c.id == arrival_id).scalar_subquery()
    here, ours, found = entry.c.id == of_mail, identity(tx), []
    while row := tx.execute(sa.select(entry).where(here)).first():
        files = [one | {"warning": warning} if one["index"] == index else one for one in row.rest["attachments"]]
        tx.execute(sa.update(entry).where(entry.c.id == row.id).values(rest={**row.rest, "attachments": files}))
        found.append(str(row.conversation_id))
        here = entry.c.key == splitting.key_of_copy(ours, row.key)
    return found


def lock(tx: Transaction, conversation_id: str) -> None:
    """Nobody else changes the conversation before this transaction ends."""
    tx.execute(sa.select(conversation.c.id).where(conversation.c.id == conversation_id).with_for_update())


def find_entry(tx: Transaction, key: str) -> int | None:
    return tx.execute(sa.select(entry.c.id).where(entry.c.key == key)).scalar()


def home_of_entry(tx: Transaction, entry_id: int) -> tuple[str, str] | None:
    """The conversation of an entry, and its mailbox."""
    joined = sa.select(conversation.c.id, conversation.c.mailbox).join(
        entry, entry.c.conversation_id == conversation.c.id
    )
    row = tx.execute(joined.where(entry.c.id == entry_id)).first()
    return None if row is None else (row.id, row.mailbox)


def newest_customer_entry(tx: Transaction, conversation_id: str) -> int | None:
    """The id of the customer's newest entry: what a thought about this conversation depends on."""
    theirs = (entry.c.conversation_id == conversation_id) & (entry.c.author == Author.CUSTOMER.value)
    return tx.execute(sa.select(sa.func.max(entry.c.id)).where(theirs)).scalar()


def held_by_assistant(tx: Transaction, conversation_id: str) -> bool:
    wanted = sa.select(conversation.c.held).where(conversation.c.id == conversation_id)
    return tx.execute(wanted).scalar() == Held.ASSISTANT.value


def state(tx: Transaction, conversation_id: str) -> State:
    wanted = sa.select(conversation.c.state).where(conversation.c.id == conversation_id)
    return State(tx.execute(wanted).scalar_one())


def set_held(tx: Transaction, conversation_id: str, held: Held, why: str) -> None:
    tx.execute(_change(conversation_id).values(held=held.value, held_why=why, changed=tx.now))


def set_state(tx: Transaction, conversation_id: str, state: State) -> None:
    tx.execute(_change(conversation_id).values(state=state.value, changed=tx.now))


def set_case(tx: Transaction, conversation_id: str, case_id: str | None) -> None:
    tx.execute(_change(conversation_id).values(case_id=case_id))


def set_verified(tx: Transaction, conversation_id: str) -> None:
    tx.execute(_change(conversation_id).values(verified=True))


def take_back_answer(tx: Transaction, conversation_id: str) -> None:
    """An answer that was counted was never sent."""
    tx.execute(_change(conversation_id).values(answers=conversation.c.answers - 1))


def remember_understanding(tx: Transaction, conversation_id: str, about: Understanding) -> None:
    kept = {**asdict(about), "fields": dict(about.fields)}
    tx.execute(_change(conversation_id).values(understanding=kept))


def understanding(tx: Transaction, conversation_id: str) -> Understanding:
    wanted = sa.select(conversation.c.understanding).where(conversation.c.id == conversation_id)
    kept = tx.execute(wanted).scalar()
    return Understanding(**kept) if kept else Understanding()


def customer_of(tx: Transaction, conversation_id: str) -> int:
    wanted = sa.select(conversation.c.customer_id).where(conversation.c.id == conversation_id)
    return int(tx.execute(wanted).scalar_one())


def of_case(tx: Transaction, case_id: str) -> list[str]:
    wanted = sa.select(conversation.c.id).where(conversation.c.case_id == case_id).order_by(conversation.c.created)
    return list(tx.execute(wanted).scalars())


def of_customer(tx: Transaction, customer_id: int) -> list[str]:
    theirs = sa.select(conversation.c.id).where(conversation.c.customer_id == customer_id)
    return list(tx.execute(theirs.order_by(conversation.c.created.desc())).scalars())


def join(tx: Transaction, conversation_id: str, address: Address, trust: Trust) -> None:
    """Make somebody a participant, or renew how far they are trusted."""
    here = (participant.c.conversation_id == conversation_id) & (participant.c.address == address.key)
    if tx.execute(sa.select(participant.c.address).where(here)).first() is None:
        row = {"conversation_id": conversation_id, "address": address.key, "name": address.name, "trust": trust.value}
        tx.execute(sa.insert(participant), row)
    else:
        tx.execute(sa.update(participant).where(here).values(trust=trust.value))


def participants(tx: Transaction, conversation_id: str) -> dict[str, Trust]:
    """Who takes part: case-folded address -> how far they are trusted."""
    here = sa.select(participant.c.address, participant.c.trust).where(participant.c.conversation_id == conversation_id)
    return {row.address: Trust(row.trust) for row in tx.execute(here)}


def confirm(tx: Transaction, conversation_id: str, address: Address) -> None:
    """A person says that this address may be written to."""
    here = (participant.c.conversation_id == conversation_id) & (participant.c.address == address.key)
    if tx.execute(sa.update(participant).where(here).values(confirmed=True)).rowcount == 0:
        join(tx, conversation_id, address, Trust.UNVERIFIED)
        confirm(tx, conversation_id, address)


def _confirmed(tx: Transaction, conversation_id: str) -> list[str]:
    here = (participant.c.conversation_id == conversation_id) & participant.c.confirmed
    return list(tx.execute(sa.select(participant.c.address).where(here)).scalars())


def _change(conversation_id: str) -> sa.Update:
    return sa.update(conversation).where(conversation.c.id == conversation_id)


def _searchable(one: Entry, text: str) -> str:
    return " ".join((one.subject, one.sender.name, one.sender.address, text))[:100_000].casefold()


def _rest(one: Entry) -> dict[str, Any]:
    return {
        "to": [asdict(address) for address in one.to],
        "cc": [asdict(address) for address in one.cc],
        "html": one.html,
        "full": one.full,
        "cuts": [list(cut) for cut in one.cuts],
        "in_reply_to": list(one.in_reply_to),
        "references": list(one.references),
        "attachments": [asdict(attachment) for attachment in one.attachments],
        "trust": one.trust.value,
        "automatic": one.automatic,
        "reply_to": None if one.reply_to is None else asdict(one.reply_to),
        "thread": [one.thread_index, one.thread_topic],
    }


def _to_entry(row: Any) -> Entry:
    rest = row.rest
    thread_index, thread_topic = rest.get("thread") or ("", "")
    return Entry(
        id=row.id,
        author=Author(row.author),
        at=row.at,
        arrived=row.arrived,
        key=row.key,
        message_id=row.message_id,
        subject=row.subject,
        text=row.text,
        sender=Address(**row.sender),
        to=_addresses(rest["to"]),
        cc=_addresses(rest["cc"]),
        html=rest["html"],
        full=rest["full"],
        cuts=tuple((cut[0], cut[1], cut[2], cut[3]) for cut in rest["cuts"]),
        in_reply_to=tuple(rest["in_reply_to"]),
        references=tuple(rest["references"]),
        attachments=tuple(Attachment(**one) for one in rest["attachments"]),
        trust=Trust(rest["trust"]),
        arrival=row.arrival_id,
        automatic=rest["automatic"],
        reply_to=None if rest["reply_to"] is None else Address(**rest["reply_to"]),
        thread_index=thread_index,
        thread_topic=thread_topic,
    )


def _addresses(kept: Sequence[dict[str, str]]) -> tuple[Address, ...]:
    return tuple(Address(**one) for one in kept)
