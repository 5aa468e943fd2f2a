"""A house with windows for each test, and somebody who looks in."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.web.house import House, open_house
from tests.web.visitor import Visitor


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(tmp_path) as opened:
        yield opened


@pytest.fixture
async def stranger(house: House) -> AsyncIterator[Visitor]:
    async with Visitor(house) as visitor:
        yield visitor


@pytest.fixture
async def maria(house: House) -> AsyncIterator[Visitor]:
    """Signed in, by an invitation."""
    async with Visitor(house) as visitor:
        await visitor.accept_invitation("maria")
        yield visitor
