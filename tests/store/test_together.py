"""What many ask for in one moment is done in one go, and each still gets its own answer."""

import asyncio
from collections.abc import Sequence

import sqlalchemy as sa

from gateway.mail.message import Envelope
from gateway.pipeline.accept import Incoming, accept
from gateway.store import arrivals, marks, schema
from gateway.store.arrivals import Door
from gateway.store.database import Store, Transaction


def note_all(tx: Transaction, names: Sequence[str]) -> list[str]:
    for name in names:
        if name.startswith("bad"):
            raise ValueError(name)
        marks.put(tx, name, len(names))
    return [name.upper() for name in names]


def a_mail(number: int, *, place: str | None = None, mailboxes: int = 1) -> Incoming:
    boxes = tuple(f"box{box}@example.com" for box in range(mailboxes))
    envelopes = tuple(Envelope(sender=f"w{number % 3}@mail.example", recipient=box) for box in boxes)
    raw = f"From: W <W{number % 3}@mail.example>\r\nSubject: {number}\r\n\r\nHello\r\n".encode()
    return Incoming(envelopes, boxes, raw, Door.SMTP, place=place)


async def test_each_item_gets_its_own_result(store: Store) -> None:
    names = [f"name{number}" for number in range(50)]
    found = await asyncio.gather(*(store.write_together(note_all, name) for name in names))
    assert found == [name.upper() for name in names]
    assert all([await store.read(marks.get, name) for name in names])


async def test_one_that_fails_takes_no_other_with_it(store: Store) -> None:
    names = ["one", "bad", "two"]
    found = await asyncio.gather(
        *(store.write_together(note_all, name) for name in names),
        store.write(marks.put, "three", 3),
        return_exceptions=True,
    )
    assert [str(one) for one in found] == ["ONE", "bad", "TWO", "None"]
    assert [await store.read(marks.get, name) for name in ("bad", "three")] == [None, 3]
    assert await store.read(marks.get, "two")


async def test_mails_of_one_moment_are_each_kept_once_and_queued_in_their_lane(store: Store) -> None:
    found = await asyncio.gather(*(accept(store, a_mail(number, mailboxes=1 + number % 2)) for number in range(40)))
    assert [len(ids) for ids in found] == [1, 2] * 20
    every = [one for ids in found for one in ids]
    assert len(set(every)) == 60
    for ids, number in zip(found, range(40), strict=True):
        kept = await store.read(arrivals.fetch, ids[0])
        assert kept is not None
        assert kept.raw is not None
        assert f"Subject: {number}\r\n".encode() in kept.raw
    assert await store.read(marks.counted, arrivals.ACCEPTED) == 60
    waiting = await store.read(lambda tx: {row.key: row.pending for row in tx.rows(sa.select(schema.lane))})
    assert waiting == {f"read:w{writer}@mail.example": count for writer, count in ((0, 21), (1, 20), (2, 19))}
    subjects = await store.read(lambda tx: {row.subject for row in tx.rows(sa.select(schema.job))})
    assert subjects == {str(one) for one in every}


async def test_a_place_is_taken_in_once_however_many_bring_it(store: Store) -> None:
    found = await asyncio.gather(*(accept(store, a_mail(1, place="imap:INBOX:1:7")) for _ in range(10)))
    assert sorted(len(ids) for ids in found) == [0] * 9 + [1]
    assert await accept(store, a_mail(1, place="imap:INBOX:1:7")) == []
