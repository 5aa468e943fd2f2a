"""A customer whose matter went to people hears of it: once, where the mailbox wants it, and never a machine."""

from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest

from gateway.config.settings import ReplyStyle
from gateway.desk.decision import Answer, HandOff, Understanding
from gateway.errors import GiveUp
from gateway.mail.message import Address
from gateway.mail.trust import Trust
from gateway.pipeline import handoff
from gateway.store import pauses
from gateway.store.deliveries import Kind
from gateway.store.pauses import What
from tests.fakes import FakeAssistant
from tests.pipeline.stand import ANNA, Stand

STEPS = ("decide", "tend", "send")


@pytest.fixture
def polite(stand: Stand) -> Stand:
    """Its mailbox acknowledges, and its assistant hands all off."""
    stand.change_mailbox(reply=ReplyStyle(acknowledge=True, disclosure="Written by a machine."))
    stand.assistant = FakeAssistant(HandOff("not in the articles"))
    return stand


async def test_a_matter_that_goes_to_people_is_acknowledged_once(polite: Stand) -> None:
    here = await polite.customer_writes("Where is my key?")
    await polite.later(*STEPS)
    await polite.customer_writes("And my other key?", here)
    await polite.store.write(handoff.resume, here, by="maria")
    await polite.later(*STEPS)
    [mail] = sent(polite)
    assert mail["To"] == "Anna <anna@customer.example>"
    assert mail["Auto-Submitted"] == "auto-replied"
    assert "one of our team will answer you" in text_of(mail)
    assert "Example Support" in text_of(mail)
    assert "Written by a machine" not in text_of(mail)


async def test_it_is_in_the_conversation_and_is_no_answer(polite: Stand) -> None:
    here = await polite.customer_writes("Where is my key?")
    await polite.later(*STEPS)
    talk = await polite.conversation(here)
    assert (len(talk.entries), talk.answers) == (2, 0)
    [mail] = await polite.mails(here)
    assert mail.outgoing.kind is Kind.ACKNOWLEDGEMENT


async def test_the_first_answer_after_it_still_says_who_wrote_it(polite: Stand) -> None:
    here = await polite.customer_writes("Where is my key?")
    await polite.later(*STEPS)
    await polite.store.write(handoff.resume, here, by="maria")
    polite.assistant = FakeAssistant(Answer("It is in the drawer."))
    await polite.customer_writes("Any news of it?", here)
    await polite.later(*STEPS, by=timedelta(minutes=9))
    assert "Written by a machine" in text_of(sent(polite)[1])


@pytest.mark.parametrize(("language", "said"), [("de-AT", "jemand aus unserem Team"), ("", "Thank"), ("xx", "Thank")])
async def test_it_speaks_the_customers_language_where_it_can(polite: Stand, language: str, said: str) -> None:
    polite.assistant = FakeAssistant(HandOff("no article", Understanding(language=language)))
    await polite.customer_writes("Wo ist mein Schlüssel?")
    await polite.later(*STEPS)
    assert said in text_of(sent(polite)[0])


@pytest.mark.parametrize("failure", [GiveUp("not JSON"), HandOff("asks for a refund")])
async def test_whatever_the_reason_is(polite: Stand, failure: Any) -> None:
    polite.assistant = FakeAssistant(failure)
    await polite.customer_writes("Where is my key?")
    await polite.later(*STEPS)
    assert len(sent(polite)) == 1


async def test_where_people_answer_it_is_what_the_customer_hears_first(polite: Stand) -> None:
    polite.change_mailbox(mode="people")
    await polite.customer_writes("Where is my key?")
    await polite.later(*STEPS)
    assert len(sent(polite)) == 1


@pytest.mark.parametrize("more", [{"mode": "draft"}, {"state": "retired"}, {"reply": ReplyStyle()}])
async def test_some_mailboxes_acknowledge_nothing(polite: Stand, more: dict[str, Any]) -> None:
    polite.change_mailbox(**more)
    await polite.customer_writes("Where is my key?")
    await polite.later(*STEPS)
    assert sent(polite) == []


@pytest.mark.parametrize("more", [{"automatic": True}, {"trust": Trust.FAILED}])
async def test_what_no_machine_may_answer_is_not_acknowledged(polite: Stand, more: dict[str, Any]) -> None:
    await polite.customer_writes("Where is my key?", **more)
    await polite.later(*STEPS)
    assert sent(polite) == []


async def test_old_mail_is_not_acknowledged(polite: Stand) -> None:
    await polite.customer_writes("Where is my key?")
    await polite.later(*STEPS, by=timedelta(hours=5))
    assert sent(polite) == []


async def test_an_address_that_nobody_has_confirmed_is_not_told_anything(polite: Stand) -> None:
    polite.assistant = FakeAssistant(Answer("It is in the drawer."))
    here = await polite.customer_writes("Where is my key?")
    await polite.later(*STEPS)
    await polite.customer_writes("Which drawer?", here, sender=Address("bob@customer.example"))
    await polite.later(*STEPS)
    assert len(sent(polite)) == 1


async def test_a_machine_is_not_acknowledged(polite: Stand) -> None:
    polite.assistant = FakeAssistant(Answer("It is in the drawer."))
    here = await polite.customer_writes("I am away and read no mail.")
    await polite.later(*STEPS)
    await polite.customer_writes("I am away and read no mail.", here)
    await polite.later(*STEPS)
    assert len(sent(polite)) == 1


async def test_an_answer_that_a_pause_has_stopped_is_acknowledged(polite: Stand) -> None:
    polite.assistant = FakeAssistant(Answer("It is in the drawer."))
    await polite.store.write(pauses.begin, What.ASSISTANT, "", "ops")
    await polite.customer_writes("Where is my key?")
    await polite.later(*STEPS)
    [mail] = sent(polite)
    assert "drawer" not in text_of(mail)


def sent(stand: Stand) -> list[EmailMessage]:
    mails = [message_from_bytes(one.raw, policy=policy.default) for one in stand.relay.mails]
    assert all(one.recipients == (ANNA.address,) for one in stand.relay.mails)
    return mails


def text_of(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    assert body is not None
    return str(body.get_content())
