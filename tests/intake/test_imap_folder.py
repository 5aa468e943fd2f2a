"""A folder on a real Dovecot is searched, fetched and marked."""

import asyncio
import hashlib
import itertools
from contextlib import aclosing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest

from gateway.config.settings import Imap, Secret
from gateway.errors import SignInRefused, TryLater
from gateway.intake.imap.folder import LARGE, ImapFolder
from gateway.intake.imap.opening import open_line
from gateway.intake.imap.pickup import ImapPickup
from gateway.ports import LargeMail, SmallMail, UnfitMail
from tests.peers.dovecot import Dovecot
from tests.peers.dovecot import dovecot as dovecot
from tests.peers.ports import free_port, wait_for

NUMBERS = itertools.count(1)


def an_account(dovecot: Dovecot, user: str, **more: Any) -> Imap:
    plain: dict[str, Any] = {"port": dovecot.port, "password": Secret("secret"), "ca_file": dovecot.ca_file}
    return Imap(host="localhost", user=user, mailbox="b@dst.test", **plain | more)


def a_mail(number: int, size: int = 0) -> bytes:
    return b"From: ann@src.test\r\nSubject: number %d\r\n\r\n" % number + b"x" * size + b"\r\n"


@pytest.fixture
def user() -> str:
    """A user of the test's own."""
    return f"u{next(NUMBERS)}"


async def fetch(folder: ImapFolder, uids: list[int]) -> list[SmallMail | LargeMail | UnfitMail]:
    return [mail async for mail in folder.fetch(uids)]


async def test_mails_come_as_they_are_with_the_time_of_their_arrival(
    dovecot: Dovecot, user: str, tmp_path: Path
) -> None:
    mails = [a_mail(1), b"Subject: \xff 8bit\r\n\r\nA0001 OK (\r\n* 1 FETCH (UID 9)\r\n)\r\n", b"\r\n"]
    dovecot.deliver(user, *mails)
    dovecot.date(user, 1_700_000_000)
    async with ImapPickup(an_account(dovecot, user), tmp_path, 10**8).visit() as folder:
        uids = await folder.search(1)
        found = await fetch(folder, list(uids))
    assert list(uids) == [1, 2, 3]
    assert folder.next_uid == 4
    moment = datetime.fromtimestamp(1_700_000_000, UTC)
    assert found == [SmallMail(number, moment, raw) for number, raw in enumerate(mails, start=1)]
    assert dovecot.flags(user) == ["", "", ""]


async def test_only_what_is_new_is_found(dovecot: Dovecot, user: str, tmp_path: Path) -> None:
    dovecot.deliver(user, *(a_mail(number) for number in range(5)))
    async with ImapPickup(an_account(dovecot, user), tmp_path, 10**8).visit() as folder:
        assert await folder.search(4) == [4, 5]
        assert await folder.search(6) == []
        assert await folder.search(2, 3) == [2, 3]


async def test_a_mail_that_is_gone_is_left_out(dovecot: Dovecot, user: str, tmp_path: Path) -> None:
    dovecot.deliver(user, a_mail(1), a_mail(2))
    async with ImapPickup(an_account(dovecot, user), tmp_path, 10**8).visit() as folder:
        found = await fetch(folder, [1, 2, 77])
    assert [mail.uid for mail in found] == [1, 2]


async def test_a_large_mail_is_written_to_a_file_piece_by_piece(dovecot: Dovecot, user: str, tmp_path: Path) -> None:
    large = a_mail(1, 25_000_000)
    dovecot.deliver(user, a_mail(0), large, a_mail(2, LARGE - 200), a_mail(3))
    async with ImapPickup(an_account(dovecot, user), tmp_path, 10**8).visit() as folder:
        found = await fetch(folder, [1, 2, 3, 4])
    assert [type(mail) for mail in found] == [SmallMail, LargeMail, SmallMail, SmallMail]
    mail = found[1]
    assert isinstance(mail, LargeMail)
    assert (mail.size, mail.sha256) == (len(large), hashlib.sha256(large).hexdigest())
    assert mail.path.read_bytes() == large


async def test_of_a_mail_that_is_too_large_only_the_head_is_had(dovecot: Dovecot, user: str, tmp_path: Path) -> None:
    dovecot.deliver(user, a_mail(1, 6_000_000), a_mail(2))
    async with ImapPickup(an_account(dovecot, user), tmp_path, 5_000_000).visit() as folder:
        unfit, following = await fetch(folder, [1, 2])
    assert isinstance(unfit, UnfitMail)
    assert unfit.head == b"From: ann@src.test\r\nSubject: number 1\r\n\r\n"
    assert (unfit.for_good, "max_size" in unfit.why) == (True, True)
    assert isinstance(following, SmallMail)
    assert list(tmp_path.iterdir()) == []


async def test_three_thousand_waiting_mails_are_fetched_in_bites(dovecot: Dovecot, user: str, tmp_path: Path) -> None:
    dovecot.deliver(user, *(a_mail(number, 500) for number in range(3000)))
    async with ImapPickup(an_account(dovecot, user), tmp_path, 10**8).visit() as folder:
        uids = await folder.search(1)
        assert len(uids) == 3000
        numbers = []
        async for mail in folder.fetch(uids):
            assert isinstance(mail, SmallMail)
            numbers.append(int(mail.raw.split(b"number ")[1].split(b"\r")[0]))
        assert numbers == list(range(3000))
        await folder.finish(uids)
    assert set(dovecot.flags(user)) == {"S"}


async def test_kept_mails_are_moved_where_the_settings_say(dovecot: Dovecot, user: str, tmp_path: Path) -> None:
    dovecot.deliver(user, a_mail(1), a_mail(2), a_mail(3))
    account = an_account(dovecot, user, after="move:Erledigt & gelöscht")
    async with ImapPickup(account, tmp_path, 10**8).visit() as folder:
        await folder.finish([1, 3])
        assert await folder.search(1) == [2]
    assert dovecot.mails(user) == [a_mail(2)]
    assert dovecot.mails(user, "Erledigt &- gel&APY-scht") == [a_mail(1), a_mail(3)]


async def test_a_folder_in_any_script_is_opened(dovecot: Dovecot, user: str, tmp_path: Path) -> None:
    dovecot.deliver(user, a_mail(1), folder='Пост&-"x"'.replace("Пост", "&BB8EPgRBBEI-").replace('"', ""))
    async with ImapPickup(an_account(dovecot, user, folder="Пост&x"), tmp_path, 10**8).visit() as folder:
        assert await folder.search(1) == [1]


async def test_a_new_mail_ends_the_wait_at_once(dovecot: Dovecot, user: str, tmp_path: Path) -> None:
    dovecot.deliver(user, a_mail(1))
    async with ImapPickup(an_account(dovecot, user), tmp_path, 10**8).visit() as folder:
        assert await folder.search(1) == [1]
        waiting = asyncio.create_task(folder.wait(timedelta(seconds=60)))
        await asyncio.to_thread(wait_for, lambda: dovecot.is_visited(user), "nobody came")
        dovecot.deliver(user, a_mail(2))
        assert await asyncio.wait_for(waiting, 10)
        assert await folder.search(2) == [2]
        assert not await folder.wait(timedelta(seconds=0.2))


async def test_being_kicked_out_ends_the_wait_at_once(dovecot: Dovecot, user: str, tmp_path: Path) -> None:
    dovecot.deliver(user, a_mail(1))
    async with ImapPickup(an_account(dovecot, user), tmp_path, 10**8).visit() as folder:
        await folder.search(1)
        waiting = asyncio.create_task(folder.wait(timedelta(seconds=60)))
        await asyncio.to_thread(wait_for, lambda: dovecot.is_visited(user), "nobody came")
        dovecot.kick(user)
        with pytest.raises(TryLater, match=r"goodbye|closed|lost"):
            await asyncio.wait_for(waiting, 10)


async def test_being_kicked_out_while_fetching_is_told_at_once(dovecot: Dovecot, user: str, tmp_path: Path) -> None:
    dovecot.deliver(user, *(a_mail(number, 3_000_000) for number in range(30)))
    async with ImapPickup(an_account(dovecot, user), tmp_path, 10**8).visit() as folder:
        with pytest.raises(TryLater):
            await asyncio.wait_for(fetch_and_kick(folder, dovecot, user), 20)
    assert len(list(tmp_path.iterdir())) == 1  # the one that was whole; the half one is gone


async def fetch_and_kick(folder: ImapFolder, dovecot: Dovecot, user: str) -> None:
    async with aclosing(folder.fetch(list(range(1, 31)))) as mails:
        async for _ in mails:
            dovecot.kick(user)


@pytest.mark.parametrize("change", [{"password": Secret("wrong")}, {"user": 'a b"c\\d', "password": Secret('ä"\\')}])
async def test_a_refused_sign_in_is_told_as_one(dovecot: Dovecot, user: str, tmp_path: Path, change: Any) -> None:
    account = an_account(dovecot, change.pop("user", user), **change)
    with pytest.raises(SignInRefused, match="does not let"):
        async with ImapPickup(account, tmp_path, 10**8).visit():
            pass


async def test_a_server_that_is_away_or_somebody_else_is_told_in_words(dovecot: Dovecot, tmp_path: Path) -> None:
    for change, words in (
        ({"port": free_port()}, "cannot be reached"),
        ({"ca_file": ""}, "self-signed certificate|self signed certificate"),
        ({"folder": "Nowhere"}, "does not open the folder Nowhere"),
    ):
        with pytest.raises(TryLater, match=words):
            async with ImapPickup(an_account(dovecot, "x", **change), tmp_path, 10**8).visit():
                pass


async def test_before_tls_nothing_is_said_but_starttls(dovecot: Dovecot) -> None:
    account = an_account(dovecot, "x", port=dovecot.plain_port)
    line = await open_line(account, None, starttls_port=dovecot.plain_port)
    assert line.can("IDLE")
    transport = cast("asyncio.Transport", line.wire.transport)
    assert transport.get_extra_info("ssl_object") is not None
    await line.close()
