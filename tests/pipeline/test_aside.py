"""What was set aside, held or taken for spam: a person has it tried again, or lets it be; nothing is lost uncounted."""

import hashlib
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from functools import partial

import pytest

from gateway.desk.decision import Answer
from gateway.mail.message import Envelope
from gateway.offload import Readers
from gateway.pipeline import aside, people, recording
from gateway.pipeline.aside import Thing
from gateway.pipeline.parts import Job
from gateway.pipeline.people import Done, NotDone, Result
from gateway.pipeline.read import read
from gateway.store import arrivals, attention, conversations, deliveries, history, lanes, ledger, survey, workload
from gateway.store.arrivals import Door, Fate, Fresh
from gateway.store.database import Store, Transaction
from gateway.store.deliveries import Phase
from gateway.store.ledger import Line
from tests.fakes import FakeAssistant
from tests.pipeline.stand import ONE, SUPPORT, Stand

SPAM = (
    b"From: Ann <ann@mail.example>\r\nTo: support@example.com\r\nX-Spam-Flag: YES\r\nSubject: Help\r\n\r\nPlease.\r\n"
)


@pytest.fixture
async def readers() -> AsyncIterator[Readers]:
    opened = Readers(processes=1)
    yield opened
    await opened.close()


def keep(tx: Transaction, raw: bytes) -> int:
    envelope = Envelope("ann@mail.example", SUPPORT, trusted=True)
    return arrivals.add(tx, Fresh(SUPPORT, Door.SMTP, envelope, len(raw), hashlib.sha256(raw).hexdigest(), raw))


def set_unread_aside(tx: Transaction) -> int:
    """A mail that could not be read, as READ leaves it."""
    arrival = keep(tx, b"From: scanner@mail.example\r\n\r\nx")
    kept = arrivals.fetch(tx, arrival)
    assert kept is not None
    recording.set_aside(tx, kept=kept, why="too many parts")
    return arrival


async def give_up(store: Store, step: str) -> int:
    """The next job of this step is set aside."""
    [claim] = (await store.write(lanes.claim, {step: 1}, lease=timedelta(minutes=1), node="here")).claims
    await store.write(lanes.set_aside, claim, ONE)
    return claim.id


async def is_balanced(stand: Stand) -> bool:
    return (await stand.store.read(workload.balance)).holds


def done(result: Result) -> Done:
    assert isinstance(result, Done), result
    return result


async def retry(stand: Stand, kind: str, which: int | str) -> Result:
    return await people.act(stand.store, aside.retry, Thing(kind, str(which)), by="bob")


async def drop(stand: Stand, kind: str, which: int | str, reason: str = "") -> Result:
    return await people.act(stand.store, aside.drop, Thing(kind, str(which)), by="bob", reason=reason)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("12", Thing("job", "12")),
        ("job-12", Thing("job", "12")),
        (" Arrival-7 ", Thing("arrival", "7")),
        ("mail-3", Thing("mail", "3")),
        (
            "record-8a6e0c9e-5b7f-4a55-9a0c-0e6d6d4f5a11",
            Thing("record", "8a6e0c9e-5b7f-4a55-9a0c-0e6d6d4f5a11"),
        ),
        ("record-12", None),
        ("-12", None),
        ("mail", None),
        ("12; drop table", None),
        ("9" * 30, None),
    ],
)
def test_every_thing_is_called_by_one_name(written: str, meant: Thing | None) -> None:
    assert aside.find(written) == meant
    assert meant is None or aside.find(aside.name(meant.kind, meant.id)) == meant


async def test_a_job_that_was_dropped_takes_its_mail_with_it(stand: Stand) -> None:
    await stand.customer_writes("Where is my key?")
    stand.store.turn_clock(timedelta(minutes=5))
    job = await give_up(stand.store, "decide")
    assert await is_balanced(stand)
    done(await drop(stand, "job", job, "a test mail"))
    assert await stand.fates() == {"dropped": 1}
    assert await is_balanced(stand)
    assert await drop(stand, "job", job) == aside.GONE
    assert await retry(stand, "job", job) == aside.GONE


async def test_a_job_that_is_tried_again_is_done(stand: Stand) -> None:
    stand.assistant = FakeAssistant(Answer("At the desk."))
    here = await stand.customer_writes("Where is my key?")
    stand.store.turn_clock(timedelta(minutes=5))
    job = await give_up(stand.store, "decide")
    assert await stand.work("decide") == []
    done(await retry(stand, "job", job))
    await stand.work("decide")
    assert await stand.fates() == {"answered": 1}
    noted = [one for one in await stand.store.read(history.of_conversation, here) if one.what == "retried"]
    assert [one.facts["by"] for one in noted] == ["bob"]


async def test_an_unreadable_mail_is_read_again_or_dropped(stand: Stand) -> None:
    first, second = await stand.store.write(set_unread_aside), await stand.store.write(set_unread_aside)
    assert len(await stand.store.read(attention.unreadable)) == 2
    done(await retry(stand, "arrival", first))
    done(await drop(stand, "arrival", second))
    assert await stand.store.read(attention.unreadable) == []
    assert await stand.fates() == {"open": 1, "dropped": 1}
    assert [one.step for one in await stand.store.read(survey.open_for, str(first))] == ["read"]
    assert await is_balanced(stand)


async def test_a_mail_of_unknown_outcome_goes_again_only_when_it_is_meant(stand: Stand) -> None:
    stand.assistant = FakeAssistant(Answer("At the desk."))
    here = await stand.customer_writes("Where is my key?")
    await stand.later("decide")
    stand.relay.lose_answer(kept=True)
    await stand.work("send")
    [mail] = await stand.mails(here)
    assert mail.state is Phase.UNKNOWN
    done(await people.act(stand.store, aside.retry_all, by="bob"))
    await stand.work("send")
    assert len(stand.relay.mails) == 1
    done(await retry(stand, "mail", mail.id))
    await stand.work("send")
    first, second = stand.relay.mails
    assert first.raw == second.raw
    assert isinstance(await drop(stand, "mail", mail.id), NotDone)


async def test_a_held_mail_is_let_be(stand: Stand) -> None:
    stand.assistant = FakeAssistant(Answer("At the desk."))
    here = await stand.customer_writes("Where is my key?")
    await stand.later("decide")
    stand.relay.lose_answer(kept=False)
    await stand.work("send")
    [mail] = await stand.mails(here)
    done(await drop(stand, "mail", mail.id, "she called"))
    ended = await stand.store.read(deliveries.fetch, mail.id)
    assert ended is not None
    assert (ended.state, ended.why) == (Phase.CANCELLED, "she called")
    assert await stand.store.read(attention.held) == []


async def test_a_record_that_creatio_refuses_is_told_again_or_no_more(stand: Stand) -> None:
    here = await stand.customer_writes("Where is my key?")
    for name in ("8a6e0c9e-5b7f-4a55-9a0c-0e6d6d4f5a11", "8a6e0c9e-5b7f-4a55-9a0c-0e6d6d4f5a12"):
        await stand.store.write(ledger.set_aside, Line(name, "activity", here), "a business rule")
    first, second = await stand.store.read(ledger.aside)
    done(await retry(stand, "record", first.line.id))
    done(await drop(stand, "record", second.line.id))
    assert await stand.store.read(ledger.aside) == []
    assert [one.step for one in await stand.store.read(survey.open_for, here) if one.step == "file"] == ["file"]
    assert await drop(stand, "record", second.line.id) == aside.GONE
    told = await stand.store.read(ledger.told, here)
    assert not told[first.line.id].settled
    assert told[second.line.id].settled  # nothing tells it by itself


async def test_spam_that_was_none_is_answered_like_any_mail(stand: Stand, readers: Readers) -> None:
    stand.readers = readers
    arrival = await stand.store.write(keep, SPAM)
    await carry_out_read(stand, arrival, {})
    assert await stand.fates() == {"kept_silent": 1}
    [spam] = await stand.store.read(attention.silenced)
    assert (spam.id, spam.who, spam.subject) == (arrival, "ann@mail.example", "Help")
    done(await people.act(stand.store, aside.release, arrival, by="bob"))
    assert await stand.store.read(attention.silenced) == []
    [claim] = (await stand.store.write(lanes.claim, {"read": 1}, lease=timedelta(minutes=1), node="here")).claims
    await carry_out_read(stand, arrival, claim.data)
    await stand.store.write(lanes.settle, claim, ONE)
    kept = await stand.store.read(arrivals.fetch, arrival)
    assert kept is not None
    assert kept.conversation_id is not None
    talk = await stand.store.read(conversations.load, kept.conversation_id)
    assert talk is not None
    assert [one.text for one in talk.entries] == ["Please."]
    assert isinstance(await people.act(stand.store, aside.release, arrival, by="bob"), NotDone)
    assert await is_balanced(stand)


async def test_only_spam_is_released(stand: Stand) -> None:
    unread = await stand.store.write(set_unread_aside)
    assert isinstance(await people.act(stand.store, aside.release, unread, by="bob"), NotDone)
    assert isinstance(await people.act(stand.store, aside.release, 999, by="bob"), NotDone)
    kept = await stand.store.read(arrivals.fetch, unread)
    assert kept is not None
    assert kept.fate is Fate.SET_ASIDE


async def test_all_that_can_be_tried_again_is(stand: Stand) -> None:
    await stand.customer_writes("Where is my key?")
    stand.store.turn_clock(timedelta(minutes=5))
    await give_up(stand.store, "decide")
    await stand.store.write(set_unread_aside)
    told = done(await people.act(stand.store, aside.retry_all, by="bob"))
    assert told.text == "2 tried again."
    assert await stand.store.read(survey.aside) == []


async def carry_out_read(stand: Stand, arrival: int, told: object) -> Sequence[object]:
    data = told if isinstance(told, dict) else {}
    write = await read(stand.parts, Job(0, "ann@mail.example", str(arrival), data=data))
    return await stand.store.write(partial(_written, write=write)) or []


def _written(tx: Transaction, write: object) -> list[object]:
    assert callable(write)
    return list(write(tx) or [])
