"""Two conversations that people found to be one."""

from functools import partial

from gateway.conversations.conversation import Held, State
from gateway.conversations.matching import Arriving, Home
from gateway.desk.decision import Answer
from gateway.mail.message import Address
from gateway.mail.trust import Trust
from gateway.pipeline import merging, people
from gateway.pipeline.decide import decide
from gateway.pipeline.parts import Job
from gateway.pipeline.people import Done, NotDone, Result
from gateway.pipeline.place import rethink
from gateway.store import conversations, lanes, ledger, workload
from gateway.store.database import Transaction
from gateway.store.deliveries import Phase
from tests.fakes import FakeAssistant
from tests.pipeline.stand import ANNA, QUIET, SUPPORT, Stand

URL = "https://gateway.example.com"


async def merge(stand: Stand, one: str, into: str) -> Result:
    return await people.act(stand.store, merging.merge, one, into, by="bob", url=URL)


async def merged(stand: Stand, one: str, into: str) -> None:
    result = await merge(stand, one, into)
    assert isinstance(result, Done), result


async def home_of_answer(stand: Stand, here: str) -> Home:
    """Where her answer to the newest mail of a conversation is at home."""
    newest = (await stand.conversation(here)).entries[-1].message_id

    def look(tx: Transaction) -> Home:
        arriving = Arriving(ANNA.key, Trust.UNVERIFIED, SUPPORT, "Re: x", tx.now, references=(newest,), quotes=True)
        conversations.join(tx, here, ANNA, Trust.UNVERIFIED)
        return rethink(tx, arriving, stand.settings)

    return await stand.store.write(look)


async def test_later_mails_go_to_the_conversation_that_goes_on_however_often_it_was_merged(stand: Stand) -> None:
    first, second, third = [await stand.customer_writes(f"Key {number}?") for number in range(3)]
    await merged(stand, first, second)
    assert (await home_of_answer(stand, first)).found == second
    await merged(stand, second, third)
    found = await home_of_answer(stand, first)
    assert found.found == third
    assert found.evidence[1].rule == "merged"
    assert await merge(stand, third, first) == NotDone("it is the same conversation")


async def test_an_answer_that_waits_is_not_sent_and_people_have_the_matter(stand: Stand) -> None:
    stand.assistant = FakeAssistant(Answer("It is at the desk."))
    goes_on = await stand.customer_writes("Where is my key?")
    await stand.later("decide", "send")
    here = await stand.customer_writes("Did you find my key?")
    await stand.later("decide")
    await merged(stand, here, goes_on)
    await stand.later()
    [answer] = await stand.mails(here)
    assert answer.state is Phase.CANCELLED
    assert len(stand.relay.mails) == 1
    gone, other = await stand.conversation(here), await stand.conversation(goes_on)
    assert (gone.state, other.held) == (State.RESOLVED, Held.PERSON)
    assert (await stand.fates())["handed_off"] == 1
    assert (await stand.store.read(workload.balance)).holds


async def test_a_mail_that_waits_to_be_decided_on_is_people_s_and_never_answered(stand: Stand) -> None:
    stand.assistant = FakeAssistant(Answer("It is at the desk."))
    goes_on = await stand.customer_writes("Where is my key?")
    await stand.later("decide", "send")
    here = await stand.customer_writes("Did you find my key?")
    await merged(stand, here, goes_on)
    await stand.later()
    assert len(stand.relay.mails) == 1
    assert (await stand.fates())["handed_off"] == 1


async def test_what_nobody_waits_for_leaves_the_other_with_the_assistant(stand: Stand) -> None:
    stand.assistant = FakeAssistant(Answer("It is at the desk."))
    here, goes_on = [await stand.customer_writes(f"Key {number}?") for number in range(2)]
    await stand.later("decide", "send")
    await merged(stand, here, goes_on)
    assert (await stand.conversation(goes_on)).held is Held.ASSISTANT


async def test_a_matter_that_people_have_stays_with_people(stand: Stand) -> None:
    here, goes_on = [await stand.customer_writes(f"Key {number}?") for number in range(2)]
    await people.act(stand.store, people.hand_off, here, by="bob")
    await people.act(stand.store, people.resolve, goes_on, by="bob")
    await merged(stand, here, goes_on)
    other = await stand.conversation(goes_on)
    assert (other.state, other.held) == (State.OPEN, Held.PERSON)


async def test_mails_of_different_customers_are_never_put_together(stand: Stand) -> None:
    here = await stand.customer_writes("Where is my key?")
    theirs = await stand.customer_writes("And mine?", sender=Address("bob@else.example", "Bob"))
    refused = await merge(stand, theirs, here)
    assert isinstance(refused, NotDone)
    assert "bob@else.example's" in refused.why
    assert await merge(stand, here, "no-such") == people.NO_CONVERSATION
    assert (await stand.conversation(theirs)).state is State.OPEN


async def test_a_merged_conversation_is_neither_opened_again_nor_merged_elsewhere(stand: Stand) -> None:
    here, goes_on, third = [await stand.customer_writes(f"Key {number}?") for number in range(3)]
    await merged(stand, here, goes_on)
    assert await merge(stand, here, goes_on) == Done("It was merged already.")
    assert isinstance(await merge(stand, here, third), NotDone)
    for act in (people.reopen, people.resume):
        assert await people.act(stand.store, act, here, by="bob") == people.MERGED


async def test_the_rep_of_each_case_is_told_where_the_other_mails_are(stand: Stand) -> None:
    here, goes_on = [await stand.customer_writes(f"Key {number}?") for number in range(2)]
    await stand.store.write(conversations.set_case, here, "case-1")
    await merged(stand, here, goes_on)
    [gone] = await stand.store.read(ledger.wanted, here)
    [told] = await stand.store.read(ledger.wanted, goes_on)
    assert f"{URL}/conversations/{goes_on}" in gone.text
    assert f"{URL}/conversations/{here}" in told.text


async def test_a_conversation_without_a_case_gets_that_of_the_one_it_goes_on_in(stand: Stand) -> None:
    here, goes_on = [await stand.customer_writes(f"Key {number}?") for number in range(2)]
    await merged(stand, here, goes_on)
    await stand.store.write(merging.follow_case, goes_on, "case-2")
    assert (await stand.conversation(here)).case == "case-2"


async def test_an_answer_that_is_thought_of_while_a_person_merges_is_never_said(stand: Stand) -> None:
    stand.assistant = FakeAssistant(Answer("It is at the desk."))
    here, goes_on = [await stand.customer_writes(f"Key {number}?") for number in range(2)]
    stand.store.turn_clock(QUIET)
    claims = await stand.take("decide")
    claim = next(one for one in claims if one.subject == here)
    fence = partial(lanes.fence, claim=claim)
    write = await decide(
        stand.parts, Job(claim.id, claim.lane, here, claim.attempts, claim.lost, claim.data, fence=fence)
    )
    await merged(stand, here, goes_on)
    assert await stand.store.write(write) == []
    assert await stand.mails(here) == []
