"""Who we are: the installation's id and the secret that signs our tokens."""

import secrets
import sqlite3
import uuid
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from gateway.store.database import Transaction
from gateway.store.schema import installation


@dataclass(frozen=True, slots=True)
class Installation:
    uuid: uuid.UUID
    secret: bytes

    def derive(self, *parts: str) -> str:
        """The id of a thing that we make: the same parts give the same uuid5, here and in every restored backup."""
        return str(uuid.uuid5(self.uuid, "\n".join(parts)))


_ONE = sa.select(installation.c.uuid, installation.c.secret).where(installation.c.id == 1)


def identity(tx: Transaction) -> Installation:
    """This installation. `found` must have run once before, which starting the daemon does."""
    row = tx.execute(_ONE).one()
    return Installation(uuid.UUID(row.uuid), bytes(row.secret))


def found(tx: Transaction) -> Installation:
    """Make the installation's identity if this store has none yet."""
    if tx.execute(_ONE).first() is None:
        fresh = {"id": 1, "uuid": str(uuid.uuid4()), "secret": secrets.token_bytes(32), "created": tx.now}
        tx.execute(sa.insert(installation), fresh)
    return identity(tx)


def secret_in(file: Path) -> bytes:
    """The secret of a store that is one file, read beside whoever has it open; empty when it cannot be read."""
    try:
        with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True, timeout=1)) as connection:
            row = connection.execute("SELECT secret FROM installation WHERE id = 1").fetchone()
    except sqlite3.Error:
        return b""
    return bytes(row[0]) if row else b""
