"""A brief: all that the assistant is given, and nothing else (contract 6)."""

from dataclasses import dataclass
from datetime import datetime, timedelta


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
