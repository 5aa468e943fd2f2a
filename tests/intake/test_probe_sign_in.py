"""The probe, part 4: STARTTLS and AUTH. The numbers are the rows of the conformance list."""

import base64
import ssl

import pytest

from gateway.errors import TryLater
from gateway.intake.smtp.auth import known_users
from gateway.intake.smtp.settings import Limits, Login
from tests.intake.client import Client, Hung, encoded, unverified
from tests.intake.conftest import Knock, OpenStand
from tests.intake.stand import Stand

GOOD = encoded("", "u", "good")
BAD = encoded("", "u", "bad")


@pytest.fixture
def secure(client: Client) -> Client:
    return client.start_tls().hello()


def test_inside_tls_it_is_not_offered_again(client: Client) -> None:  # 79
    assert client.offers_extension("STARTTLS")
    client.start_tls().hello()
    assert not client.offers_extension("STARTTLS")
    assert client.deliver(b"Subject: x\r\n\r\n").startswith(b"250 ")


def test_what_was_said_before_tls_is_forgotten(client: Client) -> None:  # 80
    client.start_tls(behind=b"EHLO evil.test\r\nMAIL FROM:<evil@src.test>\r\nRCPT TO:<b@dst.test>\r\n")
    assert client.code("MAIL FROM:<a@src.test>") == 503


def test_hello_must_be_said_again_inside_tls(client: Client) -> None:  # 81
    assert client.code("MAIL FROM:<a@src.test>") == 250
    client.start_tls()
    assert client.code("RCPT TO:<b@dst.test>") == 503
    client.hello()
    assert client.code("RCPT TO:<b@dst.test>") == 503


def test_starttls_takes_no_argument_and_comes_once(client: Client) -> None:  # 82, 83
    assert client.code("STARTTLS now") == 501
    client.start_tls().hello()
    assert client.code("STARTTLS") == 503


def test_old_tls_is_refused(client: Client) -> None:  # 84
    old = unverified()
    old.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.warns(DeprecationWarning, match="TLSv1"):
        old.minimum_version, old.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
    with pytest.raises((ssl.SSLError, ConnectionError)):
        client.start_tls(context=old)


def test_what_is_no_handshake_ends_the_session_only(client: Client, knock: Knock) -> None:  # 85
    assert client.say("STARTTLS").startswith(b"220 ")
    client.send(b"this is no handshake at all\r\n" * 10)
    client.rest()
    assert knock().hello().code("NOOP") == 250


def test_passwords_are_not_taken_in_the_open(client: Client) -> None:  # 86
    assert not client.offers_extension("AUTH")
    assert client.code(f"AUTH PLAIN {GOOD}") == 538


def test_a_right_password_signs_in_once(secure: Client, stand: Stand) -> None:  # 94, 95, 106, 129
    assert secure.code(f"AUTH PLAIN {GOOD}") == 235
    assert secure.code(f"AUTH PLAIN {GOOD}") == 503
    before = len(stand.shelf.received)
    assert secure.code("MAIL FROM:<a@src.test> AUTH=<>") == 250
    assert secure.code("RCPT TO:<b@dst.test>") == 250
    assert secure.code("DATA") == 354
    assert secure.send(b"Subject: x\r\n\r\n.\r\n").reply().startswith(b"250 ")
    mails = stand.shelf.wait_for(before + 1)
    assert b" with ESMTPSA " in mails[-1].split(b";")[0]
    assert stand.shelf.received[-1].envelopes[0].login == "u"


@pytest.mark.parametrize("mechanism", ["LOGIN", "login", "Login"])  # 91
def test_login_asks_for_name_and_password(secure: Client, mechanism: str) -> None:
    assert secure.say(f"AUTH {mechanism}") == b"334 " + base64.b64encode(b"Username:") + b"\r\n"
    assert secure.say(base64.b64encode(b"u")) == b"334 " + base64.b64encode(b"Password:") + b"\r\n"
    assert secure.code(base64.b64encode(b"good")) == 235


def test_plain_may_come_in_a_second_line(secure: Client) -> None:
    assert secure.say("auth plain").startswith(b"334 ")
    assert secure.code(GOOD) == 235


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (BAD, 535),  # 87
        (encoded("", "nobody", "good"), 535),
        (encoded("", "u", ""), 535),
        (encoded("", "", ""), 535),
        ("*", 501),  # 88
        ("not base64!", 501),  # 89
        (encoded("u", "good"), 501),
        (base64.b64encode(b"\0u\0\xff\xfe").decode(), 501),
        ("QUJD" * 3000, 501),  # 90: 12,000 octets are read, and are no name and password
    ],
)
def test_a_wrong_answer_is_refused(secure: Client, words: str, code: int) -> None:
    assert secure.say("AUTH PLAIN").startswith(b"334 ")
    assert secure.code(words) == code
    assert secure.code("MAIL FROM:<a@src.test>") == 250


def test_a_long_line_may_come_with_the_command(secure: Client) -> None:  # 90
    assert secure.code("AUTH PLAIN " + "QUJD" * 3000) == 501
    assert secure.code("AUTH SCRAM-SHA-1") == 504


def test_nobody_signs_in_within_a_mail(secure: Client) -> None:  # 93
    assert secure.code("MAIL FROM:<a@src.test>") == 250
    assert secure.code(f"AUTH PLAIN {GOOD}") == 503


def test_after_three_wrong_passwords_the_line_is_closed(secure: Client) -> None:  # 92
    assert secure.code(f"AUTH PLAIN {BAD}") == 535
    assert secure.code(f"AUTH PLAIN {BAD}") == 535
    secure.send(f"AUTH PLAIN {BAD}\r\n".encode())
    assert secure.codes(2) == [535, 421]
    assert secure.is_closed()


def test_wrong_passwords_of_one_peer_are_counted_over_its_sessions(open_stand: OpenStand, tls: ssl.SSLContext) -> None:
    limits = Limits(auth_delay=0, auth_failures=2, peer_auth_failures=3)
    stand = open_stand(tls=tls, authenticate=known_users({"u": "good"}), limits=limits)
    heard = []
    for _ in range(2):
        client = Client(stand.port).hello().start_tls().hello()
        client.send(f"AUTH PLAIN {BAD}\r\nAUTH PLAIN {BAD}\r\n".encode())
        heard += client.codes(2)
        client.close()
    client = Client(stand.port).hello().start_tls().hello()
    assert client.code(f"AUTH PLAIN {GOOD}") == 421
    assert heard == [535, 535, 535, 421]
    client.close()


def test_a_login_may_be_bound_to_its_senders(open_stand: OpenStand, tls: ssl.SSLContext) -> None:  # 130
    async def authenticate(name: str, password: str) -> Login | None:
        if password == "later":
            raise TryLater("the directory does not answer")
        return Login(name, frozenset({"creatio@example.com"}))

    stand = open_stand(tls=tls, authenticate=authenticate)
    client = Client(stand.port).hello().start_tls().hello()
    assert client.code(f"AUTH PLAIN {encoded('', 'u', 'later')}") == 454
    assert client.code(f"AUTH PLAIN {GOOD}") == 235
    assert client.code("MAIL FROM:<other@example.com>") == 553
    assert client.code("MAIL FROM:<Creatio@Example.com>") == 250
    client.close()


def test_a_new_certificate_is_shown_to_the_next_client(open_stand: OpenStand, tls: ssl.SSLContext) -> None:  # 127
    stand = open_stand()
    assert Client(stand.port).hello().code("STARTTLS") == 502
    stand.reload(tls=tls)
    client = Client(stand.port).hello().start_tls().hello()
    assert client.code("NOOP") == 250
    client.close()


def test_a_client_that_vanishes_in_the_handshake_is_forgotten(client: Client, knock: Knock) -> None:
    assert client.say("STARTTLS").startswith(b"220 ")
    client.close()
    with pytest.raises((Hung, OSError)):
        client.reply()
    assert knock().hello().code("NOOP") == 250
