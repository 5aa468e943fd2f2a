"""check store: the disk keeps what it is told to, the database answers, and its tables are ours. Nothing is changed."""

import asyncio
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path

import sqlalchemy as sa

from gateway.config.settings import Settings
from gateway.errors import GiveUp
from gateway.health import Finding
from gateway.store.folder import network_filesystem, sync_folder
from gateway.store.migrations.upgrade import revision
from gateway.store.postgres import PostgresEngine
from gateway.store.transaction import StoreAway

AREA = "store"
_SQLITE = "gateway.sqlite"


async def check(settings: Settings) -> Sequence[Finding]:
    findings = await asyncio.to_thread(lambda: list(_places(settings)))
    if settings.store.url.startswith("sqlite"):
        return findings + await asyncio.to_thread(lambda: list(_sqlite(settings)))
    return [*findings, await _postgres(settings.store.url)]


def _places(settings: Settings) -> Iterator[Finding]:
    yield _folder(settings.data_dir, "data_dir")
    blobs = settings.store.blobs
    if blobs and "://" not in blobs:
        yield _folder(Path(blobs), "store.blobs")
    yield _room(settings)


def _folder(folder: Path, key: str) -> Finding:
    """That a file can be written there and synced."""
    if not folder.exists():
        above = next(one for one in folder.absolute().parents if one.exists())
        if os.access(above, os.W_OK):
            return Finding(AREA, True, f"{key} {folder} will be made by the first start")
        return Finding(
            AREA, False, f"{key} {folder} is missing and cannot be made", f"make it: install -d -m 700 {folder}"
        )
    try:
        with tempfile.NamedTemporaryFile(dir=folder, prefix=".check-") as file:
            file.write(b"x" * 4096)
            file.flush()
            os.fsync(file.fileno())
            sync_folder(folder)
    except OSError as error:
        fix = f"let the gateway's user write there, on a disk that works: ls -ld {folder}"
        return Finding(AREA, False, f"{key} {folder} cannot be written: {error.strerror}", fix)
    return Finding(AREA, True, f"{key} {folder} can be written and synced")


def _room(settings: Settings) -> Finding:
    folder = next(one for one in (settings.data_dir, *settings.data_dir.absolute().parents) if one.exists())
    free = shutil.disk_usage(folder).free
    needed = settings.smtp.min_free if settings.smtp else 0
    if free < needed:
        fix = "make room on that disk, or set intake.smtp.min_free lower"
        return Finding(AREA, False, f"{_size(free)} free at {folder}: below {_size(needed)} no mail is taken", fix)
    return Finding(AREA, True, f"{_size(free)} free at {folder}")


def _sqlite(settings: Settings) -> Iterator[Finding]:
    kind = network_filesystem(settings.data_dir) if settings.data_dir.exists() else None
    if kind is not None:
        yield Finding(AREA, False, f"data_dir is on {kind}: SQLite's locks do not hold there", "use a local disk")
        return
    path = settings.data_dir / _SQLITE
    if not path.exists():
        yield Finding(AREA, True, f"SQLite {sqlite3.sqlite_version}: {path} will be made by the first start")
        return
    engine = sa.create_engine("sqlite://", creator=lambda: _reading(path), poolclass=sa.pool.NullPool)
    try:
        with engine.connect() as connection:
            at = revision(connection)
            [(said,), *_] = connection.exec_driver_sql("PRAGMA quick_check(1)").all()
    except sa.exc.DBAPIError as error:
        fix = "is it ours, readable for this user, and whole? else restore a backup"
        yield Finding(AREA, False, f"{path} cannot be read: {error.orig}", fix)
        return
    if said != "ok":
        yield Finding(AREA, False, f"{path} is damaged: {said}", "stop the gateway, keep a copy, restore a backup")
    yield Finding(AREA, True, f"SQLite {sqlite3.sqlite_version}: {path}, tables of revision {at}")


def _reading(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=5)


async def _postgres(url: str) -> Finding:
    seen: list[str] = []

    def look(connection: sa.Connection) -> None:
        version = connection.exec_driver_sql("SHOW server_version").scalar_one()
        seen.append(f"PostgreSQL {version}, tables of revision {revision(connection) or '(none yet)'}")

    try:
        engine = PostgresEngine(sa.make_url(url), lambda: timedelta(0), lambda: None)
    except (GiveUp, sa.exc.ArgumentError):
        return Finding(AREA, False, "this is no address of a PostgreSQL", "see [store] url: postgresql://…")
    try:
        await asyncio.to_thread(engine.start, look)
    except GiveUp as error:
        return Finding(AREA, False, str(error), "see [store] url")
    except StoreAway as error:
        fix = "is it running; are host, user and password in [store] url right?"
        return Finding(AREA, False, " ".join(str(error).split()), fix)
    finally:
        await engine.close()
    return Finding(AREA, True, seen[0])


def _size(size: int) -> str:
    return f"{size / 1024**3:.1f} GiB"
