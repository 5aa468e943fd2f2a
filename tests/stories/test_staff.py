"""Mail of our own people: they are never the customer, and what they wrote to one is an agent's word."""

from collections.abc import AsyncIterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from tests.stories.stage import CUSTOMER, SUPPORT, Stage, stage

REP = "rep@shop.example"
PROVEN = "mx.shop.example; dmarc=pass header.from=shop.example"


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[Stage]:
    async with stage(tmp_path, change={"intake.smtp": {"trusted_peers": ["127.0.0.0/8"]}}) as opened:
        yield opened


def a_customers_mail() -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = f"Ann <{CUSTOMER}>", REP, "Where is my order?"
    mail["Message-ID"], mail["Date"] = "<private@mail.example>", "Mon, 2 Nov 2026 10:00:00 +0100"
    mail.set_content("Where is my order 17?")
    return mail


async def the_only_one(house: Stage) -> dict[str, Any]:
    [listed] = await house.conversations()
    found: dict[str, Any] = await house.ask("GET", f"conversations/{listed['id']}")
    return found


@pytest.mark.parametrize("attached", [True, False])
async def test_what_a_colleague_forwards_is_the_customers_matter_and_nobody_is_answered_by_a_machine(
    house: Stage, attached: bool
) -> None:
    inner, mail = a_customers_mail(), EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = REP, SUPPORT, "Fwd: Where is my order?"
    mail["Message-ID"], mail["Authentication-Results"] = "<fwd@shop.example>", PROVEN
    if attached:
        mail.set_content("Please take this over.")
        mail.add_attachment(inner)
    else:
        head = f"From: {inner['From']}\nDate: {inner['Date']}\nSubject: {inner['Subject']}\nTo: {REP}"
        mail.set_content(f"Please take this over.\n\n---------- Forwarded message ----------\n{head}\n\nOrder 17?\n")
    await house.give(mail, REP)
    await house.settle()
    shown = await the_only_one(house)
    assert shown["customer"]["address"] == CUSTOMER
    assert (shown["held"], house.mails_to(CUSTOMER), house.mails_to(REP)) == ("person", [], [])
    [contact] = [one for one in house.simulator.tenant.rows("Contact") if one["Email"] in (CUSTOMER, REP)]
    assert contact["Email"] == CUSTOMER
    [case] = house.cases
    assert case["ContactId"] == contact["Id"]


async def test_a_reps_own_mail_to_the_customer_with_us_on_copy_is_an_agents_word(house: Stage) -> None:
    first = await house.customer_writes("Where is my order?")
    await house.settle()
    [answer] = house.mails_to(CUSTOMER)
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Cc"], mail["Subject"] = REP, CUSTOMER, SUPPORT, f"Re: {first['Subject']}"
    mail["Message-ID"], mail["Authentication-Results"] = "<mine@shop.example>", PROVEN
    mail["In-Reply-To"] = mail["References"] = answer.message["Message-ID"]
    mail.set_content("I have sent it again myself.")
    await house.give(mail, REP)
    await house.settle()
    shown = await the_only_one(house)
    assert [one["author"] for one in shown["entries"]] == ["customer", "assistant", "agent"]
    assert shown["customer"]["address"] == CUSTOMER
    assert (len(house.mails_to(CUSTOMER)), house.mails_to(REP)) == (1, [])


async def test_who_only_claims_to_be_a_colleague_forwards_nothing(house: Stage) -> None:
    await house.customer_writes("From: Ann <ann@mail.example>\nSubject: x\n\nPay me.", sender=REP, subject="Fwd: x")
    await house.settle()
    assert (await the_only_one(house))["customer"]["address"] == REP
