"""A conversation's turn has come: it is answered, handed off, or kept silent about; never twice, never by accident."""

import asyncio
from datetime import timedelta

import pytest

from gateway.conversations.conversation import Author, Held, State
from gateway.desk.decision import Answer, HandOff, KeepSilent, Understanding
from gateway.errors import GiveUp, TryLater
from gateway.health import Condition
from gateway.mail.message import Address
from gateway.mail.trust import Trust
from gateway.pipeline import handoff
from gateway.pipeline.decide import decide
from gateway.pipeline.parts import Job
from gateway.store import arrivals, conversations, deliveries, handoffs, history, jobs, pauses, survey, traces, workload
from gateway.store.database import Transaction
from gateway.store.deliveries import Kind, Phase
from gateway.store.pauses import What
from tests.fakes import FakeAssistant
from tests.pipeline.stand import Stand, words


async def test_an_answer_is_an_entry_and_a_mail_and_settles_the_customers_mail(stand: Stand) -> None:
    here = await stand.customer_writes("Where is my key?")
    assert words(await stand.later("decide")) == ["answered"]
    [mail] = await stand.mails(here)
    assert (mail.outgoing.kind, mail.state, mail.outgoing.recipients) == (
        Kind.ANSWER,
        Phase.QUEUED,
        ("anna@customer.example",),
    )
    talk = await stand.conversation(here)
    assert [one.author for one in talk.entries] == [Author.CUSTOMER, Author.ASSISTANT]
    assert (talk.entries[1].text, talk.answers) == ("You find it in the settings.", 1)
    assert mail.outgoing.seen == talk.entries[0].id
    [arrived] = await stand.store.read(_arrivals, here)
    assert arrived == ("answered", [deliveries.reason_of(mail.id)])


async def test_nothing_is_decided_before_the_quiet_window_is_over(stand: Stand) -> None:
    await stand.customer_writes("Where is my key?")
    assert await stand.work("decide") == []
    assert stand.assistant.briefs == []


async def test_two_mails_within_the_quiet_window_get_one_answer(stand: Stand) -> None:
    here = await stand.customer_writes("Where is my key?")
    await stand.later("decide", by=timedelta(seconds=60))
    await stand.customer_writes("The one I lost.", here)
    await stand.later("decide", by=timedelta(seconds=60))
    assert stand.assistant.briefs == []
    await stand.later("decide", by=timedelta(seconds=60))
    [brief] = stand.assistant.briefs
    assert [one.text for one in brief.messages] == ["Where is my key?", "The one I lost."]
    assert len(await stand.mails(here)) == 1
    assert (await stand.fates()) == {"answered": 2}


async def test_the_brief_has_what_may_be_known_and_no_more(stand: Stand) -> None:
    here = await stand.customer_writes("Where is my key?")
    await stand.customer_writes("I am away until Monday.", here, automatic=True)
    await stand.customer_writes("It is red.", here)
    await stand.later("decide")
    [brief] = stand.assistant.briefs
    assert [(one.author, one.text) for one in brief.messages] == [
        ("customer", "Where is my key?"),
        ("customer", "It is red."),
    ]
    assert brief.url == f"https://gateway.example.com/conversations/{here}"
    assert (brief.customer_address, brief.deadline) == ("anna@customer.example", timedelta(seconds=30))


@pytest.mark.parametrize(
    "failure",
    [TryLater("the assistant is away"), GiveUp("not JSON"), TimeoutError(), Answer("   ")],
    ids=["away", "invalid", "late", "empty"],
)
async def test_any_failure_hands_off(stand: Stand, failure: Exception | Answer) -> None:
    stand.assistant = FakeAssistant(failure)
    here = await stand.customer_writes("Where is my key?")
    assert words(await stand.later("decide")) == ["handed_off"]
    talk = await stand.conversation(here)
    assert (talk.held, await stand.mails(here)) == (Held.PERSON, [])
    [handed] = await stand.store.read(handoffs.of_conversation, here)
    assert "assistant" in handed.reason
    assert await stand.fates() == {"handed_off": 1}
    assert [one.step for one in await stand.store.read(survey.open_for, here)] == ["file"]


async def test_an_assistant_that_never_answers_is_not_waited_for_longer_than_its_time(stand: Stand) -> None:
    stand.change_assistant(timeout=timedelta(milliseconds=1))

    async def sleep() -> None:
        await asyncio.Event().wait()

    stand.assistant.meanwhile = sleep
    await stand.customer_writes("Where is my key?")
    [handed] = await stand.later("decide")
    assert "did not answer within" in handed.facts["reason"]
    assert stand.health.snapshot()["assistant"].condition is Condition.FAILED


async def test_a_handoff_keeps_what_the_assistant_understood(stand: Stand) -> None:
    about = Understanding("Lost a red key", "en", "angry", fields={"PriorityId": "High"})
    stand.assistant = FakeAssistant(HandOff("needs a locksmith", about))
    here = await stand.customer_writes("Where is my key?")
    await stand.later("decide")
    [handed] = await stand.store.read(handoffs.of_conversation, here)
    assert (handed.reason, handed.by, handed.about) == ("needs a locksmith", "assistant", about)


async def test_a_wish_for_a_person_asks_no_assistant(stand: Stand) -> None:
    await stand.customer_writes("I want to talk to a real person, please.")
    assert words(await stand.later("decide")) == ["handed_off"]
    assert stand.assistant.briefs == []


@pytest.mark.parametrize("more", [{"mode": "people"}, {"state": "retired"}])
async def test_some_mailboxes_are_answered_by_people_only(stand: Stand, more: dict[str, str]) -> None:
    stand.change_mailbox(**more)
    await stand.customer_writes("Where is my key?")
    assert words(await stand.later("decide")) == ["handed_off"]
    assert stand.assistant.briefs == []


async def test_a_paused_assistant_hands_off(stand: Stand) -> None:
    await stand.store.write(pauses.begin, What.ASSISTANT, "", "ops")
    await stand.customer_writes("Where is my key?")
    [event] = await stand.later("decide")
    assert event.facts["reason"] == "the assistant is paused"
    assert stand.assistant.briefs == []


async def test_a_pause_while_it_thinks_hands_off_too(stand: Stand) -> None:
    async def pause() -> None:
        await stand.store.write(pauses.begin, What.ASSISTANT, "", "ops")

    stand.assistant.meanwhile = pause
    here = await stand.customer_writes("Where is my key?")
    assert words(await stand.later("decide")) == ["handed_off"]
    assert await stand.mails(here) == []


async def test_old_mail_is_handed_off(stand: Stand) -> None:
    await stand.customer_writes("Where is my key?")
    [event] = await stand.later("decide", by=timedelta(hours=5))
    assert event.word == "handed_off"
    assert "older than 4 h" in event.facts["reason"]


async def test_answers_have_an_end(stand: Stand) -> None:
    stand.change_assistant(max_answers=2)
    here = await stand.customer_writes("Where is my key?")
    for text in ("And now?", "And now again?"):
        await stand.later("decide", "send")
        await stand.customer_writes(text, here)
    assert words(await stand.later("decide")) == ["handed_off"]
    assert len(stand.assistant.briefs) == 2


async def test_so_many_answers_an_hour_and_no_more(stand: Stand) -> None:
    stand.change_assistant(max_per_hour=2)
    for number in range(3):
        await stand.customer_writes(f"Where is key {number}?")
    assert sorted(words(await stand.later("decide"))) == ["answered", "answered", "handed_off"]
    await stand.customer_writes("And key 4?")
    assert words(await stand.later("decide", by=timedelta(hours=1, minutes=1))) == ["answered"]


async def test_a_forbidden_topic_is_not_answered(stand: Stand) -> None:
    stand.change_assistant(topics=("legal threats",))
    stand.assistant = FakeAssistant(Answer("We are sorry.", about=Understanding(topic="legal threats")))
    here = await stand.customer_writes("My lawyer will write to you.")
    [event] = await stand.later("decide")
    assert event.facts["reason"] == "forbidden topic: legal threats"
    assert await stand.mails(here) == []


async def test_silence_has_its_reason(stand: Stand) -> None:
    stand.assistant = FakeAssistant(KeepSilent("only thanks"))
    here = await stand.customer_writes("Thanks!")
    assert words(await stand.later("decide")) == ["kept_silent"]
    assert await stand.store.read(_arrivals, here) == [("kept_silent", ["only thanks"])]


async def test_when_the_customer_writes_while_it_thinks_the_newer_mail_is_answered_too(stand: Stand) -> None:
    here = await stand.customer_writes("Where is my key?")

    async def write_again() -> None:
        stand.assistant.meanwhile = None
        await stand.customer_writes("I mean the red one.", here)

    stand.assistant.meanwhile = write_again
    assert words(await stand.later("decide")) == ["overtaken"]
    assert await stand.mails(here) == []
    assert words(await stand.later("decide")) == ["answered"]
    assert len(await stand.mails(here)) == 1
    assert await stand.fates() == {"answered": 2}


async def test_an_automatic_reply_while_it_thinks_does_not_silence_the_assistant(stand: Stand) -> None:
    here = await stand.customer_writes("Where is my key?")

    async def out_of_office() -> None:
        stand.assistant.meanwhile = None
        await stand.customer_writes("I am away until Monday.", here, automatic=True)
        await stand.store.write(_settle_last_and_cancel, here)

    stand.assistant.meanwhile = out_of_office
    await stand.later("decide")
    assert words(await stand.later("decide")) == ["answered"]
    assert len(await stand.mails(here)) == 1


async def test_nothing_is_said_once_a_person_took_over(stand: Stand) -> None:
    here = await stand.customer_writes("Where is my key?")

    async def take_over() -> None:
        await stand.store.write(handoff.take_over, here, why="Bob replied")

    stand.assistant.meanwhile = take_over
    assert await stand.later("decide") == []
    assert await stand.mails(here) == []
    assert await stand.fates() == {"appended": 1}


async def test_a_mail_in_a_conversation_of_a_person_is_theirs(stand: Stand) -> None:
    here = await stand.customer_writes("Where is my key?")
    await stand.store.write(conversations.set_held, here, Held.PERSON, "Bob has it")
    assert words(await stand.later("decide")) == ["appended"]
    assert stand.assistant.briefs == []


async def test_a_decision_that_is_made_again_answers_once(stand: Stand) -> None:
    here = await stand.customer_writes("Where is my key?")
    job = Job(1, here, here)
    first = await decide(stand.parts, job)
    second = await decide(stand.parts, job)
    await stand.store.write(first)
    await stand.store.write(second)
    assert len(await stand.mails(here)) == 1
    assert len((await stand.conversation(here)).entries) == 2


async def test_a_new_mail_takes_back_an_answer_that_has_not_left(stand: Stand) -> None:
    here = await stand.customer_writes("Where is my key?")
    await stand.later("decide")
    await stand.customer_writes("It is red.", here)
    await stand.later("decide")
    old, new = await stand.mails(here)
    assert (old.state, new.state) == (Phase.CANCELLED, Phase.QUEUED)
    assert [one.text for one in stand.assistant.briefs[1].messages] == ["Where is my key?", "It is red."]
    assert (await stand.conversation(here)).answers == 1
    assert await stand.fates() == {"answered": 2}


async def test_a_draft_waits_for_a_person_and_its_mail_stays_open(stand: Stand) -> None:
    stand.change_mailbox(mode="draft")
    here = await stand.customer_writes("Where is my key?")
    assert words(await stand.later("decide")) == ["drafted"]
    [mail] = await stand.mails(here)
    assert (mail.state, await stand.fates()) == (Phase.DRAFT, {"open": 1})
    assert b"Auto-Submitted" not in (mail.outgoing.raw or b"")
    assert await stand.work("send") == []
    assert stand.relay.mails == []


async def test_a_draft_that_waited_overnight_does_not_make_the_next_mail_old(stand: Stand) -> None:
    stand.change_mailbox(mode="draft")
    here = await stand.customer_writes("Where is my key?")
    await stand.later("decide")
    stand.store.turn_clock(timedelta(hours=12))
    await stand.customer_writes("It is red.", here)
    assert words(await stand.later("decide")) == ["drafted"]
    assert [one.state for one in await stand.mails(here)] == [Phase.CANCELLED, Phase.DRAFT]


async def test_what_waits_and_what_was_decided_add_up(stand: Stand) -> None:
    stand.change_assistant(max_per_hour=3)
    said = Answer("So."), HandOff("hard"), KeepSilent("thanks"), TryLater("away"), Answer("So too.")
    stand.assistant = FakeAssistant(*said)
    for number in range(5):
        await stand.customer_writes(f"Where is key {number}?")
        assert (await stand.store.read(workload.balance)).holds
        await stand.later("decide")
        assert (await stand.store.read(workload.balance)).holds


async def test_what_was_decided_is_told_on_the_conversation(stand: Stand) -> None:
    stand.assistant = FakeAssistant(Answer("So.", resolved=True, citations=("keys.md",)))
    here = await stand.customer_writes("Where is my key?")
    await stand.later("decide")
    told = {one.what: one.facts for one in await stand.store.read(history.of_conversation, here)}
    assert told["answered"]["citations"] == ["keys.md"]
    assert told["answered"]["resolved"] is True
    assert (await stand.conversation(here)).state is State.OPEN


async def test_the_answer_goes_to_who_wrote_and_from_the_address_they_wrote_to(stand: Stand) -> None:
    boss = Address("boss@customer.example", "The boss")
    to = (Address("help@example.com"), Address("anna@customer.example"))
    here = await stand.customer_writes("Where is my key?")
    await stand.customer_writes("Yes, where is it?", here, sender=boss, to=to, trust=Trust.VERIFIED)
    await stand.later("decide")
    [mail] = await stand.mails(here)
    assert mail.outgoing.recipients == ("boss@customer.example",)
    assert mail.outgoing.sender == "help@example.com"
    assert mail.outgoing.message_id.endswith("@example.com>")
    assert (mail.outgoing.raw or b"").startswith(b"From: Example Support <help@example.com>\r\n")


def _arrivals(tx: Transaction, here: str) -> list[tuple[str | None, list[str]]]:

    return [(one.fate, list(one.reasons)) for one in traces.came(tx, here).values()]


def _settle_last_and_cancel(tx: Transaction, here: str) -> None:
    """As `place` does with a machine's mail: it has its fate at once, and queues no decision."""

    last = arrivals.undecided(tx, here)[-1]
    arrivals.settle(tx, last.id, arrivals.Fate.KEPT_SILENT, ["auto_reply"])
    jobs.cancel(tx, f"decide:{here}")
