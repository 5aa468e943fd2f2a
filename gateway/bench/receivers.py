"""Who receives the load: each a process of its own, ended by its id, with its files in a folder that is removed."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

_START, _STOP = 30.0, 60.0
_DAEMONS = (Path("/usr/lib/postfix/sbin"), Path("/usr/libexec/postfix"))
_MAIN = """\
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
command_directory = /usr/sbin
daemon_directory = {daemons}
mail_owner = postfix
setgid_group = postdrop
maillog_file = {folder}/log
maillog_file_prefixes = {folder}
myhostname = mx.bench.example
mydestination =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
smtpd_relay_restrictions = permit_mynetworks, reject
smtpd_client_restrictions = static:hold
smtpd_client_connection_count_limit = 0
local_recipient_maps =
alias_maps =
alias_database =
disable_dns_lookups = yes
in_flow_delay = 0
"""
_MASTER = """\
127.0.0.1:{port} inet n - n - 100 smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
"""


class Unfit(Exception):
    """It cannot be measured here; the message says why."""


class Receiver(Protocol):
    """Takes mail at `port`; `stop` ends it and tells how many mails it has on disk (None: it keeps none)."""

    name: str
    port: int

    @property
    def pid(self) -> int: ...

    def stop(self) -> int | None: ...


@dataclass
class Child:
    """A module of ours that prints its port and, if it keeps mail, at the end how many."""

    name: str
    port: int
    process: subprocess.Popen[str]
    keeps: bool

    @classmethod
    def start(cls, name: str, module: str, *arguments: str, keeps: bool) -> "Child":
        command = [sys.executable, "-m", f"gateway.bench.{module}", *arguments]
        process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            start_new_session=True,  # as Postfix: Linux shares a busy machine out by session
        )
        assert process.stdout is not None
        port = process.stdout.readline().strip()
        if not port.isdigit():
            process.kill()
            process.wait()
            raise Unfit(f"{name} did not start")
        return cls(name, int(port), process, keeps)

    @property
    def pid(self) -> int:
        return self.process.pid

    def stop(self) -> int | None:
        said, _ = self.process.communicate("", timeout=_STOP)
        return int(said) if self.keeps else None


@dataclass
class Postfix:
    """A private Postfix on loopback that takes every mail into its queue and delivers none (HOLD)."""

    name: str
    port: int
    folder: Path
    master: "subprocess.Popen[bytes]"

    @classmethod
    def start(cls, name: str, folder: Path) -> "Postfix":
        daemons = next((path for path in _DAEMONS if (path / "master").exists()), None)
        if daemons is None:
            raise Unfit("Postfix is not installed")
        if os.geteuid() != 0:
            raise Unfit("Postfix runs as root only")
        port = _free_port()
        for part, owner in (("conf", "root"), ("queue", "root"), ("data", "postfix")):
            (folder / part).mkdir(mode=0o755, parents=True)
            shutil.chown(folder / part, owner)
        (folder / "conf" / "main.cf").write_text(_MAIN.format(folder=folder, daemons=daemons))
        (folder / "conf" / "master.cf").write_text(_MASTER.format(port=port))
        subprocess.run(["/usr/sbin/postfix", "-c", folder / "conf", "check"], check=True, capture_output=True)
        master = subprocess.Popen(
            [daemons / "master", "-c", folder / "conf", "-d"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        one = cls(name, port, folder, master)
        _wait_for(port)
        return one

    @property
    def pid(self) -> int:
        return self.master.pid

    def stop(self) -> int | None:
        self.master.send_signal(signal.SIGTERM)
        self.master.wait(_STOP)
        return sum(path.is_file() for path in (self.folder / "queue" / "hold").rglob("*"))


@contextlib.contextmanager
def all_of(receivers: list[Receiver]) -> Iterator[dict[str, int | None]]:
    """Ends them whatever happens; what each has kept is in the mapping afterwards."""
    kept: dict[str, int | None] = {}
    try:
        yield kept
    finally:
        for one in receivers:
            kept[one.name] = one.stop()


def cpu_seconds(pid: int) -> float:
    """What a process and its children, also those that have ended, have used so far; 0 where /proc does not tell."""
    try:
        words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return 0.0
    own = sum(map(int, words[11:15])) / os.sysconf("SC_CLK_TCK")
    return own + sum(cpu_seconds(int(child)) for child in children)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as door:
        return int(door.getsockname()[1])


def _wait_for(port: int) -> None:
    end = time.monotonic() + _START
    while time.monotonic() < end:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)
    raise Unfit("Postfix did not start; is it complete?")
