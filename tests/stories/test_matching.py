"""Which conversation a mail joins, who gets to see what was said there, and who gets the reply."""

from collections.abc import AsyncIterator
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from gateway.mail.thread_index import unpack
from tests.stories.assistant import hands_off
from tests.stories.stage import CUSTOMER, SUPPORT, Stage, stage

BOB, EVE, SALES = "bob@mail.example", "eve@evil.example", "sales@shop.example"
PROVEN = "mx.shop.example; dmarc=pass header.from=mail.example"
OUTLOOK = "Ac3qXyZ1AAABAAACAAADAAAEAAAFAAA="  # 22 bytes and one reply's 1
LATER = "Ac3qXyZ1AAABAAACAAADAAAEAAAFAAAAAAAQ"


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[Stage]:
    """One that believes what the mail server before it says of senders, and has two mailboxes."""
    two = f'\n[[mailbox]]\naddress = "{SALES}"\n'
    async with stage(tmp_path, change={"intake.smtp": {"trusted_peers": ["127.0.0.0/8"]}}, more=two) as opened:
        yield opened


async def one(house: Stage, number: int = 0) -> dict[str, Any]:
    """The conversation number so many, the newest first, whole."""
    found: dict[str, Any] = await house.ask("GET", f"conversations/{(await house.conversations())[number]['id']}")
    return found


def evidence(shown: dict[str, Any]) -> str:
    return " ".join(str(event["facts"].get("evidence", "")) for event in shown["history"])


async def test_outlooks_thread_index_brings_a_mail_home_that_refers_to_nothing(house: Stage) -> None:
    await house.customer_writes("Where is my order?", Thread_Index=OUTLOOK)
    await house.settle()
    await house.turn(timedelta(days=9))
    await house.customer_writes("It is number 17.", subject="Number", Thread_Index=LATER, Thread_Topic="Order, größer")
    await house.settle()
    assert len(await house.conversations()) == 1
    assert "thread_index: the same Outlook conversation" in evidence(await one(house))
    answer = house.mails_to(CUSTOMER)[-1].message
    assert unpack(answer["Thread-Index"])[:-5] == unpack(LATER)
    assert answer["Thread-Topic"] == "Order, größer"


async def test_a_stranger_with_the_same_thread_index_stays_outside(house: Stage) -> None:
    await house.customer_writes("Where is my order?", Thread_Index=OUTLOOK)
    await house.settle()
    await house.customer_writes("Mine too.", sender=EVE, Thread_Index=LATER)
    await house.settle()
    assert len(await house.conversations()) == 2


async def test_a_case_number_brings_a_proven_participant_home_and_nobody_else(house: Stage) -> None:
    house.assistant.says = hands_off()
    await house.customer_writes("Where is my order?")
    await house.settle()
    number = house.cases[0]["Number"]
    await house.turn(timedelta(days=9))
    await house.customer_writes("Any news?", subject=f"About {number}", Authentication_Results=PROVEN)
    await house.settle()
    assert len(await house.conversations()) == 1
    assert f"case_number: names case {number}" in evidence(await one(house))
    await house.customer_writes("And mine?", subject=f"About {number}")
    await house.customer_writes("Tell me all.", subject=f"About {number}", sender=EVE)
    await house.settle()
    assert len(await house.conversations()) == 3


async def test_one_mail_to_two_mailboxes_is_kept_at_both_and_answered_once(house: Stage) -> None:
    mail = _mail("Where is my order?", to=f"{SUPPORT}, {SALES}")
    await house.give(mail, CUSTOMER, SUPPORT)
    await house.give(mail, CUSTOMER, SALES)
    await house.settle()
    found = await house.conversations()
    assert {talk["mailbox"] for talk in found} == {SUPPORT, SALES}
    assert len(house.mails_to(CUSTOMER)) == 1
    silent = next(talk for talk in found if talk["mailbox"] == SALES)
    shown = await house.ask("GET", f"conversations/{silent['id']}")
    [entry] = shown["entries"]
    assert entry["arrival"]["fate"] == "kept_silent"
    assert SUPPORT in entry["arrival"]["reasons"][0]
    assert (await house.balance()).holds


async def test_the_same_mail_twice_is_one(house: Stage) -> None:
    mail = _mail("Where is my order?")
    for extra in (b"", b"Received: from elsewhere by mx.shop.example; Mon, 2 Nov 2026 10:00:00 +0000\r\n"):
        await house.give(extra + mail.as_bytes(), CUSTOMER)
        await house.settle()
    assert len((await one(house))["entries"]) == 2  # hers and the answer
    assert len(house.mails_to(CUSTOMER)) == 1
    assert (await house.balance()).fates["recorded"] == 1


async def test_an_id_that_is_used_again_for_other_words_hides_nobodys_mail(house: Stage) -> None:
    for text in ("Where is my order?", "I want to send it back, how?"):
        await house.give(_mail(text), CUSTOMER)
        await house.settle()
    assert len(house.mails_to(CUSTOMER)) == 2
    told = " ".join([evidence(await one(house, number)) for number in range(len(await house.conversations()))])
    assert "used before by another mail" in told


async def test_an_old_thread_goes_on_in_a_new_conversation_that_shows_the_assistant_nothing_old(house: Stage) -> None:
    await house.customer_writes("My secret is 4711.")
    await house.settle()
    [answer] = house.mails_to(CUSTOMER)
    await house.turn(timedelta(days=31))
    await house.customer_writes("Is it there now?", subject="Re: Where is my order?", answering=answer)
    await house.settle()
    newest, older = await one(house), await one(house, 1)
    assert newest["goes_on_from"] == older["id"]
    assert "4711" not in str(house.assistant.asked[-1])
    assert len(house.mails_to(CUSTOMER)) == 2


async def test_a_new_subject_with_nothing_quoted_after_two_weeks_is_a_new_matter(house: Stage) -> None:
    first = await house.customer_writes("Where is my order?")
    await house.settle()
    await house.turn(timedelta(days=15))
    await house.customer_writes("The invoice is wrong.", subject="Invoice 8", References=str(first["Message-ID"]))
    await house.settle()
    newest, older = await one(house), await one(house, 1)
    assert newest["goes_on_from"] == older["id"]
    assert newest["subject"] == "Invoice 8"


async def test_a_stranger_with_a_good_reference_begins_a_linked_conversation_and_learns_nothing(house: Stage) -> None:
    await house.customer_writes("My secret is 4711.")
    await house.settle()
    [answer] = house.mails_to(CUSTOMER)
    await house.customer_writes("What did she say?", subject="Re: Where is my order?", sender=EVE, answering=answer)
    await house.settle()
    newest, older = await one(house), await one(house, 1)
    assert (newest["customer"]["address"], newest["goes_on_from"]) == (EVE, older["id"])
    assert "4711" not in str(house.assistant.asked[-1])
    assert "4711" not in house.mails_to(EVE)[0].raw.decode()
    assert EVE not in str(older)


async def test_a_colleague_on_copy_joins_and_is_answered_once_they_are_proven(house: Stage) -> None:
    await house.customer_writes("Where is our order?", Cc=BOB)
    await house.settle()
    [answer] = house.mails_to(CUSTOMER)
    assert house.mails_to(BOB) == []  # the assistant writes to the customer alone
    await house.customer_writes(
        "For floor 3.", subject="Re: My order", sender=BOB, answering=answer, Authentication_Results=PROVEN
    )
    await house.settle()
    assert len(await house.conversations()) == 1
    assert len(house.mails_to(BOB)) == 1


async def test_an_unproven_address_gets_nothing_until_a_person_confirms_it(house: Stage) -> None:
    await house.customer_writes("Where is our order?", Cc=BOB)
    await house.settle()
    [answer] = house.mails_to(CUSTOMER)
    await house.customer_writes("For floor 3.", subject="Re: Where is my order?", sender=BOB, answering=answer)
    await house.settle()
    assert house.mails_to(BOB) == []
    shown = await one(house)
    assert (shown["held"], shown["unconfirmed"]["address"]) == ("person", BOB)
    assert "confirm the address" in shown["handoffs"][-1]["reason"]
    reply = f"conversations/{shown['id']}/reply"
    await house.ask("POST", reply, json={"text": "For the customer."})
    await house.settle()
    assert (len(house.mails_to(CUSTOMER)), house.mails_to(BOB)) == (2, [])
    await house.ask("POST", f"conversations/{shown['id']}/confirm", json={"address": BOB})
    await house.ask("POST", reply, json={"text": "For the colleague."})
    await house.settle()
    assert len(house.mails_to(BOB)) == 1
    assert (await one(house))["unconfirmed"] is None


async def test_a_reps_reply_keeps_the_copy_of_the_newest_proven_mail_and_shows_it_on_the_case(house: Stage) -> None:
    house.assistant.says = hands_off()
    await house.customer_writes(
        "Where is it?", Authentication_Results=PROVEN, Cc=f"{BOB}, {SALES}, {SUPPORT}", Bcc="hidden@mail.example"
    )
    await house.settle()
    await house.simulator.agent.reply(house.case_id(), "<p>It comes tomorrow.</p>")
    await house.hook(event_type="new_activity", caseId=str(house.case_id()))
    await house.settle()
    [mail] = house.mails_to(CUSTOMER)
    assert mail.recipients == (CUSTOMER, BOB)
    assert mail.message["Cc"] == BOB
    assert b"hidden@mail.example" not in mail.raw
    assert mail.message["Bcc"] is None
    activities = house.activities(house.cases[0])
    assert BOB in activities[0]["CopyRecepient"]
    assert "hidden@mail.example" not in str(activities)


def _mail(text: str, *, to: str = SUPPORT) -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = CUSTOMER, to, "A parcel"
    mail["Message-ID"], mail["Date"] = "<same@mail.example>", "Mon, 2 Nov 2026 10:00:00 +0000"
    mail.set_content(text)
    return mail
