"""The pages in a real browser: on a phone and a desk, light and dark; nothing runs over, nothing complains."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from gateway.desk.decision import Understanding
from gateway.mail.message import Address
from gateway.store import notices
from gateway.store.arrivals import Fate
from tests.web.browser import SHOWN, Browser
from tests.web.house import BILLING, House, open_house
from tests.web.seeds import (
    Mail,
    answer,
    deliver,
    give_to_people,
    keep_unread,
    open_case,
    receive,
    set_job_aside,
)

LONG = "Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichenverordnung" * 3
pytestmark = pytest.mark.skipif(not Browser.is_there(), reason="no Chromium with its driver here")


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(tmp_path) as opened:
        yield opened


async def furnish(house: House) -> list[str]:
    """A little of everything, with the longest words; returns the pages to look at."""
    store = house.store
    first, arrival = await store.write(
        receive, Mail(f"Hello\n{LONG}", quoted=f"> {LONG}", files=[(f"{LONG[:120]}.pdf", b"x" * 3000)])
    )
    await deliver(store, await answer(house.parts, first, f"See https://track.example/{LONG}"), unknown=True)
    await store.write(give_to_people, first, "asks for a person", Understanding(LONG, "de", "angry", "", {LONG: LONG}))
    await store.write(open_case, first, "SR00000147")
    sender = Address(f"{LONG[:60]}@{LONG[:60]}.example", LONG)
    second, _ = await store.write(
        receive, Mail("Hi", subject=LONG, sender=sender, mailbox=BILLING), ago=timedelta(days=400)
    )
    await answer(house.parts, second, LONG, draft=True)
    await store.write(set_job_aside, "file", second, f"Creatio refuses it: {LONG}")
    told = {"origin": "person", "warnings": {"0": "a virus: Test"}}
    unread = await store.write(keep_unread, Mail("?", files=[("x.exe", b"bad")]), Fate.SET_ASIDE, ["spam"], told)
    await store.write(keep_unread, Mail("?", subject=LONG), Fate.SET_ASIDE, [LONG], {"origin": "person"})
    await store.write(keep_unread, Mail("!", subject=LONG), Fate.KEPT_SILENT, ["spam", LONG], {"origin": "spam"})
    await store.write(notices.raise_notice, "relay:down", f"The relay {LONG} is away")
    return [
        "/?show=all", "/?query=nothing+like+this", f"/conversations/{first}", f"/conversations/{second}", "/aside",
        "/connections", "/accounts", f"/arrivals/{arrival}", f"/arrivals/{unread}",
    ]  # fmt: skip


def look(house: House, pages: list[str], folder: Path, link: str) -> list[str]:
    """What is wrong with any of the pages."""
    wrong = []
    with Browser(folder) as browser:
        browser.look_like(390, 844, dark=False)
        browser.open(f"{house.url}/sign-in")
        wrong += [f"/sign-in: {one}" for one in _faults(browser, dark=False)]
        browser.open(f"{house.url}/invitation/{link}")
        for width, dark in ((390, False), (390, True), (1280, False), (1280, True)):
            browser.look_like(width, 844, dark=dark)
            for page in pages:
                browser.open(f"{house.url}{page}")
                wrong += [f"{page} at {width}: {one}" for one in _faults(browser, dark=dark)]
    return wrong


def _faults(browser: Browser, *, dark: bool) -> list[str]:
    shown = browser.ask(SHOWN)
    faults = [one for one in browser.complaints() if not one.startswith("DEBUG")]
    if shown["overflow"] > 0:
        faults.append(f"{shown['overflow']} pixels too wide")
    if shown["scheme"] is not dark:
        faults.append("not the scheme that was asked for")
    back = browser.ask("return getComputedStyle(document.body).backgroundColor")
    red = int(back.partition("(")[2].partition(",")[0])
    if (red < 128) is not dark:
        faults.append(f"the page is {back}")
    return faults


async def test_no_page_runs_over_or_complains_on_a_phone_or_a_desk_light_or_dark(house: House, tmp_path: Path) -> None:
    pages = await furnish(house)
    link = house.around.invitations.invite("maria")
    assert await asyncio.to_thread(look, house, pages, tmp_path / "browser", link) == []


async def test_the_assistant_is_paused_with_two_clicks_and_a_draft_approved_with_one(
    house: House, tmp_path: Path
) -> None:
    here, _ = await house.store.write(receive, Mail("When does it come?"))
    await answer(house.parts, here, "Tomorrow.", draft=True)
    link = house.around.invitations.invite("maria")

    def click() -> tuple[str, str]:
        with Browser(tmp_path / "browser") as browser:
            browser.look_like(390, 844, dark=False)
            browser.open(f"{house.url}/invitation/{link}?next=/conversations/{here}")
            browser.click(".draft button")
            said = str(browser.wait_for("return document.querySelector('.said')?.textContent"))
            browser.click(".stop summary")
            browser.click(".stop button")
            banner = str(browser.wait_for("return document.querySelector('.banner.bad')?.textContent"))
            assert not [one for one in browser.complaints() if not one.startswith("DEBUG")]
            return said, banner

    said, banner = await asyncio.to_thread(click)
    assert said == "The answer is on its way."
    assert "The assistant is paused" in banner
