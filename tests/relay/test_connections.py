"""Kept connections, the rate, encryption and sign-in."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from gateway.config.settings import OAuth, Secret
from gateway.demo.capture import capture
from gateway.errors import TryLater
from tests.relay.stand import ANNA, BOB, Watched, a_parcel, a_relay, certificate, scripted

# The server asks for a password without TLS, as few do: only our client's side is looked at here.
pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")


async def test_one_connection_serves_many_mails() -> None:
    async with capture() as outbox, a_relay(outbox.port) as relay:
        for _ in range(20):
            await relay.send(a_parcel(), Watched().at_data)
    assert (len(outbox.mails), outbox.connections) == (20, 1)


async def test_there_are_never_more_connections_than_the_settings_allow() -> None:
    async with capture() as outbox, a_relay(outbox.port, connections=2) as relay:
        outbox.slow("DOT", 0.02, times=10)
        await asyncio.gather(*(relay.send(a_parcel(), Watched().at_data) for _ in range(10)))
    assert (len(outbox.mails), outbox.connections) == (10, 2)


async def test_a_kept_connection_that_died_is_replaced_without_a_word() -> None:
    async with capture() as outbox, a_relay(outbox.port) as relay:
        await relay.send(a_parcel(), Watched().at_data)
        outbox.drop("MAIL")
        watched = Watched()
        await relay.send(a_parcel(BOB), watched.at_data, watched.may_go)
        assert watched.asked == ["may_go", "may_go", "at_data"]
        outbox.refuse("MAIL", "421 4.4.2 idle for too long")
        await relay.send(a_parcel(), Watched().at_data)
    assert [mail.recipients for mail in outbox.mails] == [(ANNA,), (BOB,), (ANNA,)]
    assert outbox.connections == 3


async def test_mails_leave_no_faster_than_the_rate() -> None:
    async with capture() as outbox, a_relay(outbox.port, rate=20.0) as relay:
        began = time.monotonic()
        await asyncio.gather(*(relay.send(a_parcel(), Watched().at_data) for _ in range(7)))
        took = time.monotonic() - began
    assert len(outbox.mails) == 7
    assert took >= 6 / 20 - 0.02


async def test_starttls_encrypts_and_signs_in(tmp_path: Path) -> None:
    tls, trusted = certificate(tmp_path)
    async with capture(user="gateway", password="secret", tls=tls) as outbox:
        told = {"tls": "starttls", "ca_file": str(trusted), "user": "gateway", "password": "secret"}
        async with a_relay(outbox.port, **told) as relay:
            await relay.send(a_parcel(), Watched().at_data)
    [mail] = outbox.mails
    assert (mail.tls, mail.user) == (True, "gateway")


async def test_there_is_no_way_back_to_plain_text() -> None:
    async with capture() as outbox, a_relay(outbox.port, tls="starttls") as relay:
        with pytest.raises(TryLater, match="offers no STARTTLS"):
            await relay.send(a_parcel(), Watched().at_data)
    assert outbox.mails == []


async def test_a_certificate_that_nobody_vouches_for_is_not_believed(tmp_path: Path) -> None:
    tls, _ = certificate(tmp_path)
    async with capture(tls=tls) as outbox, a_relay(outbox.port, tls="starttls") as relay:
        with pytest.raises(TryLater, match=r"is not trusted .*see ca_file"):
            await relay.send(a_parcel(), Watched().at_data)
    assert outbox.mails == []


async def test_a_certificate_for_another_name_is_not_believed(tmp_path: Path) -> None:
    tls, trusted = certificate(tmp_path, "other.example")
    async with capture(tls=tls) as outbox, a_relay(outbox.port, tls="starttls", ca_file=str(trusted)) as relay:
        with pytest.raises(TryLater, match="is not trusted"):
            await relay.send(a_parcel(), Watched().at_data)
    assert outbox.mails == []


async def test_what_is_injected_before_tls_is_not_taken_for_an_answer(tmp_path: Path) -> None:
    """CVE-2011-0411: whoever sits between could offer a sign-in that the server does not know."""
    tls, trusted = certificate(tmp_path)
    heard: list[bytes] = []
    ended = asyncio.Event()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 hi\r\n")
        for answer in (b"250-me\r\n250 STARTTLS\r\n", b"220 go\r\n250-me\r\n250 AUTH PLAIN\r\n"):
            heard.append(await reader.readline())
            writer.write(answer)
        await writer.start_tls(tls)
        while line := await reader.readline():
            heard.append(line)
            writer.write(b"250 me\r\n")
        writer.close()
        await writer.wait_closed()
        ended.set()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    told = {"tls": "starttls", "ca_file": str(trusted), "user": "gateway", "password": "secret"}
    async with server, a_relay(server.sockets[0].getsockname()[1], **told) as relay:
        with pytest.raises(TryLater, match="lets nobody sign in"):
            await asyncio.wait_for(relay.send(a_parcel(), Watched().at_data), 5)
        await asyncio.wait_for(ended.wait(), 5)
    assert [line.split()[0] for line in heard] == [b"EHLO", b"STARTTLS", b"EHLO"]


async def test_a_refused_password_is_told_with_the_fix_and_without_the_password() -> None:
    async with capture(user="gateway", password="right") as outbox:
        async with a_relay(outbox.port, user="gateway", password="wrong-secret") as relay:
            with pytest.raises(TryLater, match=r"check user and password in \[relay\]") as later:
                await relay.send(a_parcel(), Watched().at_data)
    assert later.value.partner_down
    assert "wrong-secret" not in str(later.value)
    assert later.value.__cause__ is None
    assert outbox.mails == []


async def test_an_access_token_signs_in_and_is_fetched_again_when_refused() -> None:
    async with capture(user="gateway", password="token-2") as outbox, _token_service() as (url, asked):
        told = {"user": "gateway", "auth": "xoauth2", "oauth": OAuth(url, "client", Secret("hush"))}
        async with a_relay(outbox.port, **told) as relay:
            with pytest.raises(TryLater, match="check user and password"):
                await relay.send(a_parcel(), Watched().at_data)
            await relay.send(a_parcel(), Watched().at_data)
            await relay.send(a_parcel(BOB), Watched().at_data)
    assert [mail.recipients for mail in outbox.mails] == [(ANNA,), (BOB,)]
    assert len(asked) == 2
    assert b"grant_type=client_credentials" in asked[0]


async def test_a_relay_that_accepts_and_says_nothing_is_given_up_by_the_steps_own_time() -> None:
    async with scripted("220-wait") as silent, a_relay(silent.port) as relay:
        watched = Watched()
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.3):
                await relay.send(a_parcel(), watched.at_data, watched.may_go)
    assert watched.asked == []


async def test_a_sign_in_that_fails_over_tls_does_not_spoil_the_next_connection(tmp_path: Path) -> None:
    tls, trusted = certificate(tmp_path)
    async with capture(user="gateway", password="right", tls=tls) as outbox:
        told = {"tls": "starttls", "ca_file": str(trusted), "user": "gateway"}
        async with a_relay(outbox.port, password="wrong", **told) as wrong:
            for _ in range(5):
                with pytest.raises(TryLater, match="check user and password"):
                    await wrong.send(a_parcel(), Watched().at_data)
        async with a_relay(outbox.port, password="right", **told) as right:
            await right.send(a_parcel(), Watched().at_data)
    assert len(outbox.mails) == 1


@asynccontextmanager
async def _token_service() -> AsyncIterator[tuple[str, list[bytes]]]:
    """Gives out token-1, token-2, …"""
    asked: list[bytes] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        asked.append(await reader.readexactly(int(head.split("content-length:")[1].split()[0])))
        body = json.dumps({"access_token": f"token-{len(asked)}", "expires_in": 3600}).encode()
        writer.write(f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode() + body)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/token", asked
    finally:
        server.close()
        await server.wait_closed()
