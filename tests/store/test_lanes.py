"""Jobs are done once each, in the order of their lane, by whoever holds the lane."""

from datetime import timedelta

import pytest

from gateway.store import jobs, lanes, survey
from gateway.store.database import Store, Transaction
from gateway.store.lanes import Claim, LostLease, Try

LEASE = timedelta(seconds=15)
ONE = Try(node="here", took=timedelta(milliseconds=5))
HANDS = {"send": 10, "file": 10}


async def take(store: Store, hands: dict[str, int] | None = None, *, held: tuple[str, ...] = ()) -> list[Claim]:
    harvest = await store.write(lanes.claim, hands or HANDS, lease=LEASE, node="here", held=held)
    return list(harvest.claims)


async def add(store: Store, lane: str, subject: str, **more: object) -> int:
    return await store.write(jobs.add, "send", lane, subject, **more)  # type: ignore[arg-type]  # as the test gives them


async def test_a_job_is_taken_and_done(store: Store) -> None:
    number = await add(store, "a", "1", data={"why": "asked"})
    [claim] = await take(store)
    assert (claim.id, claim.step, claim.lane, claim.subject, claim.data) == (number, "send", "a", "1", {"why": "asked"})
    await store.write(lanes.settle, claim, ONE)
    assert await take(store) == []
    assert await store.read(survey.counts) == []


async def test_jobs_of_one_lane_are_done_one_after_the_other_in_their_order(store: Store) -> None:
    for subject in ("1", "2", "3"):
        await add(store, "a", subject)
    done = []
    while claims := await take(store):
        [claim] = claims
        assert await take(store) == []
        await store.write(lanes.settle, claim, ONE)
        done.append(claim.subject)
    assert done == ["1", "2", "3"]


async def test_lanes_do_not_wait_for_each_other(store: Store) -> None:
    await add(store, "a", "1")
    await add(store, "b", "2")
    assert sorted(claim.subject for claim in await take(store)) == ["1", "2"]


async def test_no_more_is_taken_than_there_are_hands(store: Store) -> None:
    for lane in "abcde":
        await add(store, lane, lane)
    assert len(await take(store, {"send": 2})) == 2
    assert await take(store, {"send": 0}) == []
    assert len(await take(store, {"send": 7})) == 3


async def test_a_job_put_back_keeps_its_place(store: Store) -> None:
    await add(store, "a", "1")
    await add(store, "a", "2")
    [claim] = await take(store)
    await store.write(lanes.put_back, claim, ONE, after=timedelta(minutes=5), counts=True)
    assert await take(store) == []
    store.turn_clock(timedelta(minutes=5))
    [again] = await take(store)
    assert (again.subject, again.attempts) == ("1", 1)


async def test_a_job_for_later_is_not_taken_before(store: Store) -> None:
    await add(store, "a", "1", after=timedelta(hours=1))
    harvest = await store.write(lanes.claim, HANDS, lease=LEASE, node="here")
    assert harvest.claims == []
    assert timedelta(minutes=59) < harvest.next_due["send"] - store.time() < timedelta(minutes=61)
    store.turn_clock(timedelta(hours=1))
    assert len(await take(store)) == 1


async def test_whoever_lost_the_lane_changes_nothing(store: Store) -> None:
    await add(store, "a", "1")
    [old] = await take(store)
    store.turn_clock(timedelta(seconds=16))
    [new] = await take(store)
    assert (new.id, new.lost) == (old.id, 1)

    def write(tx: Transaction) -> None:
        jobs.add(tx, "file", "x", "must not be kept")
        lanes.settle(tx, old, ONE)

    with pytest.raises(LostLease):
        await store.write(write)
    with pytest.raises(LostLease):
        await store.write(lanes.fence, old)
    await store.write(lanes.fence, new)
    await store.write(lanes.settle, new, ONE)
    assert await store.read(survey.counts) == []


async def test_a_lease_that_is_renewed_does_not_end(store: Store) -> None:
    await add(store, "a", "1")
    [claim] = await take(store)
    for _ in range(4):
        store.turn_clock(timedelta(seconds=10))
        assert await store.write(lanes.renew, [claim.token], lease=LEASE) == {(claim.key, claim.token)}
    assert await take(store) == []
    await store.write(lanes.settle, claim, ONE)
    assert await store.write(lanes.renew, [claim.token], lease=LEASE) == set()


async def test_nobody_takes_from_its_own_other_hand(store: Store) -> None:
    await add(store, "a", "1")
    [claim] = await take(store)
    store.turn_clock(timedelta(minutes=1))  # nobody could renew: the store was away, or the machine slept
    assert await take(store, held=(claim.token,)) == []
    await store.write(lanes.settle, claim, ONE)


async def test_what_is_set_aside_lets_its_lane_go_on(store: Store) -> None:
    await add(store, "a", "1")
    await add(store, "a", "2")
    [claim] = await take(store)
    await store.write(lanes.set_aside, claim, Try("here", timedelta(0), "cannot be read"))
    [following] = await take(store)
    assert following.subject == "2"
    await store.write(lanes.settle, following, ONE)
    [shown] = await store.read(survey.aside)
    assert (shown.id, shown.lane, shown.error, shown.state) == (claim.id, "a", "cannot be read", "aside")


async def test_what_holds_its_lane_is_waited_for(store: Store) -> None:
    first = await add(store, "a", "1")
    [claim] = await take(store)
    await store.write(lanes.set_aside, claim, ONE, holds_lane=True)
    await add(store, "a", "2")
    assert await take(store) == []
    store.turn_clock(timedelta(days=1))
    assert await take(store) == []
    assert await store.write(jobs.retry, first)
    [again] = await take(store)
    assert (again.subject, again.attempts) == ("1", 0)
    await store.write(lanes.settle, again, ONE)
    assert [one.subject for one in await take(store)] == ["2"]


async def test_a_person_drops_what_holds_a_lane(store: Store) -> None:
    first = await add(store, "a", "1")
    [claim] = await take(store)
    assert not await store.write(jobs.drop, first)
    await store.write(lanes.set_aside, claim, ONE, holds_lane=True)
    await add(store, "a", "2")
    assert await store.write(jobs.drop, first)
    assert not await store.write(jobs.drop, first)
    assert not await store.write(jobs.retry, first)
    assert [one.subject for one in await take(store)] == ["2"]


async def test_what_was_set_aside_long_ago_is_done_again_beside_a_hand_at_work(store: Store) -> None:
    first = await add(store, "a", "1")
    await add(store, "a", "2", key="k")
    [claim] = await take(store)
    await store.write(lanes.set_aside, claim, ONE)
    [second] = await take(store)
    assert await store.write(jobs.retry, first)
    successor = await add(store, "a", "3", key="k")  # the one in hand is known by its lane, not by its place
    assert successor != second.id
    await store.write(lanes.settle, second, ONE)
    [again] = await take(store)
    assert again.id == first
    await store.write(lanes.settle, again, ONE)
    assert [one.id for one in await take(store)] == [successor]


async def test_a_key_names_one_open_job(store: Store) -> None:
    first = await add(store, "a", "1", key="k", after=timedelta(hours=1))
    assert await add(store, "a", "1", key="k", after=timedelta(minutes=1)) == first
    assert await add(store, "a", "1", key="k", after=timedelta(hours=2)) == first
    store.turn_clock(timedelta(minutes=1))
    assert [one.id for one in await take(store)] == [first]


async def test_a_key_can_move_its_job_away(store: Store) -> None:
    first = await add(store, "a", "1", key="k", after=timedelta(minutes=1))
    assert await add(store, "a", "1", key="k", after=timedelta(hours=1), moves=True) == first
    store.turn_clock(timedelta(minutes=2))
    assert await take(store) == []
    store.turn_clock(timedelta(hours=1))
    assert [one.id for one in await take(store)] == [first]


async def test_a_change_during_the_work_gets_a_successor(store: Store) -> None:
    first = await add(store, "a", "1", key="k")
    [claim] = await take(store)
    second = await add(store, "a", "1", key="k")
    assert second != first
    assert await add(store, "a", "1", key="k") == second
    await store.write(lanes.settle, claim, ONE)
    assert [one.id for one in await take(store)] == [second]


async def test_news_of_what_was_set_aside_takes_it_up_again(store: Store) -> None:
    first = await add(store, "a", "1", key="k")
    [claim] = await take(store)
    await store.write(lanes.set_aside, claim, ONE)
    assert await add(store, "a", "1", key="k", data={"new": 1}) == first
    [again] = await take(store)
    assert (again.id, again.attempts, again.data) == (first, 0, {"new": 1})


async def test_a_job_nobody_holds_can_be_cancelled(store: Store) -> None:
    await add(store, "a", "1", key="k")
    await add(store, "a", "2")
    assert await store.write(jobs.cancel, "k")
    assert not await store.write(jobs.cancel, "k")
    [claim] = await take(store)
    assert claim.subject == "2"
    held = await add(store, "b", "3", key="held")
    [_] = await take(store)
    assert not await store.write(jobs.cancel, "held")
    shown = await store.read(survey.find, held)
    assert shown is not None
    assert shown.state == "todo"


async def test_a_daemon_that_comes_back_frees_what_it_held(store: Store) -> None:
    await add(store, "a", "1")
    await add(store, "b", "2")
    assert len(await take(store)) == 2
    assert await store.write(lanes.free, "somebody else") == 0
    assert await store.write(lanes.free, "here") == 2
    assert [one.lost for one in await take(store)] == [1, 1]


async def test_lanes_given_back_in_good_order_are_not_counted_as_lost(store: Store) -> None:
    await add(store, "a", "1")
    claims = await take(store)
    await store.write(lanes.let_go, claims)
    assert [one.lost for one in await take(store)] == [0]


async def test_the_survey_counts_each_step(store: Store) -> None:
    for lane in "abc":
        await add(store, lane, lane)
    await add(store, "d", "d", after=timedelta(hours=1))
    claims = await take(store, {"send": 2})
    await store.write(lanes.set_aside, claims[0], ONE)
    [count] = await store.read(survey.counts)
    assert (count.step, count.waiting, count.later, count.working, count.aside) == ("send", 1, 1, 1, 1)
    assert count.oldest is not None


async def test_each_attempt_is_noted(store: Store) -> None:
    number = await add(store, "a", "1")
    [claim] = await take(store)
    await store.write(lanes.put_back, claim, Try("here", timedelta(0), "later"), after=timedelta(0), counts=False)
    assert await store.read(lanes.was_recorded, claim)
    [again] = await take(store)
    assert not await store.read(lanes.was_recorded, again)
    await store.write(lanes.settle, again, ONE)
    tried = await store.read(survey.attempts, number)
    assert [(one.outcome, one.error) for one in tried] == [("put back", "later"), ("done", "")]


async def test_what_ended_is_forgotten_after_its_time(store: Store) -> None:
    number = await add(store, "a", "1")
    await add(store, "b", "2", after=timedelta(days=30))
    [claim] = await take(store)
    await store.write(lanes.settle, claim, ONE)
    assert await store.write(jobs.purge, timedelta(days=7)) == 0
    store.turn_clock(timedelta(days=8))
    assert await store.write(jobs.purge, timedelta(days=7)) == 1
    assert await store.read(survey.find, number) is None
    assert len(await store.read(survey.open_for, "2")) == 1
