"""A case as the desk sees it: its state, what we wrote on it, and what it says about a conversation."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from gateway.conversations.conversation import Author, Conversation, Trust
from gateway.desk.decision import Understanding

MAX_DESCRIPTION = 2000  # of a customer's text that stands for a summary (contract 6)


class CaseState(StrEnum):
    """By the flags of its status, never by its name. `GONE`: no longer in Creatio."""

    OPEN = "open"
    PAUSED = "paused"
    RESOLVED = "resolved"
    FINAL = "final"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Status:
    id: str
    name: str
    state: CaseState


@dataclass(frozen=True, slots=True)
class Option:
    """A row of a lookup, with its names in every language that the tenant shows."""

    id: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CaseField:
    """A column that the assistant fills. `length` is None where the tenant sets none; `options` only for lookups."""

    column: str
    title: str
    type: str
    description: str = ""
    length: int | None = None
    options: tuple[Option, ...] = ()


@dataclass(frozen=True, slots=True)
class Tenant:
    """What this Creatio allows and calls things. `reopened` is the status for a case that a customer opens again."""

    statuses: tuple[Status, ...] = ()
    reopened: str = ""
    fields: tuple[CaseField, ...] = ()
    max_file: int = 10 * 1024 * 1024
    refused_files: frozenset[str] = frozenset()

    def state_of(self, status: str) -> CaseState:
        return next((one.state for one in self.statuses if one.id == status), CaseState.OPEN)

    def status_name(self, status: str) -> str:
        return next((one.name for one in self.statuses if one.id == status), status)


@dataclass(frozen=True, slots=True)
class CaseSeen:
    """A case as Creatio showed it. Empty texts for what is not set; `merged_into` is the case it was closed for."""

    id: str
    state: CaseState
    number: str = ""
    subject: str = ""
    description: str = ""
    status: str = ""
    owner: str = ""
    owner_name: str = ""
    group: str = ""
    contact: str = ""
    merged_into: str = ""
    modified: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)

    def columns(self) -> dict[str, str]:
        """Its columns by our words: what can be compared with what we wrote."""
        own = {word: getattr(self, word) for word in ("subject", "description", "status", "owner", "group", "contact")}
        return {**own, **{f"field:{column}": value for column, value in self.fields.items()}}


@dataclass(frozen=True, slots=True)
class KnownCase:
    """A case that we opened or follow. `written` are its columns as we last wrote them, `seen` as last read.

    `opened_by` is the conversation for which it was made. `checked` is when it was last read, by our clock.
    """

    id: str
    customer_id: int
    mailbox: str
    opened_by: str
    state: CaseState
    created: datetime
    changed: datetime
    checked: datetime
    number: str = ""
    seen: Mapping[str, str] = field(default_factory=dict)
    written: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_active(self) -> bool:
        """Neither resolved nor final (nor gone)."""
        return self.state in (CaseState.OPEN, CaseState.PAUSED)

    @property
    def provisional(self) -> bool:
        """Opened at the first message; nobody has been asked to look at it yet."""
        return self.written.get("provisional") == "yes"


def same_text(one: str, other: str) -> bool:
    """Whether two descriptions say the same, whatever Creatio made of tags and blanks."""
    return _bare(one) == _bare(other)


def untouched(seen: Mapping[str, str], written: Mapping[str, str]) -> frozenset[str]:
    """The columns that still have the value we wrote: these alone may be written again."""
    return frozenset(word for word in written if word in seen and same_text(seen[word], written[word]))


def changed_by_others(seen: Mapping[str, str], written: Mapping[str, str]) -> tuple[str, ...]:
    """Which of owner and status somebody else changed since we wrote them: then a person has the conversation.

    A status that the tenant gave a new case by itself is in `written` as first seen.
    """
    return tuple(word for word in ("owner", "status") if word in written and seen.get(word, "") != written[word])


def subject_of(conversation: Conversation) -> str:
    subject = conversation.subject.strip() or "(no subject)"
    return f"Sender not verified: {subject}" if sender_failed(conversation) else subject


def description_of(conversation: Conversation, about: Understanding, reason: str) -> str:
    """The summary, else the reason and the customer's newest text (contract 6)."""
    if about.summary.strip():
        return about.summary.strip()
    newest = newest_customer_text(conversation)[:MAX_DESCRIPTION]
    return "\n\n".join(part for part in (reason.strip(), newest) if part) or subject_of(conversation)


def newest_customer_text(conversation: Conversation) -> str:
    texts = (one.text.strip() for one in reversed(conversation.entries) if one.author is Author.CUSTOMER)
    return next((text for text in texts if text), "")


def sender_failed(conversation: Conversation) -> bool:
    """The conversation began with a mail whose sender was proved false: it gets a case apart from everything."""
    first = next((one for one in conversation.entries if one.author is Author.CUSTOMER), None)
    return first is not None and first.trust is Trust.FAILED


def fill_fields(about: Understanding, fields: Iterable[CaseField]) -> tuple[dict[str, str], tuple[str, ...]]:
    """What goes into the AI columns, and a sentence for each answer that fits none of its column's options."""
    values: dict[str, str] = {}
    problems: list[str] = []
    answers = {_bare(column): str(value).strip() for column, value in about.fields.items()}
    for one in fields:
        answer = next((answers[name] for name in _spellings(one) if answers.get(name)), "")
        if not answer:
            continue
        if one.type == "text":
            values[one.column] = answer if one.length is None else answer[: one.length]
            continue
        found = find_option(answer, one.options)
        if found:
            values[one.column] = found
        else:
            problems.append(f"{one.title} was left empty: no option is called “{answer[:100]}”")
    return values, tuple(problems)


def find_option(answer: str, options: Iterable[Option]) -> str:
    """The id of the option with that name or id: exact first, then whatever case and blanks; empty when unclear."""
    listed = list(options)
    exact = [one.id for one in listed if answer in one.names]
    loose = [one.id for one in listed if _bare(answer) in {_bare(name) for name in (*one.names, one.id)}]
    for found in (exact, loose):
        if len(set(found)) == 1:
            return found[0]
    return ""


def _spellings(one: CaseField) -> tuple[str, ...]:
    """The names under which an assistant may answer for this column."""
    column = one.column
    return tuple(_bare(name) for name in (column, column.removesuffix("Id"), f"{column}Id", one.title))


def _bare(text: str) -> str:
    return " ".join(re.sub(r"<[^>]*>|&nbsp;", " ", text).casefold().split())
