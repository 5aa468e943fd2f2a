"""Three wrong things that a rep, or Creatio itself, leaves on a case: no customer gets them, and `show` says why."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from gateway.cli.commands import run
from gateway.demo.creatio import ids
from gateway.demo.creatio.agent import Style
from gateway.demo.creatio.schema import Row
from tests.stories.assistant import hands_off
from tests.stories.stage import CUSTOMER, Stage

WRONG = (
    (Style.DRAFT, "draft", "not completed: a draft"),
    (Style.TO_DO, "never", "a task is internal: replies.types does not allow it"),
    (Style.NOTICE, "never", "an automatic notification of Creatio"),
)
NAMES = [style.value for style, _, _ in WRONG]


async def a_case(house: Stage) -> str:
    """A customer's matter is with people; returns the conversation."""
    house.assistant.says = hands_off()
    await house.customer_writes("Where is my order?")
    await house.settle()
    [conversation] = await house.conversations()
    return str(conversation["id"])


async def leave(house: Stage, style: Style) -> str:
    """Put it on the case, ring, and let time pass; returns the row's id."""
    made = await house.simulator.agent.reply(house.case_id(), "<p>Secret: do not tell.</p>", style=style)
    assert await house.hook(event_type="new_activity", caseId=str(house.case_id())) == 202
    await house.settle()
    await house.turn(timedelta(minutes=30))
    return str(made)


async def shown(house: Stage, here: str) -> dict[str, tuple[str, str]]:
    """What is said of each activity that was seen: the verdict, and why."""
    found: dict[str, Any] = await house.ask("GET", f"conversations/{here}")
    return {one["id"]: (one["verdict"], one["why"]) for one in found["activities"]}


async def printed(house: Stage, here: str, capsys: pytest.CaptureFixture[str]) -> str:
    """What a person reads who types `gateway show`."""
    capsys.readouterr()
    words = ["show", here, "--config", str(house.folder / "config.toml")]
    assert await asyncio.to_thread(run, words) == 0
    return capsys.readouterr().out


@pytest.mark.parametrize(("style", "verdict", "why"), WRONG, ids=NAMES)
async def test_it_does_not_reach_the_customer_and_show_says_why(
    house: Stage, style: Style, verdict: str, why: str, capsys: pytest.CaptureFixture[str]
) -> None:
    here = await a_case(house)
    row = await leave(house, style)
    assert house.mails_to(CUSTOMER) == []
    assert not any(b"Secret" in mail.raw for mail in house.outbox.mails)
    assert (await shown(house, here))[row] == (verdict, why)
    assert f"Activity {row}: {verdict} — {why}" in await printed(house, here, capsys)
    found = await house.ask("GET", f"conversations/{here}")
    assert [one["author"] for one in found["entries"]] == ["customer"], "nor is it taken for something that was said"


@pytest.mark.parametrize("habit", ["in_progress", "untyped"])
async def test_a_draft_stays_a_draft_however_this_version_of_creatio_leaves_it(house: Stage, habit: Any) -> None:
    house.simulator.switches = replace(house.simulator.switches, draft=habit)
    here = await a_case(house)
    row = await leave(house, Style.DRAFT)
    assert house.mails_to(CUSTOMER) == []
    assert (await shown(house, here))[row][0] == "draft"


async def test_a_notification_that_is_only_flagged_is_known_too(house: Stage) -> None:
    house.simulator.switches = replace(house.simulator.switches, notice="flag")
    here = await a_case(house)
    row = await leave(house, Style.NOTICE)
    assert house.mails_to(CUSTOMER) == []
    assert (await shown(house, here))[row] == ("never", "an automatic notification of Creatio")


async def test_all_three_beside_a_true_reply_leave_only_the_reply(house: Stage) -> None:
    here = await a_case(house)
    wrong = [await leave(house, style) for style, _, _ in WRONG]
    right = await house.simulator.agent.reply(house.case_id(), "<p>It comes tomorrow.</p>")
    await house.hook(event_type="new_activity", caseId=str(house.case_id()))
    await house.settle()
    [mail] = house.mails_to(CUSTOMER)
    assert b"It comes tomorrow." in mail.raw
    assert b"Secret" not in mail.raw
    said = await shown(house, here)
    assert said[str(right)][0] == "mail"
    assert {said[row][0] for row in wrong} == {"draft", "never"}


async def test_a_draft_that_is_completed_later_is_a_reply(house: Stage) -> None:
    """The other side of the first wrong thing: the rep comes back to it."""
    here = await a_case(house)
    row = await leave(house, Style.DRAFT)
    done: Row = {"StatusId": ids.ACTIVITY_COMPLETED}
    house.simulator.layer.update("Activity", UUID(row), done, house.simulator.agent.author)
    await house.hook(event_type="new_activity", caseId=str(house.case_id()))
    await house.settle()
    assert len(house.mails_to(CUSTOMER)) == 1
    assert (await shown(house, here))[row][0] == "mail"


async def test_what_creatio_could_not_send_is_sent_from_here_when_a_person_says_so_and_once(house: Stage) -> None:
    house.assistant.says = hands_off()
    await house.customer_writes("Where is my order?")
    await house.settle()
    failed = await house.simulator.agent.reply(house.case_id(), "<p>It comes tomorrow.</p>", style=Style.ERROR)
    await house.hook(event_type="new_activity", caseId=str(house.case_id()))
    await house.settle()
    [conversation] = await house.conversations()
    assert house.mails_to(CUSTOMER) == []
    for _ in range(2):
        path = f"conversations/{conversation['id']}/send-here"
        try:
            await house.ask("POST", path, json={"activity": str(failed)})
        except AssertionError:
            assert len(house.mails_to(CUSTOMER)) == 1, "only the second wish is refused"
        await house.settle()
        await house.turn(timedelta(minutes=5))
    [mail] = house.mails_to(CUSTOMER)
    assert b"It comes tomorrow." in mail.raw


async def test_a_reply_that_creatio_has_sent_meanwhile_is_not_sent_from_here(house: Stage) -> None:
    house.assistant.says = hands_off()
    await house.customer_writes("Where is my order?")
    await house.settle()
    failed = await house.simulator.agent.reply(house.case_id(), "<p>It comes tomorrow.</p>", style=Style.ERROR)
    await house.hook(event_type="new_activity", caseId=str(house.case_id()))
    await house.settle()
    await house.simulator.agent.finish_sending(failed)
    [conversation] = await house.conversations()
    await house.ask("POST", f"conversations/{conversation['id']}/send-here", json={"activity": str(failed)})
    await house.settle()
    await house.turn(timedelta(minutes=5))
    assert house.mails_to(CUSTOMER) == []
