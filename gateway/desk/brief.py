"""A brief: all that the assistant is given, and nothing else (contract 6)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from gateway.config.settings import Assistant as Rules
from gateway.conversations.conversation import Conversation, Entry


@dataclass(frozen=True, slots=True)
class Article:
    id: str
    title: str
    text: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class AskedField:
    """A column the assistant may fill; `options` are the labels of a dropdown, empty for text."""

    column: str
    title: str
    type: str
    description: str
    options: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SaidFile:
    name: str
    type: str
    size: int


@dataclass(frozen=True, slots=True)
class Said:
    author: str  # customer, assistant or agent
    at: datetime
    text: str
    attachments: tuple[SaidFile, ...] = ()


@dataclass(frozen=True, slots=True)
class Brief:
    conversation_id: str
    url: str
    mailbox: str
    subject: str
    answers_so_far: int
    customer_address: str
    customer_name: str
    verified: bool
    messages: tuple[Said, ...]
    fields: tuple[AskedField, ...]
    handoff: str
    topics: tuple[str, ...]
    deadline: timedelta
    articles: tuple[Article, ...] = ()


LATEST = 40
LONGEST = 20_000  # characters of one mail


def make_brief(
    conversation: Conversation,
    rules: Rules,
    *,
    hidden: Collection[int] = (),
    fields: Sequence[AskedField] = (),
    url: str = "",
) -> Brief:
    """What the assistant may see of a conversation: not what the customer never got (`hidden`), nor machines' mail."""
    shown = [one for one in conversation.entries if one.id not in hidden and not one.automatic]
    return Brief(
        conversation_id=conversation.id,
        url=url,
        mailbox=conversation.mailbox,
        subject=conversation.subject,
        answers_so_far=conversation.answers,
        customer_address=conversation.customer.address,
        customer_name=conversation.customer.name,
        verified=conversation.verified,
        messages=tuple(_said(one) for one in shown[-LATEST:]),
        fields=tuple(fields),
        handoff=rules.handoff,
        topics=rules.topics,
        deadline=rules.timeout,
    )


def _said(one: Entry) -> Said:
    files = tuple(SaidFile(file.name, file.type, file.size) for file in one.attachments if not file.inline)
    return Said(one.author.value, one.at, one.text[:LONGEST], files)
