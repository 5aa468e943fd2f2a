"""Whatever habit a tenant has: the same story has the same end."""

import asyncio
import random
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import pytest

from gateway.demo.creatio.agent import Attached, Style
from gateway.demo.creatio.simulator import Simulator
from gateway.demo.creatio.switches import Switches
from gateway.desk.case import CaseState
from gateway.desk.records import ChangeCase, row_id
from gateway.desk.replies import ReplyRules, Ruling, judge
from gateway.mail.message import Address
from tests.creatio.tenancy import CASE, CONTACT, FILE, KEY, TEXT, Tenancy, a_tenancy, handoff

PAIRS = 24
RULES = ReplyRules(types=("Email", "Task", "Feed", "Portal"), ours=frozenset())


@dataclass(frozen=True)
class End:
    """What a story comes to, in words that no habit of a tenant changes."""

    contact: str
    states: tuple[CaseState, ...]
    mailed: tuple[str, ...]
    rulings: tuple[Ruling, ...]
    bytes_there: bytes
    bytes_of_reply: bytes | None
    told_of: int
    cases: int
    order: str


EXPECTED = End(
    contact=CONTACT,
    states=(CaseState.OPEN, CaseState.RESOLVED, CaseState.OPEN, CaseState.FINAL),
    mailed=(),
    rulings=(Ruling.RECORD, Ruling.MAIL, Ruling.DRAFT, Ruling.NEVER, Ruling.FAILED),
    bytes_there=TEXT,
    bytes_of_reply=b"a map",
    told_of=1,
    cases=1,
    order="4711",
)


async def play(switches: Switches) -> End:
    """A handoff, then a rep's rows, a closure here, a reopening there, and the end."""
    async with a_tenancy(Simulator(switches=switches)) as there:
        tenant = await there.known()
        for change, content in handoff(tenant):
            await there.tell(change, content)
        cursor = (await there.crm.changes({})).cursor
        states = [await state(there)]
        rulings, of_reply, told_of = await replies(there, dict(cursor))
        resolved = next(one.id for one in tenant.statuses if one.state is CaseState.RESOLVED)
        await there.tell(ChangeCase(row_id(KEY, "resolved"), CASE, {"status": resolved}, {}, "resolved here"))
        states.append(await state(there))
        await there.simulator.agent.reopen(UUID(CASE))
        states.append(await state(there))
        await there.simulator.agent.close(UUID(CASE))
        states.append(await state(there))
        found = await there.crm.find_contact(Address("Ada@example.com", "Ada Lovelace"))
        blob = there.simulator.tenant.blobs[("ActivityFile", UUID(FILE), "Data")]
        order = str(there.row("Case", CASE)["UsrOrderNumber"])
        cases = len(there.simulator.tenant.rows("Case"))
        mailed = tuple(one.why for one in there.simulator.tenant.mailed if one.to == "ada@example.com")
        contact = found.id if found else ""
        return End(contact, tuple(states), mailed, rulings, blob, of_reply, told_of, cases, order)


async def state(there: Tenancy) -> CaseState:
    seen = await there.crm.read_case(CASE)
    assert seen is not None
    return seen.state


async def replies(there: Tenancy, cursor: dict[str, str]) -> tuple[tuple[Ruling, ...], bytes | None, int]:
    """What a rep leaves behind in five ways, how each is judged, and whether the poll tells of the one to mail."""
    agent = there.simulator.agent
    made = [
        str(await agent.reply(UUID(CASE), "<p>See</p>", style=Style.CREATIO)),
        str(await agent.reply(UUID(CASE), "<p>See</p>", style=Style.COMPLETED, files=[Attached("map.txt", b"a map")])),
        str(await agent.reply(UUID(CASE), "<p>Unfinished</p>", style=Style.DRAFT)),
        str(await agent.reply(UUID(CASE), "<p>Automatic</p>", style=Style.NOTICE)),
        str(await agent.reply(UUID(CASE), "<p>Lost</p>", style=Style.ERROR)),
    ]
    there.simulator.tenant.mailed.clear()
    rows = {one.id: one for one in await there.crm.read_activities(CASE)}
    whole = await there.crm.read_activity(rows[made[1]])
    content = await there.crm.fetch_file(whole.files[0].id, 1000) if whole.files else None
    changed = [one for one, case, _ in (await there.crm.changes(cursor)).activities if one == made[1] and case == CASE]
    return tuple(judge(rows[one], RULES).ruling for one in made), content, len(changed)


POSITIONS = [(name, position) for name, every in Switches.positions().items() for position in every]


def turned(**positions: Any) -> Switches:
    return replace(Switches(), **positions)


@pytest.mark.parametrize("name", Switches.positions())
async def test_every_habit_of_a_tenant_ends_in_the_same(name: str) -> None:
    positions = Switches.positions()[name]
    ends = await asyncio.gather(*(play(turned(**{name: position})) for position in positions))
    assert dict(zip(positions, ends, strict=True)) == dict.fromkeys(positions, EXPECTED)


async def test_two_habits_at_once_end_in_the_same() -> None:
    chance = random.Random(20260504)
    some = [dict(chance.sample(POSITIONS, 2)) for _ in range(PAIRS)]
    for begin in range(0, len(some), 6):
        group = some[begin : begin + 6]
        for pair, end in zip(group, await asyncio.gather(*(play(turned(**one)) for one in group)), strict=True):
            assert end == EXPECTED, pair
