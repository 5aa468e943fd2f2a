"""A new daemon takes the port over from an old one: mail servers that connect meanwhile are never turned away."""

import asyncio
import itertools
import os
import smtplib
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from tests.peers.ports import wait_for
from tests.peers.postgres import Postgres
from tests.peers.postgres import postgres as postgres
from tests.stories.processes import Daemon, free_port
from tests.stories.stage import SUPPORT, write_settings

MAIL = b"From: ann@mail.example\r\nSubject: %d\r\nMessage-ID: <%d.%d@mail.example>\r\n\r\nHello\r\n"


@dataclass
class MailServer:
    """Hands over one mail after the other, each by a connection of its own, until it is told to stop."""

    port: int
    name: int
    kept: int = 0
    turned_away: list[str] = field(default_factory=list)
    stopping: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        for number in itertools.count():
            if self.stopping.is_set():
                return
            try:
                self._hand_over(MAIL % (number, self.name, number))
            except (OSError, smtplib.SMTPException) as error:
                # RFC 5321 §3.8 has 421 for this, at any command: a mail server comes again in a moment.
                if "(421, " not in repr(error):
                    self.turned_away.append(repr(error))

    def _hand_over(self, mail: bytes) -> None:
        with smtplib.SMTP("127.0.0.1", self.port, timeout=30) as client:
            if client.ehlo()[0] == 250:  # after a 421, smtplib itself would try HELO on a closed connection
                client.sendmail("ann@mail.example", SUPPORT, mail)
                self.kept += 1


@contextmanager
def busy(port: int, servers: int = 3) -> Iterator[list[MailServer]]:
    everybody = [MailServer(port, name) for name in range(servers)]
    threads = [threading.Thread(target=one.run) for one in everybody]
    for thread in threads:
        thread.start()
    try:
        yield everybody
    finally:
        for one in everybody:
            one.stopping.set()
        for thread in threads:
            thread.join()


def a_daemon(folder: Path, store: str, port: int) -> Daemon:
    folder.mkdir(exist_ok=True)
    tables: dict[str, dict[str, Any]] = {
        "": {"public_url": "https://gateway.shop.example", "data_dir": str(folder / "data")},
        "store": {"url": store},
        "intake.smtp": {"listen": [f"127.0.0.1:{port}"], "hostname": "gateway.shop.example", "min_free": "1MiB"},
        "[mailbox]": {"address": SUPPORT, "mode": "people"},
        "web": {"listen": "127.0.0.1:0"},
    }
    return Daemon(write_settings(folder, tables, {}), folder / "data" / "gateway.sock", port)


async def test_on_postgresql_the_next_daemon_opens_the_port_before_this_one_ends(
    tmp_path: Path, postgres: Postgres
) -> None:
    url, port = postgres.new_database(), free_port()
    old, new = a_daemon(tmp_path / "old", url, port), a_daemon(tmp_path / "new", url, port)
    try:
        await old.start()
        await old.ready()
        with busy(port) as servers:
            await asyncio.to_thread(wait_for, lambda: all(one.kept > 5 for one in servers), "no mail is kept")
            await new.start()
            await new.ready()
            assert await old.stop() == 0
            before = [one.kept for one in servers]
            later = list(zip(servers, before, strict=True))
            await asyncio.to_thread(wait_for, lambda: all(one.kept > was + 5 for one, was in later), "none any more")
        assert [one.turned_away for one in servers] == [[], [], []]
        with psycopg.connect(url) as database:
            [[accepted]] = database.execute("SELECT count(*) FROM arrival").fetchall()
        assert accepted == sum(one.kept for one in servers)
    finally:
        for daemon in (old, new):
            if daemon.process is not None and daemon.process.returncode is None:
                await daemon.stop()


_BECOME = """
import os, sys
os.dup2(int(sys.argv[1]), 3)
os.environ["LISTEN_PID"] = str(os.getpid())
os.execv(sys.executable, [sys.executable, "-m", "gateway", "--config", sys.argv[2], "serve"])
"""


def started_on(door: socket.socket, daemon: Daemon) -> subprocess.Popen[bytes]:
    """As systemd starts a service with its socket: number 3, named, and meant for this very process."""
    command = [sys.executable, "-c", _BECOME, str(door.fileno()), str(daemon.settings)]
    environment = {**os.environ, "LISTEN_FDS": "1", "LISTEN_FDNAMES": "smtp"}
    with (daemon.settings.parent / "log").open("ab") as log:
        return subprocess.Popen(command, env=environment, pass_fds=[door.fileno()], stdout=log, stderr=log)


def test_on_sqlite_the_socket_of_systemd_keeps_who_connects_while_the_daemon_is_restarted(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=1024) as door:
        port = int(door.getsockname()[1])
        daemon = a_daemon(tmp_path / "one", "sqlite", port)
        running = started_on(door, daemon)
        try:
            with busy(port) as servers:
                wait_for(lambda: all(one.kept > 5 for one in servers), "no mail is kept")
                running.terminate()
                assert running.wait(60) == 0
                before = [one.kept for one in servers]
                with socket.create_connection(("127.0.0.1", port), 30) as waiting:
                    running = started_on(door, daemon)
                    assert waiting.recv(200).startswith(b"220 ")
                later = list(zip(servers, before, strict=True))
                wait_for(lambda: all(one.kept > was + 5 for one, was in later), "none any more")
            assert [one.turned_away for one in servers] == [[], [], []]
        finally:
            running.terminate()
            running.wait(60)
