"""A server in a folder of its own: started, stopped by its process, started again over what it kept, removed."""

import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Self, TypeVar

from tests.peers.ports import free_port, is_open, wait_for

Kind = TypeVar("Kind", bound="Server")


class Server:
    """What Postfix, Exim and Dovecot share. A kind says its `command`, its `log_name`, and writes its settings."""

    log_name = "log"

    def __init__(self, prefix: str) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix=prefix))
        self.folder.chmod(0o755)
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None

    def command(self) -> Sequence[str | Path]:
        raise NotImplementedError

    def start(self) -> None:
        self._process = subprocess.Popen(
            self.command(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        name = type(self).__name__
        wait_for(lambda: self._gone() or is_open(self.port), f"{name} did not start\n{self.log()}")
        assert not self._gone(), self.log()

    def started(self) -> Self:
        """Started, or removed again with the reason raised."""
        try:
            self.start()
        except BaseException:
            self.remove()
            raise
        return self

    def stop(self) -> None:
        """What it keeps stays, for another start."""
        if self._process is not None:
            self._process.send_signal(signal.SIGTERM)
            self._process.wait(20)
            self._process = None

    def remove(self) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def log(self) -> str:
        path = self.folder / self.log_name
        return path.read_text(errors="replace") if path.exists() else ""

    def _gone(self) -> bool:
        return self._process is None or self._process.poll() is not None


@contextmanager
def opening(new: Callable[..., Kind]) -> Iterator[Callable[..., Kind]]:
    """Opens any number of them, all of which are removed at the end."""
    with ExitStack() as opened:

        def open_one(*given: object, **named: object) -> Kind:
            one = new(*given, **named)
            opened.callback(one.remove)
            return one

        yield open_one
