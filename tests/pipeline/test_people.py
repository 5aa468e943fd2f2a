"""What a person can do with a conversation and with the whole house; each act says who did it."""

from datetime import timedelta

from gateway.conversations.conversation import Author, Held, State
from gateway.desk.decision import Answer
from gateway.pipeline import people
from gateway.pipeline.people import Done, NotDone, Result
from gateway.store import conversations, deliveries, handoffs, history, lanes, pauses, workload
from gateway.store.deliveries import Phase
from gateway.store.pauses import What
from tests.fakes import FakeAssistant
from tests.pipeline.stand import ANNA, SUPPORT, Stand


async def a_draft(stand: Stand, text: str = "It is at the desk.") -> str:
    stand.change_mailbox(mode="draft")
    stand.assistant = FakeAssistant(Answer(text))
    here = await stand.customer_writes("Where is my key?")
    await stand.later("decide")
    return here


async def an_answer(stand: Stand, number: int = 1) -> str:
    stand.assistant = FakeAssistant(Answer("It is at the desk."))
    here = await stand.customer_writes(f"Where is key {number}?")
    await stand.later("decide")
    return here


def done(result: Result) -> Done:
    assert isinstance(result, Done), result
    return result


async def is_balanced(stand: Stand) -> bool:
    return (await stand.store.read(workload.balance)).holds


async def test_a_reply_is_mailed_first_and_the_assistant_falls_silent(stand: Stand) -> None:
    await an_answer(stand)
    here = await stand.customer_writes("Hello?")
    done(await people.reply(stand.parts, here, "Good day,\r\nBob here.", by="bob"))
    [reply] = await stand.mails(here)
    first = (await stand.store.write(lanes.claim, {"send": 1}, lease=timedelta(minutes=1), node="here")).claims
    assert [one.subject for one in first] == [str(reply.id)]  # before the answer that was queued earlier
    talk = await stand.conversation(here)
    newest = talk.entries[-1]
    assert (talk.held, newest.author, newest.text) == (Held.PERSON, Author.AGENT, "Good day,\nBob here.")
    assert await is_balanced(stand)


async def test_a_reply_to_a_draft_drops_the_draft(stand: Stand) -> None:
    here = await a_draft(stand)
    done(await people.reply(stand.parts, here, "I have it here.", by="bob"))
    await stand.work("send")
    [mail] = stand.relay.mails
    assert b"I have it here." in mail.raw
    draft, reply = await stand.mails(here)
    assert (draft.state, reply.state) == (Phase.CANCELLED, Phase.DELIVERED)
    assert await is_balanced(stand)


async def test_a_reply_that_knew_less_than_there_is_waits_for_a_second_look(stand: Stand) -> None:
    here = await stand.customer_writes("Where is my key?")
    seen = (await stand.conversation(here)).entries[-1].id
    await stand.customer_writes("Found it, thanks!", here)
    assert await people.reply(stand.parts, here, "At the desk.", by="bob", seen=seen) == people.OVERTAKEN
    assert await stand.mails(here) == []
    done(await people.reply(stand.parts, here, "At the desk.", by="bob"))  # who cannot see, like a shell, is not asked


async def test_an_approved_draft_goes_out_as_written_and_settles_its_mail(stand: Stand) -> None:
    here = await a_draft(stand)
    assert await is_balanced(stand)
    done(await people.approve_draft(stand.parts, here, by="bob"))
    await stand.work("send")
    [mail] = stand.relay.mails
    assert b"It is at the desk." in mail.raw
    assert b"Auto-Submitted" not in mail.raw  # a person has looked at it
    assert await stand.fates() == {"answered": 1}
    assert await people.approve_draft(stand.parts, here, by="eve") == people.NO_DRAFT
    assert await is_balanced(stand)


async def test_an_approved_draft_may_say_something_else(stand: Stand) -> None:
    here = await a_draft(stand)
    [draft] = await stand.mails(here)
    done(await people.approve_draft(stand.parts, here, by="bob", text="It is with me.\r\n\r\nBob"))
    await stand.work("send")
    [mail] = stand.relay.mails
    assert b"It is with me." in mail.raw
    assert b"at the desk" not in mail.raw
    assert draft.outgoing.message_id.encode() in mail.raw
    talk = await stand.conversation(here)
    assert talk.entries[-1].text == "It is with me.\n\nBob"
    assert await stand.store.read(conversations.held_by_assistant, here)


async def test_a_discarded_draft_gives_the_conversation_to_people(stand: Stand) -> None:
    here = await a_draft(stand)
    done(await people.act(stand.store, people.discard_draft, here, by="bob", reason="not true"))
    await stand.work("send")
    assert stand.relay.mails == []
    assert await stand.fates() == {"handed_off": 1}
    [handed] = await stand.store.read(handoffs.of_conversation, here)
    assert (handed.by, handed.reason) == ("bob", "not true")
    assert await people.act(stand.store, people.discard_draft, here, by="eve") == people.NO_DRAFT
    assert await is_balanced(stand)


async def test_handing_off_twice_makes_one_handoff(stand: Stand) -> None:
    here = await stand.customer_writes("Where is my key?")
    for _ in range(2):
        done(await people.act(stand.store, people.hand_off, here, by="bob"))
    assert len(await stand.store.read(handoffs.of_conversation, here)) == 1
    done(await people.act(stand.store, people.resume, here, by="bob"))
    done(await people.act(stand.store, people.hand_off, here, by="bob"))
    assert len(await stand.store.read(handoffs.of_conversation, here)) == 2


async def test_a_resolved_conversation_sends_no_answer_any_more(stand: Stand) -> None:
    here = await an_answer(stand)
    done(await people.act(stand.store, people.resolve, here, by="bob"))
    await stand.work("send")
    assert stand.relay.mails == []
    assert (await stand.conversation(here)).state is State.RESOLVED
    done(await people.act(stand.store, people.reopen, here, by="bob"))
    assert (await stand.conversation(here)).state is State.OPEN
    assert await is_balanced(stand)


async def test_every_act_notes_who_did_it(stand: Stand) -> None:
    here = await stand.customer_writes("Where is my key?")
    for act in (people.hand_off, people.resume, people.resolve, people.reopen):
        done(await people.act(stand.store, act, here, by="bob"))
    noted = await stand.store.read(history.of_conversation, here)
    assert [(one.what, one.facts["by"]) for one in noted if "by" in one.facts] == [
        ("handed_off", "bob"),
        ("given_back", "bob"),
        ("resolved", "bob"),
        ("reopened", "bob"),
    ]


async def test_acts_on_no_conversation_do_nothing(stand: Stand) -> None:
    for act in (people.hand_off, people.resume, people.resolve, people.reopen, people.discard_draft):
        assert await people.act(stand.store, act, "none", by="bob") == people.NO_CONVERSATION
    assert await people.reply(stand.parts, "none", "Hello", by="bob") == people.NO_CONVERSATION
    assert await people.approve_draft(stand.parts, "none", by="bob") == people.NO_CONVERSATION
    here = await stand.customer_writes("Hello")
    assert isinstance(await people.reply(stand.parts, here, " \r\n ", by="bob"), NotDone)


async def test_pausing_the_assistant_turns_every_unsent_answer_into_a_handoff(stand: Stand) -> None:
    here = [await an_answer(stand, number) for number in range(60)]
    talk = await stand.customer_writes("A person, please")
    done(await people.reply(stand.parts, talk, "Bob here.", by="bob"))
    told = done(await people.pause(stand.store, What.ASSISTANT, "", by="bob"))
    assert "60 unsent answers handed to people" in told.text
    await stand.work("send")
    [mail] = stand.relay.mails
    assert b"Bob here." in mail.raw  # what people write still goes
    assert (await stand.fates())["handed_off"] == 60
    assert not await stand.store.read(conversations.held_by_assistant, here[0])
    assert await is_balanced(stand)
    again = done(await people.pause(stand.store, What.ASSISTANT, "", by="eve"))
    assert "handed" not in again.text
    [pause] = await stand.store.read(pauses.listed)
    assert pause.by == "bob"


async def test_a_pause_of_one_mailbox_leaves_the_others_alone(stand: Stand) -> None:
    await an_answer(stand)
    done(await people.pause(stand.store, What.ASSISTANT, "other@example.com", by="bob"))
    await stand.work("send")
    assert len(stand.relay.mails) == 1


async def test_sending_goes_on_at_once_when_its_pause_ends(stand: Stand) -> None:
    here = await an_answer(stand)
    done(await people.pause(stand.store, What.SENDING, "", by="bob"))
    await stand.work("send")
    assert stand.relay.mails == []
    done(await people.act(stand.store, people.unpause, What.SENDING, "", by="bob"))
    await stand.work("send")
    [mail] = await stand.mails(here)
    assert mail.state is Phase.DELIVERED
    assert "was not paused" in done(await people.act(stand.store, people.unpause, What.SENDING, "", by="bob")).text


async def test_the_customers_next_mail_after_a_reply_is_for_people(stand: Stand) -> None:
    here = await stand.customer_writes("Where is my key?")
    done(await people.reply(stand.parts, here, "At the desk.", by="bob"))
    await stand.later(by=timedelta(minutes=10))
    assert [mail.outgoing.recipients for mail in await stand.mails(here)] == [(ANNA.address,)]
    assert (await stand.store.read(deliveries.of_conversation, here))[0].outgoing.mailbox == SUPPORT
    assert not await stand.store.read(conversations.held_by_assistant, here)
