"""The conformance probe, rows 58 to 75: the end of a mail, and what is in it."""

import random

import pytest

from gateway.intake.smtp.dots import Dots
from tests.intake.client import Client, Hung
from tests.intake.stand import Stand

SMUGGLED = b"MAIL FROM:<evil@evil.test>\r\nRCPT TO:<b@dst.test>\r\nDATA\r\nSubject: smuggled\r\n\r\nx\r\n.\r\n"


def kept(stand: Stand) -> bytes:
    """The newest mail as it was sent: without the Received line of ours, which is three lines long."""
    lines = stand.shelf.mails()[-1].split(b"\r\n", 3)
    assert lines[0].startswith(b"Received: from ")
    return lines[3]


@pytest.mark.parametrize(
    ("sent", "meant"),
    [
        (b"Subject: dot\r\n\r\n..\r\n..a\r\n...\r\n", b"Subject: dot\r\n\r\n.\r\n.a\r\n..\r\n"),  # 58
        (b"..\r\n", b".\r\n"),
        (b".a\r\n", b"a\r\n"),
        (b"", b""),  # 59
        (b"\r\n", b"\r\n"),
        (
            b"Subject: x\r\n\r\n\xe4\xff\x80 nul \x00 end\r\n",
            b"Subject: x\r\n\r\n\xe4\xff\x80 nul \x00 end\r\n",
        ),  # 73, 115
        (b"Subject: x\r\n\r\na\nb\rc\r\n", b"Subject: x\r\n\r\na\nb\rc\r\n"),  # 69, 70: kept raw
        (b"Subject: x\r\n\r\n" + b"y" * 1500 + b"\r\n", b"Subject: x\r\n\r\n" + b"y" * 1500 + b"\r\n"),  # 71
        (b"y" * 200_000 + b"\r\n", b"y" * 200_000 + b"\r\n"),  # 72
        (b"y" * 999_999 + b"\r\n..\r\n", b"y" * 999_999 + b"\r\n.\r\n"),
    ],
)
def test_a_mail_is_kept_as_its_author_meant_it(client: Client, stand: Stand, sent: bytes, meant: bytes) -> None:
    assert client.deliver(sent).startswith(b"250 ")
    assert kept(stand) == meant


@pytest.mark.parametrize(
    "end",
    [
        b"\n.\n",
        b"\n.\r\n",
        b"\r.\r",
        b"\r.\r\n",
        b"\r\n.\r",
        b"\r\n.\n",
        b"\r\n.\r\r\n",
        b"\r\n\0.\r\n",
        b"\r\n.\0\r\n",
        b"\r\n.\r\0\n",
    ],
)
def test_only_one_sequence_ends_a_mail(client: Client, stand: Stand, end: bytes) -> None:  # 60-68
    before = len(stand.shelf.received)
    client.announce().send(b"Subject: a\r\n\r\nbody" + end + SMUGGLED + b"QUIT\r\n")
    assert client.codes(2) == [250, 221]
    assert len(stand.shelf.received) == before + 1
    assert b"Subject: smuggled" in kept(stand)


def test_a_hundred_recipients_are_accepted(client: Client) -> None:  # 74
    client.say("MAIL FROM:<a@b.c>")
    client.send(b"".join(b"RCPT TO:<b%d@dst.test>\r\n" % number for number in range(100)))
    assert client.codes(100) == [250] * 100


def test_five_thousand_recipients_are_not(client: Client) -> None:  # 75
    client.say("MAIL FROM:<a@b.c>")
    client.send(b"".join(b"RCPT TO:<b%d@dst.test>\r\n" % number for number in range(1001)))
    assert client.codes(1000) == [250] * 1000
    assert client.reply().startswith(b"452 4.5.3 ")


def stuffed(mail: bytes) -> bytes:
    """What a good client sends for it."""
    return (b"\r\n" + mail).replace(b"\r\n.", b"\r\n..")[2:]


def any_mail(rng: random.Random) -> bytes:
    """Lines of dots, of one letter, of 140,000, with lone CR and LF, always ended by CR LF."""
    words = [b".", b"..", b"\r", b"\n", b"\0", b"x", b"\r\n", b".\r", b"\n.", b"word ", b"\xff", b"\r\n.\r\n"]
    lines = [b"".join(rng.choices(words, k=rng.randint(0, 12))) for _ in range(rng.randint(0, 20))]
    if rng.random() < 0.05:
        lines.append(b"long " * rng.choice([13_000, 28_000]))
    return b"".join(line + b"\r\n" for line in lines)


def test_six_hundred_mails_in_any_pieces(client: Client, stand: Stand) -> None:
    rng = random.Random(17)
    meant = [any_mail(rng) for _ in range(600)]
    before = len(stand.shelf.received)
    for mail in meant:
        client.announce()
        sent = stuffed(mail) + b".\r\n"
        while sent:
            size = rng.choice([1, 2, 3, 1000, 70_000, len(sent)]) if len(sent) < 40 else rng.randint(30, len(sent))
            client.send(sent[:size])
            sent = sent[size:]
        assert client.reply().startswith(b"250 ")
    raws = [received.raw for received in stand.shelf.received[before:]]
    got = [raw.split(b"\r\n", 3)[3] for raw in raws if isinstance(raw, bytes)]
    assert got == meant


def test_the_end_is_found_however_the_mail_is_cut() -> None:
    rng = random.Random(4)
    for _ in range(2000):
        mail = any_mail(rng)[:300] + b"\r\n"
        sent, pieces, dots = stuffed(mail) + b".\r\nQUIT\r\n", [], Dots()
        while sent and not dots.ended:
            size = rng.randint(1, 7)
            pieces.append(dots.feed(sent[:size]))
            sent = sent[size:]
        assert b"".join(pieces) == mail
        assert dots.rest + sent == b"QUIT\r\n"


def test_a_client_that_leaves_in_the_middle_leaves_nothing_behind(client: Client, stand: Stand) -> None:  # 99
    before = len(stand.shelf.received)
    client.announce().send(b"Subject: part\r\n\r\n" + b"x" * 600_000)
    client.close()
    other = Client(stand.port).hello()
    assert other.deliver(b"Subject: whole\r\n\r\n").startswith(b"250 ")
    assert len(stand.shelf.received) == before + 1
    other.close()


def test_after_the_dot_comes_the_next_command(client: Client) -> None:
    client.announce().send(b"x\r\n.\r\nNOOP\r\n.\r\n")
    assert client.codes(3) == [250, 250, 500]
    with pytest.raises(Hung):
        client.send(b"QUIT\r\n").codes(2)
