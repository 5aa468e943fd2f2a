"""Each test of the steps runs on both databases."""

from pathlib import Path

import pytest

from gateway.store.database import Store
from tests.pipeline.stand import Stand
from tests.store.conftest import postgres as postgres
from tests.store.conftest import store as store
from tests.store.conftest import url as url


@pytest.fixture
async def stand(store: Store, tmp_path: Path) -> Stand:
    return await Stand.open(store, tmp_path)
