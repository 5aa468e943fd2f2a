"""A conversation: all that one customer and we have said on one matter."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from gateway.mail.message import Address, Attachment
from gateway.mail.trust import Trust as Trust


class Author(StrEnum):
    CUSTOMER = "customer"
    ASSISTANT = "assistant"
    AGENT = "agent"


class State(StrEnum):
    OPEN = "open"
    RESOLVED = "resolved"


class Held(StrEnum):
    """Who has the conversation: after `PERSON` the assistant is silent until it is given back."""

    ASSISTANT = "assistant"
    PERSON = "person"


@dataclass(frozen=True, slots=True)
class Entry:
    """A message in a conversation. `text` is only what is new in it, `full` the whole visible text.

    `at` is the mail's own time (contract 9), `arrived` our clock. `key` is the uuid5 from which every outside id of
    this entry is derived. `sender` is the writer; `message_id` has angle brackets. `cuts` are (first, last, rule,
    confidence) lines of `full`. `raw` names the kept mail: (arrival id) for mails that came, None for ours.
    `thread_index` and `thread_topic` are Outlook's, as they were written.
    """

    id: int
    author: Author
    at: datetime
    arrived: datetime
    key: str
    message_id: str
    subject: str
    text: str
    sender: Address
    to: tuple[Address, ...] = ()
    cc: tuple[Address, ...] = ()
    html: str = ""
    full: str = ""
    cuts: tuple[tuple[int, int, str, float], ...] = ()
    in_reply_to: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    trust: Trust = Trust.UNVERIFIED
    arrival: int | None = None
    automatic: bool = False
    reply_to: Address | None = None
    thread_index: str = ""
    thread_topic: str = ""


@dataclass(frozen=True, slots=True)
class Conversation:
    """`id` is a uuid as 36 characters. `case` is the Creatio id of its case, or None. `entries` are in order.

    `confirmed` are further case-folded addresses that are known to be the customer's, or that a person has allowed.
    """

    id: str
    mailbox: str
    subject: str
    customer: Address
    customer_id: int
    state: State
    held: Held
    created: datetime
    anchor: str
    entries: tuple[Entry, ...] = field(default=())
    case: str | None = None
    parent: str | None = None
    answers: int = 0
    verified: bool = False
    confirmed: frozenset[str] = frozenset()
