"""What systemd gives us at the start, and what it is told."""

import os
import socket
import subprocess
import sys
from pathlib import Path

from gateway.intake.smtp.activation import listening_sockets, notify

CHILD = """
import os, sys
from gateway.intake.smtp.activation import listening_sockets
os.environ["LISTEN_PID"] = str(os.getpid())
for name in ("", "smtp", "web", "none"):
    found = listening_sockets(os.environ, os.getpid(), name=name)
    print(name, [one.getsockname()[1] for one in found], [os.get_inheritable(one.fileno()) for one in found])
    [one.detach() for one in found]
"""


def test_the_sockets_of_systemd_are_taken_by_their_names() -> None:
    first, second = socket.create_server(("127.0.0.1", 0)), socket.create_server(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in (first, second)]
    environment = os.environ | {"LISTEN_FDS": "2", "LISTEN_FDNAMES": "smtp:web"}

    def as_systemd_does() -> None:
        low = [os.dup(one.fileno()) for one in (first, second)]
        for number, one in enumerate(low, start=3):
            os.dup2(one, number, inheritable=True)

    done = subprocess.run(
        [sys.executable, "-c", CHILD],
        env=environment,
        close_fds=False,
        preexec_fn=as_systemd_does,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines() == [
        f" {ports} [False, False]",
        f"smtp {ports[:1]} [False]",
        f"web {ports[1:]} [False]",
        "none [] []",
    ]
    first.close()
    second.close()


def test_the_sockets_of_somebody_else_are_not_ours() -> None:
    told = {"LISTEN_FDS": "1", "LISTEN_PID": "1"}
    assert listening_sockets(told, os.getpid()) == ()
    assert listening_sockets({}, os.getpid()) == ()


def test_systemd_hears_that_we_are_ready(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(tmp_path / "notify"))
        assert notify({"NOTIFY_SOCKET": str(tmp_path / "notify")}, "READY=1")
        assert systemd.recv(100) == b"READY=1"
    assert not notify({}, "READY=1")
