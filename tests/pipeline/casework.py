"""The stand with a CRM: filing, listening and polling are worked off like all else."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

from gateway.config.settings import Creatio
from gateway.desk.decision import Understanding
from gateway.errors import GiveUp, StartOver, TryLater
from gateway.log import Event
from gateway.pipeline import handoff
from gateway.pipeline.file import file
from gateway.pipeline.listen import listen, look_at_case
from gateway.pipeline.parts import Job, Parts, Step
from gateway.pipeline.poll import poll
from gateway.pipeline.scan import scan
from gateway.pipeline.upload import upload
from gateway.store import lanes
from gateway.store.database import Store, Transaction
from gateway.store.installation import found
from gateway.store.lanes import Claim, Try
from tests.fakes import FakeCrm
from tests.pipeline.stand import STEPS as OTHER_STEPS
from tests.pipeline.stand import Stand, settings

STEPS: dict[str, Step] = {**OTHER_STEPS, "file": file, "upload": upload, "scan": scan, "listen": listen, "poll": poll}
MOST = 200  # jobs in one go: filing that never ends is a fault
T = TypeVar("T")


class HereReaders:
    """Runs pure functions in this very process."""

    async def run(self, function: Callable[..., T], *args: Any, timeout: timedelta = timedelta(0)) -> T:
        return function(*args)


@dataclass
class Office(Stand):
    crm: FakeCrm = field(default_factory=FakeCrm)
    aside: list[str] = field(default_factory=list)

    @classmethod
    async def open(cls, store: Store, folder: Path) -> "Office":
        await store.write(found)
        creatio = Creatio(url="https://example.creatio.com", client_id="gateway")
        readers: Any = HereReaders()
        return cls(store, settings(folder, creatio=creatio), readers=readers)

    @property
    def parts(self) -> Parts:
        return replace(super().parts, crm=self.crm)

    def change_creatio(self, **more: Any) -> None:
        self.settings = replace(self.settings, creatio=replace(self.settings.creatio, **more))

    async def hand_off(self, here: str, **about: Any) -> None:
        """The conversation is given to people, and told to Creatio."""
        given = Understanding(**about)
        await self.store.write(handoff.hand_off, here, reason="no article answers this", by="assistant", about=given)

    async def case_for(self, text: str = "Where is my parcel?") -> tuple[str, str]:
        """A customer's mail was handed off and filed: the conversation and its case."""
        here = await self.customer_writes(text)
        await self.hand_off(here, summary="A parcel is late")
        await self.file()
        case = (await self.conversation(here)).case
        assert case is not None
        return here, case

    async def goes_on(self, here: str, text: str, **more: Any) -> None:
        """The customer writes again in a conversation that Creatio knows."""
        await self.customer_writes(text, here, **more)
        await self.store.write(handoff.tell_creatio, here)

    async def file(self) -> list[Event]:
        return await self.work("file", "upload")

    async def listen_to(self, case: str) -> list[Event]:
        """Somebody rings: look at this case."""
        await self.store.write(look_at_case, case)
        return await self.work("listen", "file", "upload")

    async def work(self, *steps: str) -> list[Event]:
        happened: list[Event] = []
        done = 0
        while claims := await self.take(*steps):
            for claim in claims:
                happened += await self.carry_out(claim)
                done += 1
                assert done < MOST, f"it never ends: {claim.step} {claim.subject}"
        return happened

    async def take(self, *steps: str, hands: int = 1) -> Sequence[Claim]:
        free = dict.fromkeys(steps or STEPS, hands)
        return (await self.store.write(lanes.claim, free, lease=timedelta(seconds=15), node="here")).claims

    async def carry_out(self, claim: Claim) -> Sequence[Event]:
        job = Job(
            claim.id,
            claim.lane,
            claim.subject,
            claim.attempts,
            claim.lost,
            claim.data,
            lambda tx: lanes.fence(tx, claim),
        )
        for _ in range(5):
            try:
                write = await STEPS[claim.step](self.parts, job)
                return await self.store.write(_finish, claim, write)
            except StartOver:
                continue
            except TryLater as later:
                pause, counts = later.wait or timedelta(minutes=1), not later.partner_down
                await self.store.write(lanes.put_back, claim, _said(later), after=pause, counts=counts)
                return [Event("put_back", {"why": str(later)})]
            except GiveUp as given:
                self.aside.append(str(given))
                await self.store.write(lanes.set_aside, claim, _said(given), holds_lane=claim.step == "file")
                return [Event("set_aside", {"why": str(given)})]
        raise AssertionError("it starts over again and again")


def _said(error: Exception) -> Try:
    return Try("here", timedelta(0), str(error))


def _finish(tx: Transaction, claim: Claim, write: Any) -> Sequence[Event]:
    events = write(tx) or []
    lanes.settle(tx, claim, Try("here", timedelta(0)))
    return events
