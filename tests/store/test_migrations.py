"""A fresh database has exactly the tables that the program knows."""

from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from gateway.errors import GiveUp
from gateway.store.database import Store, Transaction
from gateway.store.migrations import upgrade, write_first
from gateway.store.schema import metadata


def differences(tx: Transaction) -> list[object]:
    settings = {"compare_type": True}
    found = compare_metadata(MigrationContext.configure(tx.connection, opts=settings), metadata)
    return [one for one in found if "alembic_version" not in str(one)]


async def test_the_migrated_database_has_the_tables_of_the_schema(store: Store) -> None:
    assert await store.read(differences) == []


def test_the_first_revision_says_what_the_schema_says(tmp_path: Path) -> None:
    write_first.write_first(tmp_path)
    kept = Path(upgrade.__file__).parent / "versions"
    for name in ("0001_sqlite.sql", "0001_postgresql.sql"):
        fresh = (tmp_path / name).read_text()
        assert (kept / name).read_text() == fresh, "run python -m gateway.store.migrations.write_first"


async def test_a_store_is_opened_again_and_again(url: str, tmp_path: Path) -> None:
    for _ in range(2):
        store = await Store.open(url, tmp_path)
        assert await store.read(lambda tx: upgrade.revision(tx.connection)) == "0001"
        await store.close()


async def test_a_store_of_a_newer_gateway_is_refused(url: str, tmp_path: Path) -> None:
    store = await Store.open(url, tmp_path)
    await store.write(lambda tx: tx.execute(sa.text("UPDATE alembic_version SET version_num = '9999'")))
    await store.close()
    with pytest.raises(GiveUp, match="newer gateway"):
        await Store.open(url, tmp_path)
