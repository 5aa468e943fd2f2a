"""The worker: order, retries, breakers, leases, and what it does when the world is not well."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta

from gateway.errors import GiveUp, StartOver, TryLater
from gateway.health import Condition
from gateway.log import Event
from gateway.pipeline.parts import Job, Write
from gateway.store import lanes, marks, notices, survey
from gateway.store.database import Transaction
from tests.worker.conftest import Bench, idle, nothing


async def test_the_jobs_of_a_lane_are_done_in_their_order(bench: Bench) -> None:
    bench.step("say")
    for number in range(12):
        await bench.add("say", f"lane {number % 2}", str(number))
    async with bench.running():
        await bench.until(idle)
    assert [one for one in bench.done if int(one) % 2] == ["1", "3", "5", "7", "9", "11"]
    assert [one for one in bench.done if not int(one) % 2] == ["0", "2", "4", "6", "8", "10"]


async def test_a_step_has_no_more_hands_than_its_plan_says(bench: Bench) -> None:
    together, most = Counter[str](), Counter[str]()
    gate = asyncio.Event()

    async def hold(job: Job) -> Write:
        together["now"] += 1
        most["ever"] = max(most["ever"], together["now"])
        await gate.wait()
        together["now"] -= 1
        return nothing

    bench.step("hold", hold, hands=3)
    for number in range(8):
        await bench.add("hold", str(number), str(number))
    async with bench.running():
        await bench.until(lambda counts: counts[0].working == together["now"] == 3)
        gate.set()
        await bench.until(idle)
    assert most["ever"] == 3
    assert len(bench.done) == 8


async def test_what_a_step_found_out_and_the_end_of_its_job_are_kept_together(bench: Bench) -> None:
    async def keep(job: Job) -> Write:
        def write(tx: Transaction) -> Sequence[Event]:
            marks.put(tx, job.subject, "kept")
            if job.attempts == 0:
                raise TryLater("not yet", partner_down=False)
            return []

        return write

    bench.step("keep", keep)
    await bench.add("keep", "lane", "one")
    async with bench.running():
        await bench.until(lambda counts: any(one.later for one in counts))
        assert await bench.store.read(marks.get, "one") is None
        bench.store.turn_clock(timedelta(minutes=1))
        await bench.until(idle)
    assert await bench.store.read(marks.get, "one") == "kept"


async def test_an_overtaken_thought_is_thought_again_at_once(bench: Bench) -> None:
    async def think(job: Job) -> Write:
        if len(bench.done) < 3:
            raise StartOver("the customer wrote again")
        return nothing

    bench.step("think", think)
    await bench.add("think", "lane", "it")
    async with bench.running():
        await bench.until(idle)
    assert bench.done == ["it", "it", "it"]


async def test_what_cannot_be_done_is_set_aside_told_and_its_lane_goes_on(bench: Bench) -> None:
    async def refuse(job: Job) -> Write:
        if job.subject == "bad":
            raise GiveUp("Creatio refuses this row")
        return nothing

    bench.step("tell", refuse)
    bad = await bench.add("tell", "lane", "bad")
    await bench.add("tell", "lane", "good")
    async with bench.running():
        await bench.until(idle)
    [aside] = await bench.store.read(survey.aside)
    assert (aside.id, aside.error) == (bad, "Creatio refuses this row")
    assert bench.done == ["bad", "good"]
    assert [one.key for one in await bench.store.read(notices.standing)] == [f"aside:job:{bad}"]


async def test_a_job_that_holds_its_lane_is_waited_for(bench: Bench) -> None:
    async def refuse(job: Job) -> Write:
        raise GiveUp("the case is refused")

    bench.step("tell", refuse, holds_lane=True)
    await bench.add("tell", "lane", "first")
    await bench.add("tell", "lane", "second")
    async with bench.running():
        await bench.until(lambda counts: any(one.aside for one in counts))
    assert bench.done == ["first"]


async def test_a_fault_of_the_program_is_tried_again_and_then_set_aside(bench: Bench) -> None:
    async def fail(job: Job) -> Write:
        raise ValueError("a fault of ours")

    bench.step("fail", fail, tries=3, backoff=(timedelta(hours=1),))
    await bench.add("fail", "lane", "it")
    async with bench.running():
        for _ in range(2):
            await bench.until(lambda counts: any(one.later for one in counts))
            bench.store.turn_clock(timedelta(hours=2))
        await bench.until(lambda counts: any(one.aside for one in counts))
    assert bench.done == ["it", "it", "it"]
    [aside] = await bench.store.read(survey.aside)
    assert aside.error == "ValueError: a fault of ours"


async def test_a_partner_that_is_away_costs_no_attempts_and_others_go_on(bench: Bench) -> None:
    away = asyncio.Event()

    async def ask(job: Job) -> Write:
        if not away.is_set():
            raise TryLater("Creatio answers 503")
        return nothing

    bench.step("file", ask, partner="creatio", tries=3, hands=20)
    bench.step("decide")
    for number in range(30):
        await bench.add("file", str(number), str(number))
    async with bench.running():
        await bench.until(lambda counts: sum(one.later for one in counts if one.step == "file") > 0)
        for _ in range(40):
            bench.store.turn_clock(timedelta(minutes=3))
            await bench.until(lambda counts: all(one.working == 0 for one in counts))
        asked = len(bench.done)
        await bench.add("decide", "conversation", "answer")
        await bench.until(lambda counts: all(one.step != "decide" or one.waiting + one.working == 0 for one in counts))
        assert bench.done[-1] == "answer"
        assert bench.health.snapshot()["creatio"].condition is Condition.FAILED
        assert [one.key for one in await bench.store.read(notices.standing)] == ["partner:creatio"]
        away.set()
        for _ in range(20):
            bench.store.turn_clock(timedelta(minutes=3))
            await asyncio.sleep(0)
        await bench.until(idle)
    assert asked < 120  # thirty jobs, forty turns: about one probe a turn, not thirty
    assert await bench.store.read(survey.aside) == []
    assert bench.health.snapshot()["creatio"].condition is Condition.WORKING
    assert await bench.store.read(notices.standing) == []


async def test_one_bad_job_of_a_partner_that_serves_the_others_is_counted(bench: Bench) -> None:
    async def ask(job: Job) -> Write:
        if job.subject == "bad":
            raise TryLater("a time-out, each time")
        return nothing

    bench.step("file", ask, partner="creatio", tries=3, backoff=(timedelta(minutes=1),))
    await bench.add("file", "bad lane", "bad")
    async with bench.running():
        for number in range(3):
            await bench.add("file", "good lane", str(number))
            await bench.until(lambda counts: all(one.working == one.waiting == 0 for one in counts))
            bench.store.turn_clock(timedelta(minutes=2))
        await bench.until(lambda counts: any(one.aside for one in counts))
    assert Counter(bench.done)["bad"] == 3


async def test_a_job_whose_hands_die_is_taken_up_again_and_in_the_end_set_aside(bench: Bench) -> None:
    bench.step("kill")
    await bench.add("kill", "lane", "poison")
    for _ in range(8):
        harvest = await bench.store.write(lanes.claim, {"kill": 1}, lease=timedelta(seconds=30), node="dead")
        assert len(harvest.claims) == 1
        await bench.store.write(lanes.free, "dead")
    async with bench.running():
        await bench.until(lambda counts: any(one.aside for one in counts))
    assert bench.done == []
    [aside] = await bench.store.read(survey.aside)
    assert aside.error.startswith("the daemon died 8 times")


async def test_a_suspect_job_runs_alone(bench: Bench) -> None:
    inside: list[str] = []
    seen: list[tuple[str, ...]] = []

    async def watch(job: Job) -> Write:
        inside.append(job.subject)
        await asyncio.sleep(0.02)
        seen.append(tuple(inside))
        inside.remove(job.subject)
        return nothing

    bench.step("watch", watch)
    await bench.add("watch", "suspect", "suspect")
    for _ in range(3):
        await bench.store.write(lanes.claim, {"watch": 1}, lease=timedelta(seconds=30), node="dead")
        await bench.store.write(lanes.free, "dead")
    for number in range(6):
        await bench.add("watch", str(number), str(number))
    async with bench.running():
        await bench.until(idle)
    assert [one for one in seen if "suspect" in one] == [("suspect",)]


async def test_the_house_closes_without_losing_what_is_in_hand(bench: Bench) -> None:
    begun = asyncio.Event()

    async def wait(job: Job) -> Write:
        begun.set()
        await asyncio.Event().wait()
        return nothing

    bench.step("fetch", wait, patient=True, time_limit=timedelta(minutes=10))
    await bench.add("fetch", "account", "account")
    async with bench.running():
        await begun.wait()
    [count] = await bench.store.read(survey.counts)
    assert (count.waiting, count.working, count.aside) == (1, 0, 0)
