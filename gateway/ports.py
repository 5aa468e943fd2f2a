"""What the pipeline expects of the world: a few protocols, each with a real player and an honest stand-in."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from gateway.desk.brief import Brief
from gateway.desk.decision import Decision


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
