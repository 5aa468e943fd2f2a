"""What every Relay promises: a verdict for each recipient, and that nothing is sent once its caller says stop."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass

import pytest

from gateway.demo.capture import Outbox, capture
from gateway.errors import TryLater
from gateway.ports import Delayed, Delivered, Refused, Relay, Unknown
from tests.fakes import FakeRelay
from tests.relay.stand import ANNA, BOB, MAIL, Stopped, Watched, a_parcel, a_relay


@dataclass
class Fake:
    """The stand-in, told what to do in its own words."""

    relay: FakeRelay

    def delay(self, recipient: str) -> None:
        self.relay.refuse(recipient, Delayed(450, "greylisted"))

    def refuse(self, recipient: str) -> None:
        self.relay.refuse(recipient, Refused(550, "no such user"))

    def go_away(self) -> None:
        self.relay.go_away()

    def lose_answer(self) -> None:
        self.relay.lose_answer(kept=True)

    def arrived(self) -> list[tuple[tuple[str, ...], bytes]]:
        return [(mail.recipients, mail.raw) for mail in self.relay.mails]


@dataclass
class Real:
    """The adapter, before a real SMTP server on loopback."""

    relay: Relay
    outbox: Outbox

    def delay(self, recipient: str) -> None:
        self.outbox.refuse("RCPT", "450 greylisted", when=lambda address: address == recipient)

    def refuse(self, recipient: str) -> None:
        self.outbox.refuse("RCPT", "550 no such user", when=lambda address: address == recipient)

    def go_away(self) -> None:
        self.outbox.refuse("CONNECT", "554 no service here", times=2)

    def lose_answer(self) -> None:
        self.outbox.drop("DOT", kept=True)

    def arrived(self) -> list[tuple[tuple[str, ...], bytes]]:
        return [(mail.recipients, mail.raw) for mail in self.outbox.mails]


Player = Fake | Real


@asynccontextmanager
async def fake() -> AsyncIterator[Player]:
    yield Fake(FakeRelay())


@asynccontextmanager
async def real() -> AsyncIterator[Player]:
    async with capture() as outbox, a_relay(outbox.port) as relay:
        yield Real(relay, outbox)


@pytest.fixture(params=[fake, real], ids=["fake", "smtp"])
async def player(request: pytest.FixtureRequest) -> AsyncIterator[Player]:
    make: Callable[[], AbstractAsyncContextManager[Player]] = request.param
    async with make() as one:
        yield one


async def test_its_caller_is_asked_before_mail_and_before_data(player: Player) -> None:
    watched = Watched()
    [(recipient, verdict)] = await player.relay.send(a_parcel(), watched.at_data, watched.may_go)
    assert (recipient, type(verdict)) == (ANNA, Delivered)
    assert watched.asked == ["may_go", "at_data"]
    assert player.arrived() == [((ANNA,), MAIL)]


async def test_each_recipient_has_a_verdict_of_its_own(player: Player) -> None:
    player.refuse(BOB)
    player.delay("eve@customer.example")
    verdicts = dict(await player.relay.send(a_parcel(ANNA, BOB, "eve@customer.example"), Watched().at_data))
    assert {who: type(one) for who, one in verdicts.items()} == {
        ANNA: Delivered,
        BOB: Refused,
        "eve@customer.example": Delayed,
    }
    assert player.arrived() == [((ANNA,), MAIL)]


async def test_the_phase_is_not_marked_when_nobody_is_taken(player: Player) -> None:
    player.refuse(ANNA)
    watched = Watched()
    [(_, verdict)] = await player.relay.send(a_parcel(), watched.at_data, watched.may_go)
    assert isinstance(verdict, Refused)
    assert (watched.asked, player.arrived()) == (["may_go"], [])


@pytest.mark.parametrize("moment", ["may_go", "at_data"])
async def test_nothing_is_sent_when_its_caller_says_stop(player: Player, moment: str) -> None:
    watched = Watched(stop_at=moment)
    with pytest.raises(Stopped):
        await player.relay.send(a_parcel(), watched.at_data, watched.may_go)
    assert player.arrived() == []


async def test_a_relay_that_is_away_is_the_partners_fault_and_no_mails(player: Player) -> None:
    player.go_away()
    watched = Watched()
    with pytest.raises(TryLater) as later:
        await player.relay.send(a_parcel(), watched.at_data, watched.may_go)
    assert later.value.partner_down
    assert "at_data" not in watched.asked


async def test_no_answer_after_the_mail_has_left_is_unknown(player: Player) -> None:
    player.lose_answer()
    watched = Watched()
    [(_, verdict)] = await player.relay.send(a_parcel(), watched.at_data, watched.may_go)
    assert isinstance(verdict, Unknown)
    assert watched.asked == ["may_go", "at_data"]
