"""A private PostgreSQL on a socket of its own, ended with the tests."""

import itertools
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

_NUMBERS = itertools.count(1)


class Postgres:
    """One cluster, which may be stopped and started again. It listens on a socket in its folder only."""

    def __init__(self, programs: Path) -> None:
        self._programs = programs
        self._process: subprocess.Popen[bytes] | None = None
        # In memory where that can be: fsync stays on, as our store demands, and costs nothing.
        shm = Path("/dev/shm")
        place = shm if os.access(shm, os.W_OK) and shutil.disk_usage(shm).free > 1 << 30 else None
        self.folder = Path(tempfile.mkdtemp(prefix="gateway-pg-", dir=place))
        self._user = _somebody() if os.geteuid() == 0 else None
        if self._user is not None:
            os.chown(self.folder, self._user, -1)
        initdb: list[Path | str] = [programs / "initdb", "-D", self.folder / "data", "-U", "gateway", "-A", "trust"]
        self._run([*initdb, "--no-locale", "-E", "UTF8", "--no-sync"])

    def start(self) -> None:
        told = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.folder),
            "max_connections": "200",
            "shared_buffers": "32MB",
            "max_wal_size": "256MB",
            "log_min_messages": "panic",
        }
        settings = [part for name, value in told.items() for part in ("-c", f"{name}={value}")]
        self._process = subprocess.Popen(
            [self._programs / "postgres", "-D", self.folder / "data", *settings],
            user=self._user,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        _wait_for(self._answers)

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """SIGINT: quickly and in order. SIGQUIT: as in a crash."""
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(30)
            self._process = None

    def remove(self) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def new_database(self) -> str:
        """The URL of a fresh, empty database."""
        name = f"gateway_{os.getpid()}_{next(_NUMBERS)}"
        self.execute(f"CREATE DATABASE {name}")
        return self.url(name)

    def url(self, name: str = "postgres") -> str:
        return f"postgresql://gateway@/{name}?host={self.folder}"

    def execute(self, statement: str, database: str = "postgres") -> list[tuple[object, ...]]:
        with psycopg.connect(self.url(database), autocommit=True) as connection:
            cursor = connection.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []

    def _answers(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, "postgres has ended at once"
        try:
            self.execute("SELECT 1")
        except psycopg.OperationalError:
            return False
        return True

    def _run(self, command: list[Path | str]) -> None:
        done = subprocess.run(command, user=self._user, capture_output=True, check=False, cwd="/")
        assert done.returncode == 0, done.stderr.decode()


def find_programs() -> Path | None:
    """Where initdb and postgres of version 14 or newer are, the newest first."""
    packaged = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: -float(path.parent.name))
    on_path = shutil.which("initdb")
    places = [*packaged, *([Path(on_path).resolve().parent] if on_path else [])]
    return next((place for place in places if (place / "initdb").exists() and (place / "postgres").exists()), None)


def new_postgres() -> Postgres:
    """A started cluster of one's own; skips the test where PostgreSQL is not installed. The caller removes it."""
    programs = find_programs()
    if programs is None:
        pytest.skip("PostgreSQL is not installed (initdb and postgres)")
    if os.geteuid() == 0 and _somebody() is None:
        pytest.skip("PostgreSQL refuses to run as root, and there is no other user to run it as")
    cluster = Postgres(programs)
    try:
        cluster.start()
    except BaseException:
        cluster.remove()
        raise
    return cluster


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """One cluster for all tests; each takes `postgres.new_database()`."""
    cluster = new_postgres()
    yield cluster
    cluster.remove()


def _somebody() -> int | None:
    """Initdb refuses root, so the child becomes somebody else."""
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name).pw_uid
        except KeyError:
            continue
    return None


def _wait_for(answered: Callable[[], bool], seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not answered():
        assert time.monotonic() < end, "PostgreSQL did not start"
        time.sleep(0.02)
