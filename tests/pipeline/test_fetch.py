"""FETCH: mail in a folder is kept once, in order, whatever happens to the connection, the numbers or us."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest

from gateway.config.settings import Imap, Mailbox, Settings
from gateway.errors import TryLater
from gateway.health import Condition, Health
from gateway.pipeline import fetch, visit
from gateway.pipeline.fetch import name_of
from gateway.pipeline.parts import Job, Parts
from gateway.pipeline.progress import MOST_FAILURES
from gateway.store import arrivals, jobs, marks, notices, survey, workload
from gateway.store.arrivals import Fate, Kept
from gateway.store.database import Store, StoreAway, Transaction
from tests.fakes import FakePickup
from tests.store.conftest import postgres as postgres
from tests.store.conftest import store as store
from tests.store.conftest import url as url

LONG_AGO = datetime(2020, 5, 17, 12, 0, tzinfo=UTC)


def a_mail(number: int, head: str = "") -> bytes:
    return f"{head}From: ann@src.test\r\nSubject: number {number}\r\n\r\nHello {number}\r\n".encode()


class Account:
    """An account with a fake folder behind it, and the store that it is fetched into."""

    def __init__(self, store: Store, **settings: Any) -> None:
        self.store = store
        self.folder = FakePickup()
        # A visit ends when its time is over: waiting turns the clock.
        self.folder.on_wait = store.turn_clock
        self.imap = Imap("imap.test", "support@dst.test", "support@dst.test", **settings)
        self.name = name_of(self.imap)
        self.health = Health()
        chosen = Settings(Path("config.toml"), "https://gw.test", Path("/nowhere"), (Mailbox("support@dst.test"),))
        absent = cast(Any, None)  # FETCH asks for none of these
        self.parts = Parts(store, chosen, absent, absent, absent, self.health, pickups={self.name: self.folder})
        object.__setattr__(chosen, "imap", (self.imap,))

    async def visit(self, attempts: int = 0) -> None:
        write = await fetch.fetch(self.parts, Job(1, self.name, self.name, attempts=attempts))
        await self.store.write(lambda tx: write(tx))

    async def kept(self) -> list[Kept]:
        found: list[Kept] = []
        while (one := await self.store.read(arrivals.fetch, len(found) + 1)) is not None:
            found.append(one)
        return found

    async def numbers(self) -> list[int]:
        return [int((one.raw or b"").split(b"number ")[1].split(b"\r")[0]) for one in await self.kept()]


@pytest.fixture
async def account(store: Store) -> Account:
    """One whose folder was empty at the first look."""
    one = Account(store)
    await one.visit()
    return one


async def test_new_mail_is_kept_in_its_order_and_then_marked(account: Account) -> None:
    account.folder.deliver(a_mail(1), a_mail(2), received=LONG_AGO)
    await account.visit()
    first, second = await account.kept()
    assert (first.raw, first.received, first.history, first.door.value) == (a_mail(1), LONG_AGO, False, "imap")
    assert first.envelope.recipient == "support@dst.test"
    assert second.raw == a_mail(2)
    assert account.folder.finished == [1, 2]
    assert (await account.store.read(workload.balance)).holds


async def test_a_server_whose_clock_is_wrong_takes_no_mail_into_the_future(account: Account) -> None:
    account.folder.deliver(a_mail(1), received=datetime(2099, 1, 1, tzinfo=UTC))
    await account.visit()
    [one] = await account.kept()
    assert one.received <= await account.store.read(lambda tx: tx.now)


@pytest.mark.parametrize(
    ("head", "sender"),
    [
        ("Return-Path: <ann@bounces.test>\r\n", "ann@bounces.test"),
        ("Return-Path: <>\r\n", ""),
        ("", "ann@src.test"),
        ("Subject: x\r\n\r\nReturn-Path: <fake@src.test>\r\n", ""),
    ],
)
async def test_the_envelope_is_what_the_server_wrote_of_it(account: Account, head: str, sender: str) -> None:
    account.folder.deliver(a_mail(1, head))
    await account.visit()
    [one] = await account.kept()
    assert one.envelope.sender == sender


async def test_a_mail_that_comes_while_we_wait_is_kept_in_the_same_visit(account: Account) -> None:
    arrivals_ = [a_mail(1), a_mail(2)]

    def wait(longest: timedelta) -> None:
        account.store.turn_clock(longest)
        if arrivals_:
            account.folder.deliver(arrivals_.pop(0))

    account.folder.on_wait = wait
    visits = account.folder.visits
    await account.visit()
    assert await account.numbers() == [1, 2]
    assert account.folder.visits == visits + 1


async def test_what_was_kept_is_not_fetched_again(account: Account) -> None:
    account.folder.deliver(a_mail(1))
    await account.visit()
    account.folder.deliver(a_mail(2))
    await account.visit()
    assert account.folder.fetched == [1, 2]


# -- what waited before the first look -------------------------------------------------------------------------------


async def test_what_waited_before_the_first_look_is_history_and_is_left_as_it_is(store: Store) -> None:
    account = Account(store)
    account.folder.deliver(*(a_mail(number) for number in range(1, 6)))
    await account.visit()
    account.folder.deliver(a_mail(6))
    await account.visit()
    kept = await account.kept()
    assert [one.history for one in kept] == [True] * 5 + [False]
    assert account.folder.finished == [6]


async def test_new_mail_does_not_wait_for_history(store: Store) -> None:
    account = Account(store)
    account.folder.deliver(*(a_mail(number) for number in range(1, visit.AT_ONCE + 50)))
    come = [a_mail(1000)]
    fetched = FakePickup.fetch

    async def meanwhile(uids: Any) -> Any:
        if come:
            account.folder.deliver(come.pop())
        async for mail in fetched(account.folder, uids):
            yield mail

    account.folder.fetch = meanwhile  # type: ignore[method-assign]  # a mail comes while history is fetched
    await account.visit()
    numbers = await account.numbers()
    assert numbers.index(1000) == visit.AT_ONCE
    assert len(numbers) == visit.AT_ONCE + 50


async def test_with_start_all_nothing_is_history(store: Store) -> None:
    account = Account(store, start="all")
    account.folder.deliver(a_mail(1), received=LONG_AGO)
    await account.visit()
    assert [one.history for one in await account.kept()] == [False]
    assert account.folder.finished == [1]


async def test_with_a_date_what_came_before_it_is_history(store: Store) -> None:
    account = Account(store, start=date(2026, 1, 1))
    for received in (datetime(2025, 12, 31, 23, 59, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC)):
        account.folder.deliver(a_mail(1), received=received)
    await account.visit()
    assert [one.history for one in await account.kept()] == [True, False]


async def test_the_first_look_is_remembered_even_if_nothing_could_be_fetched_then(store: Store) -> None:
    account = Account(store)
    account.folder.deliver(a_mail(1))
    account.folder.die_at(1)
    with pytest.raises(TryLater):
        await account.visit()
    account.folder.give_out(1)
    account.folder.deliver(a_mail(2))
    await account.visit()
    by_number = dict(zip(await account.numbers(), [one.history for one in await account.kept()], strict=True))
    assert by_number == {1: True, 2: False}


# -- other numbers ---------------------------------------------------------------------------------------------------


async def test_mail_under_other_numbers_is_not_kept_twice(store: Store) -> None:
    account = Account(store)
    account.folder.deliver(a_mail(1), received=LONG_AGO)
    await account.visit()
    account.folder.deliver(a_mail(2), a_mail(3))
    await account.visit()
    account.folder.renumber()
    account.folder.deliver(a_mail(4))
    await account.visit()
    assert sorted(await account.numbers()) == [1, 2, 3, 4]
    account.folder.deliver(a_mail(2))  # the same content once more, as a new mail: that is for reading to judge
    await account.visit()
    assert sorted(await account.numbers()) == [1, 2, 2, 3, 4]


async def test_mail_that_came_while_the_numbers_were_lost_is_new_unless_it_is_older_than_the_first_look(
    account: Account,
) -> None:
    account.folder.renumber()
    account.folder.deliver(a_mail(1), received=LONG_AGO)
    account.folder.deliver(a_mail(2), received=account.store.time() + timedelta(minutes=1))
    await account.visit()
    by_number = dict(zip(await account.numbers(), [one.history for one in await account.kept()], strict=True))
    assert by_number == {1: True, 2: False}


# -- mails that cannot be had ----------------------------------------------------------------------------------------


async def test_a_mail_that_is_too_large_is_set_aside_with_its_head(account: Account) -> None:
    account.folder.deliver(a_mail(1), a_mail(2))
    account.folder.withhold(1, for_good=True)
    await account.visit()
    aside, following = await account.kept()
    assert (aside.fate, aside.raw, following.fate) == (Fate.SET_ASIDE, a_mail(1)[:20], None)
    assert account.folder.finished == [2]  # who has not got a mail does not touch it
    [notice] = await account.store.read(notices.standing)
    assert "it is not given out" in notice.text
    assert (await account.store.read(workload.balance)).holds


async def test_a_mail_that_is_not_given_out_is_tried_again_and_holds_up_nobody(account: Account) -> None:
    account.folder.deliver(a_mail(1), a_mail(2))
    account.folder.withhold(1)
    await account.visit()
    assert await account.numbers() == [2]
    account.folder.give_out(1)
    await account.visit()
    assert await account.numbers() == [2, 1]
    assert account.folder.finished == [2, 1]


async def test_after_some_tries_a_person_is_told_of_it(account: Account) -> None:
    account.folder.deliver(a_mail(1))
    account.folder.withhold(1)
    for _ in range(MOST_FAILURES + 2):
        await account.visit()
    [aside] = await account.kept()
    assert aside.fate is Fate.SET_ASIDE
    assert account.folder.fetched == [1] * MOST_FAILURES
    assert account.folder.finished == []


async def test_a_mail_that_kills_the_connection_holds_up_nobody(account: Account) -> None:
    account.folder.deliver(*(a_mail(number) for number in range(1, 8)))
    account.folder.die_at(4)
    for _ in range(8):
        try:
            await account.visit()
        except TryLater:
            continue
    kept = await account.kept()
    assert [one.fate for one in kept].count(Fate.SET_ASIDE) == 1
    assert [number for number in range(1, 8) if a_mail(number) in [one.raw for one in kept]] == [1, 2, 3, 5, 6, 7]
    assert sorted(account.folder.finished) == [1, 2, 3, 5, 6, 7]
    assert (await account.store.read(workload.balance)).holds


async def test_a_mail_that_is_gone_is_no_trouble(account: Account) -> None:
    account.folder.deliver(a_mail(1), a_mail(2), a_mail(3))
    del account.folder.mails[2]
    await account.visit()
    assert await account.numbers() == [1, 3]


# -- the light goes out ----------------------------------------------------------------------------------------------


async def test_a_crash_between_keeping_and_marking_loses_and_doubles_nothing(account: Account) -> None:
    account.folder.deliver(a_mail(1), a_mail(2))

    async def die(uids: Any) -> None:
        raise KeyboardInterrupt

    account.folder.finish, finish = die, account.folder.finish  # type: ignore[method-assign]  # the light goes out here
    with pytest.raises(KeyboardInterrupt):
        await account.visit()
    account.folder.finish = finish  # type: ignore[method-assign]  # and is on again
    await account.visit()
    assert await account.numbers() == [1, 2]
    assert account.folder.finished == [1, 2]


async def test_whoever_lost_the_account_notes_nothing_more(account: Account) -> None:
    account.folder.deliver(a_mail(1))
    before = await account.store.read(marks.get, f"imap:{account.name}")

    def lost(tx: Transaction) -> None:
        raise StoreAway("the lease is somebody else's")

    job = Job(1, account.name, account.name, fence=lost)
    with pytest.raises(StoreAway):
        await fetch.fetch(account.parts, job)
    assert await account.store.read(marks.get, f"imap:{account.name}") == before


# -- accounts that cannot be visited ---------------------------------------------------------------------------------


async def test_a_refused_sign_in_is_tried_rarely_and_told_at_once(account: Account) -> None:
    account.folder.refuse()
    waits = []
    for attempts in range(5):
        with pytest.raises(TryLater) as caught:
            await account.visit(attempts)
        waits.append(caught.value.wait)
    assert waits == [timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 60)]
    assert [one.key for one in await account.store.read(notices.standing)] == [f"imap:{account.name}"]
    assert account.health.snapshot()["imap:support@dst.test"].condition is Condition.FAILED
    account.folder.refuse(False)
    await account.visit(5)
    assert await account.store.read(notices.standing) == []
    assert account.health.snapshot()["imap:support@dst.test"].condition is Condition.WORKING


async def test_a_server_that_is_away_is_tried_again_soon_and_told_when_it_stays_away(account: Account) -> None:
    account.folder.go_away()
    for attempts, wait in enumerate((1, 5, 15, 60, 300, 300)):
        with pytest.raises(TryLater) as caught:
            await account.visit(attempts)
        assert caught.value.wait == timedelta(seconds=wait)
        told = len(await account.store.read(notices.standing))
        assert told == (1 if attempts >= 4 else 0)


async def test_a_connection_lost_after_a_while_is_only_the_end_of_a_visit(account: Account) -> None:
    account.folder.deliver(a_mail(1))
    account.folder.on_wait = lambda longest: account.folder.go_away()
    await account.visit()
    assert account.folder.finished == [1]
    account.folder.come_back()

    def lose(longest: timedelta) -> None:
        account.store.turn_clock(longest)
        account.folder.go_away()

    account.folder.on_wait = lose
    await account.visit()


async def test_each_account_has_one_job_that_queues_itself_again(account: Account) -> None:
    await account.store.write(fetch.begin, account.parts.settings)
    await account.visit()
    [count] = await account.store.read(survey.counts)
    assert (count.step, count.waiting) == ("fetch", 1)
    [job] = await account.store.read(survey.open_for, account.name)
    assert job.lane == account.name


async def test_an_account_that_went_from_the_settings_is_visited_no_more(account: Account) -> None:
    await account.store.write(jobs.add, "fetch", "gone", "gone", key="fetch:gone")
    write = await fetch.fetch(account.parts, Job(1, "gone", "gone"))
    assert await account.store.write(lambda tx: write(tx)) == []
