"""The probe, part 5: clients that waste our time, and a house that closes. The numbers are the rows of the list."""

import asyncio
import random
import socket
import threading
from pathlib import Path

from gateway.intake.smtp.door import Door, open_door
from gateway.intake.smtp.settings import DoorSettings, Limits
from tests.intake.client import Client
from tests.intake.conftest import Knock, OpenStand
from tests.intake.stand import LOOPBACK, Directory, Shelf, Stand
from tests.peers.ports import wait_for


def test_nonsense_is_borne_for_a_while(client: Client) -> None:  # 28, 96
    heard = [client.code("XYZZY") for _ in range(19)]
    assert heard == [500] * 19
    client.send(b"XYZZY\r\n")
    assert client.codes(2) == [500, 421]
    assert client.is_closed()


def test_idle_talk_has_an_end(client: Client) -> None:  # 97
    heard = client.send(b"NOOP\r\n" * 1000).until_hung_up()
    assert 100 <= len(heard) <= 250
    assert heard[-1].startswith(b"421 ")


def test_a_client_that_has_said_all_still_hears_the_answer(client: Client, stand: Stand) -> None:  # 98, 125
    before = len(stand.shelf.received)
    client.announce().send(b"Subject: half-closed\r\n\r\nx\r\n.\r\n")
    client.wire.shutdown(socket.SHUT_WR)
    assert client.reply().startswith(b"250 ")
    stand.shelf.wait_for(before + 1)


def test_a_client_that_is_gone_before_the_answer_has_its_mail_kept_once(open_stand: OpenStand) -> None:  # 126
    stand = open_stand()
    client = Client(stand.port).hello().announce()
    client.send(b"Subject: impatient\r\n\r\nx\r\n.\r\n")
    client.close()
    [mail] = stand.shelf.wait_for(1)
    assert b"impatient" in mail


def test_a_hundred_mails_in_one_session(client: Client, stand: Stand) -> None:  # 100
    before = len(stand.shelf.received)
    for number in range(100):
        assert client.deliver(b"Subject: %d\r\n\r\n" % number).startswith(b"250 ")
    assert len(stand.shelf.received) == before + 100


def test_three_hundred_who_say_nothing_are_greeted_or_told_to_come_later(knock: Knock) -> None:  # 101
    greetings = {knock().greeting[:3] for _ in range(300)}
    assert greetings <= {b"220", b"421"}


def test_a_stranger_has_a_limited_number_of_connections(open_stand: OpenStand) -> None:  # 133
    stand = open_stand(trusted_peers=(), limits=Limits(peer_connections=3))
    clients = [Client(stand.port) for _ in range(4)]
    assert [client.greeting[:3] for client in clients] == [b"220", b"220", b"220", b"421"]
    assert clients.pop().is_closed()
    clients.pop().close()
    wait_for(lambda: Client(stand.port).greeting.startswith(b"220 "), "the place was not given free")
    for client in clients:
        client.close()


def test_a_stranger_has_a_limited_number_of_mails_a_minute(open_stand: OpenStand) -> None:  # 133
    stand = open_stand(trusted_peers=(), limits=Limits(peer_mails_a_minute=2))
    client = Client(stand.port).hello()
    for _ in range(2):
        assert client.deliver(b"Subject: x\r\n\r\n").startswith(b"250 ")
    assert client.code("MAIL FROM:<a@src.test>") == 450
    stand.reload(trusted_peers=LOOPBACK)
    friend = Client(stand.port).hello()
    for _ in range(4):
        assert friend.deliver(b"Subject: x\r\n\r\n").startswith(b"250 ")


def test_a_stranger_who_tries_names_is_shown_out(open_stand: OpenStand) -> None:
    stand = open_stand(trusted_peers=(), limits=Limits(refused_recipients=5))
    client = Client(stand.port).hello()
    assert client.code("MAIL FROM:<a@src.test>") == 250
    heard = [client.code(f"RCPT TO:<guess{number}@dst.test>") for number in range(6)]
    assert heard == [550] * 5 + [421]


def test_sixty_clients_of_random_bytes_harm_nobody(knock: Knock) -> None:  # 102
    chance = random.Random(7)
    for _ in range(60):
        client = knock()
        client.send(chance.randbytes(chance.randrange(1, 4000)))
        client.wire.shutdown(socket.SHUT_WR)
        assert all(reply[:1] in b"45" for reply in client.until_hung_up())
    assert knock().hello().deliver(b"Subject: x\r\n\r\n").startswith(b"250 ")


def test_who_waits_too_long_is_told_so(open_stand: OpenStand) -> None:  # 122
    stand = open_stand(limits=Limits(idle=0.2))
    client = Client(stand.port).hello()
    assert client.reply().startswith(b"421 4.4.2 ")
    assert client.is_closed()


def test_a_stranger_must_begin_a_mail_soon(open_stand: OpenStand) -> None:
    stand = open_stand(trusted_peers=(), limits=Limits(stranger_start=0.4, idle=60))
    client = Client(stand.port).hello()
    client.say("NOOP")
    assert client.reply().startswith(b"421 4.4.2 ")


def test_a_mail_that_stops_arriving_is_not_waited_for(open_stand: OpenStand) -> None:  # 123
    stand = open_stand(limits=Limits(block=0.2))
    client = Client(stand.port).hello().announce().send(b"Subject: slow\r\n")
    assert client.reply().startswith(b"421 4.4.2 ")
    assert stand.shelf.received == []


def test_a_mail_that_arrives_slowly_but_steadily_is_kept(open_stand: OpenStand) -> None:  # 123
    stand = open_stand(limits=Limits(block=0.9, idle=0.9))
    client = Client(stand.port).hello().announce()
    for _ in range(6):
        assert not client.send(b"x\r\n").has_heard(0.2)
    assert client.send(b".\r\n").reply().startswith(b"250 ")


def test_a_stranger_may_not_trickle_for_ever(open_stand: OpenStand) -> None:  # 123
    stand = open_stand(trusted_peers=(), limits=Limits(slow_after=0.3, slow_rate=1000))
    client = Client(stand.port).hello().announce()
    while not client.has_heard(0.05):
        client.send(b"x")
    assert client.reply().startswith(b"421 4.4.2 ")
    assert stand.shelf.received == []


# -- closing ---------------------------------------------------------------------------------------------------------


def test_when_the_house_closes_everybody_is_told(open_stand: OpenStand) -> None:  # 121
    stand = open_stand()
    idle, announcing = Client(stand.port).hello(), Client(stand.port).hello()
    assert announcing.code("MAIL FROM:<a@src.test>") == 250
    stand.close(grace=5)
    for client in (idle, announcing):
        assert client.reply().startswith(b"421 4.3.2 ")
        assert client.is_closed()


def test_a_mail_on_its_way_may_end_before_the_house_is_closed(open_stand: OpenStand) -> None:
    stand = open_stand()
    client = Client(stand.port).hello().announce().send(b"Subject: last\r\n\r\n")
    wait_for(lambda: stand.door.counts()["open"] == 1, "nobody came")
    closing = stand.begin_to_close(grace=10)
    client.send(b"x\r\n.\r\n")
    assert client.reply().startswith(b"250 ")
    assert client.reply().startswith(b"421 4.3.2 ")
    closing.result(10)
    assert len(stand.shelf.received) == 1


def test_a_mail_that_does_not_end_is_not_waited_for(open_stand: OpenStand) -> None:
    stand = open_stand()
    client = Client(stand.port).hello().announce().send(b"Subject: endless\r\n\r\n")
    wait_for(lambda: stand.door.counts()["open"] == 1, "nobody came")
    stand.begin_to_close(grace=0.2).result(10)
    assert client.reply().startswith(b"421 4.3.2 ")
    assert stand.shelf.received == []


def test_two_doors_may_share_a_port_so_that_it_never_closes(open_stand: OpenStand) -> None:
    first = open_stand(reuse_port=True)
    second = open_stand(reuse_port=True, listen=(("127.0.0.1", first.port),))
    first.close(grace=1)
    assert Client(second.port).hello().deliver(b"Subject: x\r\n\r\n").startswith(b"250 ")


def test_nobody_is_cut_off_who_had_just_come_to_the_door_that_closes(open_stand: OpenStand) -> None:
    first = open_stand(reuse_port=True)
    open_stand(reuse_port=True, listen=(("127.0.0.1", first.port),))
    busy = threading.Event()
    first.hold_up(busy)
    came = [socket.create_connection(("127.0.0.1", first.port), 5) for _ in range(40)]
    closing = first.begin_to_close(grace=1)
    busy.set()
    for one in came:
        one.settimeout(10)
    assert {one.recv(3) for one in came} <= {b"220", b"421"}
    closing.result(10)
    for one in came:
        one.close()


async def test_nobody_is_cut_off_who_comes_in_the_very_moment_of_closing(tmp_path: Path) -> None:
    settings = DoorSettings(
        "gw.test", tmp_path / "incoming", listen=(("127.0.0.1", 0),), reuse_port=True, limits=Limits(goodbye=0.05)
    )
    loop, came = asyncio.get_running_loop(), list[socket.socket]()

    def come(door: Door, when: float) -> None:
        while loop.time() < when:  # the loop is busy until the door has waited long enough
            pass
        came.append(socket.create_connection(("127.0.0.1", int(str(door.addresses[0][1]))), 5))

    for number in range(15):
        door = await open_door(settings, Directory(), Shelf(tmp_path), enough_room=lambda: True)
        began = loop.time()
        closing = asyncio.create_task(door.close(grace=1))
        loop.call_later(0.0095 - number * 0.0005, come, door, began + 0.02)
        await closing
    for one in came:
        one.settimeout(5)
        assert one.recv(3) in (b"220", b"421")
        one.close()


# -- other ways to connect -------------------------------------------------------------------------------------------


def test_ipv6_and_unix_sockets_are_peers_too(open_stand: OpenStand, tmp_path: Path) -> None:  # 135
    stand = open_stand(listen=(("::1", 0),))
    client = Client(socket.create_connection(("::1", stand.port), 5)).hello("x")
    assert client.deliver(b"Subject: six\r\n\r\n").startswith(b"250 ")
    assert b"from x ([IPv6:::1])" in stand.shelf.mails()[0]
    assert stand.shelf.received[0].envelopes[0].peer == "::1"
    client.close()
    path = tmp_path / "door"
    one, wire = socket.socket(socket.AF_UNIX), socket.socket(socket.AF_UNIX)
    one.bind(str(path))
    one.listen()
    local = open_stand(sockets=[one])
    wire.connect(str(path))
    client = Client(wire).hello("x")
    assert client.deliver(b"Subject: here\r\n\r\n").startswith(b"250 ")
    assert b"from x (local)" in local.shelf.mails()[0]
    client.close()
