"""What a caller should do about an error: try later, start over, give up, or mend the settings."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta


class TryLater(Exception):
    """The world is not ready: put the work back, in `wait` or after the usual back-off.

    `partner_down` says that the partner as a whole does not answer, so its breaker counts it;
    otherwise only this piece of work has to wait. `patient`: its tries do not count, the step
    itself knows when to stop.
    """

    def __init__(
        self, why: str, *, wait: timedelta | None = None, partner_down: bool = True, patient: bool = False
    ) -> None:
        super().__init__(why)
        self.wait = wait
        self.partner_down = partner_down
        self.patient = patient


class SignInRefused(TryLater):
    """Name, password or token are not taken. To be tried again rarely, or the provider locks the account."""


class StartOver(Exception):
    """The thought was overtaken: run the step again from its beginning, at once."""


class GiveUp(Exception):
    """No repetition will help: set the work aside for a person. The message says what to do."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong in the settings."""

    file: str
    line: int
    key: str
    why: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.key}: {self.why}"


class Misconfigured(Exception):
    """The settings cannot work. Lists every fault that was found, not only the first."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("\n".join(str(fault) for fault in faults))
        self.faults = tuple(faults)
