"""How the worker carries out one step: how many hands, how long, what happens when it fails."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from gateway.log import Event
from gateway.pipeline.parts import Job, Step
from gateway.store.database import Transaction

_USUAL = tuple(timedelta(seconds=seconds) for seconds in (1, 5, 15, 60, 300, 900, 3600))

LastResort = Callable[[Transaction, Job, str], Sequence[Event]]


@dataclass(frozen=True, slots=True)
class StepPlan:
    """`partner` is who the step talks to (creatio, relay, assistant…): steps of one partner share its breaker.

    `backoff` are the pauses before the second, third, … try; the last one repeats. After `tries` failures with its
    partner there, a job is set aside (None: never for TryLater; a fault of the program is set aside after eight).
    A partner that is away is waited for without an end. `holds_lane`: what is set aside is waited for by its lane.
    `patient`: a visit that mostly waits (IMAP's IDLE): it runs beside a job that otherwise runs alone, and is not set
    aside for hands that died. `last_resort` ends a job that cannot be done otherwise, instead of setting it aside.
    """

    step: Step
    hands: int
    time_limit: timedelta
    partner: str | None = None
    backoff: tuple[timedelta, ...] = _USUAL
    tries: int | None = 8
    holds_lane: bool = False
    patient: bool = False
    last_resort: LastResort | None = None

    def pause(self, attempts: int) -> timedelta:
        """How long to wait after this many failures."""
        return self.backoff[max(0, min(attempts, len(self.backoff)) - 1)]
