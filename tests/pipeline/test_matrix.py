"""Whatever habit a tenant has, and whatever goes wrong on the way: the same story of a case has the same end."""

import itertools
import os
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from gateway.config.settings import Replies
from gateway.demo.creatio.agent import Style
from gateway.demo.creatio.faults import Fault
from gateway.demo.creatio.schema import Row
from gateway.demo.creatio.simulator import Simulator
from gateway.demo.creatio.switches import Switches
from gateway.demo.creatio.tenant import ANNA as REP
from gateway.demo.creatio.traffic import Call
from gateway.pipeline import handoff
from gateway.pipeline.listen import look_at_case
from gateway.store import survey
from gateway.store.database import Store
from tests.creatio.tenancy import Tenancy, a_tenancy
from tests.pipeline.casework import Office
from tests.pipeline.stand import ANNA

ROUNDS = 30
FILING = ("file", "upload", "listen", "send")


@dataclass(frozen=True)
class End:
    """What the story comes to, in words that no habit of a tenant changes."""

    cases: int
    mails: tuple[str, ...]
    answers: int
    replies: int
    to_customer: tuple[str, ...]
    authors: tuple[str, ...]
    states: tuple[str, ...]
    contacts: int
    parents: tuple[bool, ...]


THEIRS = ("How do I track it?", "Where is my parcel?", "Hello?", "It is still not here", "And again")
ANSWERED, REPLIED = "You find it in the settings.", "It left today."
EXPECTED = End(
    cases=2,
    mails=THEIRS,
    answers=1,
    replies=1,
    to_customer=(ANSWERED, REPLIED),
    authors=("customer", "assistant", "customer", "customer", "agent", "agent", "customer", "customer"),
    states=("resolved", "Reopened", "open", "resolved", "open"),
    contacts=1,
    parents=(False, True),
)


class Play:
    """The story, step by step. Each step is worked off before the next."""

    def __init__(self, office: Office, there: Tenancy) -> None:
        self.office = office
        self.there = there
        self.here = ""
        self.states: list[str] = []

    async def run(self) -> End:
        office, agent = self.office, self.there.simulator.agent
        self.here = await office.customer_writes("How do I track it?")
        await office.later("decide", "send")
        await self.writes("Where is my parcel?")
        await office.hand_off(self.here, summary="A parcel is late")
        await self.settle()
        await self.writes("Hello?")
        case = UUID(str((await office.conversation(self.here)).case))
        for style in (Style.COMPLETED, Style.CREATIO, Style.DRAFT, Style.TO_DO, Style.NOTICE, Style.FEED):
            said = REPLIED if style is Style.COMPLETED else f"Secret {style.value}"
            await agent.reply(case, f"<p>{said}</p>", style=style)
            await self.ring(case)
        await agent.resolve(case)
        await self.ring(case)
        self.states.append((await office.conversation(self.here)).state.value)
        await office.store.write(handoff.reopen, self.here, by="customer", why="wrote again")
        await self.writes("It is still not here")
        self.states += [self.status(case), (await office.conversation(self.here)).state.value]
        await agent.close(case)
        await self.ring(case)
        self.states.append((await office.conversation(self.here)).state.value)
        await office.store.write(handoff.reopen, self.here, by="customer", why="wrote again")
        await self.writes("And again")
        self.states.append((await office.conversation(self.here)).state.value)
        return await self.end()

    async def writes(self, text: str) -> None:
        await self.office.goes_on(self.here, text)
        await self.settle()

    async def ring(self, case: UUID) -> None:
        await self.office.store.write(look_at_case, str(case))
        await self.settle()

    async def settle(self) -> None:
        """Work until nothing is left; what waits for another try is waited for, by both clocks."""
        for _ in range(ROUNDS):
            await self.office.work(*FILING)
            left = [one for one in await self.office.store.read(survey.counts) if one.step in FILING]
            assert sum(one.aside for one in left) == 0, self.office.aside
            if not any(one.waiting or one.later for one in left):
                return
            self.office.store.turn_clock(timedelta(minutes=2))
            self.there.clock.turn(timedelta(minutes=2))
        raise AssertionError("it never comes to rest")

    def status(self, case: UUID) -> str:
        row = self.there.simulator.tenant.get("Case", case)
        assert row is not None
        status = self.there.simulator.tenant.get("CaseStatus", row["StatusId"])
        assert status is not None
        return "Reopened" if str(status["Id"]).startswith("f063ebbe") else str(status["Name"])

    async def end(self) -> End:
        tenant = self.there.simulator.tenant
        conversation = await self.office.conversation(self.here)
        to_customer = [one.raw.decode() for one in self.office.relay.mails if ANNA.address in one.recipients]
        return End(
            cases=len(tenant.rows("Case")),
            mails=tuple(_mails(tenant.rows("Activity"))),
            answers=sum(ANSWERED in str(row["Body"]) for row in tenant.rows("Activity")),
            replies=sum(REPLIED in str(row["Body"]) for row in tenant.rows("Activity")),
            to_customer=tuple(next((one for one in (ANSWERED, REPLIED) if one in raw), raw) for raw in to_customer),
            authors=tuple(one.author.value for one in conversation.entries),
            states=tuple(self.states),
            contacts=sum(row["Email"] == ANNA.address for row in tenant.rows("Contact")),
            parents=tuple(row["ParentCaseId"] is not None for row in tenant.rows("Case")),
        )


def _mails(rows: list[Row]) -> list[str]:
    """The customer's mails that we noted, in the order of their times."""
    ours = sorted((row for row in rows if row["CreatedById"] != REP), key=lambda row: str(row["SendDate"]))
    return [text for row in ours for text in THEIRS if text in str(row["Body"] or "")]


@asynccontextmanager
async def a_play(folder: Path, simulator: Simulator, timeout: float = 10.0) -> AsyncIterator[Play]:
    """An office on a store of its own, connected to a tenant by our real adapter."""
    folder.mkdir(exist_ok=True)
    store = await Store.open("sqlite", folder, node="here")
    try:
        async with a_tenancy(simulator, timeout=timeout, replies=Replies()) as there:
            office = await Office.open(store, folder)
            crm: Any = there.crm
            office.crm = crm
            yield Play(office, there)
    finally:
        await store.close()


async def end_of(folder: Path, switches: Switches) -> End:
    async with a_play(folder, Simulator(switches=switches)) as play:
        return await play.run()


POSITIONS = [(name, position) for name, positions in Switches.positions().items() for position in positions[1:]]


SEED, FEW = 20261102, 8


def _pairs() -> list[dict[str, str]]:
    """Some pairs, the same each time. GATEWAY_TEST_PAIRS asks for so many instead, GATEWAY_TEST_SEED for others."""
    chosen = random.Random(int(os.environ.get("GATEWAY_TEST_SEED", SEED)))
    every = [dict((one, other)) for one, other in itertools.combinations(POSITIONS, 2) if one[0] != other[0]]
    return chosen.sample(every, min(int(os.environ.get("GATEWAY_TEST_PAIRS", FEW)), len(every)))


PAIRS = _pairs()


async def test_the_usual_tenant(tmp_path: Path) -> None:
    assert await end_of(tmp_path, Switches()) == EXPECTED


@pytest.mark.parametrize(("switch", "position"), POSITIONS, ids=[f"{name}={one}" for name, one in POSITIONS])
async def test_each_habit_of_a_tenant(tmp_path: Path, switch: str, position: str) -> None:
    habit: dict[str, Any] = {switch: position}
    assert await end_of(tmp_path, Switches(**habit)) == EXPECTED


@pytest.mark.parametrize("pair", PAIRS, ids=[" ".join(f"{name}={one}" for name, one in pair.items()) for pair in PAIRS])
async def test_two_habits_at_once(tmp_path: Path, pair: dict[str, Any]) -> None:
    assert await end_of(tmp_path, Switches(**pair)) == EXPECTED


FAULTS = (
    Fault.ERROR_500,
    Fault.ERROR_503,
    Fault.TIMEOUT_BEFORE,
    Fault.TIMEOUT_AFTER,
    Fault.LOGIN_PAGE_200,
    Fault.UNAUTHORISED_401,
    Fault.DROPPED,
    Fault.DROPPED_AFTER,
    Fault.ERROR_AFTER,
)


@pytest.mark.parametrize("fault", FAULTS, ids=[one.value for one in FAULTS])
async def test_every_second_write_goes_wrong(tmp_path: Path, fault: Fault) -> None:
    """Each single request of one handoff is struck in tests/creatio; here the whole story is, from end to end."""
    simulator = Simulator()
    simulator.hang = 0.3
    async with a_play(tmp_path, simulator, timeout=0.2) as play:
        writes = itertools.count(1)

        def second(call: Call) -> bool:
            return bool(call.entity) and call.method != "GET" and next(writes) % 2 == 0

        simulator.faults.next(fault, when=second, times=100)
        assert await play.run() == EXPECTED
    assert simulator.faults.struck >= 5
