"""250 only when the mail is on disk; whatever troubles us, the sender is asked to try again."""

import email
import hashlib
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.errors import TryLater
from gateway.intake.smtp.settings import Limits
from gateway.store import arrivals, survey, workload
from tests.intake.client import Client
from tests.intake.conftest import OpenStand
from tests.intake.reception import Reception
from tests.intake.stand import MAILBOX, Stand
from tests.peers.ports import wait_for
from tests.peers.postgres import Postgres, new_postgres
from tests.peers.strace import failing

BIG = b"Subject: big\r\n\r\n" + (b"x" * 998 + b"\r\n") * 1000


# -- what is kept ----------------------------------------------------------------------------------------------------


def test_our_received_line_tells_from_whom_by_whom_and_how(client: Client, stand: Stand) -> None:  # 106
    reply = client.deliver(b"Subject: x\r\n\r\n")
    mail = stand.shelf.mails()[-1]
    [received] = email.message_from_bytes(mail).get_all("Received", [])
    words = received.split()
    assert words[:4] == ["from", "client.test", "([127.0.0.1])", "by"]
    assert words[4:9] == ["gw.test", "with", "ESMTP", "id", reply.split()[-1].decode()]
    assert words[9:11] == ["for", "<b@dst.test>;"]


def test_with_two_recipients_nobody_is_told_of_the_other(client: Client, stand: Stand) -> None:  # 106
    client.deliver(b"Subject: x\r\n\r\n", "b1@dst.test", "b2@dst.test")
    assert b"b1@dst.test" not in stand.shelf.mails()[-1]
    assert stand.shelf.received[-1].mailboxes == ("b1@dst.test", "b2@dst.test")


def test_one_mailbox_gets_one_copy_however_often_it_is_named(client: Client, stand: Stand) -> None:  # 110, 112, 113
    names = ("b@dst.test", "B@DST.test", "b+tag@dst.test", "help@dst.test", "b@dst.test.", '"b"@dst.test')
    client.deliver(b"Subject: x\r\n\r\n", *names)
    received = stand.shelf.received[-1]
    assert received.mailboxes == (MAILBOX,)
    assert [envelope.recipient for envelope in received.envelopes] == ["b@dst.test"]


def test_a_sub_address_reaches_its_mailbox_and_is_kept(client: Client, stand: Stand) -> None:  # 112, 113
    client.deliver(b"Subject: x\r\n\r\n", "B+Order.17@dst.test")
    assert stand.shelf.received[-1].envelopes[0].recipient == "B+Order.17@dst.test"


def test_both_names_of_a_domain_are_the_same(client: Client, stand: Stand) -> None:  # 112
    client.deliver(b"Subject: x\r\n\r\n", "b@xn--bcher-kva.test")
    assert stand.shelf.received[-1].mailboxes == ("b@bücher.test",)


def test_each_recipient_has_an_answer_of_its_own(client: Client) -> None:  # 109
    assert client.code("MAIL FROM:<a@src.test>") == 250
    codes = [client.code(f"RCPT TO:<{who}>") for who in ("b@dst.test", "nobody@dst.test", "b@elsewhere.test")]
    assert codes == [250, 550, 550]
    assert client.code("DATA") == 354
    assert client.send(b"Subject: x\r\n\r\n.\r\n").reply().startswith(b"250 ")


@pytest.mark.parametrize(
    "recipient",
    [
        "b%elsewhere.test@dst.test",
        "@dst.test:b@elsewhere.test",
        '"b@elsewhere.test"@dst.test',
        "b!elsewhere@dst.test",
        "b@[127.0.0.1]",
        "b@elsewhere.test",
    ],
)
def test_nothing_is_relayed(client: Client, recipient: str) -> None:
    assert client.code("MAIL FROM:<a@src.test>") == 250
    assert client.code(f"RCPT TO:<{recipient}>") == 550


def test_every_byte_is_kept(client: Client, stand: Stand) -> None:  # 73, 115
    body = bytes(byte for byte in range(256) if byte not in b"\r\n") * 3000 + b"\r\n"
    client.deliver(b"Subject: bytes\r\n\r\n" + body)
    assert stand.shelf.mails()[-1].endswith(b"\r\n\r\n" + body)


def test_the_reverse_path_is_the_envelopes_whatever_the_mail_says(client: Client, stand: Stand) -> None:  # 107
    client.deliver(b"Return-Path: <>\r\nReturn-Path: <forged@evil.test>\r\nSubject: x\r\n\r\n")
    assert [envelope.sender for envelope in stand.shelf.received[-1].envelopes] == ["a@src.test"]


def test_a_mail_that_goes_round_is_cut(client: Client) -> None:  # 108
    ours = b"Received: from x by gw.test with ESMTP id 1; Mon, 2 Nov 2026 12:00:00 +0000\r\n"
    hop = b"Received: from x by\r\n\tother.test; Mon, 2 Nov 2026 12:00:00 +0000\r\n"
    assert client.deliver(ours * 2 + hop * 20 + b"\r\n").startswith(b"250 ")
    assert client.deliver(ours * 3 + b"\r\n").startswith(b"554 5.4.6 ")
    assert client.deliver(hop * 51 + b"\r\n").startswith(b"554 5.4.6 ")
    assert client.deliver(b"Subject: x\r\n\r\n" + ours * 9).startswith(b"250 ")
    assert client.deliver(hop * 51 + b"\r\n" + BIG).startswith(b"554 5.4.6 ")


# -- what is refused for now -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("trouble", [OSError(5, "Input/output error"), TryLater("away"), ValueError("a fault of ours")])
@pytest.mark.parametrize("mail", [b"Subject: small\r\n\r\n", BIG], ids=["small", "big"])
def test_trouble_in_storing_is_a_451_without_details(  # 103
    open_stand: OpenStand, trouble: Exception, mail: bytes
) -> None:
    async def fail() -> None:
        raise trouble

    stand = open_stand()
    stand.shelf.before = fail
    client = Client(stand.port).hello()
    assert client.deliver(mail) == b"451 4.3.0 Cannot keep the mail now, try again later\r\n"
    stand.shelf.before = None
    assert client.deliver(mail).startswith(b"250 ")
    wait_for(lambda: not list((stand.settings.incoming).iterdir()), "something was left behind")


def test_a_full_disk_is_a_452(open_stand: OpenStand) -> None:  # 103
    async def fail() -> None:
        raise OSError(28, "No space left on device")

    stand = open_stand()
    stand.shelf.before = fail
    assert Client(stand.port).hello().deliver(b"Subject: x\r\n\r\n").startswith(b"452 4.3.1 ")


def test_a_spool_that_cannot_be_written_is_a_451(open_stand: OpenStand) -> None:
    stand = open_stand()
    shutil.rmtree(stand.settings.incoming)
    client = Client(stand.port).hello()
    assert client.deliver(BIG).startswith(b"451 4.3.0 ")
    assert client.deliver(b"Subject: small\r\n\r\n").startswith(b"250 ")


def test_a_store_that_does_not_answer_is_not_waited_for(open_stand: OpenStand) -> None:  # 105
    never = open_stand(limits=Limits(storing=0.2))

    async def wait() -> None:
        await never.forever()

    never.shelf.before = wait
    client = Client(never.port).hello()
    assert client.deliver(b"Subject: x\r\n\r\n").startswith(b"451 4.3.0 ")
    never.close(grace=0.1)


def test_without_room_a_mail_is_not_begun(open_stand: OpenStand) -> None:  # 134
    stand = open_stand()
    stand.has_room = False
    client = Client(stand.port).hello()
    assert client.say("MAIL FROM:<a@src.test>").startswith(b"452 4.3.1 ")
    assert client.code("NOOP") == 250
    stand.has_room = True
    assert client.deliver(b"Subject: x\r\n\r\n").startswith(b"250 ")


def test_addresses_that_cannot_be_looked_up_are_asked_for_later(open_stand: OpenStand) -> None:
    stand = open_stand()
    client = Client(stand.port).hello()
    stand.directory.raises = TryLater("away")
    assert client.code("MAIL FROM:<a@src.test>") == 250
    assert client.code("RCPT TO:<b@dst.test>") == 451


def test_a_fault_of_ours_is_no_fault_of_the_mail(open_stand: OpenStand) -> None:
    stand = open_stand()
    client = Client(stand.port).hello()
    stand.directory.raises = RuntimeError("/secret/path")
    assert client.code("MAIL FROM:<a@src.test>") == 250
    assert client.say("RCPT TO:<b@dst.test>") == b"421 4.3.0 Something went wrong here, try again later\r\n"
    stand.directory.raises = None
    assert Client(stand.port).hello().deliver(b"Subject: x\r\n\r\n").startswith(b"250 ")
    assert stand.door.counts()["faults"] == 1


def test_with_soft_bounce_every_refusal_says_try_again(open_stand: OpenStand) -> None:
    stand = open_stand(soft_bounce=True, max_size=1000)
    client = Client(stand.port).hello()
    assert client.say("MAIL FROM:<a@src.test> SIZE=5000").startswith(b"452 4.3.4 ")
    assert client.say("XYZZY").startswith(b"451 4.5.1 ")
    assert client.code("MAIL FROM:<a@src.test>") == 250
    assert client.say("RCPT TO:<nobody@dst.test>").startswith(b"450 4.1.1 ")
    assert client.say("DATA").startswith(b"451 4.5.1 ")
    client = Client(stand.port).hello()
    assert client.deliver(BIG).startswith(b"452 4.3.4 ")


# -- with a real store behind the door -------------------------------------------------------------------------------


@pytest.mark.parametrize("url", ["sqlite", "postgresql"])
def test_an_accepted_mail_is_an_arrival_with_its_job(tmp_path: Path, url: str, request: pytest.FixtureRequest) -> None:
    if url == "postgresql":
        url = request.getfixturevalue("postgres").new_database()
    with Reception(tmp_path, url=url) as reception:
        client = Client(reception.port).hello()
        for mail in (b"From: Ann <Ann@src.test>\r\n\r\nsmall\r\n", BIG):
            assert client.deliver(mail, "b1@dst.test", "b2@dst.test").startswith(b"250 ")
        balance = reception.call(reception.store.read(workload.balance))
        assert (balance.accepted, balance.waiting, balance.holds) == (4, 4, True)
        small, big = (reception.call(reception.store.read(arrivals.fetch, number)) for number in (1, 3))
        assert small.raw.endswith(b"\r\n\r\nsmall\r\n")
        assert hashlib.sha256(small.raw).hexdigest() == small.sha256
        kept = reception.call(reception.store.blobs.read(big.sha256))
        assert (len(kept), big.raw) == (big.size, None)
        assert kept.endswith(BIG)
        jobs = reception.call(reception.store.read(survey.open_for, "1"))
        assert [(job.step, job.lane) for job in jobs] == [("read", "ann@src.test")]
        assert list(reception.settings.incoming.iterdir()) == []


class Process:
    """The door and a real store in a process of its own."""

    def __init__(self, folder: Path) -> None:
        command = [sys.executable, "-m", "tests.intake.stand", str(folder), "--store", "sqlite"]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        assert self.process.stdout is not None
        self.port = next(int(line) for line in self.process.stdout if line.strip().isdigit())


@pytest.fixture
def process(tmp_path: Path) -> Iterator[Process]:
    one = Process(tmp_path)
    yield one
    one.process.kill()
    one.process.communicate()


@pytest.mark.parametrize(
    ("calls", "error"), [("fdatasync", "EIO"), ("fsync,fdatasync", "ENOSPC"), ("pwrite64", "ENOSPC")]
)
@pytest.mark.parametrize("mail", [b"Subject: small\r\n\r\n", BIG], ids=["small", "big"])
def test_a_failing_disk_is_told_to_the_sender_as_try_again(
    process: Process, calls: str, error: str, mail: bytes
) -> None:
    client = Client(process.port).hello()
    assert client.deliver(mail).startswith(b"250 ")
    with failing(process.process.pid, calls, error):
        assert client.deliver(mail).startswith((b"451 4.3.0 ", b"452 4.3.1 "))
    assert client.deliver(mail).startswith(b"250 ")
    client.close()


@pytest.fixture
def own_postgres() -> Iterator[Postgres]:
    cluster = new_postgres()
    yield cluster
    cluster.remove()


def test_while_the_database_is_away_the_sender_is_asked_to_try_again(tmp_path: Path, own_postgres: Postgres) -> None:
    with Reception(tmp_path, url=own_postgres.new_database()) as reception:
        client = Client(reception.port).hello()
        own_postgres.stop()
        assert client.deliver(b"Subject: x\r\n\r\n").startswith(b"451 4.3.0 ")
        assert client.deliver(BIG).startswith(b"451 4.3.0 ")
        own_postgres.start()
        assert client.deliver(b"Subject: x\r\n\r\n").startswith(b"250 ")
        assert reception.call(reception.store.read(workload.balance)).accepted == 1
        client.close()


def test_what_was_acknowledged_survives_a_kill(tmp_path: Path) -> None:  # 104
    acknowledged = []
    for round_ in range(3):
        door = Process(tmp_path)
        clients = [Client(door.port).hello() for _ in range(8)]
        for number, client in enumerate(clients):
            client.announce().send(b"Subject: %d.%d\r\n\r\n.\r\n" % (round_, number))
        heard = [client.reply() for client in clients[:4]]
        door.process.kill()
        door.process.communicate()
        heard += [client.rest() for client in clients[4:]]
        acknowledged += [f"{round_}.{number}" for number, reply in enumerate(heard) if reply.startswith(b"250 ")]
        for client in clients:
            client.close()
    with Reception(tmp_path) as reception:
        read = reception.store.read
        count = reception.call(read(workload.balance)).accepted
        kept = [reception.call(read(arrivals.fetch, number + 1)).raw for number in range(count)]
    found = [raw.split(b"Subject: ")[1].split(b"\r\n")[0].decode() for raw in kept]
    assert len(acknowledged) >= 12
    assert set(acknowledged) <= set(found)
    assert len(found) == len(set(found))
