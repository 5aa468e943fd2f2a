"""What the house itself remembers: notices, pauses, marks, accounts, its identity and its mailboxes."""

from datetime import timedelta

from gateway.config.settings import Mailbox, MailboxCase, Senders
from gateway.store import accounts, installation, mailboxes, marks, notices, pauses
from gateway.store.database import Store
from gateway.store.pauses import What
from tests.store import seeds


async def test_a_notice_is_told_once_and_again_each_day_until_it_is_gone(store: Store) -> None:
    assert await store.write(notices.raise_notice, "disk", "no room")
    assert not await store.write(notices.raise_notice, "disk", "no room at all")
    [untold] = await store.read(notices.untold)
    assert untold.text == "no room at all"
    await store.write(notices.record_told, ["disk"])
    assert await store.read(notices.untold) == []
    assert len(await store.read(notices.standing)) == 1
    store.turn_clock(timedelta(days=1))
    assert len(await store.read(notices.untold)) == 1
    assert await store.write(notices.clear, "disk")
    assert not await store.write(notices.clear, "disk")
    assert await store.read(notices.untold) == []
    assert await store.read(notices.standing) == []


async def test_trouble_that_returns_is_told_anew(store: Store) -> None:
    await store.write(notices.raise_notice, "disk", "no room")
    await store.write(notices.record_told, ["disk"])
    await store.write(notices.clear, "disk")
    assert await store.write(notices.raise_notice, "disk", "no room")
    assert len(await store.read(notices.untold)) == 1


async def test_a_pause_for_all_holds_for_each_mailbox(store: Store) -> None:
    assert await store.write(pauses.begin, What.ASSISTANT, "", "ann")
    assert not await store.write(pauses.begin, What.ASSISTANT, "", "bob")
    assert await store.write(pauses.begin, What.SENDING, "sales@example.com", "bob")
    assert await store.read(pauses.active, "assistant", seeds.SUPPORT)
    assert not await store.read(pauses.active, "sending", seeds.SUPPORT)
    assert await store.read(pauses.active, "sending", "sales@example.com")
    assert [(one.what, one.by) for one in await store.read(pauses.listed)] == [("assistant", "ann"), ("sending", "bob")]
    assert not await store.write(pauses.end, What.ASSISTANT, seeds.SUPPORT)
    assert await store.read(pauses.active, "assistant", seeds.SUPPORT)
    assert await store.write(pauses.end, What.ASSISTANT, "")
    assert not await store.read(pauses.active, "assistant", seeds.SUPPORT)


async def test_marks_are_replaced_and_forgotten(store: Store) -> None:
    assert await store.read(marks.get, "cursor") is None
    await store.write(marks.put, "cursor", {"seen": 1})
    await store.write(marks.put, "cursor", ["later"])
    assert await store.read(marks.get, "cursor") == ["later"]
    await store.write(marks.forget, "cursor")
    assert await store.read(marks.get, "cursor") is None


async def test_a_counter_adds_what_all_nodes_counted(store: Store) -> None:
    for node, by in (("a", 2), ("b", 3), ("a", 5)):
        await store.write(marks.count, "calls", by, node=node)
    assert await store.read(marks.counted, "calls") == 10
    assert await store.read(marks.counted, "others") == 0


async def test_an_account_has_one_password_and_a_new_one_signs_it_out(store: Store) -> None:
    assert await store.write(accounts.set_password, "ann", "hash 1")
    await store.write(accounts.sign_in, "cookie", "ann")
    assert await store.read(accounts.signed_in, "cookie") == ("ann", False)
    assert not await store.write(accounts.set_password, "ann", "hash 2")
    assert await store.read(accounts.password_of, "ann") == "hash 2"
    assert await store.read(accounts.signed_in, "cookie") is None


async def test_a_cookie_ends_after_long_idleness_and_in_any_case_after_two_weeks(store: Store) -> None:
    await store.write(accounts.set_password, "ann", "hash")
    await store.write(accounts.sign_in, "idle", "ann")
    await store.write(accounts.sign_in, "busy", "ann")
    for _ in range(28):
        store.turn_clock(timedelta(hours=11, minutes=59))
        assert await store.read(accounts.signed_in, "busy") == ("ann", True)
        await store.write(accounts.touch, "busy")
    assert await store.read(accounts.signed_in, "idle") is None
    store.turn_clock(timedelta(hours=1))
    assert await store.read(accounts.signed_in, "busy") is None


async def test_whoever_is_removed_or_signs_out_is_out(store: Store) -> None:
    for name in ("bob", "ann"):
        await store.write(accounts.set_password, name, "hash")
        await store.write(accounts.sign_in, name, name)
    assert await store.read(accounts.names) == ["ann", "bob"]
    await store.write(accounts.sign_out, "ann")
    assert await store.write(accounts.remove, "bob")
    assert not await store.write(accounts.remove, "bob")
    assert await store.read(accounts.signed_in, "ann") is None
    assert await store.read(accounts.signed_in, "bob") is None


async def test_an_old_hash_is_renewed_only_while_the_password_is_the_same(store: Store) -> None:
    await store.write(accounts.set_password, "ann", "old")
    await store.write(accounts.renew_hash, "ann", "other", "never")
    assert await store.read(accounts.password_of, "ann") == "old"
    await store.write(accounts.renew_hash, "ann", "old", "new")
    assert await store.read(accounts.password_of, "ann") == "new"


async def test_an_installation_is_founded_once(store: Store) -> None:
    first = await store.write(installation.found)
    assert await store.write(installation.found) == first
    assert await store.read(installation.identity) == first
    assert first.derive("a", "b") == first.derive("a", "b") != first.derive("a\nb", "c")


async def test_a_mailbox_taken_from_the_file_stays_while_it_has_conversations(store: Store) -> None:
    support = Mailbox(
        seeds.SUPPORT,
        aliases=("help@example.com",),
        receives_at=("in@gw.test",),
        name="Support",
        signature="Bye",
        senders=Senders(forms=("form@example.com",)),
        creatio=MailboxCase(owner="o"),
        relay="other",
    )
    sales = Mailbox("sales@example.com")
    assert await store.write(mailboxes.remember, [support, sales]) == (support, sales)
    await store.write(seeds.begin)
    left = await store.write(mailboxes.remember, [])
    [kept] = left
    assert (kept.address, kept.state, kept.mode) == (seeds.SUPPORT, "retired", "people")
    assert (kept.aliases, kept.receives_at, kept.senders, kept.creatio, kept.relay) == (
        support.aliases,
        support.receives_at,
        support.senders,
        support.creatio,
        "other",
    )
    assert await store.write(mailboxes.remember, [support]) == (support,)
