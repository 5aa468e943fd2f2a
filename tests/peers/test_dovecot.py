"""A real Dovecot is fetched from into a real store."""

import asyncio
from pathlib import Path
from typing import Any, cast

import pytest
import sqlalchemy as sa

from gateway.config.settings import Imap, Mailbox, OAuth, Secret, Settings
from gateway.errors import SignInRefused, TryLater
from gateway.health import Health
from gateway.intake.imap import checks
from gateway.intake.imap.pickup import ImapPickup
from gateway.pipeline import fetch, visit
from gateway.pipeline.parts import Job, Parts
from gateway.store import arrivals, workload
from gateway.store.database import Store
from gateway.store.schema import arrival
from tests.peers.dovecot import Dovecot, OpenDovecot
from tests.peers.ports import wait_for
from tests.peers.tokens import Tokens
from tests.peers.tokens import tokens as tokens
from tests.store.conftest import postgres as postgres
from tests.store.conftest import store as store
from tests.store.conftest import url as url


def a_mail(number: int, size: int = 0) -> bytes:
    return b"From: ann@src.test\r\nSubject: number %d\r\n\r\n" % number + b"x" * size + b"\r\n"


def an_account(dovecot: Dovecot, **more: Any) -> Imap:
    plain: dict[str, Any] = {"user": "u1", "port": dovecot.port, "password": Secret("secret")} | more
    return Imap("localhost", mailbox="b@dst.test", ca_file=dovecot.ca_file, **plain)


class Node:
    """One of the gateways that share the account."""

    def __init__(self, store: Store, account: Imap, folder: Path) -> None:
        settings = Settings(
            folder / "config.toml", "https://gw.test", folder, (Mailbox("b@dst.test"),), imap=(account,)
        )
        absent = cast(Any, None)  # FETCH asks for none of these
        self.store = store
        self.name = fetch.name_of(account)
        pickups = {self.name: ImapPickup(account, folder / "incoming", 50_000_000)}
        self.parts = Parts(store, settings, absent, absent, absent, Health(), pickups=pickups)

    async def visit(self) -> None:
        write = await fetch.fetch(self.parts, Job(1, self.name, self.name))
        await self.store.write(lambda tx: write(tx))

    async def count(self) -> int:
        return (await self.store.read(workload.balance)).accepted

    async def until(self, count: int) -> None:
        async with asyncio.timeout(60):
            while await self.count() < count:
                await asyncio.sleep(0.02)

    async def visit_until(self, count: int) -> None:
        """A visit that is ended by turning the clock once so many mails have come."""
        visiting = asyncio.create_task(self.visit())
        await self.until(count)
        self.store.turn_clock(visit.LONGEST)
        visiting.cancel()
        await asyncio.wait({visiting})


async def subjects(store: Store) -> list[int]:
    rows = await store.read(lambda tx: tx.rows(sa.select(arrival.c.raw, arrival.c.sha256).order_by(arrival.c.id)))
    heads = [bytes(row.raw) if row.raw is not None else await store.blobs.read(row.sha256, 0, 1000) for row in rows]
    return [int(head.split(b"number ")[1].split(b"\r")[0]) for head in heads]


async def test_an_inbox_full_of_old_mail_is_only_recorded(
    open_dovecot: OpenDovecot, tmp_path: Path, store: Store
) -> None:
    dovecot = open_dovecot()
    dovecot.deliver("u1", *(a_mail(number) for number in range(600)))
    node = Node(store, an_account(dovecot), tmp_path)
    await node.visit_until(600)
    dovecot.deliver("u1", a_mail(600))
    await node.visit_until(601)
    assert await subjects(store) == list(range(601))
    history = [(await store.read(arrivals.fetch, number)) for number in (1, 600, 601)]
    assert [one.history for one in history if one is not None] == [True, True, False]
    assert dovecot.flags("u1") == [""] * 600 + ["S"]


async def test_kicked_out_while_idling_and_while_fetching_nothing_is_lost_or_doubled(
    open_dovecot: OpenDovecot, tmp_path: Path, store: Store
) -> None:
    dovecot = open_dovecot()
    dovecot.deliver("u1")
    node = Node(store, an_account(dovecot), tmp_path)
    first = asyncio.create_task(node.visit())
    await asyncio.to_thread(wait_for, lambda: dovecot.is_visited("u1"), "nobody came")
    dovecot.kick("u1")
    with pytest.raises(TryLater):  # soon, and for nothing
        await asyncio.wait_for(first, 20)
    dovecot.deliver("u1", *(a_mail(number, 2_500_000) for number in range(12)))
    for _ in range(2):
        kicked = asyncio.create_task(node.visit())
        before = await node.count()
        await node.until(before + 2)
        dovecot.kick("u1")
        await asyncio.wait({kicked}, timeout=20)
        assert kicked.done()
    await node.visit_until(12)
    assert sorted(await subjects(store)) == list(range(12))
    assert list((tmp_path / "incoming").iterdir()) == []


async def test_a_server_that_comes_back_with_other_numbers_doubles_nothing(
    open_dovecot: OpenDovecot, tmp_path: Path, store: Store
) -> None:
    dovecot = open_dovecot()
    dovecot.deliver("u1")
    node = Node(store, an_account(dovecot, after="nothing"), tmp_path)
    await _empty_visit(node, dovecot)
    dovecot.deliver("u1", *(a_mail(number, size) for number, size in enumerate((0, 100_000, 3_000_000))))
    await node.visit_until(3)
    dovecot.stop()
    dovecot.renumber("u1")
    dovecot.start()
    dovecot.deliver("u1", a_mail(3))
    await node.visit_until(4)
    assert sorted(await subjects(store)) == [0, 1, 2, 3]
    balance = await store.read(workload.balance)
    assert (balance.accepted, balance.holds) == (4, True)


async def _empty_visit(node: Node, dovecot: Dovecot) -> None:
    visiting = asyncio.create_task(node.visit())
    await asyncio.to_thread(wait_for, lambda: dovecot.is_visited("u1"), "nobody came")
    await asyncio.sleep(0.1)
    visiting.cancel()
    await asyncio.wait({visiting})


async def test_two_nodes_that_visit_at_once_keep_each_mail_once(
    open_dovecot: OpenDovecot, tmp_path: Path, store: Store
) -> None:
    dovecot = open_dovecot()
    dovecot.deliver("u1", *(a_mail(number) for number in range(150)))
    nodes = [Node(store, an_account(dovecot, start="all"), tmp_path / name) for name in ("a", "b")]
    visits = [asyncio.create_task(node.visit()) for node in nodes]
    await nodes[0].until(150)
    await asyncio.to_thread(wait_for, lambda: dovecot.flags("u1") == ["S"] * 150, "not all are marked")
    for one in visits:
        one.cancel()
    await asyncio.wait(visits)
    assert sorted(await subjects(store)) == list(range(150))
    assert (await store.read(workload.balance)).holds


# -- XOAUTH2 ---------------------------------------------------------------------------------------------------------


def with_tokens(tokens: Tokens, **more: Any) -> dict[str, Any]:
    told: dict[str, Any] = {
        "token_url": f"{tokens.url}/token",
        "client_id": "id",
        "client_secret": Secret("hush"),
    } | more
    return {"auth": "xoauth2", "oauth": OAuth(**told), "password": Secret()}


@pytest.mark.parametrize(
    ("more", "grant"),
    [
        ({"scope": "https://outlook.office365.com/.default"}, "client_credentials"),
        ({"refresh_token": Secret("again")}, "refresh_token"),
    ],
)
async def test_an_access_token_opens_the_folder(
    open_dovecot: OpenDovecot, tokens: Tokens, tmp_path: Path, more: dict[str, Any], grant: str
) -> None:
    dovecot = open_dovecot(tokens=f"{tokens.url}/introspect")
    dovecot.deliver("u1", a_mail(1))
    pickup = ImapPickup(an_account(dovecot, **with_tokens(tokens, **more)), tmp_path, 10**8)
    for _ in range(2):
        async with pickup.visit() as folder:
            assert await folder.search(1) == [1]
    [asked] = tokens.asked  # one token is good for many visits
    assert asked["grant_type"] == grant
    tokens.good.clear()  # the server takes it no more: a new one is fetched at once
    async with pickup.visit() as folder:
        assert await folder.search(1) == [1]
    assert len(tokens.asked) == 2
    await pickup.close()


async def test_a_token_for_somebody_else_is_a_refused_sign_in(
    open_dovecot: OpenDovecot, tokens: Tokens, tmp_path: Path
) -> None:
    dovecot = open_dovecot(tokens=f"{tokens.url}/introspect")
    pickup = ImapPickup(an_account(dovecot, **with_tokens(tokens)), tmp_path, 10**8)
    tokens.user = "somebody else"
    with pytest.raises(SignInRefused):
        async with pickup.visit():
            pass
    tokens.refuse = "invalid_client"
    with pytest.raises(SignInRefused, match="invalid_client"):
        async with pickup.visit():
            pass
    await pickup.close()


# -- gateway check imap ----------------------------------------------------------------------------------------------


async def test_check_says_of_each_account_what_is_wrong_with_it(dovecot: Dovecot, tmp_path: Path) -> None:
    dovecot.deliver("checked", a_mail(1), a_mail(2))
    accounts = (
        an_account(dovecot, user="checked"),
        an_account(dovecot, user="checked", password=Secret("wrong")),
        an_account(dovecot, user="checked", folder="Nowhere"),
    )
    settings = Settings(tmp_path / "config.toml", "https://gw.test", tmp_path, (Mailbox("b@dst.test"),), imap=accounts)
    well, refused, nowhere = await checks.check(settings)
    assert (well.well, "2 mails in it" in well.text) == (True, True)
    assert (refused.well, "app password" in refused.fix) == (False, True)
    assert (nowhere.well, "Nowhere" in nowhere.text) == (False, True)
    assert dovecot.flags("checked") == ["", ""]


async def test_check_names_the_provider_whose_findings_are_not_believed_yet(dovecot: Dovecot, tmp_path: Path) -> None:
    marked = b"Authentication-Results: mx.provider.test;\r\n dmarc=pass header.from=src.test\r\n"
    dovecot.deliver("unlisted", b"Authentication-Results: spf=pass smtp.mailfrom=a@src.test\r\n" + a_mail(1))
    dovecot.deliver("unlisted", marked + b"Authentication-Results: mx.forged.test; dmarc=pass\r\n" + a_mail(2))
    accounts = tuple(
        an_account(dovecot, user="unlisted", trusted_authserv_ids=listed)
        for listed in ((), ("mx.old.test",), ("mx.provider.test",))
    )
    settings = Settings(tmp_path / "config.toml", "https://gw.test", tmp_path, (Mailbox("b@dst.test"),), imap=accounts)
    _, none, _, other, right = await checks.check(settings)
    assert (none.well, none.warning, 'trusted_authserv_ids = ["mx.provider.test"]' in none.fix) == (False, True, True)
    assert ("not marked by mx.old.test but by mx.provider.test" in other.text, right.well) == (True, True)
    assert dovecot.flags("unlisted") == ["", ""]
