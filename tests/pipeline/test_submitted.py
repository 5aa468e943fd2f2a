"""A submitted mail and its row, seen at the same moment by two hands: one reply, one mail."""

import asyncio
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from gateway.errors import StartOver
from gateway.log import Event
from gateway.mail.message import Envelope
from gateway.pipeline.accept import Incoming, accept
from gateway.pipeline.listen import listen
from gateway.pipeline.parts import Job
from gateway.pipeline.read import read
from gateway.store.arrivals import Door
from gateway.store.database import Store, Transaction
from tests.pipeline.casework import Office
from tests.pipeline.stand import ANNA, SUPPORT

RAW = (
    f"From: {SUPPORT}\r\nTo: {ANNA.address}\r\nSubject: Re: Lost key\r\nMessage-ID: <s@creatio.example>\r\n"
    "In-Reply-To: <1@customer.example>\r\nContent-Type: text/html\r\n\r\n<p>It is on its way.</p>\r\n"
)


@pytest.fixture
async def office(store: Store, tmp_path: Path) -> Office:
    return await Office.open(store, tmp_path)


@pytest.mark.parametrize("first", ["mail", "row"])
async def test_a_mail_and_its_row_that_are_kept_in_one_moment_are_one_reply(office: Office, first: str) -> None:
    here, case = await office.case_for()
    envelope = Envelope(SUPPORT, SUPPORT, login="creatio", outside=(ANNA.address,))
    [number] = await accept(office.store, Incoming((envelope,), (SUPPORT,), RAW.encode(), Door.SMTP))
    office.crm.rep_writes(case, "<p>It is on its way.</p>", recipients=ANNA.address)
    writes: dict[str, Any] = {
        "mail": await read(office.parts, _job(str(number))),
        "row": await listen(office.parts, _job(case)),
    }
    earlier, later = writes.pop(first), next(iter(writes.values()))
    began, may_end = threading.Event(), threading.Event()

    def hold(tx: Transaction) -> Sequence[Event] | None:
        done: Sequence[Event] | None = earlier(tx)
        began.set()
        may_end.wait(10)
        return done

    one = asyncio.create_task(office.store.write(hold))
    await asyncio.to_thread(began.wait, 10)
    other = asyncio.create_task(office.store.write(later))
    await asyncio.wait({other}, timeout=0.3)
    may_end.set()
    await one
    if first == "row":
        with pytest.raises(StartOver):
            await other
    else:
        await other
    mails = [mail for mail in await office.mails(here) if mail.outgoing.kind.value == "agent"]
    assert len(mails) == 1


def _job(subject: str) -> Job:
    return Job(0, subject, subject, 0, False, None, lambda tx: None)
