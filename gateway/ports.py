"""What the pipeline expects of the world: a few protocols, each with a real player and an honest stand-in."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

from gateway.desk.brief import Brief
from gateway.desk.case import CaseSeen, Tenant
from gateway.desk.decision import Decision
from gateway.desk.records import Change
from gateway.desk.replies import ActivitySeen, ActivityWhole
from gateway.health import Finding
from gateway.mail.message import Address


class Assistant(Protocol):
    """Makes one decision for one brief, within `brief.deadline`.

    Raises TryLater or GiveUp when it has none; the pipeline then hands off, never silently.
    """

    async def decide(self, brief: Brief) -> Decision: ...


@dataclass(frozen=True, slots=True)
class Parcel:
    """A mail ready to go: its bytes are the same on every try. `relay` names the way out, empty for [relay]."""

    sender: str
    recipients: tuple[str, ...]
    raw: bytes
    relay: str = ""


@dataclass(frozen=True, slots=True)
class Delivered:
    text: str


@dataclass(frozen=True, slots=True)
class Delayed:
    """Refused for now (4xx)."""

    code: int
    text: str


@dataclass(frozen=True, slots=True)
class Refused:
    """Refused for good (5xx)."""

    code: int
    text: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """The mail was given to the relay and no answer came: it may or may not have been taken."""

    text: str


Verdict = Delivered | Delayed | Refused | Unknown


class Relay(Protocol):
    """Hands a parcel to the company's mail relay.

    `may_go` is awaited just before MAIL, and `at_data` after at least one recipient was taken, just before DATA: it
    records the phase under the caller's lease. When either raises, nothing is sent. A refusal before RCPT (connect,
    TLS, AUTH, MAIL) is never the mail's fault: it raises TryLater with `partner_down`.
    """

    async def send(
        self,
        parcel: Parcel,
        at_data: Callable[[], Awaitable[None]],
        may_go: Callable[[], Awaitable[None]] | None = None,
    ) -> Sequence[tuple[str, Verdict]]: ...


class Names(Protocol):
    """Asks the DNS. Answers are records as text; a name that does not exist gives none.

    Raises TryLater when no answer could be had in time.
    """

    async def ask(self, name: str, kind: str, *, timeout: timedelta = ...) -> Sequence[str]: ...


class Scanner(Protocol):
    """Looks at a file: the name of the virus, or nothing. Raises TryLater when that cannot be said now."""

    async def scan(self, content: bytes) -> str: ...


@dataclass(frozen=True, slots=True)
class Written:
    """The change is made (now or by an earlier try). `facts` are what Creatio said: number, seen columns, left ones."""

    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class NotTaken:
    """Creatio refuses this row, and it is not there. `sure`: by its content; else it may have been an accident."""

    why: str
    sure: bool = True


@dataclass(frozen=True, slots=True)
class FoundContact:
    """The person with an address; `note` says why none of several could be chosen (then `id` is empty)."""

    id: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Changes:
    """What changed in Creatio since a cursor: (activity id, its case), (case id); each with a mark of its version."""

    activities: Sequence[tuple[str, str, str]]
    cases: Sequence[tuple[str, str]]
    cursor: Mapping[str, str]


class Crm(Protocol):
    """Creatio, or another CRM. Each call makes at most one change outside.

    Raises TryLater when the CRM as a whole is not able to (the job waits), never for a single row that it refuses.
    """

    async def tenant(self) -> Tenant: ...

    async def find_contact(self, address: Address) -> FoundContact | None: ...

    async def write(self, change: Change, content: Path | None = None) -> Written | NotTaken:
        """Make one change. A FileContent comes with `content`, the file that has its bytes; it is not kept."""

    async def read_case(self, case_id: str) -> CaseSeen | None: ...

    async def read_activities(self, case_id: str) -> Sequence[ActivitySeen]: ...

    async def read_activity(self, activity: ActivitySeen) -> ActivityWhole: ...

    async def fetch_file(self, file_id: str, limit: int) -> bytes | None: ...

    async def changes(self, cursor: Mapping[str, str]) -> Changes: ...

    async def missing(self, rows: Sequence[tuple[str, str]]) -> Sequence[str]: ...

    async def emptied(self, file_ids: Sequence[str]) -> Sequence[str]: ...

    async def cases_made_by(self, author: str) -> Mapping[str, str]: ...

    async def findings(self) -> Sequence[Finding]: ...

    def take_call_count(self) -> int: ...


@dataclass(frozen=True, slots=True)
class SmallMail:
    """A mail of a folder. `uid` is its number there, `received` when the server got it (INTERNALDATE)."""

    uid: int
    received: datetime | None
    raw: bytes


@dataclass(frozen=True, slots=True)
class LargeMail:
    """The same in a file, synced, that belongs to whoever is given it."""

    uid: int
    received: datetime | None
    path: Path
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class UnfitMail:
    """A mail that cannot be had: `head` is what can. `for_good`: it is too large, another try gives no more."""

    uid: int
    received: datetime | None
    size: int
    head: bytes
    why: str
    for_good: bool


class Folder(Protocol):
    """An opened folder. `validity` and UIDs name a mail for ever; `next_uid` is above all that were there at first.

    Whatever raises TryLater has ended the visit.
    """

    validity: int
    next_uid: int

    async def search(self, first: int, last: int | None = None) -> Sequence[int]:
        """The UIDs from `first` to `last` (None: all that follow), rising."""

    def fetch(self, uids: Sequence[int]) -> AsyncGenerator[SmallMail | LargeMail | UnfitMail, None]:
        """These mails, unseen. One that is gone is left out; one that cannot be had does not hold up the next."""

    async def finish(self, uids: Sequence[int]) -> None:
        """They are kept: mark or move them as the settings say. What is refused is logged, and no trouble."""

    async def wait(self, longest: timedelta) -> bool:
        """Until the folder has grown (true), or for so long."""


class Pickup(Protocol):
    """Fetches mail from one folder of an account, in bounded visits.

    A visit raises SignInRefused or TryLater when the folder cannot be opened.
    """

    def visit(self) -> AbstractAsyncContextManager[Folder]: ...
