"""Behind a load balancer: PROXY v1 and v2 from listed peers only."""

import ipaddress
import socket
import struct

import pytest

from gateway.intake.smtp.settings import Limits
from tests.intake.client import Client
from tests.intake.conftest import OpenStand
from tests.intake.stand import LOOPBACK, Stand

SIGNATURE = b"\r\n\r\n\0\r\nQUIT\n"


def version_2(source: str, *, command: int = 0x21, more: bytes = b"") -> bytes:
    address = ipaddress.ip_address(source)
    family, target = (0x11, "127.0.0.1") if address.version == 4 else (0x21, "::1")
    body = address.packed + ipaddress.ip_address(target).packed + struct.pack("!HH", 4711, 25) + more
    return SIGNATURE + bytes([command, family]) + struct.pack("!H", len(body)) + body


@pytest.fixture
def balanced(open_stand: OpenStand) -> Stand:
    return open_stand(proxy_from=LOOPBACK, limits=Limits(proxy=0.3))


def arrive(stand: Stand, header: bytes) -> Client:
    client = Client(stand.port, greet=False).send(header)
    client.greeting = client.reply()
    return client


@pytest.mark.parametrize(
    ("header", "peer"),
    [
        (b"PROXY TCP4 192.0.2.7 127.0.0.1 4711 25\r\n", "192.0.2.7"),
        (b"PROXY TCP6 2001:db8::7 ::1 4711 25\r\n", "2001:db8::7"),
        (b"PROXY UNKNOWN\r\n", "127.0.0.1"),
        (version_2("192.0.2.8"), "192.0.2.8"),
        (version_2("2001:db8::8"), "2001:db8::8"),
        (version_2("192.0.2.9", more=b"\x04\0\x02\0\0"), "192.0.2.9"),
        (version_2("192.0.2.8", command=0x20), "127.0.0.1"),  # a health check of the balancer itself
    ],
)
def test_the_peer_is_whom_the_header_names(balanced: Stand, header: bytes, peer: str) -> None:  # 131
    client = arrive(balanced, header).hello()
    assert client.deliver(b"Subject: x\r\n\r\n").startswith(b"250 ")
    [received] = balanced.shelf.received
    assert received.envelopes[0].peer == peer
    assert received.envelopes[0].trusted == (peer == "127.0.0.1")
    client.close()


def test_a_header_that_comes_in_pieces_is_read(balanced: Stand) -> None:
    client = Client(balanced.port, greet=False)
    client.wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    for byte in version_2("192.0.2.8"):
        client.send(bytes([byte]))
    assert client.reply().startswith(b"220 ")
    client.close()


@pytest.mark.parametrize(
    "header",
    [b"", b"EHLO x\r\n", b"PROXY TCP4 not an address\r\n", b"PROXY TCP4 1.2.3.4 5.6.7.8 99999 25\r\n", SIGNATURE],
)
def test_without_a_good_header_in_time_the_line_is_cut(balanced: Stand, header: bytes) -> None:
    client = Client(balanced.port, greet=False).send(header)
    assert client.rest() == b""
    client.close()


def test_nobody_else_may_name_another_peer(open_stand: OpenStand) -> None:
    stand = open_stand(trusted_peers=())
    client = Client(stand.port)
    assert client.code("PROXY TCP4 192.0.2.7 127.0.0.1 4711 25") == 500
    client.hello().deliver(b"Subject: x\r\n\r\n")
    assert stand.shelf.received[0].envelopes[0].peer == "127.0.0.1"
    client.close()
