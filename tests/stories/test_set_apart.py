"""Mail that is not answered as it comes: spam by the settings, what cannot be read, what is too large."""

import smtplib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.stories.stage import CUSTOMER, Stage, stage

SPAMMER = "offers@cheap.example"


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[Stage]:
    change: dict[str, dict[str, Any]] = {"spam": {"block": ["@cheap.example"]}, "intake.smtp": {"max_size": "1MiB"}}
    async with stage(tmp_path, change=change) as opened:
        yield opened


async def test_who_is_blocked_gets_no_answer_no_contact_and_no_case_until_somebody_releases_it(house: Stage) -> None:
    await house.customer_writes("Buy now!", sender=SPAMMER)
    await house.settle()
    assert (await house.conversations(), house.mails_to(SPAMMER), list(house.cases)) == ([], [], [])
    assert not any(one["Email"] == SPAMMER for one in house.simulator.tenant.rows("Contact"))
    [listed] = (await house.ask("GET", "aside"))["spam"]
    assert listed["from"] == SPAMMER
    shown = await house.ask("GET", f"arrivals/{listed['arrival']}")
    assert (shown["fate"], shown["origin"]) == ("kept_silent", "spam")
    await house.ask("POST", f"arrivals/{listed['arrival']}/release")
    await house.settle()
    [conversation] = await house.conversations()
    assert conversation["customer"]["address"] == SPAMMER
    assert len(house.mails_to(SPAMMER)) == 1
    assert (await house.balance()).holds


async def test_a_mail_that_cannot_be_read_is_set_aside_and_the_next_is_answered(house: Stage) -> None:
    poison = b"From: ann@mail.example\r\nSubject: deep\r\nMessage-ID: <deep@mail.example>\r\n"
    poison += b"X-Long: " + b"y" * 20_000 + b"\r\n\r\nHello\r\n"
    await house.give(poison, CUSTOMER)
    await house.customer_writes("Where is my order?")
    await house.settle()
    assert len(house.mails_to(CUSTOMER)) == 1
    [aside] = (await house.ask("GET", "aside"))["aside"]
    assert (aside["from"], aside["subject"]) == (CUSTOMER, "deep")
    status = await house.ask("GET", "status")
    assert any("could not be read" in notice["text"] for notice in status["notices"])
    assert (await house.balance()).holds


async def test_a_mail_that_is_too_large_is_refused_in_words_that_help(house: Stage) -> None:
    with pytest.raises(smtplib.SMTPResponseException) as refused:
        await house.give(b"Subject: large\r\n\r\n" + (b"y" * 70 + b"\r\n") * 20_000, CUSTOMER)
    assert refused.value.smtp_code == 552
    assert refused.value.smtp_error == b"5.3.4 A mail may have 1 MiB here; send big files by a link"
