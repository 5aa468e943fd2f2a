"""READ: what the pipeline makes of a mail, and that `gateway explain` says the same beforehand."""

import hashlib
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import dkim
import pytest
import sqlalchemy as sa

from gateway.config.settings import Assistant, Mailbox, Settings
from gateway.desk.course import Course
from gateway.desk.foresight import Taken, foresee
from gateway.errors import TryLater
from gateway.health import Health
from gateway.mail.authenticity import Proof, Question, answers_from_rows, prove
from gateway.mail.envelopes import envelope_of
from gateway.mail.limits import Unreadable
from gateway.mail.message import Envelope, Message
from gateway.mail.reading import read_message
from gateway.offload import Readers
from gateway.pipeline.explaining import explain
from gateway.pipeline.parts import Job, Parts
from gateway.pipeline.read import read
from gateway.ports import Names
from gateway.store import arrivals
from gateway.store.arrivals import Door, Fate, Fresh, Kept
from gateway.store.database import Store, Transaction
from gateway.store.installation import found
from gateway.store.schema import installation, metadata
from tests.fakes import FakeAssistant, FakeRelay
from tests.mail import corpus
from tests.mail.keys import PRIVATE, PUBLIC
from tests.mail.mails import MAILBOX, a_mail

FATES = {
    Course.DECIDE: None,  # the gates and the assistant come next
    Course.APPEND: Fate.APPENDED,
    Course.KEEP_SILENT: Fate.KEPT_SILENT,
    Course.RECORD: Fate.RECORDED,
    Course.HAND_OFF: Fate.HANDED_OFF,
}


class Here:
    """Runs a function at once, in this process: the mails of the corpus harm nobody."""

    async def run(self, function: Any, *args: Any, timeout: timedelta = timedelta(0)) -> Any:
        return function(*args)


@dataclass
class Table:
    """A DNS that is a table; what is not in it does not exist, and `away` gives no answer."""

    records: dict[tuple[str, str], str] = field(default_factory=dict)
    away: bool = False
    asked: list[tuple[str, str]] = field(default_factory=list)

    async def ask(self, name: str, kind: str, *, timeout: timedelta = timedelta(0)) -> Sequence[str]:
        self.asked.append((name, kind))
        if self.away:
            raise TryLater("no answer")
        return (self.records[name, kind],) if (name, kind) in self.records else ()


def settings_for(folder: Path, mailboxes: Sequence[Mailbox]) -> Settings:
    return Settings(folder, "https://gateway.example.com", folder, tuple(mailboxes), assistant=Assistant(kind="http"))


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    opened = await Store.open("sqlite", tmp_path, node="here")
    await opened.write(found)
    yield opened
    await opened.close()


def _parts(store: Store, settings: Settings, names: Names | None, readers: Any) -> Parts:
    return Parts(store, settings, FakeAssistant(), FakeRelay(), readers, Health(), names=names)


async def _arrive(parts: Parts, raw: bytes, envelope: Envelope, mailbox: str) -> Kept:
    """One mail is kept and read; what READ wrote is what the worker would have written."""

    def keep(tx: Transaction) -> int:
        return arrivals.add(tx, Fresh(mailbox, Door.SMTP, envelope, len(raw), "0" * 64, raw))

    arrival = await parts.store.write(keep)
    write = await read(parts, Job(1, "lane", str(arrival)))
    await parts.store.write(write)
    kept = await parts.store.read(arrivals.fetch, arrival)
    assert kept is not None
    return kept


class AnyDns:
    """A DNS that says something of every name, always the same: records, none, or no answer at all."""

    async def ask(self, name: str, kind: str, *, timeout: timedelta = timedelta(0)) -> Sequence[str]:
        said = AnyDns.says(name, kind)
        if said is None:
            raise TryLater("no answer")
        return said

    @staticmethod
    def says(name: str, kind: str) -> Sequence[str] | None:
        chance = hashlib.sha256(f"{name} {kind}".encode()).digest()[0] % 8
        if chance == 0:
            return None
        if kind != "TXT":
            return ("192.0.2.7",) if chance > 4 else ()
        if name.startswith("_dmarc."):
            return (("v=DMARC1; p=reject",), ("v=DMARC1; p=none",), ())[chance % 3]
        if "._domainkey." in name:
            return (PUBLIC, "v=DKIM1; p=broken")[chance % 2 : chance % 2 + 1]
        return (("v=spf1 ip4:192.0.2.7 -all",), ("v=spf1 -all",), ("v=spf1 a mx ~all",))[chance % 3]


class SaidByAnyDns(Mapping[Question, Sequence[str] | None]):
    """The same answers as a table that was not filled by asking."""

    def __getitem__(self, question: Question) -> Sequence[str] | None:
        return AnyDns.says(*question)

    def __iter__(self) -> Iterator[Question]:
        raise AssertionError("it has no end")

    def __len__(self) -> int:
        raise AssertionError("it has no end")


@dataclass(frozen=True)
class Weather:
    """How a third of the corpus comes in: by which door, and what the DNS is like."""

    first: int
    names: AnyDns | None
    peer: str = ""


@corpus.there
@pytest.mark.parametrize(
    "weather",
    [Weather(0, None), Weather(1, AnyDns()), Weather(2, AnyDns(), peer="192.0.2.7")],
    ids=["without a DNS", "from files", "by SMTP"],
)
async def test_explain_says_beforehand_what_happens(store: Store, tmp_path: Path, weather: Weather) -> None:
    entries = corpus.entries()[weather.first :: 3]
    mails = [(entry["path"], (corpus.FOLDER / entry["path"]).read_bytes()) for entry in entries]
    box = Mailbox("box@corpus.invalid")
    settings = settings_for(tmp_path, [box])
    parts = _parts(store, settings, weather.names, Here())
    trusts: Counter[str] = Counter()
    for path, raw in mails:
        await store.write(_empty)
        message = _message(raw)
        envelope = envelope_of(message, box.address) if message else Envelope("x@y.example", box.address)
        envelope = replace(envelope, peer=weather.peer, helo="mx.peer.example" if weather.peer else "")
        kept = await _arrive(parts, raw, envelope, box.address)
        if message is None:
            assert kept.fate is Fate.SET_ASIDE, path
            continue
        asked = weather.names is not None and message.report is None
        told = foresee(message, (), settings, Taken(box.address, envelope, raw, SaidByAnyDns() if asked else None))
        evidence = kept.evidence or {}
        assert (evidence["origin"], evidence["trust"]) == (told.verdict.origin.value, told.verdict.trust.value), path
        assert evidence["reasons"] == list(told.verdict.reasons), path
        gated = told.way.course is Course.HAND_OFF and kept.fate is not Fate.HANDED_OFF  # by a gate, which DECIDE asks
        assert kept.fate == (None if gated else FATES[told.way.course]), path
        proof = prove(raw, message, envelope, servers=(), answers=answers_from_rows(evidence["dns"]))
        assert isinstance(proof, Proof), (path, "not all that the DNS said was kept")
        assert set(proof.reasons) <= set(evidence["reasons"]), path
        trusts[evidence["trust"]] += 1
    assert trusts.total() > 350
    if weather.peer:
        assert {"verified", "unverified", "failed"} <= set(trusts)


def _empty(tx: Transaction) -> None:
    """Each mail comes into an empty store: nothing but who the installation is."""
    for table in metadata.sorted_tables:
        if table is not installation:
            tx.execute(sa.delete(table))


def _message(raw: bytes) -> Message | None:
    try:
        return read_message(raw)
    except Unreadable:
        return None


DIRECT = Envelope("ann@customer.example", MAILBOX, peer="192.0.2.7", helo="mx.customer.example")
KEY, POLICY = ("s1._domainkey.customer.example", "TXT"), ("_dmarc.customer.example", "TXT")


async def _trust(store: Store, folder: Path, raw: bytes, names: Table | None, envelope: Envelope = DIRECT) -> Kept:
    readers = Readers(processes=1)
    try:
        parts = _parts(store, settings_for(folder, [Mailbox(MAILBOX)]), names, readers)
        return await _arrive(parts, raw, envelope, MAILBOX)
    finally:
        await readers.close()


def _signed() -> bytes:
    fields = [b"from", b"to", b"subject"]
    seal: bytes = dkim.sign(a_mail(), b"s1", b"customer.example", PRIVATE, include_headers=fields)
    return seal + a_mail()


async def test_a_signature_is_checked_in_the_reading_process(store: Store, tmp_path: Path) -> None:
    kept = await _trust(store, tmp_path, _signed(), Table({KEY: PUBLIC, POLICY: "v=DMARC1; p=reject"}))
    assert (kept.evidence or {})["trust"] == "verified"
    assert kept.fate is None


async def test_a_forged_sender_is_handed_to_a_person_and_never_answered(store: Store, tmp_path: Path) -> None:
    kept = await _trust(store, tmp_path, a_mail(), Table({POLICY: "v=DMARC1; p=reject"}))
    assert (kept.evidence or {})["trust"] == "failed"
    assert kept.fate is Fate.HANDED_OFF
    assert await store.read(arrivals.reasons, kept.id) == ["sender not verified"]


async def test_a_dns_that_is_away_fails_nobody(store: Store, tmp_path: Path) -> None:
    kept = await _trust(store, tmp_path, a_mail(), Table(away=True))
    assert (kept.evidence or {})["trust"] == "unverified"
    assert kept.fate is None


async def test_for_a_trusted_peers_unsigned_mail_nothing_is_asked(store: Store, tmp_path: Path) -> None:
    names = Table()
    await _trust(store, tmp_path, a_mail(), names, replace(DIRECT, peer="127.0.0.1", trusted=True))
    assert names.asked == []


async def test_the_operator_is_told_to_redirect_instead_of_forwarding(store: Store, tmp_path: Path) -> None:
    text = "From: Ann <ann@customer.example>\nDate: Monday\nSubject: Order\n\nHello"
    kept = await _trust(store, tmp_path, a_mail(text, From=MAILBOX, Subject="FW: Order"), None)
    assert kept.fate is None
    notices = await store.read(lambda tx: tx.execute(sa.text("select * from notice")).all())
    assert "Redirect" in str(notices)


async def test_what_the_dns_said_is_kept_and_explains_the_mail_later(store: Store, tmp_path: Path) -> None:
    kept = await _trust(store, tmp_path, _signed(), Table({KEY: PUBLIC, POLICY: "v=DMARC1; p=reject"}))
    assert [*KEY, [PUBLIC]] in (kept.evidence or {})["dns"]
    readers = Readers(processes=1)
    try:
        parts = _parts(store, settings_for(tmp_path, [Mailbox(MAILBOX)]), Table(), readers)  # the key is gone since
        told = await explain(parts, kept.id)
    finally:
        await readers.close()
    assert told is not None
    assert (told["trust"], told["fate"], told["happened"]["trust"]) == ("verified", "decide", "verified")
    assert await explain(parts, 999) is None


async def test_an_answer_that_was_taken_in_is_explained_with_the_mails_before_it(store: Store, tmp_path: Path) -> None:
    readers = Readers(processes=1)
    parts = _parts(store, settings_for(tmp_path, [Mailbox(MAILBOX)]), None, readers)
    try:
        first = await _arrive(parts, a_mail("Where is it?", Message_ID="<a@customer.example>"), DIRECT, MAILBOX)
        again = a_mail("Hello?", Message_ID="<b@customer.example>", In_Reply_To="<a@customer.example>")
        second = await _arrive(parts, again, DIRECT, MAILBOX)
        await _arrive(parts, a_mail("Well?", Message_ID="<c@customer.example>"), DIRECT, MAILBOX)
        told = await explain(parts, second.id)
    finally:
        await readers.close()
    assert told is not None
    assert first.conversation_id == second.conversation_id == told["happened"]["conversation"]
    assert told["conversation"]["found"] is not None
    assert told["conversation"]["evidence"][0]["rule"] == told["happened"]["matching"][0]["rule"]
