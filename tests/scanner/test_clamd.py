"""Files are looked at by a clamd: one that is played here, and Debian's own."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from gateway.config.settings import Mailbox, MailSettings, Settings
from gateway.errors import TryLater
from gateway.scanner.checks import EICAR, check
from gateway.scanner.clamd import Clamd
from tests.peers.clamd import clamd as clamd
from tests.scanner.fake_clamd import FakeClamd, fake_clamd

SOON = timedelta(seconds=0.3)


@pytest.fixture(params=["played", "real"])
async def where(request: pytest.FixtureRequest) -> AsyncIterator[str]:
    if request.param == "real":
        yield request.getfixturevalue("clamd")
        return
    async with fake_clamd(FakeClamd(longest=8 << 20)) as played:
        yield played.where


async def test_a_virus_is_named_and_all_else_is_none(where: str) -> None:
    clamd = Clamd(where)
    assert await clamd.scan(EICAR) != ""
    assert await clamd.scan(b"Hello") == ""
    assert await clamd.scan(b"") == ""
    assert await clamd.scan(b"\0" * (3 << 20)) == ""


async def test_a_file_that_it_does_not_take_counts_as_not_looked_at(where: str) -> None:
    with pytest.raises(TryLater, match="size limit"):
        await Clamd(where).scan(b"\0" * (12 << 20))


async def test_a_scanner_that_is_away_or_says_nothing_is_no_verdict() -> None:
    async with fake_clamd(FakeClamd(silent=True)) as played:
        with pytest.raises(TryLater, match="too long"):
            await Clamd(played.where, SOON).scan(b"Hello")
    with pytest.raises(TryLater, match="cannot be asked"):
        await Clamd(played.where, SOON).scan(b"Hello")
    with pytest.raises(TryLater, match="cannot be asked"):
        await Clamd("unix:/nowhere/clamd.ctl").scan(b"Hello")


async def test_the_check_tries_it_with_the_test_file_of_all_scanners(where: str) -> None:
    [found] = await check(_settings(where))
    assert found.well, found
    assert "finds EICAR" in found.text


async def test_the_check_says_what_is_missing() -> None:
    [unset] = await check(_settings(""))
    assert unset.well
    [away] = await check(_settings("unix:/nowhere/clamd.ctl"))
    assert not away.well
    assert "is clamd running" in away.fix


def _settings(where: str) -> Settings:
    return Settings(Path(), "", Path(), (Mailbox("support@example.com"),), mail=MailSettings(scanner=where))
