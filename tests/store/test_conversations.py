"""Conversations, their entries, their customers, the ids that thread them, and the candidates for a mail's home."""

from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest
import sqlalchemy as sa

from gateway.conversations.conversation import Author, Held, State, Trust
from gateway.desk.decision import Understanding
from gateway.mail.message import Address, Attachment
from gateway.store import candidates, conversations, customers, handoffs, history, known_ids, merging
from gateway.store.database import Store, Transaction
from tests.store import seeds
from tests.store.seeds import ANN, SUPPORT

BOB = Address("bob@customer.test", "Bob")


async def test_a_conversation_comes_back_as_it_was_kept(store: Store) -> None:
    await store.write(seeds.begin)
    picture = Attachment(0, "a.png", "image/png", 12, "cd" * 32, inline=True, content_id="x")
    entry = seeds.an_entry(
        cc=(BOB,),
        html="<p>Text</p>",
        full="Text\n> quoted",
        cuts=((2, 2, "depth", 0.9),),
        in_reply_to=("<a@b>",),
        references=("<a@b>", "<c@d>"),
        attachments=(picture,),
        trust=Trust.VERIFIED,
        arrival=7,
        automatic=True,
        reply_to=BOB,
    )
    number = await store.write(conversations.add_entry, "c1", entry, SUPPORT)
    loaded = await store.read(conversations.load, "c1")
    assert loaded is not None
    assert loaded.entries == (replace(entry, id=number),)
    assert (loaded.customer, loaded.state, loaded.held, loaded.answers) == (ANN, State.OPEN, Held.ASSISTANT, 0)
    assert await store.read(conversations.load, "nobody's") is None


async def test_entries_are_in_the_order_of_their_time(store: Store) -> None:
    await store.write(seeds.begin)
    for number in (3, 1, 2):
        await store.write(conversations.add_entry, "c1", seeds.an_entry(number), SUPPORT)
    loaded = await store.read(conversations.load, "c1")
    assert loaded is not None
    assert [one.key for one in loaded.entries] == ["key-1", "key-2", "key-3"]


async def test_one_entry_is_kept_once(store: Store) -> None:
    await store.write(seeds.begin)
    number = await store.write(conversations.add_entry, "c1", seeds.an_entry(), SUPPORT)
    assert await store.read(conversations.find_entry, "key-1") == number
    with pytest.raises(sa.exc.IntegrityError):
        await store.write(conversations.add_entry, "c1", seeds.an_entry(), SUPPORT)


async def test_only_what_the_assistant_said_counts_as_an_answer(store: Store) -> None:
    await store.write(seeds.begin)
    for number, author in enumerate((Author.CUSTOMER, Author.ASSISTANT, Author.AGENT), start=1):
        await store.write(conversations.add_entry, "c1", seeds.an_entry(number, author=author), SUPPORT)
    loaded = await store.read(conversations.load, "c1")
    assert loaded is not None
    assert loaded.answers == 1
    customers_own = await store.read(conversations.find_entry, "key-1")
    assert await store.read(conversations.newest_customer_entry, "c1") == customers_own


async def test_who_has_a_conversation_and_what_is_thought_of_it(store: Store) -> None:
    await store.write(seeds.begin)
    about = Understanding(summary="wants a refund", language="en", fields={"PriorityId": "High"})
    await store.write(conversations.remember_understanding, "c1", about)
    await store.write(conversations.set_held, "c1", Held.PERSON, "asked for a person")
    await store.write(conversations.set_state, "c1", State.RESOLVED)
    await store.write(handoffs.add, "c1", "asked for a person", "gate", about)
    assert await store.read(conversations.understanding, "c1") == about
    assert not await store.read(conversations.held_by_assistant, "c1")
    assert await store.read(conversations.state, "c1") is State.RESOLVED
    [handed] = await store.read(handoffs.of_conversation, "c1")
    assert (handed.reason, handed.by, handed.about) == ("asked for a person", "gate", about)


async def test_participants_keep_how_far_they_are_trusted(store: Store) -> None:
    await store.write(seeds.begin)
    await store.write(conversations.join, "c1", BOB, Trust.UNVERIFIED)
    await store.write(conversations.join, "c1", BOB, Trust.VERIFIED)
    found = await store.read(conversations.participants, "c1")
    assert found == {ANN.key: Trust.VERIFIED, BOB.key: Trust.VERIFIED}


async def test_conversations_are_found_by_case_and_by_customer(store: Store) -> None:
    for name in ("c1", "c2", "c3"):
        await store.write(seeds.begin, name)
        store.turn_clock(timedelta(minutes=1))
    await store.write(conversations.set_case, "c1", "case-1")
    await store.write(conversations.set_case, "c3", "case-1")
    assert await store.read(conversations.of_case, "case-1") == ["c1", "c3"]
    customer = await store.read(conversations.customer_of, "c2")
    assert await store.read(conversations.of_customer, customer) == ["c3", "c2", "c1"]


async def test_history_is_told_in_order(store: Store) -> None:
    for what in ("mail_arrived", "answered", "handed_off"):
        await store.write(partial(history.note, what=what, conversation="c1", arrival=4, why="because\x00"))
    told = await store.read(history.of_conversation, "c1")
    assert [(one.what, one.facts) for one in told][2] == ("handed_off", {"why": "because\ufffd"})
    assert await store.read(history.of_arrival, 4) == told


# -- customers ------------------------------------------------------------------------------------------------------


async def test_a_person_is_known_by_all_their_addresses_in_any_case(store: Store) -> None:
    ann = await store.write(customers.find_or_add, ANN)
    assert await store.write(customers.find_or_add, Address("ANN@customer.TEST")) == ann
    await store.write(customers.add_address, ann, "ann@home.test")
    assert await store.read(customers.find, "Ann@Home.test") == ann
    assert await store.read(customers.addresses, ann) == ["ann@customer.test", "ann@home.test"]


async def test_an_address_stays_with_whom_it_belongs_to(store: Store) -> None:
    ann = await store.write(customers.find_or_add, ANN)
    bob = await store.write(customers.find_or_add, BOB)
    await store.write(customers.add_address, bob, ANN.address)
    assert await store.read(customers.find, ANN.address) == ann


async def test_the_contact_of_a_customer_is_remembered(store: Store) -> None:
    ann = await store.write(customers.find_or_add, ANN)
    assert await store.read(customers.contact, ann) is None
    await store.write(customers.set_contact, ann, None, "two contacts have this address")
    assert await store.read(customers.contact_note, ann) == "two contacts have this address"
    await store.write(customers.set_contact, ann, "contact-1")
    assert (await store.read(customers.contact, ann), await store.read(customers.contact_note, ann)) == (
        "contact-1",
        "",
    )
    assert await store.read(customers.name, ann) == "Ann Alder"


# -- known ids and candidates ----------------------------------------------------------------------------------------


async def test_an_id_stays_with_its_conversation_however_often_it_is_used(store: Store) -> None:
    await store.write(known_ids.add, SUPPORT, "<a@b>", "c1", 1, ours=True, people=["ann@customer.test"])
    await store.write(known_ids.add, SUPPORT, "<a@b>", "c2", 2, ours=False, people=["eve@evil.test"])
    [known] = await store.read(known_ids.find, ["<a@b>", "<a@b>", "<x@y>"])
    assert (known.conversation_id, known.ours, known.people) == ("c1", True, frozenset({"ann@customer.test"}))


async def test_each_mailbox_has_its_own_ids(store: Store) -> None:
    await store.write(known_ids.add, SUPPORT, "<a@b>", "c1", 1, ours=False, people=[])
    await store.write(known_ids.add, "sales@example.com", "<a@b>", "c2", 2, ours=True, people=[])
    [here] = await store.read(known_ids.find, ["<a@b>"], SUPPORT)
    assert here.conversation_id == "c1"
    assert len(await store.read(known_ids.find, ["<a@b>"])) == 2
    assert await store.read(known_ids.sent_by_us, "<a@b>")
    assert await store.read(known_ids.find, []) == []


async def gathered(store: Store, **more: object) -> list[str]:
    asked = {"sender": "nobody@x.test", "references": [], "named": [], "case_numbers": []} | more
    found = await store.read(candidates.gather, SUPPORT, **asked)  # type: ignore[arg-type]  # as the test gives them
    return sorted(one.id for one in found)


async def test_a_mails_home_is_sought_by_every_trace(store: Store) -> None:
    def seed(tx: Transaction) -> None:
        for name in ("c1", "c2", "c3"):
            seeds.begin(tx, name, customer=BOB)
        seeds.begin(tx, "other", mailbox="sales@example.com")
        conversations.add_entry(tx, "c2", seeds.an_entry(2), SUPPORT)

    await store.write(seed)
    assert await gathered(store) == []
    assert await gathered(store, references=["<anchor-c1@example.com>"]) == ["c1"]
    assert await gathered(store, references=["<2@customer.test>"], named=["c3"]) == ["c2", "c3"]
    assert await gathered(store, named=["other"]) == []
    assert await gathered(store, sender=BOB.key) == ["c1", "c2", "c3"]
    assert await gathered(store, sender=ANN.key) == []


async def test_a_candidate_tells_who_wrote_the_mail_that_is_referred_to(store: Store) -> None:
    def seed(tx: Transaction) -> None:
        seeds.begin(tx)
        conversations.add_entry(tx, "c1", seeds.an_entry(2, author=Author.AGENT, to=(ANN,)), SUPPORT)

    await store.write(seed)
    [found] = await store.read(
        candidates.gather, SUPPORT, sender=ANN.key, references=["<2@customer.test>"], named=[], case_numbers=[]
    )
    [mail] = found.mails
    assert (mail.message_id, mail.ours) == ("<2@customer.test>", True)
    assert ANN.key in found.participants


async def test_of_a_writer_with_many_conversations_only_the_newest_are_looked_at(store: Store) -> None:
    def seed(tx: Transaction) -> None:
        for number in range(candidates.OF_ONE_WRITER + 5):
            seeds.begin(tx, f"c{number:02}")

    await store.write(seed)
    assert len(await gathered(store, sender=ANN.key)) == candidates.OF_ONE_WRITER


async def test_what_finds_a_merged_conversation_finds_where_it_goes_on_without_following_a_chain(store: Store) -> None:
    for number, name in enumerate(("c1", "c2", "c3")):
        await store.write(seeds.begin, name)
        await store.write(conversations.add_entry, name, seeds.an_entry(number), SUPPORT)
    await store.write(merging.add, "c1", "c2")
    await store.write(merging.add, "c2", "c3")
    assert await store.read(merging.survivors, ["c1", "c2", "c3"]) == {"c1": "c3", "c2": "c3"}
    assert await store.read(merging.parts_of, "c3") == ["c1", "c2"]
    reference = seeds.an_entry(0).message_id
    ask = partial(candidates.gather, sender="x@y.test", references=[reference], named=[], case_numbers=[])
    found = await store.read(ask, SUPPORT)
    assert {one.id: one.merged_into for one in found} == {"c1": "c3", "c3": ""}
    with pytest.raises(sa.exc.IntegrityError):
        await store.write(merging.add, "c1", "c2")
