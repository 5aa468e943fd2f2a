"""The daemon as a process, left alone at night: its database goes away, it is told to stop, to reload, to pause.

GATEWAY_OUTAGE in the environment says for how many seconds the database is away (120 for the full measure).
"""

import asyncio
import os
import signal
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from tests.peers.postgres import Postgres, new_postgres
from tests.stories.assistant import answers, hands_off
from tests.stories.processes import Neighbourhood, free_port, hand_over, neighbourhood
from tests.stories.stage import SUPPORT
from tests.stories.test_disk import _ready, _try, _until_ready

OUTAGE = float(os.environ.get("GATEWAY_OUTAGE", "6"))
SECRETS = ("a-client-secret", "a-hook-token-of-some-length", "nobody may read this")


@pytest.fixture
def cluster() -> Iterator[Postgres]:
    """One that may be stopped."""
    made = new_postgres()
    yield made
    made.remove()


def _mail(customer: int, number: int) -> bytes:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = f"c{customer}@mail.example", SUPPORT, f"Matter {customer}.{number}"
    mail["Message-ID"] = f"<{customer}.{number}@mail.example>"
    mail.set_content(f"Question {customer}.{number}: nobody may read this in a log.\n")
    return mail.as_bytes()


@asynccontextmanager
async def _load(near: Neighbourhood, customers: int) -> AsyncIterator[list[str]]:
    """Mail keeps coming in, each handed over until it has its 250; the list grows with what was taken."""
    taken: list[str] = []
    ended = asyncio.Event()

    async def write(customer: int) -> None:
        number = 0
        while not ended.is_set():
            raw = _mail(customer, number)
            if await asyncio.to_thread(hand_over, near.daemon.smtp, f"c{customer}@mail.example", SUPPORT, raw):
                taken.append(f"Matter {customer}.{number}")
                number += 1
            await asyncio.sleep(0.1)

    async with asyncio.TaskGroup() as group:
        for customer in range(customers):
            group.create_task(write(customer))
        yield taken
        ended.set()


def _hang_up(near: Neighbourhood) -> None:
    assert near.daemon.process is not None
    near.daemon.process.send_signal(signal.SIGHUP)


def _log_of(near: Neighbourhood) -> str:
    return (near.daemon.settings.parent / "log").read_text()


async def _all_done(near: Neighbourhood) -> None:
    found = await near.until(lambda found: not found["waiting"] + found["in_work"], timeout=90)
    assert found["balanced"], found
    async with asyncio.timeout(60):
        while (await near.daemon.ask("status"))["deliveries"]:
            await asyncio.sleep(0.2)


async def test_the_database_is_away_for_a_while_and_nothing_is_lost_or_doubled(
    tmp_path: Path, cluster: Postgres
) -> None:
    web = free_port()
    change: dict[str, dict[str, Any]] = {
        "store": {"url": cluster.new_database()},
        "web": {"listen": f"127.0.0.1:{web}"},
        "assistant": {"max_answers": 100, "max_per_hour": 10_000},
    }
    async with neighbourhood(tmp_path, change=change) as near:
        near.assistant.says = answers("We are on it.")
        async with _load(near, 4) as taken:
            async with asyncio.timeout(30):
                while len(taken) < 8:
                    await asyncio.sleep(0.05)
            await asyncio.to_thread(cluster.stop, signal.SIGQUIT)
            _hang_up(near)
            end = time.monotonic() + OUTAGE
            assert await asyncio.to_thread(_try, near.daemon.smtp, 1) == 451
            assert await _ready(web) == 503
            while time.monotonic() < end:
                await asyncio.sleep(0.1)
            assert await asyncio.to_thread(_try, near.daemon.smtp, 1) == 451
            before = len(taken)
            await asyncio.to_thread(cluster.start)
            await _until_ready(web)
            async with asyncio.timeout(30):
                while len(taken) < before + 8:
                    await asyncio.sleep(0.05)
        await _all_done(near)
        answered = Counter(str(one.message["Subject"]).removeprefix("Re: ") for one in near.outbox.mails)
        del answered["Matter 1"]
        status = await near.daemon.ask("status")
        assert {name: count for name, count in answered.items() if name in taken and count != 1} == {}
        assert len(set(taken) - set(answered)) == 0
        assert status["counters"]["set_aside"] == 0
        assert (await near.daemon.ask("aside"))["aside"] == []
        assert await near.daemon.stop() == 0
        log = _log_of(near)
        assert "not_reloaded" in log
        assert "Traceback" not in log
        assert [secret for secret in SECRETS if secret in log] == []


async def test_a_daemon_that_waits_for_its_database_can_be_told_to_reload_and_to_stop(
    tmp_path: Path, cluster: Postgres
) -> None:
    change = {"store": {"url": cluster.new_database()}}
    cluster.stop()
    async with neighbourhood(tmp_path, change=change, started=False) as near:
        await near.daemon.start()
        async with asyncio.timeout(20):
            while "store_away" not in _log_of(near):
                await asyncio.sleep(0.05)
        _hang_up(near)
        await asyncio.sleep(0.3)
        assert near.daemon.process is not None
        assert near.daemon.process.returncode is None, _log_of(near)
        began = time.monotonic()
        assert await near.daemon.stop() == 0, _log_of(near)
        assert time.monotonic() - began < 10
        assert "Traceback" not in _log_of(near)


@pytest.mark.parametrize("away", [False, True], ids=["in order", "the database is away"])
async def test_a_stop_under_load_ends_soon_and_loses_nothing(tmp_path: Path, cluster: Postgres, away: bool) -> None:
    url = cluster.new_database()
    change: dict[str, dict[str, Any]] = {
        "store": {"url": url},
        "assistant": {"max_answers": 100, "max_per_hour": 10_000},
    }
    async with neighbourhood(tmp_path, change=change) as near:
        near.assistant.says = answers("We are on it.")
        async with _load(near, 4) as taken:
            async with asyncio.timeout(30):
                while len(taken) < 12:
                    await asyncio.sleep(0.05)
            if away:
                await asyncio.to_thread(cluster.stop)
            began = time.monotonic()
            assert await near.daemon.stop() == 0, _log_of(near)
            assert time.monotonic() - began < 50
            if away:
                await asyncio.to_thread(cluster.start)
            else:
                held = cluster.execute("SELECT key FROM lane WHERE token IS NOT NULL", url.split("/")[3].split("?")[0])
                assert held == []
            await near.daemon.start()
            await near.daemon.ready()
        await _all_done(near)
        answered = Counter(str(one.message["Subject"]).removeprefix("Re: ") for one in near.outbox.mails)
        assert {name: count for name, count in answered.items() if name in taken and count != 1} == {}
        assert set(taken) - set(answered) == set()
        assert "Traceback" not in _log_of(near)


async def test_a_pause_of_sending_outlives_a_restart(tmp_path: Path) -> None:
    async with neighbourhood(tmp_path) as near:
        near.assistant.says = hands_off("x")
        await near.daemon.tell("POST", "pauses/sending")
        near.assistant.says = answers("We are on it.")
        assert hand_over(near.daemon.smtp, "c1@mail.example", SUPPORT, _mail(1, 1))
        await near.until(lambda found: found["answered"] == 1)
        assert await near.daemon.stop() == 0
        await near.daemon.start()
        await near.daemon.ready()
        assert hand_over(near.daemon.smtp, "c2@mail.example", SUPPORT, _mail(2, 1))
        await near.until(lambda found: found["answered"] == 2)
        await asyncio.sleep(0.5)
        assert near.outbox.mails == []
        await near.daemon.tell("DELETE", "pauses/sending")
        await near.outbox.wait_for(2)
        await _all_done(near)
        assert len(near.outbox.mails) == 2
