"""What systemd gives us and wants to hear: sockets that are open already, and the word that we are ready."""

import socket
from collections.abc import Mapping

FIRST = 3  # sd_listen_fds(3)


def listening_sockets(environment: Mapping[str, str], pid: int, *, name: str = "") -> tuple[socket.socket, ...]:
    """The sockets of socket activation, or none. `name` picks those with that FileDescriptorName.

    They are ours only if LISTEN_PID names this process. Ask once: each call makes new objects of the same numbers.
    """
    if environment.get("LISTEN_PID") != str(pid):
        return ()
    count = int(environment.get("LISTEN_FDS", "0"))
    names = environment.get("LISTEN_FDNAMES", "").split(":")
    names += [""] * (count - len(names))
    found = []
    for number in range(count):
        if name and names[number] != name:
            continue
        one = socket.socket(fileno=FIRST + number)
        one.set_inheritable(False)
        one.setblocking(False)
        found.append(one)
    return tuple(found)


def notify(environment: Mapping[str, str], state: str) -> bool:
    """Tell systemd, e.g. "READY=1", "RELOADING=1", "STOPPING=1" (sd_notify(3)); false where nobody listens."""
    address = environment.get("NOTIFY_SOCKET", "")
    if not address:
        return False
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as line:
        line.connect("\0" + address[1:] if address.startswith("@") else address)
        line.sendall(state.encode())
    return True
