"""Files that are viruses, or that the settings keep here: the mail goes on, they do not."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest
import sqlalchemy as sa

from gateway.config.settings import MailSettings
from gateway.errors import TryLater
from gateway.health import Condition
from gateway.mail.message import Envelope
from gateway.pipeline.parts import Job, Parts, nothing
from gateway.pipeline.read import read
from gateway.pipeline.rescue import rescue
from gateway.pipeline.scan import give_up, scan
from gateway.scanner.checks import EICAR
from gateway.scanner.clamd import Clamd
from gateway.store import arrivals, notices
from gateway.store.arrivals import Door, Fresh
from gateway.store.database import Store
from tests.pipeline.casework import Office
from tests.pipeline.stand import SUPPORT
from tests.scanner.fake_clamd import FakeClamd, fake_clamd


@dataclass
class ScanningOffice(Office):
    where: str = ""

    @property
    def parts(self) -> Parts:
        return replace(super().parts, scanner=Clamd(self.where) if self.where else None)


@pytest.fixture
async def office(store: Store, tmp_path: Path) -> AsyncIterator[ScanningOffice]:
    async with fake_clamd(FakeClamd()) as clamd:
        opened = await ScanningOffice.open(store, tmp_path)
        assert isinstance(opened, ScanningOffice)
        opened.where = clamd.where
        yield opened


async def receive(office: Office, *files: tuple[str, bytes]) -> str:
    """A mail with these files comes in and is read; returns its conversation."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "anna@customer.example", SUPPORT, "Lost key"
    mail["Message-ID"] = f"<{len(files)}@customer.example>"
    mail.set_content("Please look at this.")
    for name, content in files:
        mail.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
    raw = mail.as_bytes()
    fresh = Fresh(SUPPORT, Door.SMTP, Envelope("anna@customer.example", SUPPORT), len(raw), "0" * 64, raw)
    arrival = await office.store.write(arrivals.add, fresh)
    await office.store.write(await read(office.parts, Job(1, "lane", str(arrival))))
    kept = await office.store.read(arrivals.fetch, arrival)
    assert kept is not None
    assert kept.conversation_id is not None
    return kept.conversation_id


async def filed(office: Office, here: str) -> tuple[list[bytes], str]:
    """The files in Creatio, and what its activity says."""
    await office.hand_off(here)
    await office.file()
    [case] = office.crm.cases
    [mail] = office.crm.mails_of(case)
    return list(office.crm.files.values()), mail.html


async def test_a_virus_is_not_uploaded_and_rep_and_operator_are_told(office: ScanningOffice) -> None:
    here = await receive(office, ("plan.pdf", b"a plan"), ("invoice.exe", b"x" + EICAR))
    there, said = await filed(office, here)
    assert there == [b"a plan"]
    assert "invoice.exe" in said
    assert "DO NOT OPEN IT (a virus: Eicar-Test-Signature)" in said
    notices = await office.store.read(lambda tx: str(tx.execute(sa.text("select text from notice")).all()))
    assert "invoice.exe: a virus: Eicar-Test-Signature" in notices


async def test_a_scanner_that_is_away_holds_up_no_mail_but_its_files(office: ScanningOffice) -> None:
    office.where = "127.0.0.1:1"
    here = await receive(office, ("plan.pdf", b"a plan"))
    assert office.health.snapshot()["scanner"].condition is Condition.FAILED
    there, said = await filed(office, here)
    assert there == []
    assert "not looked at for viruses" in said


async def test_what_came_while_the_scanner_was_away_is_looked_at_once_it_is_back(office: ScanningOffice) -> None:
    there, office.where = office.where, "127.0.0.1:1"
    here = await receive(office, ("plan.pdf", b"a plan"), ("x.exe", b"x" + EICAR))
    assert (await filed(office, here))[0] == []
    office.store.turn_clock(timedelta(minutes=1))
    assert [one.word for one in await office.work("scan")] == ["put_back", "put_back"]
    assert [one.key for one in await office.store.read(notices.standing)] == ["scanner"]
    office.where = there
    office.store.turn_clock(timedelta(minutes=2))
    await office.work("scan", "file", "upload")
    assert list(office.crm.files.values()) == [b"a plan"]
    [told] = await office.store.read(notices.standing)
    assert "a virus: Eicar-Test-Signature" in told.text
    [entry] = (await office.conversation(here)).entries
    assert [one.warning for one in entry.attachments] == ["", "a virus: Eicar-Test-Signature"]


async def test_a_file_that_the_scanner_never_takes_does_not_count_as_its_absence_and_ends(
    office: ScanningOffice,
) -> None:
    async with fake_clamd(FakeClamd(longest=50)) as small:
        office.where = small.where
        here = await receive(office, ("long.txt", b"y" * 100))
        job = Job(1, "lane", "1:0")
        with pytest.raises(TryLater) as never:
            await scan(office.parts, job)
        assert not never.value.partner_down
    with pytest.raises(TryLater) as away:
        await scan(office.parts, job)
    assert away.value.partner_down
    await office.store.write(give_up, job, str(never.value))
    [entry] = (await office.conversation(here)).entries
    assert entry.attachments[0].warning.startswith("not looked at for viruses: ")
    assert await scan(office.parts, job) is nothing
    assert [one.key for one in await office.store.read(notices.standing)] == ["file:1:0"]


async def test_without_a_scanner_files_are_uploaded_as_they_are(office: ScanningOffice) -> None:
    office.where = ""
    there, said = await filed(office, await receive(office, ("plan.pdf", b"a plan"), ("x.exe", EICAR)))
    assert there == [b"a plan", EICAR]
    assert "DO NOT OPEN" not in said


async def test_files_of_refused_types_and_sizes_are_kept_here(office: ScanningOffice) -> None:
    office.settings = replace(office.settings, mail=MailSettings(refused_files=("exe",), max_file=100))
    here = await receive(office, ("plan.pdf", b"a plan"), ("Setup.EXE", b"x"), ("long.txt", b"y" * 101))
    there, said = await filed(office, here)
    assert there == [b"a plan"]
    assert said.count("not uploaded: the gateway") == 2


async def test_what_was_not_looked_at_says_why(office: ScanningOffice) -> None:
    async with fake_clamd(FakeClamd(longest=10)) as small:
        with pytest.raises(TryLater):
            await Clamd(small.where).scan(b"x" * 100)
        office.where = small.where
        here = await receive(office, ("long.txt", b"y" * 100))
    [entry] = (await office.conversation(here)).entries
    assert "size limit" in entry.attachments[0].warning


async def test_a_mail_that_cannot_be_read_is_looked_at_whole_before_it_is_uploaded(office: ScanningOffice) -> None:
    for number, words in enumerate((b"Hello", EICAR)):
        head = f"From: anna@customer.example\r\nMessage-ID: <{number}@customer.example>\r\nX-Long: ".encode()
        raw = head + b"y" * 20_000 + b"\r\n\r\n" + words
        fresh = Fresh(SUPPORT, Door.SMTP, Envelope("anna@customer.example", SUPPORT), len(raw), f"{number:064x}", raw)
        arrival = await office.store.write(arrivals.add, fresh)
        await office.store.write(await read(office.parts, Job(1, "lane", str(arrival))))
    office.store.turn_clock(timedelta(hours=2))
    await office.store.write(await rescue(office.parts))
    await office.file()
    [whole] = office.crm.files.values()
    assert whole.endswith(b"Hello")
    assert any("a virus: Eicar-Test-Signature" in str(one) for one in office.crm.rows.values())
