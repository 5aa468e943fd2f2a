"""Several mails in a row: one decision, one answer; what hurries does not wait for more."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from gateway.cli.told import as_text
from tests.stories.assistant import hands_off
from tests.stories.stage import CUSTOMER, Stage, stage

PART, REST = timedelta(seconds=50), timedelta(seconds=91)


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[Stage]:
    async with stage(tmp_path, change={"assistant": {"quiet_window": "90s"}}) as opened:
        yield opened


async def test_a_burst_is_answered_once_and_whole(house: Stage) -> None:
    first = await house.customer_writes("Where is my order?")
    await house.settle()
    await house.turn(PART)
    await house.customer_writes("It is number 17.", subject="Re: Where is my order?", answering=first)
    await house.settle()
    await house.turn(PART)
    assert house.mails_to(CUSTOMER) == []
    await house.turn(REST)
    await house.settle()
    assert len(house.mails_to(CUSTOMER)) == 1
    [asked] = house.assistant.asked
    assert "number 17" in str(asked)
    assert "Where is my order?" in str(asked)


async def test_a_newer_mail_cancels_an_answer_that_has_not_left(house: Stage) -> None:
    await house.ask("POST", "pauses/sending", json={})
    first = await house.customer_writes("Where is my order?")
    await house.settle()
    await house.turn(REST)
    [talk] = await house.conversations()
    await house.customer_writes("Forget it, it has come.", subject="Re: Where is my order?", answering=first)
    await house.settle()
    await house.turn(REST)
    await house.ask("DELETE", "pauses/sending")
    await house.settle()
    shown = await house.ask("GET", f"conversations/{talk['id']}")
    states = [mail["state"] for entry in shown["entries"] for mail in entry["deliveries"]]
    assert sorted(states) == ["cancelled", "delivered"]
    assert len(house.mails_to(CUSTOMER)) == 1
    first_told, then_told = [await house.ask("GET", f"arrivals/{number}/explanation") for number in (1, 2)]
    [stopped] = first_told["happened"]["cancelled"]
    [stops] = then_told["happened"]["cancelled"]
    assert stopped == "the answer written for it (mail 1) was cancelled before it left: the customer wrote again"
    assert stops.startswith("an answer that was written before it came (mail 1) was cancelled before it left")
    assert stopped in as_text(first_told)
    assert "happened    answered: answered by mail 2\n" in as_text(first_told)


async def test_a_handoff_waits_for_the_rest_of_a_burst_and_a_wish_for_a_person_does_not(house: Stage) -> None:
    house.assistant.says = hands_off()
    first = await house.customer_writes("Where is my order?")
    await house.settle()
    assert house.cases == []
    await house.customer_writes("I want to talk to a human.", subject="Re: Where is my order?", answering=first)
    await house.settle()
    assert len(house.cases) == 1
    assert len(house.activities(house.cases[0])) == 2
