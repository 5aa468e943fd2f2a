"""A mail in a conversation that is another matter."""

from datetime import timedelta

import sqlalchemy as sa

from gateway.conversations.conversation import Author, Held, State
from gateway.desk.decision import Answer
from gateway.mail.message import Address
from gateway.pipeline import merging, people, splitting
from gateway.pipeline.people import Done, NotDone, Result
from gateway.store import arrivals, conversations, handoffs, known_ids, ledger, retention, workload
from gateway.store import splitting as splits
from gateway.store.deliveries import Phase
from gateway.store.schema import job
from tests.fakes import FakeAssistant
from tests.pipeline.stand import Stand

URL = "https://gateway.example.com"


async def split(stand: Stand, here: str, number: int) -> Result:
    """The customer's mail so many of the conversation, counted from 0."""
    entry = (await stand.conversation(here)).entries[number]
    return await people.act(stand.store, splitting.split, here, entry.id, by="bob", url=URL)


def apart(result: Result) -> str:
    assert isinstance(result, Done), result
    return next(word for word in result.text.split() if word.count("-") == 4)


async def test_the_mail_begins_a_conversation_that_people_have_and_stays_where_it_was(stand: Stand) -> None:
    here = await stand.customer_writes("Where is my key?")
    await stand.customer_writes("And I want an invoice.", here)
    new = await stand.conversation(apart(await split(stand, here, 1)))
    old = await stand.conversation(here)
    assert [one.text for one in new.entries] == ["And I want an invoice."]
    assert (new.held, new.state, new.parent, new.case) == (Held.PERSON, State.OPEN, here, None)
    assert [one.text for one in old.entries] == ["Where is my key?", "And I want an invoice."]
    assert {one.key for one in new.entries}.isdisjoint({one.key for one in old.entries})
    assert new.anchor != old.anchor
    [handed] = await stand.store.read(handoffs.of_conversation, new.id)
    assert "a matter of its own" in handed.reason
    assert await split(stand, here, 1) == Done(f"It is conversation {new.id} already.")
    assert await stand.store.read(conversations.find_entry, new.entries[0].key) == new.entries[0].id


async def test_what_was_merged_back_is_not_said_to_be_apart(stand: Stand) -> None:
    here = await stand.customer_writes("Where is my key?")
    await stand.customer_writes("And I want an invoice.", here)
    new = apart(await split(stand, here, 1))
    merged = await people.act(stand.store, merging.merge, new, here, by="bob", url=URL)
    assert isinstance(merged, Done)
    again = await split(stand, here, 1)
    assert again == NotDone(f"it was conversation {new}, which was merged into {here} since")


async def test_what_is_split_off_twice_is_still_of_the_first_ones_family(stand: Stand) -> None:
    here = await stand.customer_writes("Where is my key?")
    await stand.customer_writes("And I want an invoice.", here)
    second = apart(await split(stand, here, 1))
    await stand.customer_writes("And my address is wrong.", second)
    third = apart(await split(stand, second, 1))
    assert await stand.store.read(splits.origins, [second, third]) == {second: here, third: here}


async def test_an_answer_that_waits_is_not_sent_and_nobody_gets_two(stand: Stand) -> None:
    stand.assistant = FakeAssistant(Answer("It is at the desk."))
    here = await stand.customer_writes("Where is my key?")
    await stand.customer_writes("And I want an invoice.", here)
    await stand.later("decide")
    await split(stand, here, 1)
    await stand.later()
    [answer] = await stand.mails(here)
    assert (answer.state, stand.relay.mails) == (Phase.CANCELLED, [])
    assert (await stand.conversation(here)).held is Held.PERSON
    assert (await stand.fates())["handed_off"] == 2
    assert (await stand.store.read(workload.balance)).holds


async def test_what_was_answered_leaves_the_rest_with_the_assistant(stand: Stand) -> None:
    stand.assistant = FakeAssistant(Answer("It is at the desk."))
    here = await stand.customer_writes("Where is my key?")
    await stand.later("decide", "send")
    await stand.customer_writes("And I want an invoice.", here)
    await stand.later("decide", "send")
    apart(await split(stand, here, 2))
    assert (await stand.conversation(here)).held is Held.ASSISTANT
    assert (await stand.fates())["answered"] == 2


async def test_what_is_no_matter_of_its_own_stays(stand: Stand) -> None:
    stand.assistant = FakeAssistant(Answer("It is at the desk."))
    here = await stand.customer_writes("Where is my key?")
    assert await split(stand, here, 0) == NotDone("it is the only mail of the customer here")
    await stand.later("decide", "send")
    assert (await stand.conversation(here)).entries[1].author is Author.ASSISTANT
    assert isinstance(await split(stand, here, 1), NotDone)
    theirs = await stand.customer_writes("Mine?", sender=Address("bob@else.example", "Bob"))
    other = (await stand.conversation(theirs)).entries[0].id
    assert isinstance(await people.act(stand.store, splitting.split, here, other, by="bob", url=URL), NotDone)
    assert await people.act(stand.store, splitting.split, "no-such", 1, by="bob", url=URL) == people.NO_CONVERSATION


async def test_a_merged_conversation_is_not_split(stand: Stand) -> None:
    here, goes_on = [await stand.customer_writes(f"Key {number}?") for number in range(2)]
    await stand.customer_writes("And an invoice.", here)
    await people.act(stand.store, merging.merge, here, goes_on, by="bob", url=URL)
    assert await split(stand, here, 1) == NotDone("the conversation was merged into another")


async def test_the_rep_of_the_older_case_is_told_where_the_mail_went_on(stand: Stand) -> None:
    here = await stand.customer_writes("Where is my key?")
    await stand.customer_writes("And I want an invoice.", here)
    await stand.store.write(conversations.set_case, here, "case-1")
    new = apart(await split(stand, here, 1))
    [told] = await stand.store.read(ledger.wanted, here)
    assert f"{URL}/conversations/{new}" in told.text


async def test_an_id_that_a_stranger_used_again_stays_with_whom_it_was_first(stand: Stand) -> None:
    annas = await stand.customer_writes("Where is my key?")
    [known] = (await stand.conversation(annas)).entries
    eve = Address("eve@else.example")
    eves = await stand.customer_writes("Hello.", sender=eve)
    await stand.customer_writes("Mine, too.", eves, sender=eve, message_id=known.message_id)
    apart(await split(stand, eves, 1))
    [found] = await stand.store.read(known_ids.find, [known.message_id])
    assert (found.conversation_id, found.entry_id) == (annas, known.id)


async def test_that_it_was_split_off_is_forgotten_with_it(stand: Stand) -> None:
    here = await stand.customer_writes("Where is my key?")
    await stand.customer_writes("And I want an invoice.", here)
    new = apart(await split(stand, here, 1))
    assert await stand.store.read(splits.origins, [new]) == {new: here}
    await stand.later()
    stand.store.turn_clock(timedelta(days=3))
    await stand.store.write(lambda tx: tx.execute(sa.delete(job)))
    assert await stand.store.write(retention.forget_conversations, timedelta(days=1)) == 2
    assert await stand.store.read(splits.origins, [new]) == {}


async def test_a_mail_that_was_split_off_outlives_the_conversation_it_came_to(stand: Stand) -> None:
    here = await stand.customer_writes("Where is my key?")
    await stand.customer_writes("And I want an invoice.", here)
    new = apart(await split(stand, here, 1))
    await stand.later()
    await stand.store.write(lambda tx: tx.execute(sa.delete(job)))
    stand.store.turn_clock(timedelta(days=3))
    await stand.store.write(conversations.set_state, new, State.OPEN)
    assert await stand.store.write(retention.forget_conversations, timedelta(days=2)) == 1
    [mail] = (await stand.conversation(new)).entries
    assert mail.arrival is not None
    kept = await stand.store.read(arrivals.fetch, mail.arrival)
    assert kept is not None
    assert kept.raw != retention.GONE
    assert kept.conversation_id == new
