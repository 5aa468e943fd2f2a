"""What every Pickup promises: mail by its number, unseen and in order, marked only when told; no wait without end."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from gateway.config.settings import Imap, Secret
from gateway.errors import SignInRefused, TryLater
from gateway.intake.imap.pickup import ImapPickup
from gateway.ports import Pickup, SmallMail, UnfitMail
from tests.fakes import FakePickup
from tests.peers.dovecot import Dovecot
from tests.peers.dovecot import dovecot as dovecot
from tests.peers.ports import free_port

USERS = itertools.count(1)
MAX = 3_000_000


@dataclass
class Player:
    """A pickup, and its folder's other side. `stranger` is the same account with a wrong password, `away` nowhere."""

    pickup: Pickup
    deliver: Callable[..., None]
    renumber: Callable[[], None]
    stranger: Pickup
    away: Pickup


@asynccontextmanager
async def fake(folder: Path, request: pytest.FixtureRequest) -> AsyncIterator[Player]:
    one, stranger, away = FakePickup(), FakePickup(), FakePickup()
    stranger.refuse()
    away.go_away()

    def deliver(*mails: bytes) -> None:
        for raw in mails:
            if len(raw) > MAX:
                one.withhold(one.next_uid, for_good=True)
            one.deliver(raw)

    yield Player(one, deliver, one.renumber, stranger, away)


@asynccontextmanager
async def imap(folder: Path, request: pytest.FixtureRequest) -> AsyncIterator[Player]:
    server: Dovecot = request.getfixturevalue("dovecot")
    user = f"promise{next(USERS)}"

    def account(password: str = "secret", port: int = server.port) -> ImapPickup:
        told = Imap("localhost", user, "b@dst.test", port, Secret(password), ca_file=server.ca_file)
        return ImapPickup(told, folder, MAX)

    def deliver(*mails: bytes) -> None:
        server.deliver(user, *mails)

    deliver()
    yield Player(account(), deliver, lambda: server.renumber(user), account("wrong"), account(port=free_port()))


@pytest.fixture(params=[fake, imap], ids=["fake", "imap"])
async def player(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Player]:
    play: Callable[..., AbstractAsyncContextManager[Player]] = request.param
    async with play(tmp_path, request) as one:
        yield one


def a_mail(number: int, size: int = 0) -> bytes:
    return b"Subject: %d\r\n\r\n" % number + b"x" * size + b"\r\n"


async def test_numbers_rise_and_name_what_was_there_at_first(player: Player) -> None:
    player.deliver(a_mail(1), a_mail(2), a_mail(3))
    async with player.pickup.visit() as folder:
        uids = await folder.search(1)
        assert list(uids) == sorted(uids)
        assert all(uid < folder.next_uid for uid in uids)
        assert list(await folder.search(uids[1])) == list(uids[1:])
        assert list(await folder.search(1, uids[1])) == list(uids[:2])
        assert list(await folder.search(uids[-1] + 1)) == []


async def test_mails_come_whole_and_in_order_and_what_is_gone_is_left_out(player: Player) -> None:
    mails = [a_mail(number, size=number * 1000) for number in range(120)]
    player.deliver(*mails)
    async with player.pickup.visit() as folder:
        uids = [*await folder.search(1), 9_999_999]
        found = [mail async for mail in folder.fetch(uids)]
    assert [mail.raw for mail in found if isinstance(mail, SmallMail)] == mails
    assert [mail.uid for mail in found] == uids[:-1]


async def test_what_cannot_be_had_is_said_and_holds_up_nobody(player: Player) -> None:
    player.deliver(a_mail(1, size=MAX + 1), a_mail(2))
    async with player.pickup.visit() as folder:
        unfit, small = [mail async for mail in folder.fetch(await folder.search(1))]
    assert isinstance(unfit, UnfitMail)
    assert (unfit.for_good, unfit.head[:10]) == (True, b"Subject: 1")
    assert isinstance(small, SmallMail)


async def test_mail_stays_where_it_is_when_it_is_marked(player: Player) -> None:
    player.deliver(a_mail(1), a_mail(2))
    async with player.pickup.visit() as folder:
        await folder.finish(await folder.search(1))
        assert len(await folder.search(1)) == 2


async def test_numbers_are_the_same_at_the_next_visit_unless_the_validity_says_otherwise(player: Player) -> None:
    player.deliver(a_mail(1), a_mail(2))
    async with player.pickup.visit() as folder:
        first, uids = folder.validity, list(await folder.search(1))
    async with player.pickup.visit() as folder:
        assert (folder.validity, list(await folder.search(1))) == (first, uids)
    player.renumber()
    async with player.pickup.visit() as folder:
        assert folder.validity != first
        assert [mail.raw async for mail in folder.fetch(await folder.search(1)) if isinstance(mail, SmallMail)] == [
            a_mail(1),
            a_mail(2),
        ]


async def test_a_wait_has_an_end(player: Player) -> None:
    async with player.pickup.visit() as folder:
        await folder.search(1)
        assert not await asyncio.wait_for(folder.wait(timedelta(seconds=0.2)), 10)


async def test_a_wrong_password_is_told_from_a_server_that_is_away(player: Player) -> None:
    with pytest.raises(SignInRefused):
        async with player.stranger.visit():
            pass
    with pytest.raises(TryLater) as caught:
        async with player.away.visit():
            pass
    assert not isinstance(caught.value, SignInRefused)
