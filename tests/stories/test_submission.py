"""Creatio's own mail provider sends through the gateway: a rep's reply leaves once, in the customer's thread."""

from collections.abc import AsyncIterator
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from gateway.demo.creatio.agent import Style
from gateway.demo.creatio.mail_server import MailServer, NotSent
from tests.stories.assistant import hands_off
from tests.stories.stage import CUSTOMER, SUPPORT, Stage, stage

PEM = str(Path(__file__).parent.parent / "intake" / "localhost.pem")
POLL = timedelta(seconds=61)


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[Stage]:
    change: dict[str, dict[str, Any]] = {
        "intake.smtp": {
            "tls": {"cert": PEM, "key": PEM},
            "users": [{"name": "creatio", "password": "a-password", "sends": True}],
        },
        "relay": {"max_size": "1MiB"},
    }
    async with stage(tmp_path, change=change) as opened:
        opened.simulator.agent.mailbox = SUPPORT
        opened.simulator.agent.mail_server = server(opened)
        yield opened


def server(house: Stage) -> MailServer:
    _, port = house.house.addresses["smtp"]
    return MailServer("localhost", int(port), "creatio", "a-password", PEM)


async def a_case(house: Stage) -> UUID:
    house.assistant.says = hands_off()
    await house.customer_writes("Where is my order 17?")
    await house.settle()
    return house.case_id()


async def shown(house: Stage) -> dict[str, Any]:
    [listed] = await house.conversations()
    found: dict[str, Any] = await house.ask("GET", f"conversations/{listed['id']}")
    return found


def a_mail(subject: str = "Re: Where is my order?", to: str = CUSTOMER, **headers: str) -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = f"Anna <{SUPPORT}>", to, subject
    mail["Message-ID"] = headers.pop("message_id", "<own@creatio.example>")
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    mail.set_content("<p>It is on its way.</p>", subtype="html")
    return mail


async def test_a_reply_from_creatios_composer_leaves_once_in_the_thread_and_the_answer_comes_home(house: Stage) -> None:
    case = await a_case(house)
    await house.simulator.agent.reply(case, "<p>It left on Monday.</p>", style=Style.CREATIO)
    await house.settle()
    [mail] = house.mails_to(CUSTOMER)
    first = house.written[0]["Message-ID"]
    assert (mail.message["In-Reply-To"], first in mail.message["References"]) == (first, True)
    assert mail.message["Subject"] == "Re: Where is my order?"
    assert "creatio.example" not in mail.message["Message-ID"]
    assert "It left on Monday." in mail.message.get_body(("plain",)).get_content()  # type: ignore[union-attr]  # it has one
    await house.turn(POLL)
    assert [one["author"] for one in (await shown(house))["entries"]] == ["customer", "agent"]
    assert (len(house.mails_to(CUSTOMER)), len(house.activities(house.cases[0]))) == (1, 2)
    await house.customer_writes("Thank you, but which Monday?", answering=mail)
    await house.settle()
    assert [one["author"] for one in (await shown(house))["entries"]] == ["customer", "agent", "customer"]
    assert (len(house.cases), len(house.activities(house.cases[0]))) == (1, 3)
    assert (await house.balance()).holds


async def test_the_same_mail_submitted_twice_is_sent_once_and_others_who_get_a_copy_get_one(house: Stage) -> None:
    await a_case(house)
    mail = a_mail(in_reply_to=house.written[0]["Message-ID"])
    for _ in range(2):
        await server(house).submit(mail, SUPPORT, [CUSTOMER])
    await house.settle()
    await server(house).submit(mail, SUPPORT, ["boss@mail.example"])  # Bcc, in a transaction of its own
    await house.settle()
    [one], [hidden] = house.mails_to(CUSTOMER), house.mails_to("boss@mail.example")
    assert "boss@" not in str(one.message) + str(hidden.message)
    assert [one["author"] for one in (await shown(house))["entries"]] == ["customer", "agent"]
    assert (await house.balance()).fates["recorded"] == 3
    told = await house.ask("GET", "arrivals/2/explanation")
    assert (told["fate"], told["happened"]["fate"]) == ("record", "recorded")
    assert "sent from Creatio by creatio" in told["reasons"][0]


async def test_a_row_that_is_seen_before_its_mail_comes_is_the_same_reply(house: Stage) -> None:
    case = await a_case(house)
    agent = house.simulator.agent
    agent.mail_server = None  # Creatio's mail is on its way while the row is looked at
    made = await agent.reply(case, "<p>It left on Monday.</p>", style=Style.CREATIO)
    await house.turn(POLL)
    assert (len((await shown(house))["entries"]), house.mails_to(CUSTOMER)) == (2, [])
    row = house.simulator.tenant.tables["Activity"][made]
    await server(house).send(row, f"<{made}@creatio.example>", "")
    await house.settle()
    assert (len((await shown(house))["entries"]), len(house.mails_to(CUSTOMER))) == (2, 1)


async def test_two_replies_of_one_text_are_two_mails_and_two_entries(house: Stage) -> None:
    case = await a_case(house)
    for _ in range(2):
        await house.simulator.agent.reply(case, "<p>We are looking into it.</p>", style=Style.CREATIO)
    await house.settle()
    await house.turn(POLL)
    await house.turn(POLL)
    assert len(house.mails_to(CUSTOMER)) == 2
    assert [one["author"] for one in (await shown(house))["entries"]] == ["customer", "agent", "agent"]
    assert len(house.activities(house.cases[0])) == 3


async def test_what_we_mailed_from_a_row_is_not_mailed_again_when_creatio_sends_it_too(house: Stage) -> None:
    case = await a_case(house)
    made = await house.simulator.agent.reply(case, "<p>It left on Monday.</p>", style=Style.COMPLETED)
    await house.turn(POLL)
    row = house.simulator.tenant.tables["Activity"][made]
    await server(house).send(row, f"<{made}@creatio.example>", "")
    await house.settle()
    assert (len((await shown(house))["entries"]), len(house.mails_to(CUSTOMER))) == (2, 1)


async def test_a_rep_who_writes_first_has_the_answer_as_a_case(house: Stage) -> None:
    mail = a_mail("Your invoice", bcc="boss@mail.example")
    await server(house).submit(mail, SUPPORT, [CUSTOMER, "boss@mail.example"])
    await house.settle()
    [sent] = house.mails_to(CUSTOMER)
    assert (sent.message["Subject"], sent.message["Bcc"], sent.message["From"]) == ("Your invoice", None, mail["From"])
    assert (await shown(house))["held"] == "person"
    assert (house.cases, len(house.mails_to("boss@mail.example"))) == ([], 1)
    await house.customer_writes("That invoice is wrong.", subject="Re: Your invoice", answering=sent)
    await house.settle()
    assert [one["author"] for one in (await shown(house))["entries"]] == ["agent", "customer"]
    assert (house.assistant.asked, len(house.cases)) == ([], 1)
    assert len(house.activities(house.cases[0])) == 2


async def test_a_notification_is_passed_on_and_is_nobodys_reply(house: Stage) -> None:
    await house.customer_writes("Where is my order 17?")
    await house.settle()
    mail = a_mail("We have got it", auto_submitted="auto-replied", in_reply_to=house.written[0]["Message-ID"])
    await server(house).submit(mail, SUPPORT, [CUSTOMER])
    await house.settle()
    [_, sent] = house.mails_to(CUSTOMER)
    assert (sent.message["Auto-Submitted"], sent.message["Subject"]) == ("auto-replied", "We have got it")
    told = await shown(house)
    assert ([one["author"] for one in told["entries"]], told["held"]) == (["customer", "assistant"], "assistant")
    await server(house).submit(a_mail(to="new@mail.example", auto_submitted="auto-replied", message_id="<n@c.example>"),
                               SUPPORT, ["new@mail.example"])  # fmt: skip
    await house.settle()
    assert (len(house.mails_to("new@mail.example")), len(await house.conversations())) == (1, 1)


async def test_what_the_relay_refuses_is_told_on_the_case(house: Stage) -> None:
    case = await a_case(house)
    house.outbox.refuse("RCPT", "550 5.1.1 no such user")
    await house.simulator.agent.reply(case, "<p>It left on Monday.</p>", style=Style.CREATIO)
    await house.settle()
    await house.turn(POLL)
    notes = [str(one["Notes"]) for one in house.simulator.tenant.rows("Activity") if one["CaseId"] == case]
    assert any("550" in one for one in notes)


async def test_only_our_mailboxes_write_to_others_and_only_what_the_relay_takes(house: Stage) -> None:
    theirs = a_mail()
    del theirs["From"]
    theirs["From"] = "anna@creatio.example"
    big = a_mail()
    big.add_attachment(b"0" * 1_200_000, maintype="application", subtype="pdf", filename="big.pdf")
    for mail, sender, told in (
        (theirs, SUPPORT, "550.*The From of a mail to others"),
        (theirs, "anna@creatio.example", "553.*as one of our mailboxes"),
        (big, SUPPORT, "552.*The relay takes mails up to"),
    ):
        with pytest.raises(NotSent, match=told):
            await server(house).submit(mail, sender, [CUSTOMER])
    await house.settle()
    assert (house.mails_to(CUSTOMER), (await house.balance()).accepted) == ([], 0)
