"""What a step is given: the parts of the house, and the one job it has to do."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Protocol, TypeVar

from gateway.config.settings import Settings
from gateway.health import Health
from gateway.log import Event
from gateway.ports import Assistant, Crm, Names, Pickup, Relay, Scanner
from gateway.store.database import Store, Transaction

T = TypeVar("T")


class Readers(Protocol):
    """Runs a pure function in a process of its own, limited in time and memory."""

    async def run(self, function: Callable[..., T], *args: Any, timeout: timedelta = ...) -> T: ...


@dataclass(frozen=True, slots=True)
class Parts:
    """The house as a step sees it. `crm` is None when no Creatio is connected; `names` None when DNS is off,
    `scanner` when nobody looks for viruses.

    `pickups` are the mailboxes to be fetched from, by the names of their accounts (`fetch.name_of`). Who has a whole
    file in memory (to have it scanned) holds one of the `uploads`, so that memory is bounded by their number.
    """

    store: Store
    settings: Settings
    assistant: Assistant
    relay: Relay
    readers: Readers
    health: Health
    crm: Crm | None = None
    names: Names | None = None
    pickups: Mapping[str, Pickup] = field(default_factory=dict)
    uploads: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(3))
    scanner: Scanner | None = None


@dataclass(frozen=True, slots=True)
class Job:
    """One thing to do. `interrupted` counts the hands that died holding it; `data` is what was given with it.

    `fence` raises inside a transaction when the lease was lost; only `send` needs it (its "at DATA" mark).
    """

    id: int
    lane: str
    subject: str
    attempts: int = 0
    interrupted: int = 0
    data: Mapping[str, Any] | None = None
    fence: Callable[[Transaction], None] = lambda tx: None


Write = Callable[[Transaction], Sequence[Event] | None]
Step = Callable[[Parts, Job], Awaitable[Write]]


@dataclass(frozen=True, slots=True)
class Unasked:
    """What a step writes that has not spoken to its partner: its success says nothing about that partner."""

    write: Write

    def __call__(self, tx: Transaction) -> Sequence[Event] | None:
        return self.write(tx)


def _nothing(tx: Transaction) -> Sequence[Event]:
    return []


nothing = Unasked(_nothing)  # there is nothing to do, or not any more
