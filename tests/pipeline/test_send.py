"""A mail of ours leaves: at most once by itself, never against a pause, and what became of it is told."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from itertools import pairwise

import pytest

from gateway.conversations.conversation import Held
from gateway.errors import TryLater
from gateway.log import Event
from gateway.pipeline import answering, handoff
from gateway.ports import Delayed, Parcel, Refused
from gateway.store import deliveries, handoffs, lanes, notices, pauses, survey, workload
from gateway.store.database import Transaction
from gateway.store.deliveries import Delivery, Phase
from gateway.store.lanes import LostLease
from gateway.store.pauses import What
from tests.fakes import Died, FakeRelay
from tests.pipeline.stand import ANNA, Stand, words

TO = ANNA.address


async def an_answer(stand: Stand, text: str = "Where is my key?", here: str | None = None) -> str:
    """A conversation with an answer that is queued."""
    here = await stand.customer_writes(text, here)
    await stand.later("decide")
    return here


async def a_reply(stand: Stand, here: str, text: str = "I have found it.") -> Delivery:
    """A person's reply, queued."""
    talk = await stand.conversation(here)
    written = await answering.write_person_reply(stand.parts, talk, text, by="Bob")
    await stand.store.write(_reply, written)
    return (await stand.mails(here))[-1]


async def test_an_answer_leaves_and_its_end_is_told(stand: Stand) -> None:
    here = await an_answer(stand)
    assert words(await stand.work("send")) == ["delivered"]
    [mail] = await stand.mails(here)
    [parcel] = stand.relay.mails
    assert (mail.state, mail.recipients, mail.attempts) == (Phase.DELIVERED, {TO: "delivered: taken"}, 1)
    assert (parcel.sender, parcel.recipients, parcel.raw) == ("support@example.com", (TO,), mail.outgoing.raw)
    assert [one.step for one in await stand.store.read(survey.open_for, here)] == ["file"]
    assert await stand.work("send") == []


async def test_a_large_mail_leaves_whole(stand: Stand) -> None:
    here = await an_answer(stand)
    await stand.work("send")
    mail = await a_reply(stand, here, "word " * 40_000)
    assert mail.outgoing.raw is None
    await stand.work("send")
    assert len(stand.relay.mails[-1].raw) == mail.outgoing.size > 200_000


@pytest.mark.parametrize("at_data", [False, True])
async def test_a_hand_that_dies_before_the_data_sends_again_and_one_that_dies_after_it_does_not(
    stand: Stand, at_data: bool
) -> None:
    here = await an_answer(stand)
    stand.relay.kill(at_data=at_data)
    with pytest.raises(Died):
        await stand.work("send")
    await stand.die()
    assert words(await stand.work("send")) == (["unknown"] if at_data else ["delivered"])
    await stand.later("send", by=timedelta(days=6))
    [mail] = await stand.mails(here)
    assert mail.state is (Phase.UNKNOWN if at_data else Phase.DELIVERED)
    assert len(stand.relay.mails) == (0 if at_data else 1)


async def test_the_light_goes_out_at_data_and_the_settings_say_send_again(stand: Stand) -> None:
    stand.change_relay(unknown="resend")
    here = await an_answer(stand)
    stand.relay.kill(at_data=True)
    with pytest.raises(Died):
        await stand.work("send")
    await stand.die()
    assert words(await stand.work("send")) == ["delayed"]
    assert words(await stand.later("send", by=timedelta(minutes=6))) == ["delivered"]
    [mail] = await stand.mails(here)
    assert [one.raw for one in stand.relay.mails] == [mail.outgoing.raw]


async def test_a_lost_answer_is_held_and_told_until_a_person_sends_it_again(stand: Stand) -> None:
    here = await an_answer(stand)
    stand.relay.lose_answer(kept=False)
    assert words(await stand.work("send")) == ["unknown"]
    [mail] = await stand.mails(here)
    [notice] = await stand.store.read(notices.standing)
    assert notice.key == f"aside:mail:{mail.id}"
    assert await stand.later("send", by=timedelta(days=6)) == []
    assert await stand.store.write(deliveries.resend, mail.id)
    assert words(await stand.work("send")) == ["delivered"]
    assert [one.raw for one in stand.relay.mails] == [mail.outgoing.raw]


async def test_a_delayed_mail_is_tried_for_days_with_longer_and_longer_pauses(stand: Stand) -> None:
    here = await an_answer(stand)
    stand.relay.refuse(TO, Delayed(450, "greylisted"))
    tries = []
    for minute in range(8 * 60):
        if await stand.later("send", by=timedelta(minutes=1)):
            tries.append(minute)
    gaps = [later - earlier for earlier, later in pairwise(tries)]
    assert gaps == sorted(gaps)
    assert gaps[0] in (5, 6)
    assert gaps[5] in (60, 61)
    assert gaps[-1] in (60, 61)
    assert f"delayed:{(await stand.mails(here))[0].id}" in await _notices(stand)
    stand.relay.take(TO)
    assert words(await stand.later("send", by=timedelta(hours=1))) == ["delivered"]
    assert await _notices(stand) == []
    assert len(stand.relay.mails) == 1


async def test_after_five_days_of_delay_it_is_refused_and_people_get_the_matter(stand: Stand) -> None:
    here = await an_answer(stand)
    stand.relay.refuse(TO, Delayed(452, "mailbox full"))
    happened: list[Event] = []
    for _ in range(6 * 24):
        happened += await stand.later("send", by=timedelta(hours=1))
    assert words(happened)[-2:] == ["refused", "handed_off"]
    [mail] = await stand.mails(here)
    assert "given up after 5 days" in mail.why
    assert (await stand.conversation(here)).held is Held.PERSON


async def test_waiting_for_a_relay_that_is_away_never_counts_against_the_mail(stand: Stand) -> None:
    here = await an_answer(stand)
    stand.relay.go_away()
    for _ in range(7):
        assert words(await stand.later("send", by=timedelta(days=1))) == ["put_back"]
    stand.relay.come_back()
    stand.relay.refuse(TO, Delayed(450, "greylisted"))
    assert words(await stand.later("send", by=timedelta(minutes=2))) == ["delayed"]
    stand.relay.take(TO)
    assert words(await stand.later("send", by=timedelta(minutes=6))) == ["delivered"]
    assert (await stand.mails(here))[0].attempts == 1


async def test_a_relay_that_leaves_at_data_has_not_got_the_mail(stand: Stand) -> None:
    here = await an_answer(stand)
    stand.relay = _LeavesAtData()
    assert words(await stand.work("send")) == ["put_back"]
    assert (await stand.mails(here))[0].state is Phase.QUEUED
    assert words(await stand.later("send")) == ["delivered"]


async def test_a_refused_answer_is_handed_off(stand: Stand) -> None:
    here = await an_answer(stand)
    stand.relay.refuse(TO, Refused(550, "no such user"))
    assert words(await stand.work("send")) == ["refused", "handed_off"]
    [handed] = await stand.store.read(handoffs.of_conversation, here)
    assert "550 no such user" in handed.reason
    assert await stand.fates() == {"answered": 1}


async def test_one_refused_recipient_does_not_keep_the_others_from_their_mail(stand: Stand) -> None:
    here = await an_answer(stand)
    await stand.work("send")
    mail = await a_reply(stand, here)
    both = {TO: "waiting", "boss@customer.example": "waiting"}
    await stand.store.write(_set_recipients, mail.id, both)
    stand.relay.refuse("boss@customer.example", Delayed(450, "greylisted"))
    assert words(await stand.work("send")) == ["delayed"]
    stand.relay.refuse("boss@customer.example", Refused(550, "no such user"))
    assert words(await stand.later("send", by=timedelta(minutes=6))) == ["delivered"]
    assert [one.recipients for one in stand.relay.mails] == [(TO,), (TO,)]
    assert "boss@customer.example: refused" in (await stand.mails(here))[-1].why


async def test_paused_sending_holds_everything_and_its_end_lets_it_go(stand: Stand) -> None:
    here = await an_answer(stand)
    await stand.store.write(pauses.begin, What.SENDING, "", "ops")
    await a_reply(stand, here)
    assert words(await stand.work("send")) == ["held"]
    assert words(await stand.later("send", by=timedelta(hours=6))) == ["held"]
    assert stand.relay.mails == []
    await stand.store.write(pauses.end, What.SENDING, "")
    await stand.store.write(deliveries.wake, "")
    assert words(await stand.work("send")) == ["delivered"]


async def test_a_paused_assistant_says_nothing_more_and_people_go_on(stand: Stand) -> None:
    here = await an_answer(stand)
    other = await an_answer(stand, "And my hat?")
    await a_reply(stand, other)
    await stand.store.write(pauses.begin, What.ASSISTANT, "", "ops")
    assert sorted(words(await stand.work("send"))) == ["delivered", "handed_off"]
    assert [one.recipients for one in stand.relay.mails] == [(TO,)]
    assert (await stand.mails(here))[0].state is Phase.CANCELLED
    assert (await stand.conversation(here)).held is Held.PERSON
    assert (await stand.fates())["handed_off"] == 1


async def test_a_pause_between_mail_and_data_still_stops_an_answer(stand: Stand) -> None:
    here = await an_answer(stand)
    stand.relay = _PausesAtData(stand)
    assert words(await stand.work("send")) == ["handed_off"]
    assert stand.relay.mails == []
    assert (await stand.mails(here))[0].state is Phase.CANCELLED


async def test_an_answer_that_the_customer_has_overtaken_does_not_leave(stand: Stand) -> None:
    here = await an_answer(stand)
    await stand.customer_writes("It is red.", here)
    assert words(await stand.work("send")) == ["answer_cancelled"]
    assert await stand.fates() == {"open": 2}
    assert words(await stand.later("decide", "send")) == ["answered", "delivered"]
    assert len(stand.relay.mails) == 1
    assert await stand.fates() == {"answered": 2}


async def test_an_answer_in_a_conversation_that_a_person_took_does_not_leave(stand: Stand) -> None:
    here = await an_answer(stand)
    await stand.store.write(handoff.take_over, here, why="Bob has it")
    assert await stand.work("send") == []
    assert stand.relay.mails == []
    assert await stand.fates() == {"appended": 1}


async def test_mails_of_one_conversation_leave_in_their_order(stand: Stand) -> None:
    here = await an_answer(stand)
    await stand.work("send")
    first = await a_reply(stand, here, "First.")
    second = await a_reply(stand, here, "Second.")
    stand.relay.refuse(TO, Delayed(450, "greylisted"))
    assert words(await stand.work("send")) == ["delayed", "held"]
    stand.relay.take(TO)
    await stand.later("send", by=timedelta(minutes=6))
    await stand.work("send")
    assert [one.raw for one in stand.relay.mails[1:]] == [first.outgoing.raw, second.outgoing.raw]


async def test_people_go_first(stand: Stand) -> None:
    for number in range(3):
        await an_answer(stand, f"Where is key {number}?")
    here = await an_answer(stand, "And my hat?")
    reply = await a_reply(stand, here)
    harvest = await stand.store.write(lanes.claim, {"send": 1}, lease=timedelta(seconds=15), node="here")
    [claim] = harvest.claims
    assert claim.subject == str(reply.id)


async def test_a_person_approves_a_draft_with_other_words(stand: Stand) -> None:
    stand.change_mailbox(mode="draft")
    here = await an_answer(stand)
    [draft] = await stand.mails(here)
    written = await answering.rewrite_draft(stand.parts, draft, "It is in the *drawer*.")
    events = await stand.store.write(_approve, draft.id, written)
    assert words(events or []) == ["approved"]
    await stand.work("send")
    [parcel] = stand.relay.mails
    assert b"drawer" in parcel.raw
    assert b"Auto-Submitted" not in parcel.raw
    assert draft.outgoing.message_id.encode() in parcel.raw
    assert (await stand.conversation(here)).entries[-1].text == "It is in the *drawer*."
    assert await stand.fates() == {"answered": 1}
    assert await stand.store.write(_approve, draft.id, None) is None


async def test_approving_a_draft_leaves_a_newer_mail_to_be_decided(stand: Stand) -> None:
    stand.change_mailbox(mode="draft")
    here = await an_answer(stand)
    [draft] = await stand.mails(here)
    await stand.customer_writes("It is red.", here)
    await stand.store.write(_approve, draft.id, None)
    assert await stand.fates() == {"answered": 1, "open": 1}


async def test_a_reply_that_is_sent_twice_from_one_form_is_mailed_once(stand: Stand) -> None:
    here = await an_answer(stand)
    talk = await stand.conversation(here)
    for _ in range(2):
        written = await answering.write_person_reply(stand.parts, talk, "Found.", by="Bob", once="form 7")
        await stand.store.write(_reply, written)
    await stand.work("send")
    assert len(stand.relay.mails) == 1


async def test_a_hand_that_lost_its_lane_does_not_send(stand: Stand) -> None:
    await an_answer(stand)
    [claim] = await stand.take("send")
    await stand.die()
    with pytest.raises(LostLease):
        await stand.carry_out(claim)
    assert stand.relay.mails == []


async def test_a_handoff_at_the_moment_of_sending_stops_the_mail_or_finds_it_gone(stand: Stand) -> None:
    talks = [await stand.customer_writes(f"Where is key {number}?") for number in range(12)]
    await stand.later("decide")

    async def hand_off(here: str, number: int) -> None:
        for _ in range(number):  # each at another moment of the sending
            await stand.store.read(_nothing)
        await stand.store.write(_hand_off, here)

    claims = await stand.take("send")
    while claims:
        sending = [stand.carry_out(claim) for claim in claims]
        handing = [hand_off(claim.lane, number) for number, claim in enumerate(claims)]
        await asyncio.gather(*sending, *handing)
        claims = await stand.take("send")
    gone = {one.raw for one in stand.relay.mails}
    for here in talks:
        [mail] = await stand.mails(here)
        assert mail.state is (Phase.DELIVERED if mail.outgoing.raw in gone else Phase.CANCELLED)
        assert (await stand.conversation(here)).held is Held.PERSON
    assert len(stand.relay.mails) == len(gone)
    assert sum((await stand.fates()).values()) == len(talks)
    assert (await stand.store.read(workload.balance)).holds


class _LeavesAtData(FakeRelay):
    """The first time, the connection is lost when DATA is said: not an octet of the mail has left."""

    def __init__(self) -> None:
        super().__init__()
        self.left = False

    async def send(self, parcel: Parcel, at_data, may_go=None):  # type: ignore[no-untyped-def]  # as FakeRelay.send
        if not self.left:
            self.left = True
            await at_data()
            raise TryLater("the relay dropped the connection at DATA")
        return await super().send(parcel, at_data, may_go)


class _PausesAtData(FakeRelay):
    """Somebody pauses the assistant when MAIL has been said already."""

    def __init__(self, stand: Stand) -> None:
        super().__init__()
        self._stand = stand

    async def send(self, parcel: Parcel, at_data, may_go=None):  # type: ignore[no-untyped-def]  # as FakeRelay.send
        assert may_go is not None
        await may_go()
        await self._stand.store.write(pauses.begin, What.ASSISTANT, "", "ops")
        return await super().send(parcel, at_data, None)


def _hand_off(tx: Transaction, here: str) -> Sequence[Event]:
    return handoff.hand_off(tx, here, reason="Bob gave it to people", by="Bob")


def _nothing(tx: Transaction) -> None:
    return None


def _reply(tx: Transaction, written: answering.Written) -> Sequence[Event]:
    return answering.reply(tx, written, by="Bob")


def _approve(tx: Transaction, draft: int, written: answering.Written | None) -> Sequence[Event] | None:
    return answering.approve(tx, draft, by="Bob", written=written)


def _set_recipients(tx: Transaction, delivery: int, recipients: dict[str, str]) -> None:
    deliveries.change(tx, delivery, recipients=recipients)


async def _notices(stand: Stand) -> list[str]:
    return [one.key for one in await stand.store.read(notices.standing)]
