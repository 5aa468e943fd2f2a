"""What goes wrong when nobody watches: nothing is lost, doubled or silent, and the house stays open."""

import asyncio
from datetime import datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from gateway.cli.commands import run
from gateway.demo.capture import capture
from gateway.demo.creatio.tenant import BEN
from gateway.errors import Misconfigured
from gateway.store.database import Transaction
from gateway.store.schema import job
from tests.stories.assistant import answers, hands_off
from tests.stories.stage import Stage, stage


def _change(house: Stage, before: str, after: str) -> None:
    """Edit the settings file."""
    path = house.folder / "config.toml"
    text = path.read_text()
    assert before in text
    path.write_text(text.replace(before, after))


async def test_a_certificate_that_cannot_be_read_changes_nothing_at_a_reload(house: Stage, tmp_path: Path) -> None:
    """Half of a certificate: somebody is just copying it there."""
    (tmp_path / "cert.pem").write_text("-----BEGIN CERTIFICATE-----\n")
    (tmp_path / "key.pem").write_text("-----BEGIN PRIVATE KEY-----\n")
    tls = f'tls = {{ cert = "{tmp_path}/cert.pem", key = "{tmp_path}/key.pem" }}'
    _change(house, 'hostname = "gateway.shop.example"', f'hostname = "gateway.shop.example"\n{tls}')
    _change(house, 'name = "Shop Support"', 'name = "Somebody Else"')
    with pytest.raises(Misconfigured, match=r"cert\.pem"):
        await house.house.reload()
    assert house.house.parts.settings.mailboxes[0].name == "Shop Support"


async def test_a_reload_while_the_assistant_thinks_costs_no_answer(house: Stage) -> None:
    house.assistant.says = answers("It is on its way.")
    house.assistant.thinking.clear()
    await house.customer_writes("Where is it?")
    async with asyncio.timeout(10):
        while not house.assistant.asked:
            await asyncio.sleep(0.01)
    await house.house.reload()
    await asyncio.sleep(0.2)
    house.assistant.thinking.set()
    await house.settle()
    [mail] = house.mails_to("ann@mail.example")
    assert "It is on its way." in mail.raw.decode()
    assert house.cases == []


async def test_a_reload_while_a_mail_is_with_the_relay_ends_its_connection_after_it(house: Stage) -> None:
    house.outbox.slow("DOT", 0.5)
    await house.customer_writes("Where is it?")
    async with asyncio.timeout(10):
        while "DATA" not in house.outbox.commands:
            await asyncio.sleep(0.01)
    await house.house.reload()
    await house.settle()
    assert len(house.mails_to("ann@mail.example")) == 1
    async with asyncio.timeout(5):
        while house.outbox.open:
            await asyncio.sleep(0.02)


async def test_a_mail_that_waits_for_a_decision_is_filed_when_somebody_takes_its_case(house: Stage) -> None:
    """Handed off, given back, written again: then the owner changes before the assistant has said anything."""
    house.assistant.says = hands_off("Ann's order is late.")
    first = await house.customer_writes("My order is late.")
    await house.settle()
    [listed] = await house.conversations()
    await house.ask("POST", f"conversations/{listed['id']}/resume", json={})
    house.assistant.thinking.clear()
    await house.customer_writes("And the second one, too.", subject="Re: Where is my order?", answering=first)
    async with asyncio.timeout(10):
        while len(house.assistant.asked) < 2:
            await asyncio.sleep(0.01)
    await house.simulator.agent.reassign(house.case_id(), owner=BEN)
    await house.hook(event_type="status_changed", caseId=str(house.case_id()))
    await asyncio.sleep(0.5)
    house.assistant.thinking.set()
    await house.settle()
    [case] = house.cases
    assert ["second one" in str(row["Body"]) for row in house.activities(case)] == [False, True]
    assert house.mails_to("ann@mail.example") == []


async def test_a_reply_that_was_written_just_before_its_case_was_merged_reaches_the_customer(house: Stage) -> None:
    house.assistant.says = hands_off("Somebody needs help.")
    await house.customer_writes("My order is late.")
    await house.customer_writes("Mine, too.", sender="bea@mail.example", subject="Another order")
    await house.settle()
    cases: dict[str, UUID] = {str(one["Subject"]): one["Id"] for one in house.cases}
    mine, other = cases["Where is my order?"], cases["Another order"]
    await house.simulator.agent.reply(mine, "<p>It comes tomorrow.</p>")
    house.store.turn_clock(timedelta(seconds=10))
    await house.simulator.agent.merge(mine, other)
    await house.hook(event_type="new_activity", caseId=str(mine))
    await house.settle()
    [mail] = house.mails_to("ann@mail.example")
    assert "It comes tomorrow." in mail.raw.decode()
    assert house.mails_to("bea@mail.example") == []


async def test_a_clock_that_is_set_back_holds_nothing_up(house: Stage) -> None:
    """The machine woke up in another year, put mail off until then, and was told the time."""
    house.store.turn_clock(timedelta(days=400))
    house.outbox.refuse("MAIL", "451 4.3.0 not now")
    await house.customer_writes("Where is it?")
    await house.settle()
    assert house.mails_to("ann@mail.example") == []
    await house.turn(timedelta(days=-400))
    for _ in range(3):
        await house.turn(timedelta(minutes=5))
    assert len(house.mails_to("ann@mail.example")) == 1
    recurring = await house.store.read(_recurring)
    assert len(recurring) >= 8
    assert max(recurring) - house.store.time() < timedelta(days=2)


async def test_a_clock_that_runs_ahead_for_an_hour_makes_nobody_forget(house: Stage) -> None:
    """What is kept for two years is not gone because the machine believes, for a moment, that they have passed."""
    await house.customer_writes("Where is it?")
    await house.settle()
    await house.turn(timedelta(days=1))
    await house.turn(timedelta(days=1_000))
    await house.turn(timedelta(hours=1))
    assert len(await house.conversations()) == 1
    for _ in range(3):
        await house.turn(timedelta(days=1))
    assert await house.conversations() == []


async def test_a_partner_that_was_left_alone_is_asked_again_although_the_clock_was_set_back(house: Stage) -> None:
    house.store.turn_clock(timedelta(days=400))
    house.outbox.refuse("CONNECT", "421 4.3.2 closed", times=20)
    for number in range(6):
        await house.customer_writes("Hello?", sender=f"c{number}@mail.example", subject=f"Matter {number}")
    await house.settle()
    assert "send" in house.house.held_back
    house.outbox.behave()
    await house.turn(timedelta(days=-400))
    for _ in range(6):
        await house.turn(timedelta(minutes=5))
    assert len([mail for mail in house.outbox.mails if "mail.example" in mail.recipients[0]]) == 6


async def test_status_says_that_a_partner_is_left_alone_and_when_it_is_asked_again(
    house: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    house.outbox.refuse("CONNECT", "421 4.3.2 closed", times=20)
    for number in range(6):
        await house.customer_writes("Hello?", sender=f"c{number}@mail.example", subject=f"Matter {number}")
    await house.settle()
    [relay] = [one for one in (await house.ask("GET", "status"))["connections"] if one["name"] == "relay"]
    assert relay["condition"] == "failed"
    assert datetime.fromisoformat(relay["asked_again"]) > house.store.time() - timedelta(seconds=5)
    await asyncio.to_thread(run, ["--config", str(house.folder / "config.toml"), "status"])
    [line] = [line for line in capsys.readouterr().out.splitlines() if line.startswith("relay ")]
    assert "421 4.3.2 closed" in line
    assert " in " in line.partition("failed")[2] or " now " in line
    house.outbox.behave()
    await house.turn(timedelta(minutes=2))
    [relay] = [one for one in (await house.ask("GET", "status"))["connections"] if one["name"] == "relay"]
    assert (relay["condition"], relay["asked_again"]) == ("working", None)


async def test_a_relay_that_is_away_does_not_hold_up_the_mail_of_another(tmp_path: Path) -> None:
    async with capture() as other:
        change: dict[str, dict[str, Any]] = {
            "[mailbox]": {"relay": "second"},
            "relay.second": {"host": "127.0.0.1", "port": other.port, "tls": "none", "rate": "1000/s"},
        }
        async with stage(tmp_path, change=change) as house:
            path = house.folder / "config.toml"
            mailbox = '\n[[mailbox]]\naddress = "sales@shop.example"\nname = "Sales"\n'
            path.write_text(path.read_text() + mailbox)
            await house.house.reload()
            house.outbox.refuse("CONNECT", "421 4.3.2 closed", times=1_000)
            for number in range(40):
                mail = EmailMessage()
                mail["From"], mail["To"], mail["Subject"] = f"s{number}@mail.example", "sales@shop.example", "Price?"
                mail["Message-ID"] = f"<sales{number}@mail.example>"
                mail.set_content("What does it cost?")
                await house.give(mail, f"s{number}@mail.example", "sales@shop.example")
            await house.settle(timeout=60)
            await house.customer_writes("Where is it?")
            for _ in range(4):
                await house.turn(timedelta(minutes=1))
            assert len(other.to("ann@mail.example")) == 1
            house.outbox.behave()
            for _ in range(20):
                await house.turn(timedelta(minutes=2))
            assert len([one for one in house.outbox.mails if one.recipients[0].startswith("s")]) == 40


def _recurring(tx: Transaction) -> list[datetime]:
    wanted = sa.select(job.c.due).where(job.c.step.in_(["tend", "poll"]), job.c.state == "todo")
    return [row.due for row in tx.rows(wanted)]
