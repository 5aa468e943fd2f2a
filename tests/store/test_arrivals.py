"""Each arrival gets exactly one fate, and the balance of contract 7 is counted so that it can fail."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from gateway.mail.message import Envelope
from gateway.store import arrivals, conversations, deliveries, jobs, lanes, schema, workload
from gateway.store.arrivals import Door, Fate
from gateway.store.database import Store
from tests.store import seeds
from tests.store.seeds import SUPPORT


async def test_an_arrival_is_kept_exactly_as_it_came(store: Store) -> None:
    envelope = Envelope("ann@customer.test", SUPPORT, peer="2001:db8::1", helo="mx", trusted=True, tls=True, utf8=True)
    raw = bytes(range(256))
    number = await store.write(arrivals.add, seeds.a_mail(envelope=envelope, raw=raw, size=256, received=seeds.NOON))
    kept = await store.read(arrivals.fetch, number)
    assert kept is not None
    assert (kept.envelope, kept.raw, kept.size, kept.received) == (envelope, raw, 256, seeds.NOON)
    assert (kept.door, kept.history, kept.fate) == (Door.SMTP, False, None)
    assert await store.read(arrivals.fetch, number + 1) is None


async def test_a_fate_is_given_once(store: Store) -> None:
    number = await store.write(seeds.take_in)
    assert await store.write(arrivals.settle, number, Fate.RECORDED, ["a bounce"])
    assert not await store.write(arrivals.settle, number, Fate.DROPPED, ["by a person"])
    kept = await store.read(arrivals.fetch, number)
    assert kept is not None
    assert kept.fate is Fate.RECORDED


async def test_what_was_set_aside_can_still_get_another_fate(store: Store) -> None:
    number = await store.write(seeds.take_in)
    await store.write(arrivals.settle, number, Fate.SET_ASIDE, ["cannot be read"])
    assert await store.write(arrivals.settle, number, Fate.DROPPED, ["by a person"])
    again = await store.write(seeds.take_in)
    await store.write(arrivals.settle, again, Fate.SET_ASIDE, ["cannot be read"])
    await store.write(arrivals.reopen_fate, again)
    await store.write(arrivals.reopen_fate, number)
    assert await store.read(arrivals.fates) == {"dropped": 1, "open": 1}


async def test_a_mail_of_an_imap_folder_is_taken_in_once(store: Store) -> None:
    place = "support@host/INBOX/17/4"
    assert not await store.read(arrivals.known_place, place)
    await store.write(seeds.take_in, place=place, door=Door.IMAP)
    assert await store.read(arrivals.known_place, place)
    with pytest.raises(sa.exc.IntegrityError):
        await store.write(seeds.take_in, place=place, door=Door.IMAP)
    await store.write(seeds.take_in)
    await store.write(seeds.take_in)  # mails of other doors have no place, and do not meet there


async def test_mails_of_one_conversation_are_settled_together(store: Store) -> None:
    first, second, other = [await store.write(seeds.take_in) for _ in range(3)]
    await store.write(seeds.begin)
    for number in (first, second):
        await store.write(arrivals.put_in_conversation, number, "c1", None)
    assert await store.read(arrivals.oldest_undecided, "c1") is not None
    await store.write(arrivals.settle, second, Fate.RECORDED, ["second copy"])
    assert await store.write(arrivals.settle_undecided, "c1", Fate.ANSWERED, ["answered by mail 1"]) == 1
    assert await store.read(arrivals.oldest_undecided, "c1") is None
    assert await store.read(arrivals.fates) == {"answered": 1, "recorded": 1, "open": 1}
    kept = await store.read(arrivals.fetch, other)
    assert kept is not None
    assert kept.fate is None


async def test_what_an_answer_settled_is_open_again_when_it_is_taken_back(store: Store) -> None:
    first, second = [await store.write(seeds.take_in) for _ in range(2)]
    await store.write(seeds.begin)
    for number, reason in ((first, "answered by mail 1"), (second, "answered by mail 2")):
        await store.write(arrivals.put_in_conversation, number, "c1", None)
        await store.write(arrivals.settle, number, Fate.ANSWERED, [reason])
    await store.write(arrivals.take_back_answer, "c1", "answered by mail 2")
    assert await store.read(arrivals.fates) == {"answered": 1, "open": 1}


async def test_earlier_mails_under_the_same_id_are_found(store: Store) -> None:
    numbers = [await store.write(seeds.take_in) for _ in range(2)]
    elsewhere = await store.write(seeds.take_in, mailbox="sales@example.com")
    for number, content in zip((*numbers, elsewhere), ("one", "two", "three"), strict=True):
        await store.write(arrivals.record_reading, number, "<a@b>", content, {})
    last = await store.read(arrivals.fetch, numbers[1])
    assert last is not None
    assert await store.read(arrivals.earlier, last, "<a@b>") == [(numbers[0], "one")]


async def test_the_balance_follows_each_mail(store: Store) -> None:
    numbers = [await store.write(seeds.take_in) for _ in range(4)]
    balance = await store.read(workload.balance)
    assert (balance.accepted, balance.waiting, balance.in_work, balance.holds) == (4, 4, 0, True)
    harvest = await store.write(lanes.claim, {"read": 1}, lease=timedelta(seconds=15), node="here")
    [claim] = harvest.claims
    balance = await store.read(workload.balance)
    assert (balance.accepted, balance.waiting, balance.in_work, balance.holds) == (4, 3, 1, True)
    await store.write(arrivals.settle, numbers[0], Fate.RECORDED, ["a bounce"])
    await store.write(lanes.settle, claim, lanes.Try("here", timedelta(0)))
    balance = await store.read(workload.balance)
    assert (balance.waiting, balance.in_work, balance.fates["recorded"], balance.holds) == (3, 0, 1, True)


async def test_a_mail_that_nobody_has_to_do_anything_about_is_out_of_balance(store: Store) -> None:
    await store.write(arrivals.add, seeds.a_mail())
    assert not (await store.read(workload.balance)).holds


async def test_an_arrival_without_its_count_is_out_of_balance(store: Store) -> None:
    await store.write(seeds.take_in)
    await store.write(lambda tx: tx.execute(sa.delete(schema.counter)))
    assert not (await store.read(workload.balance)).holds


async def test_a_mail_whose_answer_waits_for_a_person_is_waiting(store: Store) -> None:
    number = await store.write(arrivals.add, seeds.a_mail())
    await store.write(seeds.begin)
    await store.write(arrivals.put_in_conversation, number, "c1", None)
    await store.write(jobs.add, "decide", "c1", "c1", key="decide:c1")
    assert (await store.read(workload.balance)).waiting == 1
    await store.write(jobs.cancel, "decide:c1")
    assert not (await store.read(workload.balance)).holds
    entry = await store.write(conversations.add_entry, "c1", seeds.an_entry(), SUPPORT)
    await store.write(deliveries.add, seeds.a_parcel(entry_id=entry), draft=True)
    assert (await store.read(workload.balance)).holds


async def test_the_newest_arrival_of_a_mailbox_is_known(store: Store) -> None:
    assert await store.read(arrivals.last_received, SUPPORT) is None
    await store.write(seeds.take_in, received=seeds.NOON)
    await store.write(seeds.take_in, received=seeds.NOON - timedelta(days=1))
    assert await store.read(arrivals.last_received, SUPPORT) == seeds.NOON
