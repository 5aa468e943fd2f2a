"""The disk fails or is full under the whole daemon: senders keep their mail, readyz says no, it mends by itself."""

import asyncio
import smtplib
from email.message import EmailMessage
from pathlib import Path

import httpx
import pytest

from tests.peers.strace import failing
from tests.stories.assistant import answers
from tests.stories.processes import Neighbourhood, free_port, neighbourhood
from tests.stories.stage import SUPPORT


def _try(port: int, number: int) -> int:
    """The code that the sender got for its mail."""
    mail = EmailMessage()
    mail["From"], mail["Subject"], mail["Message-ID"] = (
        "ann@mail.example",
        f"Matter {number}",
        f"<{number}@mail.example>",
    )
    mail.set_content("Hello?\n")
    try:
        with smtplib.SMTP("127.0.0.1", port, timeout=20) as client:
            client.sendmail("ann@mail.example", [SUPPORT], mail.as_bytes())
    except smtplib.SMTPResponseException as refused:
        return int(refused.smtp_code)
    except smtplib.SMTPRecipientsRefused as refused:
        return int(next(iter(refused.recipients.values()))[0])
    return 250


async def _ready(port: int) -> int:
    async with httpx.AsyncClient(trust_env=False, timeout=10) as client:
        return (await client.get(f"http://127.0.0.1:{port}/readyz")).status_code


async def _until_ready(port: int) -> None:
    async with asyncio.timeout(30):
        while await _ready(port) != 200:
            await asyncio.sleep(0.1)


async def _process_of(near: Neighbourhood) -> int:
    assert near.daemon.process is not None
    return near.daemon.process.pid


@pytest.mark.parametrize(("calls", "error"), [("fdatasync", "EIO"), ("fsync,fdatasync", "EIO"), ("pwrite64", "ENOSPC")])
async def test_senders_are_asked_to_try_again_and_it_mends_by_itself(tmp_path: Path, calls: str, error: str) -> None:
    web = free_port()
    async with neighbourhood(tmp_path, change={"web": {"listen": f"127.0.0.1:{web}"}}) as near:
        near.assistant.says = answers()
        assert await asyncio.to_thread(_try, near.daemon.smtp, 1) == 250
        with failing(await _process_of(near), calls, error):
            codes = {await asyncio.to_thread(_try, near.daemon.smtp, number) for number in (2, 3)}
            assert codes <= {451, 452}
            assert await _ready(web) == 503
        await _until_ready(web)
        for number in (2, 3):
            assert await asyncio.to_thread(_try, near.daemon.smtp, number) == 250
        found = await near.until(lambda found: not found["waiting"] + found["in_work"])
        assert found["balanced"]
        # What was refused may have been kept all the same; the second try is then known to be a copy.
        assert found["accepted"] == 3 + found["recorded"]
        assert len((await near.daemon.ask("conversations"))["conversations"]) == 3


async def test_a_mail_that_was_sent_is_recorded_as_sent_although_the_disk_failed_just_then(tmp_path: Path) -> None:
    """The relay is slow after the dot; while it thinks, the disk begins to fail."""
    async with neighbourhood(tmp_path) as near:
        near.outbox.slow("DOT", 2.0)
        assert await asyncio.to_thread(_try, near.daemon.smtp, 1) == 250
        async with asyncio.timeout(20):
            while not [one for one in near.outbox.commands if one.startswith("DATA")]:
                await asyncio.sleep(0.02)
        with failing(await _process_of(near), "fdatasync", "EIO"):
            await near.outbox.wait_for(1)
            await asyncio.sleep(1)
        await near.until(lambda found: found["answered"] == 1)
        async with asyncio.timeout(20):
            while (await near.daemon.ask("status"))["deliveries"]:
                await asyncio.sleep(0.1)
        assert len(near.outbox.mails) == 1
        [listed] = (await near.daemon.ask("conversations"))["conversations"]
        shown = await near.daemon.ask(f"conversations/{listed['id']}")
        assert "delivered" in str(shown)
