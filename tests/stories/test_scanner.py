"""The virus scanner goes away and comes back: no mail waits for it, and no file is forgotten."""

import asyncio
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path

from gateway.scanner.checks import EICAR
from gateway.store import notices
from tests.scanner.fake_clamd import FakeClamd
from tests.stories.assistant import hands_off
from tests.stories.stage import CUSTOMER, SUPPORT, Stage, stage

FILES = {"plan.pdf": b"a plan", "photo.jpg": b"a photo", "map.pdf": b"a map", "bill.exe": EICAR, "list.csv": b"a;b"}


async def test_files_wait_for_the_scanner_alone_and_go_on_by_themselves(tmp_path: Path) -> None:
    socket = tmp_path / "clamd.ctl"
    async with stage(tmp_path, change={"mail": {"scanner": f"unix:{socket}"}}) as house:
        house.assistant.says = hands_off()
        await house.give(_mail(), CUSTOMER)
        await house.settle()
        assert len(house.cases) == 1
        assert _files(house) == set()
        for _ in range(6):
            await house.turn(timedelta(minutes=20))
        told = {one.key: one.text for one in await house.store.read(notices.standing)}
        assert {"scanner", "partner:scanner"} <= told.keys()
        assert "not looked at for viruses yet" in told["scanner"]
        async with await asyncio.start_unix_server(FakeClamd().serve, socket):
            for _ in range(4):
                await house.turn(timedelta(minutes=2))
        assert _files(house) == FILES.keys() - {"bill.exe"}
        left = [one.text for one in await house.store.read(notices.standing)]
        assert len(left) == 1
        assert "a virus: Eicar-Test-Signature" in left[0]
        assert (await house.balance()).holds


async def test_a_file_of_a_mail_that_was_split_off_meanwhile_is_on_both_cases_once(tmp_path: Path) -> None:
    socket = tmp_path / "clamd.ctl"
    async with stage(tmp_path, change={"mail": {"scanner": f"unix:{socket}"}}) as house:
        house.assistant.says = hands_off()
        await house.give(_mail(), CUSTOMER)
        await house.settle()
        await house.customer_writes("And an invoice, please.", subject="Re: Plans", In_Reply_To="<files@mail.example>")
        await house.settle()
        [here] = [one["id"] for one in await house.conversations()]
        entries = (await house.ask("GET", f"conversations/{here}"))["entries"]
        [with_files] = [one["id"] for one in entries if one["attachments"]]
        await house.ask("POST", f"conversations/{here}/split", json={"entry": str(with_files)})
        await house.settle()
        async with await asyncio.start_unix_server(FakeClamd().serve, socket):
            for _ in range(4):
                await house.turn(timedelta(minutes=20))
        here_and_there = sorted(str(one["Name"]) for one in house.simulator.tenant.rows("ActivityFile"))
        assert here_and_there == sorted([*FILES.keys() - {"bill.exe"}] * 2)
        assert len(house.cases) == 2


def _mail() -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"], mail["Message-ID"] = CUSTOMER, SUPPORT, "Plans", "<files@mail.example>"
    mail.set_content("Please look at these.")
    for name, content in FILES.items():
        mail.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
    return mail


def _files(house: Stage) -> set[str]:
    return {str(one["Name"]) for one in house.simulator.tenant.rows("ActivityFile")}
