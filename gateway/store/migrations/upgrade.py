"""Brings a database to the newest revision, in the transaction it is given."""

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from gateway.errors import GiveUp

_ONE_AT_A_TIME = 7_231_046_215_908_117  # the number of our advisory lock: any, and always the same


def upgrade(connection: sa.Connection) -> None:
    """Raises GiveUp when a newer gateway has been here. Several nodes that start at once wait for each other."""
    if connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_ONE_AT_A_TIME)))
    settings = _settings(connection)
    newest = ScriptDirectory.from_config(settings).get_current_head()
    now = revision(connection)
    if now == newest:
        return
    known = {script.revision for script in ScriptDirectory.from_config(settings).walk_revisions()}
    if now is not None and now not in known:
        raise GiveUp(f"this store was made by a newer gateway (revision {now}): install that one, or restore a backup")
    command.upgrade(settings, "head")


def revision(connection: sa.Connection) -> str | None:
    """The revision that the database is at; None when it is empty."""
    return MigrationContext.configure(connection).get_current_revision()


def _settings(connection: sa.Connection) -> Config:
    settings = Config()
    settings.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    settings.set_main_option("path_separator", "os")
    settings.attributes["connection"] = connection
    return settings
