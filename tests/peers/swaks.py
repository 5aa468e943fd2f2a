"""swaks, the SMTP tester that everybody knows: a mail client with TLS and passwords that is not ours."""

import shutil
import subprocess

import pytest


def run_swaks(port: int, *options: str) -> "subprocess.CompletedProcess[str]":
    """Send a mail from a@src.test to b@dst.test with these further options; skips the test without swaks."""
    program = shutil.which("swaks")
    if program is None:
        pytest.skip("swaks is not installed")
    command = [program, "--server", f"127.0.0.1:{port}", "--from", "a@src.test", "--to", "b@dst.test", *options]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    if "not available" in done.stderr + done.stdout:
        pytest.skip(f"swaks lacks something: {done.stderr or done.stdout}")
    return done
