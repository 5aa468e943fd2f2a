"""The main job, end to end: a mail in, a case in Creatio, a reply out."""

import asyncio
from datetime import timedelta
from email.message import EmailMessage

import pytest

from gateway.demo.creatio import ids
from gateway.demo.creatio.agent import Attached, Style
from tests.stories.assistant import answers, hands_off
from tests.stories.stage import CUSTOMER, SUPPORT, Stage


async def test_the_assistant_answers_in_the_thread_from_the_address_that_was_written_to(house: Stage) -> None:
    mail = await house.customer_writes("Where is my order?")
    await house.settle()
    [answer] = house.mails_to(CUSTOMER)
    message = answer.message
    assert "It is on its way." in message.get_body(("plain",)).get_content()  # type: ignore[union-attr] # it has one
    assert message["From"].addresses[0].addr_spec == SUPPORT
    assert message["In-Reply-To"] == mail["Message-ID"]
    assert mail["Message-ID"] in message["References"]
    assert message["Subject"] == "Re: Where is my order?"
    assert message["Auto-Submitted"] == "auto-replied"
    assert answer.sender == SUPPORT
    assert house.cases == []
    assert (await house.balance()).holds


async def test_a_handoff_makes_one_case_with_the_summary_and_the_mail(house: Stage) -> None:
    house.assistant.says = hands_off("Ann's order is late.")
    await house.customer_writes("My order is late. I want my money back.")
    await house.settle()
    [case] = house.cases
    assert case["Subject"] == "Where is my order?"
    assert case["Symptoms"] == "Ann's order is late."
    assert case["OriginId"] == ids.ORIGIN_EMAIL
    [activity] = house.activities(case)
    assert "My order is late." in activity["Body"]
    [conversation] = await house.conversations()
    assert f"https://gateway.shop.example/conversations/{conversation['id']}" in activity["Body"]
    assert "View session" in activity["Body"]
    assert house.mails_to(CUSTOMER) == []
    contact = house.simulator.tenant.get("Contact", case["ContactId"])
    assert contact is not None
    assert contact["Email"] == CUSTOMER


async def test_a_picture_in_the_mails_text_is_shown_on_the_case_where_it_stood(house: Stage) -> None:
    house.assistant.says = hands_off()
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"], mail["Message-ID"] = CUSTOMER, SUPPORT, "Broken", "<p1@mail.example>"
    mail.set_content("The plug is broken: [cid:plug@mail]")
    mail.add_alternative('<p>The <i>plug</i> is broken: <img src="cid:plug@mail"></p>', subtype="html")
    picture = b"\x89PNG\r\n\x1a\n a plug"
    html = mail.get_payload()[1]  # type: ignore[index] # an alternative
    html.add_related(picture, "image", "png", cid="<plug@mail>", filename="plug.png")  # type: ignore[union-attr] # it is a part
    await house.give(mail, CUSTOMER)
    await house.settle()
    [activity] = house.activities(house.cases[0])
    [file] = house.simulator.tenant.rows("ActivityFile")
    source = f"../rest/FileService/GetFile/080c9917-7ec9-42e5-86ff-75a683d4f124/{file['Id']}"
    assert f'<p>The <i>plug</i> is broken: <img src="{source}" alt="plug.png" /></p>' in activity["Body"]
    assert file["ActivityId"] == activity["Id"]
    assert file["Inline"] is True
    assert picture in house.simulator.tenant.blobs.values()
    house.simulator.agent.quotes_history = True
    words = f'<p>This one: <img src="{source}"></p><p>A new plug is on its way.</p>'
    for said, pictures in (("<p>A new plug is on its way.</p>", []), (words, [picture])):
        await house.simulator.agent.reply(house.case_id(), said)
        await house.hook(event_type="new_activity", caseId=str(house.case_id()))
        await house.settle()
        parts = list(house.mails_to(CUSTOMER)[-1].message.walk())
        assert [one.get_content() for one in parts if one.get_content_maintype() == "image"] == pictures


async def test_a_second_mail_is_added_to_the_same_case_with_only_its_new_text(house: Stage) -> None:
    house.assistant.says = hands_off()
    first = await house.customer_writes("Where is my order?")
    await house.settle()
    quoted = "Hello?\n\nOn Tue, Nov 24, 2026 at 9:00 AM Ann <ann@mail.example> wrote:\n> Where is my order?\n"
    await house.customer_writes(quoted, subject="Re: Where is my order?", answering=first)
    await house.settle()
    [case] = house.cases
    bodies = [one["Body"] for one in house.activities(case)]
    assert len(bodies) == 2
    assert "Hello?" in bodies[1]
    assert "Where is my order" not in bodies[1]


async def test_what_was_said_before_the_handoff_is_on_the_case_in_order(house: Stage) -> None:
    first = await house.customer_writes("Where is my order?")
    await house.settle()
    house.assistant.says = hands_off("She is not content.")
    [answer] = house.mails_to(CUSTOMER)
    await house.customer_writes("That does not help me.", subject="Re: Where is my order?", answering=answer)
    await house.settle()
    [case] = house.cases
    bodies = [one["Body"] for one in house.activities(case)]
    assert len(bodies) == 3
    for said, body in zip(("Where is my order?", "It is on its way.", "That does not help me."), bodies, strict=True):
        assert said in body
    assert first["Message-ID"]


async def test_a_reps_reply_reaches_the_customer_once_in_the_thread(house: Stage) -> None:
    house.assistant.says = hands_off()
    mail = await house.customer_writes("Where is my order?")
    await house.settle()
    files = [Attached("label.pdf", b"%PDF-1.4 a label")]
    await house.simulator.agent.reply(house.case_id(), "<p>It comes <b>tomorrow</b>.</p>", files=files)
    for _ in range(3):
        assert await house.hook(event_type="new_activity", caseId=str(house.case_id())) == 202
    await house.settle()
    await house.turn(timedelta(minutes=5))
    [reply] = house.mails_to(CUSTOMER)
    message = reply.message
    assert "It comes tomorrow." in message.get_body(("plain",)).get_content()  # type: ignore[union-attr] # it has one
    assert mail["Message-ID"] in message["References"]
    assert message["Auto-Submitted"] is None
    assert [part.get_filename() for part in message.iter_attachments()] == ["label.pdf"]
    [conversation] = await house.conversations()
    shown = await house.ask("GET", f"conversations/{conversation['id']}")
    assert [one["author"] for one in shown["entries"]] == ["customer", "agent"]


async def test_a_reply_is_found_by_polling_when_no_hook_ever_comes(house: Stage) -> None:
    house.assistant.says = hands_off()
    await house.customer_writes("Where is my order?")
    await house.settle()
    await house.simulator.agent.reply(house.case_id(), "<p>Tomorrow.</p>")
    for _ in range(3):
        await house.turn(timedelta(minutes=2))
    assert len(house.mails_to(CUSTOMER)) == 1


@pytest.mark.parametrize("style", [Style.DRAFT, Style.TO_DO, Style.NOTICE, Style.FEED, Style.CREATIO, Style.ERROR])
async def test_what_is_no_finished_reply_or_is_sent_by_creatio_is_never_mailed(house: Stage, style: Style) -> None:
    house.assistant.says = hands_off()
    await house.customer_writes("Where is my order?")
    await house.settle()
    await house.simulator.agent.reply(house.case_id(), "<p>An internal word.</p>", style=style)
    await house.hook(event_type="new_activity", caseId=str(house.case_id()))
    await house.settle()
    await house.turn(timedelta(minutes=20))
    assert house.mails_to(CUSTOMER) == []


async def test_closing_the_case_resolves_the_conversation(house: Stage) -> None:
    house.assistant.says = hands_off()
    await house.customer_writes("Where is my order?")
    await house.settle()
    await house.simulator.agent.close(house.case_id())
    await house.hook(event_type="case_closed", caseId=str(house.case_id()))
    await house.settle()
    [conversation] = await house.conversations()
    assert conversation["state"] == "resolved"


async def test_a_mail_after_the_close_begins_a_new_linked_case_with_its_own_way_to_the_conversation(
    house: Stage,
) -> None:
    house.assistant.says = hands_off()
    first = await house.customer_writes("Where is my order?")
    await house.settle()
    await house.simulator.agent.close(house.case_id())
    await house.hook(event_type="case_closed", caseId=str(house.case_id()))
    await house.settle()
    await house.customer_writes("It still has not come.", subject="Re: Where is my order?", answering=first)
    await house.settle()
    await house.turn(timedelta(minutes=3))
    older, newer = house.cases
    assert newer["ParentCaseId"] == older["Id"]
    [activity] = house.activities(newer)
    assert "It still has not come." in activity["Body"]
    assert "View session" in activity["Body"]


async def test_resolving_in_the_inbox_resolves_the_case(house: Stage) -> None:
    house.assistant.says = hands_off()
    await house.customer_writes("Where is my order?")
    await house.settle()
    [conversation] = await house.conversations()
    await house.ask("POST", f"conversations/{conversation['id']}/resolve", json={})
    await house.settle()
    [found] = await house.conversations()
    assert found["state"] == "resolved"


async def test_two_mails_of_one_customer_that_are_handed_off_at_once_open_one_case(house: Stage) -> None:
    house.assistant.says = hands_off()
    await asyncio.gather(*(house.customer_writes("Help!", subject=f"Matter {number}") for number in range(4)))
    await house.settle()
    assert len(house.cases) == 1
    assert len(house.activities(house.cases[0])) == 4


async def test_the_customer_who_writes_again_while_the_assistant_thinks_gets_one_answer(house: Stage) -> None:
    house.assistant.thinking.clear()
    first = await house.customer_writes("Where is my order?")
    async with asyncio.timeout(10):
        while not house.assistant.asked:
            await asyncio.sleep(0.01)
    await house.customer_writes("It is number 17.", subject="Re: Where is my order?", answering=first)
    [conversation] = await house.conversations()
    async with asyncio.timeout(10):
        while len((await house.ask("GET", f"conversations/{conversation['id']}"))["entries"]) < 2:
            await asyncio.sleep(0.01)
    house.assistant.thinking.set()
    await house.settle()
    assert len(house.mails_to(CUSTOMER)) == 1
    assert len(house.assistant.asked[-1]["messages"]) == 2


async def test_nothing_leaves_while_sending_is_paused_and_all_of_it_afterwards(house: Stage) -> None:
    await house.ask("POST", "pauses/sending", json={})
    await house.customer_writes("Where is my order?")
    await house.settle()
    assert house.outbox.mails == []
    await house.ask("DELETE", "pauses/sending")
    await house.settle()
    assert len(house.mails_to(CUSTOMER)) == 1


async def test_a_paused_assistant_hands_off_what_it_has_not_sent(house: Stage) -> None:
    await house.ask("POST", "pauses/sending", json={})
    await house.customer_writes("Where is my order?")
    await house.settle()
    await house.ask("POST", "pauses/assistant", json={})
    await house.ask("DELETE", "pauses/sending")
    await house.settle()
    assert house.mails_to(CUSTOMER) == []
    assert len(house.cases) == 1


async def test_automatic_mail_is_never_answered(house: Stage) -> None:
    await house.customer_writes("I am away until Monday.", subject="Out of office", Auto_Submitted="auto-replied")
    await house.settle()
    assert house.outbox.mails == []
    assert house.assistant.asked == []
    assert (await house.balance()).holds


async def test_a_wish_for_a_person_is_handed_off_without_asking_the_assistant(house: Stage) -> None:
    house.assistant.says = answers("I can help you.")
    await house.customer_writes("Please let me talk to a human being.")
    await house.settle()
    assert house.outbox.mails == []
    assert len(house.cases) == 1
