"""What Creatio can be told, one value for each outside change. Their ids are ours, so telling twice tells once."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID, uuid5

from gateway.mail.message import Address, Attachment


def row_id(key: str, kind: str) -> str:
    """The id of a row that we make: the same key (a uuid) and kind always give the same."""
    return str(uuid5(UUID(key), kind))


@dataclass(frozen=True, slots=True)
class LookAtCase:
    """Not a change: read the case again before anything is decided about what happened at `since`."""

    case_id: str
    since: datetime


@dataclass(frozen=True, slots=True)
class AppendTo:
    """Not a change outside: this conversation goes on in that case."""

    case_id: str


@dataclass(frozen=True, slots=True)
class FindContact:
    """Not a change: who in Creatio has this address? `id` is the contact's that would be made if nobody has."""

    id: str
    address: Address


@dataclass(frozen=True, slots=True)
class NewContact:
    id: str
    name: str
    address: str


@dataclass(frozen=True, slots=True)
class NewCase:
    """`fields` are the AI columns by Creatio's names. `settles` are ids of things that this case tells as well.

    `without` names what was left out because Creatio refused it; empty texts are not written.
    """

    id: str
    subject: str
    description: str
    contact: str = ""
    owner: str = ""
    group: str = ""
    category: str = ""
    parent: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)
    settles: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    apart: bool = False  # nothing of this customer is ever appended to it


@dataclass(frozen=True, slots=True)
class NewActivity:
    """One mail noted on the case. `at` is UTC. `variant` counts the simpler forms tried before (0: none).

    `html` is safe, or empty; it shows pictures as `cid:` and the id of their NewFile.
    """

    id: str
    case_id: str
    entry_id: int
    title: str
    html: str
    text: str
    at: datetime
    incoming: bool
    sender: str
    recipients: str
    copies: str = ""
    contact: str = ""
    variant: int = 0
    settles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NewMessageData:
    """The ids of a mail, so that Creatio threads by them too."""

    id: str
    activity_id: str
    entry_id: int
    message_id: str
    in_reply_to: str
    references: str
    at: datetime


@dataclass(frozen=True, slots=True)
class NewFile:
    """The row of an attachment; its bytes follow as FileContent."""

    id: str
    activity_id: str
    entry_id: int
    name: str
    size: int
    inline: bool = False


@dataclass(frozen=True, slots=True)
class FileContent:
    """The bytes of one attachment, cut out of the kept arrival when they are needed; `place` says where they stand."""

    id: str
    file_id: str
    activity_id: str
    entry_id: int
    arrival: int
    index: int
    name: str
    type: str
    size: int
    place: Attachment | None = None


@dataclass(frozen=True, slots=True)
class NewNote:
    """Something the rep must know, as an activity of its own: never a mail, never in a calendar."""

    id: str
    case_id: str
    title: str
    text: str
    at: datetime
    contact: str = ""
    entry_id: int | None = None


@dataclass(frozen=True, slots=True)
class NewPost:
    """A line in the case's feed."""

    id: str
    case_id: str
    text: str
    entry_id: int | None = None
    settles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ChangeCase:
    """New values for columns of a case, by our words ("status", "owner", …, "field:COLUMN").

    A column is only written while it still has the value in `only_if`.
    """

    id: str
    case_id: str
    values: Mapping[str, str]
    only_if: Mapping[str, str]
    why: str
    settles: tuple[str, ...] = ()


Change = NewContact | NewCase | NewActivity | NewMessageData | NewFile | FileContent | NewNote | NewPost | ChangeCase
Filing = LookAtCase | AppendTo | FindContact | Change
