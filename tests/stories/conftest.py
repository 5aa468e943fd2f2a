"""The usual stage."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gateway import log
from tests.stories.stage import Stage, stage


@pytest.fixture(autouse=True)
def lines() -> None:
    """The log as the daemon writes it."""
    log.start()


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[Stage]:
    async with stage(tmp_path) as opened:
        yield opened
