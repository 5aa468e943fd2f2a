"""Free ports on loopback, and waiting until somebody listens there."""

import socket
import time
from collections.abc import Callable


def free_port() -> int:
    """A port that nobody listens at. Servers that cannot bind port 0 get one of these."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def is_open(port: int) -> bool:
    with socket.socket() as one:
        one.settimeout(2)
        return one.connect_ex(("127.0.0.1", port)) == 0


def wait_for(happened: Callable[[], object], what: str, seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < end, f"{what}: not within {seconds} seconds"
        time.sleep(0.02)
