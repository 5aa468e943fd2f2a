"""What the store knows of mails beside the one at hand: Outlook's threads, copies elsewhere, who wrote how often."""

from datetime import timedelta

from gateway.conversations.conversation import Author, Trust
from gateway.conversations.matching import Candidate
from gateway.desk.loops import Turn
from gateway.mail.message import Address
from gateway.store import arrivals, candidates, conversations, deliveries, exchanges, outlook, retention
from gateway.store.arrivals import Door, Fate
from gateway.store.database import Store, Transaction
from gateway.store.deliveries import Kind
from tests.store.seeds import ANN, NOON, SUPPORT, a_parcel, an_entry, begin, take_in

DAY, BOB = timedelta(days=1), Address("Bob@Customer.test")
SALES = "sales@example.com"


async def test_a_conversation_is_found_by_outlooks_thread(store: Store) -> None:
    await store.write(begin)
    for _ in range(2):
        await store.write(outlook.remember, SUPPORT, "aa11", "c1")
    await store.write(outlook.remember, SUPPORT, "", "c1")
    [found] = await store.read(_gather, "aa11")
    assert (found.id, found.thread_indexes) == ("c1", frozenset({"aa11"}))
    assert await store.read(_gather, "bb22") == []
    assert await store.read(outlook.conversations_of, SALES, "aa11") == []


async def test_a_thread_is_forgotten_with_its_conversation(store: Store) -> None:
    await store.write(begin)
    await store.write(outlook.remember, SUPPORT, "aa11", "c1")
    store.turn_clock(DAY * 3)
    await store.write(retention.forget_conversations, DAY)
    assert await store.read(outlook.conversations_of, SUPPORT, "aa11") == []


async def test_a_confirmed_address_stays_confirmed_when_its_writer_writes_again(store: Store) -> None:
    await store.write(begin)
    await store.write(conversations.confirm, "c1", BOB)
    await store.write(conversations.join, "c1", BOB, Trust.UNVERIFIED)
    found = await store.read(conversations.load, "c1")
    assert found is not None
    assert found.confirmed == {BOB.key, ANN.key}


async def test_the_same_mail_at_another_mailbox_is_known_while_it_counts_there(store: Store) -> None:
    await store.write(begin)
    first = await store.write(_read_mail, SUPPORT)
    second = await store.write(_read_mail, SALES)
    assert await store.read(_elsewhere, second) is None  # it has no conversation yet
    await store.write(arrivals.put_in_conversation, first, "c1", 1)
    assert await store.read(_elsewhere, second) == (first, SUPPORT)
    assert await store.read(_elsewhere, first) is None
    await store.write(arrivals.settle, first, Fate.RECORDED, ["history"])
    assert await store.read(_elsewhere, second) is None


async def test_what_is_only_recorded_or_fed_is_no_sign_of_life_of_a_mailbox(store: Store) -> None:
    ids = [await store.write(take_in, sha256=f"{number:064x}") for number in range(3)]
    await store.write(take_in, sha256="fed", door=Door.FEED)
    await store.write(arrivals.settle, ids[0], Fate.RECORDED, ["our own"])
    await store.write(arrivals.settle, ids[1], Fate.ANSWERED, ["yes"])
    assert len(await store.read(arrivals.times, SUPPORT)) == 2
    assert await store.read(arrivals.times, SALES) == []


async def test_what_passed_between_an_address_and_our_machines_is_told_in_order(store: Store) -> None:
    await store.write(_talk, "c1", Kind.ANSWER)
    await store.write(_talk, "c2", Kind.AGENT)
    found = await store.read(exchanges.lately, {ANN.key}, "c9", DAY, [7])
    assert [(one.conversation, one.ours, one.open) for one in found] == [
        ("c1", False, True), ("c1", True, False), ("c2", False, True),
    ]  # fmt: skip
    assert isinstance(found[0], Turn)
    assert await store.read(exchanges.lately, {BOB.key}, "c9", DAY, []) == []
    store.turn_clock(2 * DAY)
    assert await store.read(exchanges.lately, {ANN.key}, "c1", DAY, []) == []


def _gather(tx: Transaction, thread: str) -> list[Candidate]:
    return candidates.gather(
        tx, SUPPORT, sender="x@y.test", references=(), named=(), case_numbers=(), thread=thread
    )  # fmt: skip


def _read_mail(tx: Transaction, mailbox: str) -> int:
    made = take_in(tx, mailbox=mailbox, sha256="cd" * 32)
    arrivals.record_reading(tx, made, "<1@customer.test>", "content", {})
    return made


def _elsewhere(tx: Transaction, arrival: int) -> tuple[int, str] | None:
    kept = arrivals.fetch(tx, arrival)
    assert kept is not None
    return arrivals.elsewhere(tx, kept, "<1@customer.test>", "content")


def _talk(tx: Transaction, name: str, kind: Kind) -> None:
    """Ann writes, and we write back."""
    begin(tx, name)
    for number, author in enumerate((Author.CUSTOMER, Author.ASSISTANT)):
        key = f"{name}-{number}"
        arrived = tx.now - timedelta(seconds=60 if name == "c1" else 20) + timedelta(seconds=number)
        made = conversations.add_entry(
            tx,
            name,
            an_entry(author=author, key=key, message_id=f"<{key}@x>", at=NOON, arrived=arrived, arrival=7),
            SUPPORT,
        )
    message_id = f"<{name}-answer@example.com>"
    deliveries.add(tx, a_parcel(kind=kind, conversation_id=name, entry_id=made, message_id=message_id))
