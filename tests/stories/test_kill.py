"""The daemon is killed again and again under load: nothing that got a 250 is lost, doubled or out of order.

GATEWAY_KILLS in the environment says how often for each story (30 for the full measure; few here, to be quick).
"""

import asyncio
import os
import random
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.utils import format_datetime, localtime
from pathlib import Path
from typing import Any

import pytest

from gateway.demo.capture import Outbox, capture
from gateway.demo.creatio.schema import id_of
from gateway.demo.creatio.simulator import Simulator, serve
from tests.peers.postgres import Postgres
from tests.peers.postgres import postgres as postgres
from tests.stories.assistant import Assistant, answers, assistant, hands_off
from tests.stories.processes import Daemon, free_port, hand_over
from tests.stories.stage import SUPPORT, usual_settings, write_settings

KILLS = int(os.environ.get("GATEWAY_KILLS", "6"))
CUSTOMERS, MAILS = 12, 3 + KILLS // 2  # so that mail keeps coming until the last kill
FILES = 2  # so many mails of each customer have a file


@dataclass
class Siege:
    """Daemons under load, with what their senders know to be taken."""

    daemons: list[Daemon]
    simulator: Simulator
    outbox: Outbox
    assistant: Assistant
    taken: list[tuple[str, str]] = field(default_factory=list)

    async def write(self, customer: int) -> None:
        """One customer's mails, each handed over until it has its 250, one after the other."""
        address = f"customer{customer}@mail.example"
        before: list[str] = []
        for number in range(MAILS):
            mail = EmailMessage()
            mail["From"], mail["To"], mail["Subject"] = address, SUPPORT, f"{'Re: ' if before else ''}Matter {customer}"
            mail["Date"] = format_datetime(localtime())
            mail["Message-ID"] = f"<{customer}.{number}@mail.example>"
            if before:
                mail["In-Reply-To"], mail["References"] = before[-1], " ".join(before)
            mail.set_content(f"Mail {number} of customer {customer}, nothing quoted.\n")
            if number < FILES:
                name = f"{customer}-{number}.bin"
                mail.add_attachment(_bytes_of(name), maintype="application", subtype="octet-stream", filename=name)
            while not await self._taken(address, mail.as_bytes()):
                await asyncio.sleep(0.05)
            self.taken.append((address, str(mail["Message-ID"])))
            before.append(str(mail["Message-ID"]))
            await asyncio.sleep(random.uniform(0, 0.6))

    async def _taken(self, address: str, raw: bytes) -> bool:
        daemon = random.choice(self.daemons)
        return await asyncio.to_thread(hand_over, daemon.smtp, address, SUPPORT, raw)

    async def kill_them(self) -> None:
        for _ in range(KILLS):
            await asyncio.sleep(random.uniform(0.05, 1.5))
            victim = random.choice(self.daemons)
            await victim.kill()
            await victim.start()
            # One in three dies while it is still starting.
            if random.random() > 1 / 3:
                await victim.ready()

    async def settle(self) -> dict[str, Any]:
        """Until nothing waits; the counters then."""
        for daemon in self.daemons:
            await daemon.ready()
        async with asyncio.timeout(180):
            while True:
                status = await self.daemons[0].ask("status")
                work = {step: one for step, one in status["work"].items() if step not in ("poll", "tend")}
                left = sum(one["waiting"] + one["later"] + one["in_work"] for one in work.values())
                if not left:
                    return dict(status)
                await asyncio.sleep(0.2)

    def activities(self) -> Counter[str]:
        """Incoming mails in Creatio, by what they say."""
        rows = [one for one in self.simulator.tenant.rows("Activity") if "@mail.example" in str(one["Sender"])]
        return Counter(_said(str(one["Body"])) for one in rows)

    def files(self) -> list[tuple[str, bytes]]:
        """What reps find: each file's name and bytes."""
        tenant = self.simulator.tenant
        rows = tenant.rows("ActivityFile")
        return sorted((str(one["Name"]), tenant.blobs.get(("ActivityFile", id_of(one), "Data"), b"")) for one in rows)


def _bytes_of(name: str) -> bytes:
    return f"The file {name}.\n".encode() * 2_000


def _said(body: str) -> str:
    return body[body.index("Mail ") :].partition(",")[0]


@asynccontextmanager
async def siege(folder: Path, url: str, nodes: int, change: dict[str, dict[str, Any]]) -> AsyncIterator[Siege]:
    simulator = Simulator()
    async with serve(simulator) as creatio, capture() as outbox, assistant() as played:
        daemons = []
        for number in range(nodes):
            place, port = folder / f"node{number}", free_port()
            tables = usual_settings(place, creatio, outbox.port, played.url)
            tables["store"]["url"] = url
            tables["intake.smtp"]["listen"] = [f"127.0.0.1:{port}"]
            path = write_settings(place, tables, change)
            daemons.append(Daemon(path, place / "data" / "gateway.sock", port))
        for daemon in daemons:
            await daemon.start()
            await daemon.ready()
        try:
            yield Siege(daemons, simulator, outbox, played)
        finally:
            for daemon in daemons:
                await daemon.stop()


@pytest.fixture(params=["sqlite", "postgresql"])
def where(request: pytest.FixtureRequest) -> tuple[str, int]:
    """The store's url, and how many daemons share it."""
    if request.param == "sqlite":
        return "sqlite", 1
    cluster: Postgres = request.getfixturevalue("postgres")
    return cluster.new_database(), 2


async def test_each_mail_with_a_250_has_one_activity_and_one_answer_or_is_known_to_be_unknown(
    tmp_path: Path, where: tuple[str, int]
) -> None:
    change: dict[str, dict[str, Any]] = {
        "creatio": {"create_case": "on_first_message"},
        "assistant": {"max_answers": 100, "max_per_hour": 10_000},
    }
    async with siege(tmp_path, *where, change) as fight:
        fight.assistant.says = answers("We are on it.")
        async with asyncio.TaskGroup() as group:
            for number in range(CUSTOMERS):
                group.create_task(fight.write(number))
            group.create_task(fight.kill_them())
        status = await fight.settle()
        assert status["counters"]["balanced"], status["counters"]
        expected = {f"Mail {number} of customer {customer}" for customer in range(CUSTOMERS) for number in range(MAILS)}
        assert fight.activities() == Counter(dict.fromkeys(expected, 1))
        assert len(fight.simulator.tenant.rows("Case")) == CUSTOMERS
        ids = [str(mail.message["Message-ID"]) for mail in fight.outbox.mails]
        # The bytes may have arrived and the answer got lost; then nothing is sent again by itself.
        assert [one for one, count in Counter(ids).items() if count > 1] == []
        await _each_conversation_is_in_order(fight)


async def test_each_customer_has_one_case_with_each_mail_once_and_gets_no_mail(
    tmp_path: Path, where: tuple[str, int]
) -> None:
    async with siege(tmp_path, *where, {}) as fight:
        fight.assistant.says = hands_off("Somebody needs help.")
        async with asyncio.TaskGroup() as group:
            for number in range(CUSTOMERS):
                group.create_task(fight.write(number))
            group.create_task(fight.kill_them())
        status = await fight.settle()
        assert status["counters"]["balanced"], status["counters"]
        assert len(fight.simulator.tenant.rows("Case")) == CUSTOMERS
        expected = {f"Mail {number} of customer {customer}" for customer in range(CUSTOMERS) for number in range(MAILS)}
        assert fight.activities() == Counter(dict.fromkeys(expected, 1))
        names = sorted(f"{customer}-{number}.bin" for customer in range(CUSTOMERS) for number in range(FILES))
        assert fight.files() == [(name, _bytes_of(name)) for name in names]
        assert [mail for mail in fight.outbox.mails if "@mail.example" in " ".join(mail.recipients)] == []
        await _each_conversation_is_in_order(fight)


async def _each_conversation_is_in_order(fight: Siege) -> None:
    """The customer's entries stand in the order in which they were taken, each once."""
    wanted: dict[str, list[str]] = {}
    for address, message_id in fight.taken:
        wanted.setdefault(address, []).append(message_id)
    found: dict[str, list[str]] = {}
    listed = (await fight.daemons[0].ask("conversations"))["conversations"]
    for one in listed:
        shown = await fight.daemons[0].ask(f"conversations/{one['id']}")
        theirs = [entry["message_id"] for entry in shown["entries"] if entry["author"] == "customer"]
        found.setdefault(one["customer"]["address"], []).extend(theirs)
    assert found == wanted
