"""All that is known when Creatio is told about a conversation: what was said, what it knows, the house's rules."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from gateway.conversations.conversation import Conversation, Entry
from gateway.desk.case import KnownCase, sender_failed
from gateway.desk.decision import Understanding
from gateway.desk.records import row_id


@dataclass(frozen=True, slots=True)
class HandedOff:
    at: datetime
    reason: str
    about: Understanding


@dataclass(frozen=True, slots=True)
class Told:
    """What became of one thing: `refused` with `variant` n means that n forms of it were refused so far.

    `final`: nothing more is tried by itself. `ours`: we made the row (an agent's own activity is not ours). `case` is
    the one that it was told on, empty when that is not known.
    """

    done: bool
    ours: bool = True
    variant: int = 0
    final: bool = False
    why: str = ""
    case: str = ""

    @property
    def settled(self) -> bool:
        return self.done or self.final


@dataclass(frozen=True, slots=True)
class Remark:
    """Something that the rep must be told besides the mails, as a note with this id."""

    id: str
    title: str
    text: str
    at: datetime
    entry_id: int | None = None


@dataclass(frozen=True, slots=True)
class Lost:
    """A row of ours that Creatio has lost and is to get again, on the same case and under the same id.

    `kind` is the ledger's. `title` and `text` are what a note or post said. `sought`: nobody there has the address.
    """

    id: str
    kind: str
    at: datetime
    case: KnownCase | None = None
    entry_id: int | None = None
    title: str = ""
    text: str = ""
    sought: bool = False


@dataclass(frozen=True, slots=True)
class Rules:
    """How the mail of one mailbox is filed. `link` leads to the conversation, empty without public_url."""

    create_case: Literal["on_handoff", "on_first_message"] = "on_handoff"
    append: Literal["contact", "conversation", "never"] = "contact"
    append_window: timedelta | None = None
    attachments: Literal["upload", "reference"] = "upload"
    owner: str = ""
    group: str = ""
    category: str = ""
    resolved_status: str = ""
    quiet_window: timedelta = timedelta(seconds=90)
    link: str = ""
    mailbox_name: str = ""
    refused_files: frozenset[str] = frozenset()  # endings
    max_file: int = sys.maxsize
    ours: frozenset[str] = frozenset()  # our own addresses, case-folded: never a contact


@dataclass(frozen=True, slots=True)
class Dossier:
    """All that is known for filing one conversation.

    `open_case` is the customer's newest active case of this mailbox that we opened. `told` is by the ids of records.
    `hidden` are entries that are never filed, or not yet (an answer on its way). `sent` are those whose mail was
    taken by the relay, with to whom; `delayed` and `undelivered` those whose mail was not, with the reason in words.
    What is `lost` counts as told, and is written again before anything else.
    `others_open`: another conversation on the same case is open. `merged`: it goes on in another conversation.
    """

    conversation: Conversation
    now: datetime
    contact: str | None = None
    contact_note: str = ""
    case: KnownCase | None = None
    open_case: KnownCase | None = None
    handoffs: tuple[HandedOff, ...] = ()
    told: Mapping[str, Told] = field(default_factory=dict)
    hidden: frozenset[int] = frozenset()
    sent: Mapping[int, str] = field(default_factory=dict)
    delayed: Mapping[int, str] = field(default_factory=dict)
    undelivered: Mapping[int, str] = field(default_factory=dict)
    remarks: tuple[Remark, ...] = ()
    lost: tuple[Lost, ...] = ()
    others_open: bool = False
    merged: bool = False
    last_post: datetime | None = None

    @property
    def apart(self) -> bool:
        """The sender was proved false: no contact, no thread, no case of somebody else."""
        return sender_failed(self.conversation)

    @property
    def their_contact(self) -> str:
        return "" if self.apart else self.contact or ""

    def settled(self, record_id: str) -> bool:
        told = self.told.get(record_id)
        return told is not None and told.settled

    def variant(self, record_id: str) -> int:
        told = self.told.get(record_id)
        return 0 if told is None else told.variant

    def shown(self) -> list[Entry]:
        return [one for one in self.conversation.entries if one.id not in self.hidden]

    def untold(self) -> list[Entry]:
        return [one for one in self.shown() if not self.settled(row_id(one.key, "activity"))]

    def untold_handoffs(self) -> list[HandedOff]:
        return [one for one in self.handoffs if not self.settled(handoff_id(self.conversation, one))]


def handoff_id(conversation: Conversation, one: HandedOff) -> str:
    return row_id(conversation.id, f"handoff {one.at.isoformat()}")
