"""What the inbox lists, and what a search finds."""

from datetime import timedelta

import pytest

from gateway.conversations.conversation import Author, Held, State
from gateway.mail.message import Address
from gateway.store import conversations, deliveries, inbox
from gateway.store.database import Store, Transaction
from gateway.store.inbox import View
from tests.store import seeds
from tests.store.seeds import SUPPORT

OLGA = Address("olga@пример.test", "Ольга")


def furnish(tx: Transaction) -> None:
    seeds.begin(tx, "open")
    seeds.begin(tx, "people", held=Held.PERSON, subject="Refund 100%")
    seeds.begin(tx, "draft", customer=OLGA)
    seeds.begin(tx, "resolved", state=State.RESOLVED)
    conversations.set_held(tx, "people", Held.PERSON, "asked for a person")
    conversations.set_case(tx, "people", "5b1e0d3a-0000-4000-8000-000000000001")
    conversations.add_entry(tx, "open", seeds.an_entry(1, text="Wo bleibt mein PAKET? straße"), SUPPORT)
    conversations.add_entry(tx, "open", seeds.an_entry(2, text="It is on its way", author=Author.ASSISTANT), SUPPORT)
    conversations.add_entry(tx, "draft", seeds.an_entry(3, text="Где мой ЗАКАЗ", sender=OLGA), SUPPORT)
    deliveries.add(tx, seeds.a_parcel(conversation_id="draft"), draft=True)


async def found(store: Store, query: str = "", view: View = View.ALL) -> list[str]:
    lines = await store.read(inbox.find, view, query)
    assert len(lines) == await store.read(inbox.count, view, query)
    return sorted(line.id for line in lines)


@pytest.mark.parametrize(
    ("view", "expected"),
    [
        (View.ALL, ["draft", "open", "people", "resolved"]),
        (View.OPEN, ["draft", "open", "people"]),
        (View.PEOPLE, ["people"]),
        (View.DRAFTS, ["draft"]),
        (View.RESOLVED, ["resolved"]),
    ],
)
async def test_each_view_shows_what_its_name_says(store: Store, view: View, expected: list[str]) -> None:
    await store.write(furnish)
    assert await found(store, view=view) == expected


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("paket", ["open"]),
        ("STRASSE paket", ["open"]),
        ("paket nothing", []),
        ("заказ", ["draft"]),
        ("ольга", ["draft"]),
        ("OLGA@", ["draft"]),
        ("100%", ["people"]),
        ("%", ["people"]),
        ("_", []),
        ("5B1E0D3A-0000-4000-8000-000000000001", ["people"]),
        ("resolved", ["resolved"]),
        ("way", ["open"]),
    ],
)
async def test_every_word_of_a_search_must_occur(store: Store, query: str, expected: list[str]) -> None:
    await store.write(furnish)
    assert await found(store, query) == expected


async def test_a_line_says_who_spoke_last(store: Store) -> None:
    await store.write(furnish)
    [line] = await store.read(inbox.find, View.ALL, "paket")
    assert (line.author, line.text, line.answers, line.draft) == ("assistant", "It is on its way", 1, False)
    [line] = await store.read(inbox.find, View.PEOPLE)
    assert (line.why, line.author, line.subject) == ("asked for a person", "", "Refund 100%")


async def test_the_newest_change_comes_first_page_by_page(store: Store) -> None:
    def many(tx: Transaction) -> None:
        for number in range(inbox.PAGE + 3):
            seeds.begin(tx, f"c{number:03}")

    await store.write(many)
    store.turn_clock(timedelta(minutes=1))
    await store.write(conversations.set_held, "c007", Held.PERSON, "later")
    first = await store.read(inbox.find, View.ALL)
    second = await store.read(inbox.find, View.ALL, page=2)
    assert first[0].id == "c007"
    assert (len(first), len(second)) == (inbox.PAGE, 3)
    assert {line.id for line in first}.isdisjoint(line.id for line in second)
    assert await store.read(inbox.find, View.ALL, page=3) == []
