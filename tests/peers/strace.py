"""System calls of a running process that fail on demand: a dying or full disk, as the process sees it."""

import contextlib
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest


@contextlib.contextmanager
def failing(process: int, calls: str, error: str, *, when: str = "1+") -> Iterator[None]:
    """While this lasts, these calls (comma separated) of `process` and all its threads fail with `error` (EIO, …).

    `when` as in strace(1): "2+" lets the first call of each thread pass.
    """
    program = shutil.which("strace")
    if program is None:
        pytest.skip("strace is not installed")
    command = [program, "-f", "-qq", "-e", f"trace={calls}", "-e", f"inject={calls}:error={error}:when={when}"]
    tracer = subprocess.Popen([*command, "-o", os.devnull, "-p", str(process)], stderr=subprocess.PIPE)
    try:
        _wait_until_traced(process, tracer)
        yield
    finally:
        tracer.send_signal(signal.SIGINT)
        tracer.wait(10)
        assert tracer.stderr is not None
        tracer.stderr.close()


def _wait_until_traced(process: int, tracer: "subprocess.Popen[bytes]") -> None:
    end = time.monotonic() + 10
    while not all(_is_traced(path) for path in Path(f"/proc/{process}/task").iterdir()):
        if tracer.poll() is not None:
            assert tracer.stderr is not None
            pytest.skip(f"strace may not look at other processes here: {tracer.stderr.read().decode().strip()}")
        assert time.monotonic() < end, "strace did not begin"
        time.sleep(0.01)


def _is_traced(task: Path) -> bool:
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        return "TracerPid:\t0\n" not in (task / "status").read_text()
    return True
