"""Heavy mail, mailboxes that are given up, relays that never answer: told plainly, done once."""

import base64
import os
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from tests.stories.assistant import hands_off
from tests.stories.stage import SUPPORT, Stage, stage


def _heavy(parts: int, size: int) -> bytes:
    lines = [
        "From: ann@mail.example", f"To: {SUPPORT}", "Subject: All my pictures", "Message-ID: <heavy@mail.example>",
        "MIME-Version: 1.0", 'Content-Type: multipart/mixed; boundary="b"', "", "--b", "Content-Type: text/plain", "",
        "Here are all my pictures.",
    ]  # fmt: skip
    content = base64.encodebytes(os.urandom(size)).decode().replace("\n", "\r\n")
    for number in range(parts):
        lines += [
            "--b", "Content-Type: image/jpeg", "Content-Transfer-Encoding: base64",
            f'Content-Disposition: attachment; filename="picture{number}.jpg"', "", content,
        ]  # fmt: skip
    return "\r\n".join([*lines, "--b--", ""]).encode()


async def test_a_mail_with_a_hundred_files_is_filed_whole(house: Stage) -> None:
    house.assistant.says = hands_off("Many pictures.")
    await house.give(_heavy(100, 2_000), "ann@mail.example")
    await house.settle(timeout=300)
    [case] = house.cases
    [activity] = house.activities(case)
    files = [one for one in house.simulator.tenant.rows("ActivityFile") if one["ActivityId"] == activity["Id"]]
    assert len(files) == 100
    assert (await house.ask("GET", "aside"))["aside"] == []


async def test_a_mail_whose_outcome_is_never_known_is_not_sent_for_days(tmp_path: Path) -> None:
    """`unknown = "resend"` means once more, not a hundred copies from a relay that keeps each and answers none."""
    async with stage(tmp_path, change={"relay": {"unknown": "resend"}}) as house:
        house.outbox.drop("DOT", times=1_000, kept=True)
        await house.customer_writes("Where is it?")
        await house.settle()
        for _ in range(48):
            await house.turn(timedelta(hours=1))
        assert 2 <= len(house.mails_to("ann@mail.example")) <= 3
        [listed] = await house.conversations()
        held = (await house.ask("GET", "aside"))["aside"]
        assert [one["kind"] for one in held if one["conversation"] == listed["id"]] == ["mail"]


async def test_a_mailbox_that_went_from_the_file_keeps_its_conversations(house: Stage) -> None:
    house.assistant.says = hands_off("Ann's order is late.")
    first = await house.customer_writes("My order is late.")
    await house.settle()
    path = house.folder / "config.toml"
    text = path.read_text()
    path.write_text(text.replace(f'address = "{SUPPORT}"', 'address = "help@shop.example"'))
    await house.house.reload()
    await house.customer_writes("Is anybody there?", subject="Re: Where is my order?", answering=first)
    await house.settle()
    [case] = house.cases
    assert len(house.activities(case)) == 2
    await house.simulator.agent.reply(house.case_id(), "<p>It comes tomorrow.</p>")
    await house.hook(event_type="new_activity", caseId=str(house.case_id()))
    await house.settle()
    [mail] = house.mails_to("ann@mail.example")
    assert SUPPORT in str(mail.message["From"])
    assert (await house.balance()).holds


@pytest.mark.parametrize("numbered", [True, False])
async def test_a_reply_written_just_before_its_case_was_merged_into_a_strangers_is_mailed_or_told(
    house: Stage, numbered: bool
) -> None:
    """The merger moves it to a case that was none of ours; the number in its title tells where it was written."""
    house.assistant.says = hands_off("Somebody needs help.")
    await house.customer_writes("My order is late.")
    await house.settle()
    mine, layer, agent = house.case_id(), house.simulator.layer, house.simulator.agent
    other = layer.insert("Case", {"Subject": "Somebody's matter"}, agent.author)["Id"]
    assert isinstance(other, UUID)
    house.store.turn_clock(timedelta(seconds=5))
    reply = await agent.reply(mine, "<p>It comes tomorrow.</p>")
    if not numbered:
        layer.update("Activity", reply, {"Title": "Re: Where is my order?"}, agent.author)
    house.store.turn_clock(timedelta(seconds=5))
    await agent.merge(mine, other)
    await house.hook(event_type="new_activity", caseId=str(mine))
    await house.settle()
    assert len(house.mails_to("ann@mail.example")) == numbered
    notes = [str(one["Title"]) for one in house.simulator.tenant.rows("Activity") if one["CaseId"] == other]
    assert ("Reply not sent" in notes) != numbered
    told = [one["text"] for one in (await house.ask("GET", "status"))["notices"]]
    assert any("before its case was merged" in text for text in told) != numbered
