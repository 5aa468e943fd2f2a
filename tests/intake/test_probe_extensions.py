"""The conformance probe, rows 46 to 57, 76 to 78 and 120: parameters, enhanced codes, pipelining."""

import re

import pytest

from tests.intake.client import Client, Hung
from tests.intake.conftest import Knock
from tests.intake.stand import Stand


@pytest.mark.parametrize(
    ("parameters", "codes"),
    [
        ("SIZE=9999999999", {552}),  # 46
        ("SIZE=3000001", {552}),
        ("SIZE=3000000", {250}),
        ("SIZE=0", {250}),  # 116
        ("SIZE=abc", {501}),  # 47
        ("SIZE=", {501}),
        ("SIZE", {501}),
        ("SIZE=-1", {501}),
        ("FOO=bar", {555}),  # 49
        ("BODY=8BITMIME SIZE=100", {250}),  # 51
        ("body=7bit", {250}),
        ("BODY=BINARYMIME", {501, 555}),  # 52
        ("SMTPUTF8=yes", {501, 555}),
        ("RET=HDRS ENVID=abc123", {555}),  # 55
        ("REQUIRETLS", {555}),
        ("X=\x01", {501}),
    ],
)
def test_parameters_of_mail(client: Client, parameters: str, codes: set[int]) -> None:
    assert client.code(f"MAIL FROM:<a@b.c> {parameters}") in codes


@pytest.mark.parametrize("parameter", ["FOO=bar", "NOTIFY=NEVER", "ORCPT=rfc822;b@dst.test"])
def test_parameters_of_rcpt_are_unknown(client: Client, parameter: str) -> None:  # 50, 55
    client.say("MAIL FROM:<a@b.c>")
    assert client.code(f"RCPT TO:<b@dst.test> {parameter}") == 555


def test_a_mail_that_is_too_big_is_refused_after_its_dot(client: Client) -> None:  # 48, 116
    client.say("MAIL FROM:<a@b.c> SIZE=10")
    client.say("RCPT TO:<b@dst.test>")
    client.say("DATA")
    assert client.send((b"x" * 98 + b"\r\n") * 31_000 + b".\r\n").reply().startswith(b"552 5.3.4 ")
    assert client.code("NOOP") == 250
    assert client.deliver(b"Subject: small\r\n\r\nx\r\n").startswith(b"250 ")


def test_addresses_in_all_scripts(client: Client, stand: Stand) -> None:  # 53, 114
    assert client.code("MAIL FROM:<ä@exämple.test> SMTPUTF8 BODY=8BITMIME") == 250
    assert client.code("RCPT TO:<b@bücher.test>") == 250
    client.say("DATA")
    mail = "Subject: Grüße\r\n\r\nÄ\r\n".encode()
    assert client.send(mail + b".\r\n").reply().startswith(b"250 ")
    received = stand.shelf.received[-1]
    assert received.envelopes[0].utf8
    assert received.envelopes[0].sender == "ä@exämple.test"
    kept = stand.shelf.mails()[-1]
    assert kept.endswith(mail)
    assert b" with UTF8SMTP id " in kept
    assert "for <b@bücher.test>".encode() in kept


@pytest.mark.parametrize("command", ["MAIL FROM:<ä@src.test>", "MAIL FROM:<a@exämple.test> BODY=8BITMIME"])
def test_such_addresses_need_smtputf8(client: Client, command: str) -> None:  # 54
    assert client.say(command).startswith(b"553 5.6.7 ")


def test_a_recipient_in_another_script_needs_smtputf8(client: Client) -> None:
    client.say("MAIL FROM:<a@b.c>")
    assert client.say("RCPT TO:<b@bücher.test>").startswith(b"553 5.6.7 ")


@pytest.mark.parametrize(
    "path", [b"<\xe4@src.test>", b"<\xed\xa0\x80@src.test>", b"<a\xc2\x85@b.c>", b"<a\xe2\x80\xaeb@c.d>"]
)
def test_bytes_that_are_no_letters_are_refused(client: Client, path: bytes) -> None:  # 136
    assert client.code(b"MAIL FROM:" + path + b" SMTPUTF8") == 501


@pytest.mark.parametrize("chunk", [b"NOOP\r\nNOOP\r\n", b"MAIL FROM:<evil@evil.test>\r\n", b""])
def test_a_chunk_is_not_read_as_commands(client: Client, chunk: bytes) -> None:  # 56
    client.send(b"BDAT %d LAST\r\n" % len(chunk) + chunk + b"QUIT\r\n")
    assert client.codes(2) == [502, 221]
    assert client.is_closed()


def test_every_reply_has_an_enhanced_code(client: Client) -> None:  # 57
    said = ["MAIL FROM:<a@b.c>", "RCPT TO:<b@dst.test>", "RCPT TO:<nobody@dst.test>", "RSET", "FOO", "MAIL FROM:"]
    said += ["DATA", "", "VRFY x", "HELP", "EXPN x", "AUTH PLAIN", "BDAT 0 LAST", "QUIT"]
    for line in said:
        assert re.match(rb"\d{3} [245]\.\d{1,3}\.\d{1,3} \S", client.say(line)), line


def test_pipelined_commands_are_answered_in_their_order(client: Client) -> None:  # 76, 120
    client.send(b"MAIL FROM:<a@b.c>\r\nRCPT TO:<b@dst.test>\r\nRCPT XX\r\nRCPT TO:<nobody@dst.test>\r\nDATA\r\n")
    assert client.codes(5) == [250, 250, 501, 550, 354]


def test_pipelined_replies_share_a_packet(client: Client) -> None:
    client.send(b"NOOP\r\n" * 3)
    assert client.wire.recv(65536).count(b"250 2.0.0") == 3


def test_two_whole_mails_and_a_goodbye_in_one_write(client: Client) -> None:  # 77, 124
    announcement = b"MAIL FROM:<a@b.c>\r\nRCPT TO:<b@dst.test>\r\nDATA\r\n"
    mail = b"Subject: p\r\n\r\nx\r\n.\r\n"
    client.send(announcement)
    assert client.codes(3) == [250, 250, 354]
    client.send(mail + announcement)
    assert client.codes(4) == [250, 250, 250, 354]
    client.send(mail + b"QUIT\r\n")
    assert client.codes(2) == [250, 221]


def test_who_speaks_before_the_greeting_is_told_to_wait(stand: Stand, knock: Knock) -> None:  # 78
    # Whether the words are there before the greeting is a race that the client usually, not always, wins.
    def speaks_first() -> bool:
        client = knock(greet=False)
        client.send(b"EHLO x\r\nMAIL FROM:<a@b.c>\r\n")
        return client.reply().startswith(b"421 4.7.0 ")

    assert any(speaks_first() for _ in range(200))
    assert stand.door.counts()["early_talkers"] >= 1


def test_without_a_recipient_there_is_no_mail_and_its_lines_are_no_commands(client: Client) -> None:  # 120
    client.send(b"MAIL FROM:<a@b.c>\r\nRCPT TO:<nobody@dst.test>\r\nDATA\r\n")
    client.send(b"Subject: x\r\n\r\nMAIL FROM:<evil@evil.test>\r\nRCPT TO:<b@dst.test>\r\n.\r\n")
    assert client.codes(3) == [250, 550, 554]
    assert client.rest()[:4] in (b"421 ", b"")


def test_after_a_refused_data_the_session_goes_on(client: Client) -> None:
    client.send(b"MAIL FROM:<a@b.c>\r\nRCPT TO:<nobody@dst.test>\r\nDATA\r\nRSET\r\n")
    assert client.codes(4) == [250, 550, 554, 250]


@pytest.mark.parametrize("line", ["LHLO x", "XCLIENT ADDR=1.2.3.4", "ETRN x", "TURN"])
def test_other_protocols_are_not_spoken(client: Client, line: str) -> None:
    assert client.code(line) in (500, 502)


def test_a_line_that_never_ends_is_not_waited_for(knock: Knock) -> None:
    client = knock()
    try:
        for _ in range(40):
            client.send(b"x" * 65536)
        heard = client.rest()
    except (ConnectionError, Hung):
        heard = b""
    assert b"250" not in heard
