"""The systemd units: as closed as they can be, and what they hand over is what the daemon takes."""

import contextlib
import os
import re
import shutil
import signal
import smtplib
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.peers.ports import free_port, wait_for

UNITS = Path(__file__).parent.parent / "systemd"
CONFIG = """
public_url = "https://gateway.example.com"
data_dir = "{folder}/data"
[intake.smtp]
hostname = "gw.example.com"
listen = ["127.0.0.1:1"]
min_free = "1MiB"
users = [{{ name = "u", password = {{ credential = "login" }} }}]
[[mailbox]]
address = "support@example.com"
mode = "people"
[web]
listen = "127.0.0.1:{web}"
"""


def needs(program: str) -> str:
    found = shutil.which(program)
    if found is None:
        pytest.skip(f"{program} is not installed")
    return found


def keys(unit: str, key: str) -> list[str]:
    return re.findall(rf"^{key}=(.*)$", (UNITS / unit).read_text(), re.MULTILINE)


def test_the_service_is_rated_two_or_better() -> None:
    command: list[str | Path] = [
        needs("systemd-analyze"),
        "security",
        "--offline=true",
        "--no-pager",
        UNITS / "gateway.service",
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    found = re.search(r"Overall exposure level for gateway.service: ([\d.]+)", done.stdout)
    assert found, done.stdout + done.stderr
    assert float(found[1]) <= 2.0


def test_systemd_understands_every_line() -> None:
    command: list[str | Path] = [
        needs("systemd-analyze"),
        "verify",
        UNITS / "gateway.socket",
        UNITS / "gateway.service",
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    complaints = [line for line in done.stderr.splitlines() if str(UNITS) in line or "Unknown" in line]
    assert complaints == []


def test_the_units_name_what_the_daemon_goes_by() -> None:
    assert keys("gateway.socket", "FileDescriptorName") == ["smtp"]
    assert keys("gateway.service", "Type") == ["notify"]
    assert keys("gateway.service", "RestartPreventExitStatus") == ["78"]
    assert keys("gateway.service", "CapabilityBoundingSet") == [""]


@contextlib.contextmanager
def activated(folder: Path, port: int) -> Iterator[socket.socket]:
    """The daemon as systemd starts it: with the first connection; gives what it tells systemd."""
    (folder / "credentials").mkdir()
    (folder / "credentials" / "login").write_text("a secret")
    (folder / "config.toml").write_text(CONFIG.format(folder=folder, web=free_port()))
    told = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    told.bind(str(folder / "notify"))
    told.settimeout(20)
    activate = [needs("systemd-socket-activate"), "-l", f"127.0.0.1:{port}", "--fdname=smtp"]
    activate += [f"-E{name}={value}" for name, value in environment(folder).items()]
    command = [*activate, sys.executable, "-m", "gateway", "serve", "--config", str(folder / "config.toml")]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, env={**os.environ, **environment(folder)})
    try:
        # Nobody connects before the mail does: the first connection is what starts the daemon.
        wait_for(lambda: "Listening on" in (folder / "log").read_text(), "systemd-socket-activate does not listen")
        yield told
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)
        told.close()


def environment(folder: Path) -> dict[str, str]:
    return {"NOTIFY_SOCKET": str(folder / "notify"), "CREDENTIALS_DIRECTORY": str(folder / "credentials")}


def test_mail_comes_in_by_the_socket_that_systemd_opened(tmp_path: Path) -> None:
    port = free_port()
    with activated(tmp_path, port) as told:
        with smtplib.SMTP("127.0.0.1", port, timeout=30) as client:
            assert client.ehlo()[0] == 250
            client.sendmail("ann@mail.example", "support@example.com", b"Subject: Hi\r\n\r\nHello\r\n")
        assert told.recv(100) == b"READY=1"
    assert (tmp_path / "data" / "gateway.sqlite").exists()
    assert '"closed"' in (tmp_path / "log").read_text()
