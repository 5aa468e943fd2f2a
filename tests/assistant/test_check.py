"""`gateway check assistant`: what is wrong is said with its fix."""

from pathlib import Path
from typing import Any

import pytest
from starlette.responses import PlainTextResponse

from gateway.assistant.checks import check
from gateway.assistant.choosing import choose
from gateway.errors import Misconfigured
from gateway.health import Finding
from tests.assistant.stand import Service, decides, some_settings


async def findings(**changes: Any) -> list[Finding]:
    found = list(await check(some_settings(**changes)))
    assert all(one.fix for one in found if not one.well)
    return found


async def test_nobody_to_ask_is_well() -> None:
    [one] = await findings(kind="none")
    assert one.well


async def test_the_articles_are_counted(tmp_path: Path) -> None:
    [none] = await findings(kind="articles", articles=str(tmp_path))
    (tmp_path / "a.md").write_text("# A\n\ntext")
    [some] = await findings(kind="articles", articles=str(tmp_path))
    [gone] = await findings(kind="articles", articles=str(tmp_path / "gone"))
    assert (none.well, some.well, gone.well) == (False, True, False)
    assert "1 article" in some.text


async def test_a_hook_that_decides_is_well() -> None:
    async with Service(decides(action="hand_off", reason="a test")).open() as url:
        articles, hook = await findings(kind="http", url=url)
    assert (articles.well, articles.warning) == (False, True)
    assert hook.well
    assert "a test" in hook.text


async def test_a_hook_that_fails_is_told_with_the_fix() -> None:
    async with Service(PlainTextResponse("oops", 500)).open() as url:
        _, hook = await findings(kind="http", url=url)
    assert not hook.well
    assert "500" in hook.text


def test_a_kind_that_is_not_built_is_a_fault_of_the_settings() -> None:
    with pytest.raises(Misconfigured, match="gemini is not built"):
        choose(some_settings(kind="gemini"))
