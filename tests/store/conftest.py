"""Each test of the store runs on both databases."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gateway.store.database import Store
from tests.peers.postgres import Postgres
from tests.peers.postgres import postgres as postgres


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest) -> str:
    """An empty database of its own."""
    if request.param == "sqlite":
        return "sqlite"
    cluster: Postgres = request.getfixturevalue("postgres")
    return cluster.new_database()


@pytest.fixture
async def store(url: str, tmp_path: Path) -> AsyncIterator[Store]:
    opened = await Store.open(url, tmp_path, node="here")
    yield opened
    await opened.close()
