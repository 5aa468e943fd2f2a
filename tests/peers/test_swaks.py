"""swaks signs in at the door."""

import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.intake.smtp.auth import known_users
from gateway.intake.smtp.settings import Limits
from tests.intake.conftest import CERTIFICATE
from tests.intake.stand import Stand
from tests.peers.swaks import run_swaks


@pytest.fixture
def stand(tmp_path: Path) -> Iterator[Stand]:
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(CERTIFICATE)
    limits = Limits(auth_delay=0)
    with Stand(tmp_path, tls=tls, authenticate=known_users({"u": "good"}), limits=limits) as stand:
        yield stand


@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN"])
def test_a_right_password_inside_tls_is_taken(stand: Stand, mechanism: str) -> None:
    options = ("--tls", "--auth", mechanism, "--auth-user", "u", "--auth-password", "good")
    done = run_swaks(stand.port, *options, "--tls-verify", "--tls-ca-path", str(CERTIFICATE))
    assert done.returncode == 0, done.stdout + done.stderr
    [received] = stand.shelf.received
    assert (received.envelopes[0].login, received.envelopes[0].tls) == ("u", True)


def test_a_wrong_password_is_not(stand: Stand) -> None:
    done = run_swaks(stand.port, "--tls", "--auth", "PLAIN", "--auth-user", "u", "--auth-password", "bad")
    assert done.returncode == 28, done.stdout + done.stderr  # swaks(1): authentication failed
    assert "535 5.7.8" in done.stdout


def test_without_tls_no_password_is_asked_for(stand: Stand) -> None:
    done = run_swaks(stand.port, "--auth", "PLAIN", "--auth-user", "u", "--auth-password", "good")
    assert done.returncode == 28, done.stdout + done.stderr
    assert stand.shelf.received == []
