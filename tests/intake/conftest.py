"""The doors that tests knock at: each behind asyncio's loop and behind uvloop."""

import ssl
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gateway.intake.smtp.auth import known_users
from gateway.intake.smtp.settings import Limits
from tests.intake.client import Client
from tests.intake.stand import Stand
from tests.peers.postgres import postgres as postgres

CERTIFICATE = Path(__file__).parent / "localhost.pem"

Knock = Callable[..., Client]
OpenStand = Callable[..., Stand]


@pytest.fixture(scope="session")
def tls() -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(CERTIFICATE)
    return context


@pytest.fixture(scope="module", params=["asyncio", "uvloop"])
def stand(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, tls: Any) -> Iterator[Stand]:
    """A door with everything: TLS, sign-in, and this machine among the trusted peers."""
    settings = {"tls": tls, "authenticate": known_users({"u": "good"}), "limits": Limits(auth_delay=0, goodbye=2)}
    with Stand(tmp_path_factory.mktemp("door"), loop=request.param, max_size=3_000_000, **settings) as stand:
        yield stand
    assert not stand.faults


@pytest.fixture
def knock(stand: Stand) -> Iterator[Knock]:
    """Makes clients of the door and closes them afterwards."""
    clients: list[Client] = []

    def connect(**options: Any) -> Client:
        clients.append(Client(stand.port, **options))
        return clients[-1]

    yield connect
    for client in clients:
        client.close()


@pytest.fixture
def client(knock: Knock) -> Client:
    return knock().hello()


@pytest.fixture(params=["asyncio", "uvloop"])
def open_stand(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[OpenStand]:
    """Opens doors with settings of the test's own."""
    stands: list[Stand] = []

    def opened(**settings: Any) -> Stand:
        folder = tmp_path / str(len(stands))
        folder.mkdir()
        # Clients that a test leaves behind are not waited for.
        settings["limits"] = replace(settings.get("limits", Limits()), goodbye=0.1)
        stands.append(Stand(folder, loop=request.param, **settings).__enter__())
        return stands[-1]

    yield opened
    for stand in stands:
        stand.close()
