"""Two conversations of one customer are found to be one matter."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.stories.assistant import hands_off
from tests.stories.stage import CUSTOMER, Stage, stage


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[Stage]:
    async with stage(tmp_path, change={"creatio": {"append": "conversation"}}) as opened:
        yield opened


async def show(house: Stage, here: str) -> dict[str, Any]:
    found: dict[str, Any] = await house.ask("GET", f"conversations/{here}")
    return found


def on_case(house: Stage, case_id: str) -> str:
    """All that stands on a case, mails and notes."""
    return " ".join(str(row) for row in house.simulator.tenant.rows("Activity") if str(row["CaseId"]) == case_id)


async def test_merged_conversations_go_on_as_one_and_lose_nothing(house: Stage) -> None:
    house.assistant.says = hands_off()
    first = await house.customer_writes("Where is my order?")
    await house.settle()
    await house.customer_writes("It has come, but it is broken.", subject="Broken")
    await house.settle()
    goes_on, gone = [one["id"] for one in await house.conversations()]
    assert len(house.cases) == 2
    await house.ask(
        "POST", f"conversations/{gone}/merge", json={"into": f"https://gateway.shop.example/conversations/{goes_on}"}
    )
    await house.settle()

    # Later mails of the one go to the other, and on to its case.
    await house.customer_writes("And now?", subject="Re: Where is my order?", answering=first)
    await house.settle()
    there, before = await show(house, goes_on), await show(house, gone)
    assert [one["text"] for one in there["entries"]] == ["It has come, but it is broken.", "And now?"]
    assert (before["merged_into"], before["state"], there["merged"]) == (goes_on, "resolved", [gone])
    arrived = next(one for one in reversed(there["history"]) if one["what"] == "mail_arrived")
    assert "merged: people merged" in str(arrived["facts"]["evidence"])
    last = there["entries"][-1]["arrival"]["id"]
    told = await house.ask("GET", f"arrivals/{last}/explanation")
    assert "goes_on" in [evidence["rule"] for evidence in told["conversation"]["evidence"]]
    assert "merged" in [evidence["rule"] for evidence in told["happened"]["matching"]]
    older, newer = on_case(house, before["case"]["id"]), on_case(house, there["case"]["id"])
    assert (len(house.cases), "And now?" in newer, "And now?" in older) == (2, True, False)
    assert f"conversations/{goes_on}" in older
    assert f"conversations/{gone}" in newer

    # A rep who answers on the older case still reaches the customer, and her answer comes to the one that goes on.
    await house.simulator.agent.reply(house.case_id(), "<p>It is on its way.</p>")
    await house.hook(event_type="new_activity", caseId=str(house.case_id()))
    await house.settle()
    [mail] = house.mails_to(CUSTOMER)
    await house.customer_writes("Thank you, and the broken one?", subject=str(mail.message["Subject"]), answering=mail)
    await house.settle()
    assert (await show(house, goes_on))["entries"][-1]["text"] == "Thank you, and the broken one?"
    assert (len(await house.conversations()), len(house.cases)) == (2, 2)
    assert (await house.balance()).holds
