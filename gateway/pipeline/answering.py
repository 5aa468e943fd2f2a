"""Words become mail: an entry of the conversation and the bytes that carry it to the customer (contract 8)."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from gateway.config.settings import Mailbox, Relay, Settings
from gateway.conversations.conversation import Author, Conversation, Entry
from gateway.desk.addressing import address_of, copies_of, recipient_of, replied_to
from gateway.desk.mailboxes import Directory
from gateway.errors import GiveUp
from gateway.log import Event
from gateway.mail import tokens
from gateway.mail.message import Address, Attachment
from gateway.mail.writing import File, Letter, write_reply
from gateway.pipeline import handoff
from gateway.pipeline.parts import Parts
from gateway.store import arrivals, conversations, deliveries, history, installation
from gateway.store.arrivals import Fate
from gateway.store.blobs import SMALL
from gateway.store.database import Transaction
from gateway.store.deliveries import Delivery, Kind, Outgoing
from gateway.store.installation import Installation


@dataclass(frozen=True, slots=True)
class Written:
    """A mail of ours with its bytes, not yet kept; `keep` makes it an entry and a delivery."""

    entry: Entry
    outgoing: Outgoing


@dataclass(frozen=True, slots=True)
class Chosen:
    """To whom a person wants it sent, whoever takes part: who is named in it, and who gets it, Bcc too."""

    to: tuple[Address, ...]
    cc: tuple[Address, ...]
    everybody: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Words:
    """What is to be said. `key` is the entry's: the same key is said once. `html` must be safe already."""

    author: Author
    kind: Kind
    text: str
    key: str
    html: str = ""
    files: tuple[File, ...] = ()
    markdown: bool = False
    automatic: bool = False
    name: str = ""  # of the person who wrote it
    chosen: Chosen | None = None


async def write_answer(parts: Parts, conversation: Conversation, text: str, *, draft: bool = False) -> Written:
    """The assistant's answer to the customer's newest mail. A draft only leaves approved, so it is nobody's automat."""
    ours = await parts.store.read(installation.identity)
    answered = replied_to(conversation)
    earlier = sum(one.author is Author.ASSISTANT for one in conversation.entries)
    key = ours.derive(conversation.mailbox, answered.key if answered else conversation.id, f"answer {earlier}")
    automatic = mailbox_of(parts.settings, conversation.mailbox).reply.auto_submitted and not draft
    words = Words(Author.ASSISTANT, Kind.ANSWER, text, key, markdown=True, automatic=automatic)
    return await write_words(parts, conversation, words)


async def write_person_reply(
    parts: Parts, conversation: Conversation, text: str, *, by: str, files: Sequence[File] = (), once: str = ""
) -> Written:
    """A person's reply from the inbox. `once` names this act (a form's token): the same one is sent once."""
    ours = await parts.store.read(installation.identity)
    if once:  # the same form sent again finds its reply there, which is the last entry by then
        key = ours.derive(conversation.mailbox, conversation.id, f"reply {once}")
    else:
        last = conversation.entries[-1].key if conversation.entries else conversation.id
        key = ours.derive(conversation.mailbox, last, f"reply {hashlib.sha256(text.encode()).hexdigest()}")
    return await write_words(
        parts, conversation, Words(Author.AGENT, Kind.AGENT, text, key, files=tuple(files), name=by)
    )


async def write_words(parts: Parts, conversation: Conversation, words: Words) -> Written:
    """Any reply: bytes small enough go into the row, others are kept as a blob first."""
    ours = await parts.store.read(installation.identity)
    now = await parts.store.read(lambda tx: tx.now)
    entry = _entry(conversation, words, parts.settings, ours, now)
    raw = write_reply(_letter(conversation, words, entry, parts.settings, now))
    blob = await parts.store.blobs.keep_bytes(raw) if len(raw) > SMALL else None
    outgoing = Outgoing(
        mailbox=conversation.mailbox,
        kind=words.kind,
        message_id=entry.message_id,
        sender=return_path(conversation, entry, parts.settings, ours),
        recipients=words.chosen.everybody if words.chosen else _named(entry),
        size=len(raw),
        raw=raw if blob is None else None,
        blob=blob,
        conversation_id=conversation.id,
        seen=_newest_of_customer(conversation),
    )
    return Written(entry, outgoing)


async def rewrite_draft(parts: Parts, draft: Delivery, text: str) -> Written:
    """A draft with other words, under the same Message-ID. Raises GiveUp when its conversation is gone."""
    assert draft.outgoing.conversation_id is not None
    conversation = await parts.store.read(conversations.load, draft.outgoing.conversation_id)
    entries = conversation.entries if conversation else ()
    entry = next((one for one in entries if one.id == draft.outgoing.entry_id), None)
    if conversation is None or entry is None:
        raise GiveUp("the conversation of this draft is no longer there")
    before = tuple(one for one in conversation.entries if one.id < entry.id)
    assistants = sum(one.author is Author.ASSISTANT for one in before)
    as_then = replace(conversation, entries=before, answers=min(assistants, conversation.answers - 1))
    return await write_words(parts, as_then, Words(Author.ASSISTANT, Kind.ANSWER, text, entry.key, markdown=True))


def keep(tx: Transaction, written: Written, *, draft: bool = False) -> int:
    """Make it an entry and queue it, or keep it as a draft; returns the delivery's id. The same key is kept once."""
    entry_id = conversations.find_entry(tx, written.entry.key)
    here = written.outgoing.conversation_id
    assert here is not None
    if entry_id is None:
        entry_id = conversations.add_entry(tx, here, written.entry, written.outgoing.mailbox)
    return deliveries.add(tx, replace(written.outgoing, entry_id=entry_id), draft=draft)


def reply(tx: Transaction, written: Written, *, by: str) -> list[Event]:
    """A person's reply is queued, and the person has the conversation from now on."""
    here = written.outgoing.conversation_id
    assert here is not None
    events = handoff.take_over(tx, here, why=f"{by} replied")
    delivery_id = keep(tx, written)
    history.note(tx, "reply_queued", conversation=here, delivery=delivery_id, by=by)
    return [*events, Event("reply_queued", {"conversation": here, "delivery": delivery_id, "by": by})]


def approve(tx: Transaction, delivery_id: int, *, by: str, written: Written | None = None) -> list[Event] | None:
    """A draft is released, with the words of `written` if given (see rewrite_draft). None: it is no draft any more."""
    draft = deliveries.fetch(tx, delivery_id)
    other = written.outgoing if written else None
    if other is not None:
        released = deliveries.release(tx, delivery_id, raw=other.raw, blob=other.blob)
    else:
        released = deliveries.release(tx, delivery_id)
    if draft is None or not released:
        return None
    here = draft.outgoing.conversation_id
    assert here is not None
    if written is not None and draft.outgoing.entry_id is not None:
        deliveries.change(tx, delivery_id, size=written.outgoing.size)
        conversations.reword(tx, draft.outgoing.entry_id, written.entry.text)
    reasons = [deliveries.reason_of(delivery_id), f"approved by {by}"]
    arrivals.settle_seen(tx, here, draft.outgoing.seen, Fate.ANSWERED, reasons)
    history.note(tx, "approved", conversation=here, delivery=delivery_id, by=by, reworded=written is not None)
    return [Event("approved", {"conversation": here, "delivery": delivery_id, "by": by})]


def mailbox_of(settings: Settings, address: str) -> Mailbox:
    """The mailbox's settings; one that nobody knows any more is retired."""
    return Directory(settings.mailboxes).find(address) or Mailbox(address, mode="people", state="retired")


def way_out(settings: Settings, mailbox: Mailbox) -> Relay:
    return next((one for one in settings.relays if one.name == mailbox.relay), settings.relay)


def _entry(conversation: Conversation, words: Words, settings: Settings, ours: Installation, now: datetime) -> Entry:
    mailbox, is_ours = mailbox_of(settings, conversation.mailbox), Directory(settings.mailboxes).is_ours
    answered = replied_to(conversation)
    sender = address_of(mailbox, conversation)
    chosen, copies = words.chosen, copies_of(conversation, is_ours) if words.author is Author.AGENT else ()
    return Entry(
        id=0,
        author=words.author,
        at=max([now, *(one.at for one in conversation.entries)]),  # an answer never sorts before what it answers
        arrived=now,
        key=words.key,
        message_id=tokens.message_id(ours.secret, conversation.mailbox, conversation.id, words.key, sender),
        subject=answered.subject if answered else conversation.subject,
        text=words.text,
        html=words.html,
        full=words.text,
        sender=Address(sender, words.name or mailbox.name),
        to=chosen.to if chosen else (recipient_of(conversation),),
        cc=chosen.cc if chosen else copies,
        in_reply_to=(answered.message_id,) if answered and answered.message_id else (),
        references=answered.references if answered else (),
        attachments=tuple(_attachment(index, file) for index, file in enumerate(words.files)),
    )


def _named(entry: Entry) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one.address for one in (*entry.to, *entry.cc)))


def _attachment(index: int, file: File) -> Attachment:
    digest = hashlib.sha256(file.content).hexdigest()
    shown = bool(file.content_id)
    return Attachment(index, file.name, file.type, len(file.content), digest, inline=shown, content_id=file.content_id)


def _letter(conversation: Conversation, words: Words, entry: Entry, settings: Settings, now: datetime) -> Letter:
    mailbox = mailbox_of(settings, conversation.mailbox)
    answered = replied_to(conversation)
    first = words.kind is Kind.ANSWER and conversation.answers == 0
    return Letter(
        sender=Address(entry.sender.address, mailbox.name),
        to=entry.to,
        cc=entry.cc,
        subject=entry.subject,
        text=words.text,
        html=words.html,
        message_id=entry.message_id,
        anchor=conversation.anchor,
        date=now,
        parent=entry.in_reply_to[0] if entry.in_reply_to else "",
        references=entry.references,
        signature=mailbox.signature,
        disclosure=mailbox.reply.disclosure if first else "",
        files=words.files,
        markdown=words.markdown,
        automatic=words.automatic,
        thread_index=answered.thread_index if answered else "",
        thread_topic=answered.thread_topic if answered else "",
    )


def return_path(conversation: Conversation, entry: Entry, settings: Settings, ours: Installation) -> str:
    """Never the null sender: what comes back must come back to us (contract 8)."""
    domain = way_out(settings, mailbox_of(settings, conversation.mailbox)).bounce_domain
    if not domain:
        return entry.sender.address
    return tokens.bounce_address(ours.secret, conversation.mailbox, conversation.id, entry.key, domain)


def _newest_of_customer(conversation: Conversation) -> int | None:
    return max((one.id for one in conversation.entries if one.author is Author.CUSTOMER), default=None)
