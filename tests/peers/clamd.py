"""A private clamd that knows one signature: looked for under $CLAMAV_ROOT, else as .ci/run unpacks it, else on PATH."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.scanner.checks import EICAR
from tests.peers.ports import wait_for

_SETTINGS = """\
LocalSocket {folder}/clamd.ctl
DatabaseDirectory {folder}
Foreground yes
StreamMaxLength 8M
"""


@pytest.fixture(scope="session")
def clamd() -> Iterator[str]:
    """Where it listens, as [mail] scanner has it."""
    root = Path(os.environ.get("CLAMAV_ROOT", "/opt/gateway-peers/clamav"))
    unpacked = root / "usr/sbin/clamd"
    program = str(unpacked) if unpacked.exists() else shutil.which("clamd")
    if program is None:
        pytest.skip("clamd is not installed")
    libraries = ":".join(str(one) for one in (root / "usr/lib").glob("*-linux-gnu"))
    folder = Path(tempfile.mkdtemp(prefix="gateway-clamd-"))
    (folder / "one.ndb").write_text(f"Test.Eicar:0:0:{EICAR.hex()}\n")
    (folder / "clamd.conf").write_text(_SETTINGS.format(folder=folder))
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [program, "--config-file", folder / "clamd.conf"],
            env={**os.environ, "LD_LIBRARY_PATH": libraries},
            stdout=log,
            stderr=log,
        )
    try:
        wait_for((folder / "clamd.ctl").exists, f"clamd does not start: {(folder / 'log').read_text()}")
        yield f"unix:{folder}/clamd.ctl"
    finally:
        process.terminate()
        process.wait(30)
        shutil.rmtree(folder)
