"""The conformance probe, rows 1 to 45: greeting, hello, commands and paths (RFC 5321)."""

import re

import pytest

from tests.intake.client import Client, Hung
from tests.intake.conftest import Knock


def test_the_greeting_names_the_host(knock: Knock) -> None:  # 1
    assert knock().greeting == b"220 gw.test ESMTP\r\n"


def test_ehlo_is_answered_in_lines_of_which_the_last_has_a_space(knock: Knock) -> None:  # 2
    lines = knock().hello().offers.split(b"\r\n")[:-1]
    assert all(line.startswith(b"250-") for line in lines[:-1])
    assert lines[-1].startswith(b"250 ")


@pytest.mark.parametrize("name", ["SIZE", "8BITMIME", "PIPELINING", "ENHANCEDSTATUSCODES", "SMTPUTF8", "STARTTLS"])
def test_what_the_door_can_do_is_offered(client: Client, name: str) -> None:  # 3-7, 10
    assert client.offers_extension(name)


@pytest.mark.parametrize("name", ["DSN", "CHUNKING", "BINARYMIME", "XCLIENT", "REQUIRETLS", "LIMITS"])
def test_what_the_door_cannot_do_is_not_offered(client: Client, name: str) -> None:  # 8, 9
    assert not client.offers_extension(name)


def test_sign_in_is_offered_inside_tls_only(client: Client) -> None:  # 11
    assert not client.offers_extension("AUTH")
    assert client.start_tls().hello().offers_extension("AUTH")


def test_helo_is_accepted_and_offers_nothing(knock: Knock) -> None:  # 12
    assert knock().say("HELO x") == b"250 gw.test\r\n"


@pytest.mark.parametrize(
    ("command", "codes"),
    [
        ("EHLO", {501}),  # 13
        ("HELO", {501}),
        ("MAIL FROM:<a@b.c>", {503}),  # 14
        ("RCPT TO:<b@dst.test>", {503}),
        ("DATA", {503}),
        ("RSET", {250}),  # 34
        ("NOOP", {250}),
    ],
)
def test_before_hello(knock: Knock, command: str, codes: set[int]) -> None:
    assert knock().code(command) in codes


@pytest.mark.parametrize(
    ("command", "codes"),
    [
        ("RCPT TO:<b@dst.test>", {503}),  # 15
        ("DATA", {503, 554}),  # 16
        ("MAIL FROM:<>", {250}),
        ('MAIL FROM:<"a b"@src.test>', {250}),  # 22
        ("MAIL FROM:<a@[127.0.0.1]>", {250}),  # 23
        ("MAIL FROM:<a@[IPv6:::1]>", {250}),  # 24
        (f"MAIL FROM:<{'a' * 64}@src.test>", {250}),  # 25
        (f"MAIL FROM:<{'a' * 60}@{'d' * 60}.{'d' * 60}.{'d' * 60}.test>", {250}),  # 26
        (f"MAIL FROM:<SRS0={'x' * 80}=HH=src.test=a@forwarder.test>", {250}),
        ("MAIL FROM: <a@b.c>", {250}),
        ("mAiL fRoM:<a@b.c>", {250}),  # 19
        ("VRFY someone", {252}),  # 29
        ("EXPN list", {502}),  # 30
        ("HELP", {214}),  # 31
        ("NOOP hello", {250}),  # 32
        ("NOOP   ", {250}),  # 38
        ("", {500}),  # 37
        ("FOO bar", {500}),  # 28
        ("MAIL FROM:a@b.c", {501}),  # 40
        ("MAIL FROM:<a@b.c>junk", {501}),  # 41
        ("MAIL", {501}),
        ("MAIL TO:<a@b.c>", {501}),
        ("QUIT now", {501}),
        ("RSET now", {501}),
    ],
)
def test_after_hello(client: Client, command: str, codes: set[int]) -> None:
    assert client.code(command) in codes
    assert client.code("NOOP") == 250


def test_a_second_mail_inside_a_mail_is_refused(client: Client) -> None:  # 17
    assert client.code("MAIL FROM:<a@b.c>") == 250
    assert client.code("MAIL FROM:<a@b.c>") == 503
    assert client.code("RSET") == 250
    assert client.code("MAIL FROM:<>") == 250
    assert client.code("MAIL FROM:<a@b.c>") == 503


def test_the_null_sender_is_a_sender(client: Client) -> None:  # 18
    assert client.deliver(b"Subject: x\r\n\r\nx\r\n", sender="").startswith(b"250 ")


@pytest.mark.parametrize("recipient", ["postmaster", "POSTMASTER", "postmaster@dst.test", "PostMaster@GW.test"])
def test_postmaster_is_always_somebody(client: Client, recipient: str) -> None:  # 20, 111
    client.say("MAIL FROM:<a@b.c>")
    assert client.code(f"RCPT TO:<{recipient}>") == 250


def test_a_source_route_is_ignored(client: Client) -> None:  # 21
    client.say("MAIL FROM:<a@b.c>")
    assert client.code("RCPT TO:<@x.test,@y.test:b@dst.test>") == 250


@pytest.mark.parametrize("length", [5000, 70_000, 300_000])
def test_an_overlong_line_is_refused_and_the_session_goes_on(client: Client, length: int) -> None:  # 27
    assert client.code("NOOP " + "x" * length) == 500
    assert client.code("NOOP") == 250


def test_rset_drops_the_mail(client: Client) -> None:  # 33
    client.say("MAIL FROM:<a@b.c>")
    client.say("RCPT TO:<b@dst.test>")
    assert client.code("RSET") == 250
    assert client.code("DATA") in (503, 554)
    assert client.code("MAIL FROM:<z@z.test>") == 250


def test_quit_is_answered_and_then_the_line_is_closed(client: Client) -> None:  # 35
    assert client.say("QUIT").startswith(b"221 2.0.0")
    assert client.is_closed()


def test_ehlo_drops_the_mail(client: Client) -> None:  # 36
    client.say("MAIL FROM:<a@b.c>")
    client.say("RCPT TO:<b@dst.test>")
    assert client.hello().code("DATA") in (503, 554)


@pytest.mark.parametrize("path", ["<>", "<postmaster@>", "b@dst.test", "<b@dst.test> junk =", ""])
def test_what_is_no_recipient_is_refused(client: Client, path: str) -> None:  # 39
    client.say("MAIL FROM:<a@b.c>")
    assert client.code(f"RCPT TO:{path}") in (501, 555)


@pytest.mark.parametrize("line", [b"NOOP\nNOOP", b"NOOP\rNOOP", b"MAIL FROM:<a@b.c>\nRCPT TO:<b@dst.test>", b"\n"])
def test_a_lone_cr_or_lf_does_not_end_a_command(client: Client, line: bytes) -> None:  # 42
    assert client.code(line) == 500
    assert client.code("NOOP") == 250


BROKEN_PATHS = [
    "<",
    "<@",
    "<@>",
    "<a@",
    "<a@>",
    '<"a@b.c>',
    '<a"b@c>',
    "<()>",
    "<a@b..c>",
    "<a@[>",
    "<a@b.c",
    "<a@b@c>",
    "<\\>",
    "<@a:>",
    "<,@a:b@c>",
    "<a@b.c>>",
    "<<a@b.c>>",
    "<a@\x7f>",
    "<a@b.c\x0b>",
    "<()a@b.c>",
    "<.a@b.c>",
    "<a.@b.c>",
    "<@b.c>",
    "<a@[1.2.3]>",
    "<a@[IPv6:1]>",
    "<a@[tag:x]>",
    "<a..b@c.d>",
]


@pytest.mark.parametrize("path", [*BROKEN_PATHS, "<a b@c.d>", "<a@b.c (x)>", "<a\x00b@c.d>", '<"a\x01"@b.c>'])
def test_a_broken_path_is_refused_in_plain_words(client: Client, path: str) -> None:  # 43, 44
    reply = client.say(f"MAIL FROM:{path}")
    assert re.match(rb"50[01] 5\.\d\.\d ", reply)
    assert not re.search(rb"Error|Traceback|Exception|\(", reply)
    assert client.code("NOOP") == 250


@pytest.mark.parametrize("first", ["POST / HTTP/1.1", "GET / HTTP/1.0", "Host: gw.test", "CONNECT gw.test:25 HTTP/1.1"])
def test_a_browser_is_shown_out_before_its_body_is_read(knock: Knock, first: str) -> None:  # 45
    client = knock()
    smuggled = "EHLO x\r\nMAIL FROM:<a@b.c>\r\nRCPT TO:<b@dst.test>\r\n"
    client.send(f"{first}\r\nContent-Length: 9\r\n\r\n{smuggled}".encode())
    assert b"250" not in client.rest()


def test_a_closed_session_says_nothing_more(client: Client) -> None:
    client.say("QUIT")
    with pytest.raises(Hung):
        client.reply()
