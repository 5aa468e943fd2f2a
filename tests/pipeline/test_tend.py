"""What the house does by itself: it tells the operator, gives unread mail to people, resolves, forgets."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest

from gateway.config.settings import Operator, Retention, Smtp
from gateway.conversations.conversation import Held, State
from gateway.desk.decision import Answer
from gateway.health import Condition
from gateway.mail.message import Envelope
from gateway.mail.reading import WHOLE, attachment_bytes
from gateway.pipeline import handoff, tend
from gateway.ports import Delayed
from gateway.store import arrivals, conversations, deliveries, history, jobs, marks, notices, pauses, survey, workload
from gateway.store.arrivals import Door, Fate, Fresh
from gateway.store.database import Transaction
from gateway.store.deliveries import Kind, Phase
from gateway.store.named import by_rows
from gateway.store.pauses import What
from tests.fakes import FakeAssistant
from tests.pipeline.casework import HereReaders
from tests.pipeline.stand import SUPPORT, Stand, words
from tests.pipeline.webhook import Webhook, webhook

UNREAD = (
    b"From: Anna <anna@customer.example>\r\nSubject: =?utf-8?Q?Schl=C3=BCssel?=\r\n"
    b"Message-ID: <1@c.example>\r\n\r\nHi\r\n"
)
DAY = timedelta(days=1)


async def test_each_chore_comes_back_after_its_time_and_only_once(stand: Stand) -> None:
    for _ in range(3):
        await stand.store.write(tend.begin, stand.settings)
    await stand.work("tend")
    waiting = await stand.store.read(_chores)
    assert sorted(waiting) == sorted(tend.CHORES)
    await stand.later("tend", by=DAY)
    assert sorted(await stand.store.read(_chores)) == sorted(tend.CHORES)


async def test_a_chore_that_no_version_knows_any_more_ends(stand: Stand) -> None:
    await stand.store.write(jobs.add, "tend", "polish", "polish")
    assert await stand.work("tend") == []
    assert await stand.store.read(survey.counts) == []


async def test_the_operator_is_told_by_mail_once_and_again_each_day_until_it_is_gone(stand: Stand) -> None:
    await stand.store.write(tend.begin, stand.settings)
    await stand.store.write(notices.raise_notice, "aside:x", "Mail 7 is held")
    for _ in range(5):
        await stand.later("tend", "send", by=timedelta(minutes=1))
    [parcel] = stand.relay.mails
    mail = _read(parcel.raw)
    assert (parcel.recipients, parcel.sender) == (("ops@example.com",), SUPPORT)
    assert mail["Subject"] == "[gateway] Mail 7 is held"
    assert mail["Auto-Submitted"] == "auto-generated"
    await stand.later("tend", "send", by=DAY)
    assert len(stand.relay.mails) == 2
    await stand.store.write(notices.clear, "aside:x")
    await stand.later("tend", "send", by=DAY)
    assert len(stand.relay.mails) == 2


async def test_many_things_are_told_in_one_mail(stand: Stand) -> None:
    for number in range(100):
        await stand.store.write(notices.raise_notice, f"aside:{number:03}", f"Mail {number} is held")
    await stand.store.write(tend.begin, stand.settings)
    await stand.work("tend", "send")
    [parcel] = stand.relay.mails
    assert "100 things" in str(_read(parcel.raw)["Subject"])
    assert "and 60 more" in parcel.raw.decode()


async def test_the_webhook_is_used_when_the_relay_is_the_trouble(stand: Stand) -> None:
    async with webhook() as hook:
        await _told_through(stand, hook)
        assert stand.relay.mails == []
        [told] = hook.heard
        assert told["notices"] == [
            {"key": "partner:relay", "text": "The relay is away", "since": told["notices"][0]["since"]}
        ]
        assert "The relay is away" in told["text"]
        await stand.later("tend", by=timedelta(minutes=5))
        assert len(hook.heard) == 1


async def test_a_webhook_that_fails_is_no_telling(stand: Stand) -> None:
    async with webhook(status=500) as hook:
        stand.settings = replace(stand.settings, operator=Operator(webhook=hook.url))
        await stand.store.write(notices.raise_notice, "partner:relay", "The relay is away")
        await stand.store.write(tend.begin, stand.settings)
        assert "operator_not_told" in words(await stand.work("tend"))
        hook.status = 200
        await stand.later("tend", by=timedelta(minutes=2))
        assert len(hook.heard) == 2
        assert await stand.store.read(notices.untold) == []


async def test_with_no_webhook_the_mail_waits_for_the_relay(stand: Stand) -> None:
    stand.health.note("relay", Condition.FAILED, "away")
    stand.relay.go_away()
    await stand.store.write(notices.raise_notice, "partner:relay", "The relay is away")
    await stand.store.write(tend.begin, stand.settings)
    await stand.work("tend", "send")
    stand.relay.come_back()
    await stand.later("send", by=timedelta(minutes=2))
    assert len(stand.relay.mails) == 1


async def test_a_notice_that_cannot_be_delivered_makes_no_other_notice(stand: Stand) -> None:
    await stand.store.write(notices.raise_notice, "aside:x", "Mail 7 is held")
    await stand.store.write(tend.begin, stand.settings)
    stand.relay.lose_answer(kept=False)
    assert "unknown" in words(await stand.work("tend", "send"))
    assert [one.key for one in await stand.store.read(notices.standing)] == ["aside:x"]


async def test_what_is_set_aside_held_and_full_is_noticed_and_cleared(stand: Stand) -> None:
    stand.settings = replace(stand.settings, smtp=Smtp(min_free=2**62))
    arrival = await stand.store.write(keep_unreadable)
    here = await stand.customer_writes("Where is my key?")
    await stand.later("decide")
    stand.relay.lose_answer(kept=False)
    await stand.work("send")
    await stand.store.write(tend.begin, stand.settings)
    await stand.work("tend")
    [mail] = await stand.mails(here)
    keys = [one.key for one in await stand.store.read(notices.standing)]
    assert sorted(keys) == sorted([f"aside:arrival:{arrival}", f"aside:mail:{mail.id}", "disk:here"])
    stand.settings = replace(stand.settings, smtp=None)
    await stand.store.write(deliveries.discard, mail.id, why="Bob dropped it")
    await stand.store.write(arrivals.settle, arrival, Fate.DROPPED, ["Bob dropped it"])
    await stand.later("tend", by=timedelta(minutes=1))
    assert await stand.store.read(notices.standing) == []


async def test_a_delayed_mail_is_noticed_until_it_is_not_sent_any_more(stand: Stand) -> None:
    here = await stand.customer_writes("Where is my key?")
    await stand.later("decide")
    stand.relay.refuse("anna@customer.example", Delayed(450, "greylisted"))
    for _ in range(6):
        await stand.later("send", by=timedelta(hours=1))
    await stand.store.write(tend.begin, stand.settings)
    await stand.work("tend")
    [notice] = await stand.store.read(notices.standing)
    assert "450 greylisted" in notice.text
    await stand.store.write(handoff.take_over, here, why="Bob has it")
    await stand.later("tend", by=timedelta(minutes=1))
    assert await stand.store.read(notices.standing) == []


async def test_sending_that_stays_paused_while_mail_waits_is_noticed(stand: Stand) -> None:
    await stand.store.write(pauses.begin, What.SENDING, SUPPORT, "bob")
    await stand.customer_writes("Where is my key?")
    await stand.later("decide")
    await stand.store.write(tend.begin, stand.settings)
    await stand.later("tend", by=timedelta(hours=1))
    [notice] = await stand.store.read(notices.standing)
    assert notice.text.startswith("1 mails wait: bob paused sending (support@example.com)")


async def test_mails_that_do_not_add_up_are_an_alarm(stand: Stand) -> None:
    await stand.customer_writes("Where is my key?")
    await stand.store.write(tend.begin, stand.settings)
    await stand.work("tend")
    assert await stand.store.read(notices.standing) == []
    await stand.store.write(marks.count, arrivals.ACCEPTED)
    assert "out_of_balance" in words(await stand.later("tend", by=timedelta(minutes=2)))
    [notice] = await stand.store.read(notices.standing)
    assert "accepted 2" in notice.text
    await stand.store.write(marks.count, arrivals.ACCEPTED, -1)
    await stand.later("tend", by=timedelta(minutes=2))
    assert await stand.store.read(notices.standing) == []


async def test_a_mail_that_cannot_be_read_reaches_people_after_an_hour(stand: Stand) -> None:
    stand.readers = HereReaders()
    arrival = await stand.store.write(keep_unreadable)
    await stand.store.write(tend.begin, stand.settings)
    assert "rescued" not in words(await stand.later("tend", by=timedelta(minutes=50)))
    assert "rescued" in words(await stand.later("tend", by=timedelta(minutes=15)))
    kept = await stand.store.read(arrivals.fetch, arrival)
    assert kept is not None
    assert kept.fate is Fate.HANDED_OFF
    assert kept.conversation_id is not None
    talk = await stand.conversation(kept.conversation_id)
    [entry] = talk.entries
    assert (talk.held, talk.subject, talk.customer.address) == (Held.PERSON, "Schlüssel", "anna@customer.example")
    [whole] = entry.attachments
    assert (whole.index, whole.name, whole.size) == (WHOLE, "mail.eml", len(UNREAD))
    assert attachment_bytes(UNREAD, whole.index) == UNREAD
    assert [one.step for one in await stand.store.read(survey.open_for, talk.id)] == ["file"]
    assert (await stand.store.read(workload.balance)).holds
    assert await stand.store.read(notices.standing) == []


async def test_a_second_copy_of_it_makes_no_second_case(stand: Stand) -> None:
    stand.readers = HereReaders()
    for _ in range(2):
        await stand.store.write(keep_unreadable)
    await stand.store.write(tend.begin, stand.settings)
    await stand.later("tend", by=timedelta(hours=2))
    assert await stand.fates() == {"handed_off": 1, "recorded": 1}


@pytest.mark.parametrize("sender", ["", "MAILER-DAEMON@mx.example"])
async def test_a_machines_mail_that_cannot_be_read_stays_set_aside(stand: Stand, sender: str) -> None:
    stand.readers = HereReaders()
    await stand.store.write(keep_unreadable, sender)
    await stand.store.write(tend.begin, stand.settings)
    await stand.later("tend", by=timedelta(hours=2))
    assert await stand.fates() == {"set_aside": 1}


async def _resolved_answer(stand: Stand) -> str:
    stand.assistant = FakeAssistant(Answer("It is in the drawer.", resolved=True), Answer("And so on."))
    here = await stand.customer_writes("Where is my key?")
    await stand.later("decide", "send")
    return here


async def test_silence_after_an_answer_that_resolved_the_matter_resolves_the_conversation(stand: Stand) -> None:
    here = await _resolved_answer(stand)
    await stand.later("tend", by=timedelta(hours=71))
    assert (await stand.conversation(here)).state is State.OPEN
    assert words(await stand.later("tend", by=timedelta(hours=2))) == ["resolved"]
    assert (await stand.conversation(here)).state is State.RESOLVED
    told = [one.facts for one in await stand.store.read(history.of_conversation, here) if one.what == "resolved"]
    assert told[0]["by"] == "assistant"


async def test_a_customer_who_writes_again_keeps_it_open(stand: Stand) -> None:
    here = await _resolved_answer(stand)
    await stand.customer_writes("It is not there.", here)
    await stand.later("decide", "send")
    assert await stand.later("tend", by=timedelta(hours=80)) == []
    assert (await stand.conversation(here)).state is State.OPEN


async def test_a_conversation_of_a_person_is_not_resolved_by_silence(stand: Stand) -> None:
    here = await _resolved_answer(stand)
    await stand.store.write(handoff.take_over, here, why="Bob has it")
    assert await stand.later("tend", by=timedelta(hours=80)) == []
    assert (await stand.conversation(here)).state is State.OPEN


async def test_silence_only_counts_once_the_answer_has_arrived(stand: Stand) -> None:
    stand.assistant = FakeAssistant(Answer("It is in the drawer.", resolved=True))
    here = await stand.customer_writes("Where is my key?")
    await stand.later("decide")
    stand.relay.go_away()
    await stand.later("send", "tend", by=timedelta(hours=80))
    assert (await stand.conversation(here)).state is State.OPEN
    stand.relay.come_back()
    await stand.later("send", by=timedelta(minutes=5))
    assert (await stand.mails(here))[0].state is Phase.DELIVERED
    await stand.later("tend", by=timedelta(hours=73))
    assert (await stand.conversation(here)).state is State.RESOLVED


async def test_old_bytes_and_old_conversations_are_forgotten_and_mails_still_add_up(stand: Stand) -> None:
    stand.settings = replace(stand.settings, retention=Retention(timedelta(days=90), timedelta(days=730)))
    large = await stand.store.blobs.keep_bytes(b"x" * 100_000)
    here = await stand.customer_writes("Where is my key?")
    await stand.later("decide", "send")
    await stand.store.write(_large, here, large)
    assert list(await stand.store.read(by_rows, [large])) == [large]
    await stand.store.write(tend.begin, stand.settings)
    await stand.store.write(_filed, here)
    await stand.later("tend", by=timedelta(days=91))
    await stand.later("tend", by=timedelta(days=1))  # the clock goes steadily
    kept = await stand.store.read(arrivals.fetch, 1)
    assert kept is not None
    assert kept.raw == b""
    assert (await stand.conversation(here)).entries[0].text == "Where is my key?"
    assert (await stand.mails(here))[0].outgoing.raw == b""
    assert list(await stand.store.read(by_rows, [large])) == []
    await stand.later("tend", by=timedelta(days=731))
    await stand.later("tend", by=timedelta(days=1))
    await stand.later("tend", by=timedelta(minutes=1))
    assert await stand.store.read(conversations.load, here) is None
    kept = await stand.store.read(arrivals.fetch, 1)
    assert kept is not None
    assert (kept.fate, kept.envelope.sender) == (Fate.ANSWERED, "")
    balance = await stand.store.read(workload.balance)
    assert (balance.accepted, balance.holds) == (2, True)


async def test_what_still_waits_is_never_forgotten(stand: Stand) -> None:
    stand.change_mailbox(mode="draft")
    here = await stand.customer_writes("Where is my key?")
    await stand.later("decide")
    await stand.store.write(_filed, here)
    await stand.store.write(keep_unreadable)
    await stand.store.write(tend.begin, stand.settings)
    stand.readers = HereReaders()
    await stand.later("tend", by=timedelta(days=2000))
    await stand.later("tend", by=timedelta(days=1))
    assert (await stand.mails(here))[0].outgoing.raw
    assert (await stand.store.read(arrivals.fetch, 1)).raw  # type: ignore[union-attr]  # it is there


async def test_a_mail_whose_bytes_are_forgotten_is_not_sent_again(stand: Stand) -> None:
    out = deliveries.Outgoing(SUPPORT, Kind.NOTICE, "<1@x>", SUPPORT, ("a@b.example",), 5, raw=b"")
    number = await stand.store.write(deliveries.add, out)
    assert not await stand.store.write(deliveries.resend, number)


async def _told_through(stand: Stand, hook: Webhook) -> None:
    stand.settings = replace(stand.settings, operator=Operator(notify=("ops@example.com",), webhook=hook.url))
    stand.health.note("relay", Condition.FAILED, "away")
    await stand.store.write(notices.raise_notice, "partner:relay", "The relay is away")
    await stand.store.write(tend.begin, stand.settings)
    await stand.work("tend", "send")


def _read(raw: bytes) -> EmailMessage:
    return message_from_bytes(raw, policy=policy.default)


def _chores(tx: Transaction) -> Sequence[str]:
    return [one.subject for name in tend.CHORES for one in survey.open_for(tx, name)]


def keep_unreadable(tx: Transaction, sender: str = "anna@customer.example") -> int:
    arrival = arrivals.add(tx, Fresh(SUPPORT, Door.SMTP, Envelope(sender, SUPPORT), len(UNREAD), "a" * 64, UNREAD))
    arrivals.settle(tx, arrival, Fate.SET_ASIDE, ["it took too long to read"])
    return arrival


def _large(tx: Transaction, here: str, blob: str) -> None:
    arrival = arrivals.add(tx, Fresh(SUPPORT, Door.SMTP, Envelope("a@b.example", SUPPORT), 100_000, blob))
    arrivals.put_in_conversation(tx, arrival, here, None)
    arrivals.settle(tx, arrival, Fate.APPENDED, ["a test"])


def _filed(tx: Transaction, here: str) -> None:
    jobs.cancel(tx, f"file:{here}")
