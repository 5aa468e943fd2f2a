"""Who may send to others through the door: a user meant for it, as one of our mailboxes; nobody else, ever."""

import smtplib
import socket
import ssl
import time
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.intake.smtp.auth import known_users
from gateway.intake.smtp.settings import Leaving, Limits
from gateway.mail.passing import authors_of, pass_on
from tests.intake.client import Client, encoded, unverified
from tests.intake.conftest import CERTIFICATE, OpenStand
from tests.intake.stand import Stand

OURS = Leaving("b@dst.test", 100_000)
OUTSIDE = ("ann@out.test", "ann%out.test@elsewhere.test", '"ann@out.test"@elsewhere.test', "stranger@dst.test")


@pytest.fixture
def stand(open_stand: OpenStand, tls: ssl.SSLContext) -> Stand:
    return open_stand(
        tls=tls,
        authenticate=known_users({"u": "good", "creatio": "good"}, sending={"creatio"}),
        limits=Limits(auth_delay=0, refused_recipients=1000),
        leaving={"b@dst.test": OURS}.get,
    )


def signed_in(stand: Stand, user: str) -> Client:
    client = Client(stand.port).hello().start_tls().hello()
    if user:
        assert client.code(f"AUTH PLAIN {encoded('', user, 'good')}") == 235
    return client


def test_it_is_no_open_relay(stand: Stand) -> None:
    for user, sender in product(("", "u", "creatio"), ("b@dst.test", "evil@out.test", "", "b@dst.test.evil.test")):
        client = signed_in(stand, user)
        assert client.code(f"MAIL FROM:<{sender}>") == 250
        may = user == "creatio" and sender == "b@dst.test"
        refused = 550 if user != "creatio" else 553
        for recipient in OUTSIDE:
            assert client.code(f"RCPT TO:<{recipient}>") == (250 if may else refused), (user, sender, recipient)
        assert client.code("RCPT TO:<b@dst.test>") == 250
        assert client.code("DATA") == 354
        assert client.send(b"From: b@dst.test\r\n\r\nx\r\n.\r\n").reply().startswith(b"250 ")
        client.close()
        went = stand.shelf.received[-1]
        assert went.envelopes[0].outside == (OUTSIDE if may else ())
        assert went.mailboxes == ("b@dst.test",)
    plain = Client(stand.port).hello()
    assert plain.code("MAIL FROM:<b@dst.test>") == 250
    assert plain.code("RCPT TO:<ann@out.test>") == 550
    plain.close()


@pytest.mark.parametrize(
    "head",
    [
        b"From: evil@out.test\r\n",
        b"Subject: no From\r\n",
        b"From: b@dst.test, evil@out.test\r\n",
        b"From: b@dst.test\r\nfrom : evil@out.test\r\n",
        b"From: \r\n evil@out.test\r\n",
        b"From: nobody\r\n",
    ],
)
def test_its_from_must_be_ours_too(stand: Stand, head: bytes) -> None:
    client = signed_in(stand, "creatio")
    assert client.code("MAIL FROM:<b@dst.test>") == 250
    assert client.code("RCPT TO:<ann@out.test>") == 250
    assert client.code("DATA") == 354
    told = client.send(head + b"\r\nx\r\n.\r\n").reply()
    assert (told[:9], b"[[mailbox]]" in told, stand.shelf.received) == (b"550 5.7.1", True, [])
    client.close()


def test_what_the_relay_does_not_take_is_refused_at_once(stand: Stand) -> None:
    client = signed_in(stand, "creatio")
    assert client.code("MAIL FROM:<b@dst.test> SIZE=100001") == 250
    assert client.say("RCPT TO:<ann@out.test>").startswith(b"552 5.3.4 The relay takes")
    assert client.code("RCPT TO:<b@dst.test>") == 250
    assert client.code("RSET") == 250
    assert client.code("MAIL FROM:<b@dst.test>") == 250
    assert client.code("RCPT TO:<ann@out.test>") == 250
    assert client.code("DATA") == 354
    told = client.send(b"From: b@dst.test\r\n\r\n" + b"0123456789\r\n" * 9000 + b".\r\n").reply()
    assert told.startswith(b"552 5.3.4 The relay takes")
    client.close()


def test_who_cannot_say_starttls_begins_with_tls_and_a_new_certificate_is_used(
    open_stand: OpenStand, tls: ssl.SSLContext
) -> None:
    users = known_users({"creatio": "good"}, sending={"creatio"})
    stand = open_stand(tls=tls, authenticate=users, leaving={"b@dst.test": OURS}.get, listen_tls=(("127.0.0.1", 0),))
    port = int(str(stand.door.addresses[-1][-1]))
    assert port != stand.port
    for context in (tls, server_context()):
        stand.reload(tls=context)
        with smtplib.SMTP_SSL("localhost", port, timeout=10, context=unverified()) as client:
            client.login("creatio", "good")
            assert not client.has_extn("starttls")
            client.sendmail("b@dst.test", ["ann@out.test"], b"From: b@dst.test\r\n\r\nx\r\n")
    assert [one.envelopes[0].tls for one in stand.shelf.received] == [True, True]


def test_a_socket_of_systemd_is_for_tls_by_its_port(tmp_path: Path, tls: ssl.SSLContext) -> None:
    plain, secured = (socket.create_server(("127.0.0.1", 0)) for _ in range(2))
    port = int(secured.getsockname()[1])
    with Stand(tmp_path, tls=tls, sockets=[secured, plain], listen_tls=(("0.0.0.0", port),)) as stand:
        assert [one[-1] for one in stand.door.addresses][-1] == port
        assert Client(int(plain.getsockname()[1])).greeting.startswith(b"220 ")
        with smtplib.SMTP_SSL("localhost", port, timeout=10, context=unverified()) as client:
            assert client.noop()[0] == 250


def server_context() -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(CERTIFICATE)
    return context


def test_what_is_passed_on_keeps_its_words_and_shows_no_blind_copy() -> None:
    hidden = b"Bcc: secret@out.test,\n\tother@out.test\nMessage-ID: <a@x.test>\n"
    raw = b"From: b@dst.test\n" + hidden + b"Subject: x\n y\n\none\ntwo\n"
    assert pass_on(raw, "<ours@dst.test>", ["<anchor@dst.test>"]) == (
        b"From: b@dst.test\r\nSubject: x\r\n y\r\nMessage-ID: <ours@dst.test>\r\nReferences: <anchor@dst.test>\r\n"
        b"\r\none\r\ntwo\r\n"
    )
    only_head = pass_on(b"From: b@dst.test\r\nSubject: x\r\n", "<ours@dst.test>", [])
    assert only_head == b"From: b@dst.test\r\nSubject: x\r\nMessage-ID: <ours@dst.test>\r\n\r\n"


@given(st.binary(max_size=300), st.sampled_from([b"\r", b"\n", b"\r\n"]))
def test_no_way_of_writing_a_second_from_passes_unseen(noise: bytes, end: bytes) -> None:
    before = noise.replace(b"\r", b"").replace(b"\n", b"")
    raw = b"From: b@dst.test" + end + b"X: " + before + end + b"FROM: evil@out.test" + end + end + b"x"
    assert "evil@out.test" in authors_of(raw)
    assert "evil@out.test" in authors_of(pass_on(raw, "<ours@dst.test>", []))


@pytest.mark.parametrize(
    "field",
    [
        b'"""" b@dst.test, evil@out.test',
        b'"""" evil@out.test, b@dst.test',
        b"b@dst.test; evil@out.test",
        b"evil@out.test; b@dst.test",
        b"<b@dst.test>, <evil@out.test",
        b"<b@dst.test>, evil@out.test>",
        b"b@dst.test, <<evil@out.test>>",
        b"(c) <b@dst.test>, (d <evil@out.test",
        b'<b@dst.test>, "<evil@out.test>',
        b'<b@dst.test>, \\"a" <evil@out.test> "',
    ],
)
def test_no_way_of_writing_a_second_author_passes_unseen(field: bytes) -> None:
    assert {"b@dst.test", "evil@out.test"} <= set(authors_of(b"From: " + field + b"\r\n\r\nx"))


def test_a_name_that_is_quoted_is_no_author() -> None:
    named = b'From: "evil@out.test" <b@dst.test> (evil@out.test)\r\n\r\nx'
    assert authors_of(named) == ("b@dst.test",)


def test_a_hostile_from_does_not_keep_the_door_busy() -> None:
    began = time.process_time()
    for unit in (b'"', b"(", b'\\"', b"a", b"a@", b"<a@b.test>,"):
        authors_of(b"From: " + unit * (100_000 // len(unit)) + b"\r\n\r\nx")
    assert time.process_time() - began < 3
