"""The ledger and the cases: what Creatio was told, and what it showed."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from gateway.desk.case import CaseSeen, CaseState, KnownCase
from gateway.desk.dossier import Remark, Told
from gateway.store import cases, conversations, customers, dossiers, ledger
from gateway.store.database import Store, Transaction
from gateway.store.ledger import Line
from tests.store.seeds import SUPPORT, an_entry, begin

LINE = Line("row-1", "activity", "c1", "case-1", 1)


async def told(store: Store, id: str = "row-1") -> Told | None:
    return (await store.read(ledger.told, "c1")).get(id)


async def test_what_was_told_is_done(store: Store) -> None:
    await store.write(ledger.done, LINE)
    assert await told(store) == Told(done=True, case="case-1")
    assert await store.read(ledger.told, "c2") == {}


async def test_a_refusal_remembers_how_many_forms_were_refused(store: Store) -> None:
    await store.write(ledger.refused, LINE, "the firewall", variant=1)
    assert await told(store) == Told(done=False, variant=1, why="the firewall", case="case-1")
    await store.write(ledger.done, LINE)
    assert await told(store) == Told(done=True, case="case-1"), "a later form was taken"


async def test_what_is_refused_for_good_is_set_aside_until_a_person_retries_it(store: Store) -> None:
    await store.write(ledger.set_aside, LINE, "mandatory column")
    known = await told(store)
    assert known is not None
    assert (known.settled, known.done) == (True, False)
    assert [(one.line, one.why) for one in await store.read(ledger.aside)] == [(LINE, "mandatory column")]
    assert await store.write(ledger.retry, "row-1") == "c1"
    assert await told(store) == Told(done=False, case="case-1")
    assert await store.read(ledger.aside) == []
    assert await store.write(ledger.retry, "row-1") is None


async def test_what_is_not_set_aside_is_not_retried(store: Store) -> None:
    await store.write(ledger.refused, LINE, "the firewall", variant=1)
    assert await store.write(ledger.retry, "row-1") is None
    assert await store.write(ledger.retry, "nothing") is None


async def test_a_remark_waits_until_it_is_told_and_is_wanted_once(store: Store) -> None:
    remark = Remark("note-1", "Reply not sent", "Too large", datetime(2026, 1, 1, tzinfo=UTC))
    for _ in range(2):
        await store.write(ledger.want, "c1", "case-1", remark)
    [waiting] = await store.read(ledger.wanted, "c1")
    assert (waiting.id, waiting.title, waiting.text) == ("note-1", "Reply not sent", "Too large")
    line = Line("note-1", "note", "c1", "case-1")
    await store.write(ledger.set_aside, line, "refused")
    await store.write(ledger.retry, "note-1")
    assert len(await store.read(ledger.wanted, "c1")) == 1, "its words are kept"
    await store.write(ledger.done, line)
    await store.write(ledger.want, "c1", "case-1", remark)
    assert await store.read(ledger.wanted, "c1") == ()


async def test_the_rows_of_a_case_are_ours_whoever_of_its_conversations_wrote_them(store: Store) -> None:
    await store.write(_on_case, "c1", "case-1")
    await store.write(ledger.done, Line("a", "activity", "c1"))
    await store.write(ledger.done, Line("b", "post", "c9", "case-1"))
    await store.write(ledger.done, Line("c", "activity", "c9", "case-9"))
    assert await store.read(ledger.ids_of_case, "case-1") == {"a", "b"}
    assert await store.read(ledger.conversations_of_case, "case-1") == ["c9"]


async def test_the_last_post_is_the_newest_that_was_made(store: Store) -> None:
    assert await store.read(ledger.last_post, "case-1") is None
    await store.write(ledger.done, Line("a", "post", "c1", "case-1"))
    first = await store.read(ledger.last_post, "case-1")
    store.turn_clock(timedelta(hours=1))
    await store.write(ledger.done, Line("b", "post", "c1", "case-1"))
    last = await store.read(ledger.last_post, "case-1")
    assert first is not None
    assert last is not None
    assert last - first >= timedelta(hours=1)


# -- cases


def _open(
    tx: Transaction, /, case_id: str, opened_by: str = "c1", customer_id: int = 1, state: str = "open", **written: Any
) -> None:
    moments = (tx.now, tx.now, tx.now)
    cases.add(tx, KnownCase(case_id, customer_id, SUPPORT, opened_by, CaseState(state), *moments, written=written))


def _on_case(tx: Transaction, conversation_id: str, case_id: str) -> None:
    begin(tx, conversation_id)
    conversations.set_case(tx, conversation_id, case_id)


async def known(store: Store, case_id: str = "case-1") -> KnownCase:
    found = await store.read(cases.load, case_id)
    assert found is not None
    return found


async def test_a_case_is_remembered_once(store: Store) -> None:
    await store.write(_open, "case-1", subject="first")
    await store.write(_open, "case-1", subject="second")
    assert (await known(store)).written == {"subject": "first"}
    assert await store.read(cases.load, "nothing") is None


@pytest.mark.parametrize(
    ("newer", "found"),
    [
        ({"state": "open"}, "newer"),
        ({"state": "paused"}, "newer"),
        ({"state": "resolved"}, "older"),
        ({"state": "final"}, "older"),
        ({"state": "gone"}, "older"),
        ({"apart": "yes"}, "older"),
        ({"opened_by": ""}, "older"),
        ({"customer_id": 2}, "older"),
    ],
    ids=["open", "paused", "resolved", "final", "gone", "of a failed sender", "not opened by us", "of another"],
)
async def test_the_open_case_is_the_newest_that_may_be_added_to(
    store: Store, newer: dict[str, Any], found: str
) -> None:
    await store.write(_open, "older")
    store.turn_clock(timedelta(minutes=1))
    await store.write(_open, "newer", **newer)
    case = await store.read(cases.open_case, 1, SUPPORT)
    assert case is not None
    assert case.id == found
    assert await store.read(cases.open_case, 1, "other@example.com") is None


async def test_what_creatio_gives_a_new_case_counts_as_written_and_what_comes_later_does_not(store: Store) -> None:
    await store.write(_open, "case-1", owner="us")
    first = CaseSeen("case-1", CaseState.OPEN, "SR1", status="new", owner="olga", modified="1")
    at = (await known(store)).checked + timedelta(hours=1)
    await store.write(cases.record_seen, first, checked=at)
    case = await known(store)
    assert (case.number, case.checked, case.seen["status"]) == ("SR1", at, "new")
    assert case.written == {"owner": "us", "status": "new"}
    later = CaseSeen("case-1", CaseState.RESOLVED, "SR1", status="resolved", owner="olga", modified="2")
    await store.write(cases.record_seen, later, checked=at - timedelta(minutes=1))
    case = await known(store)
    assert (case.state, case.seen["status"], case.written["status"]) == (CaseState.RESOLVED, "resolved", "new")
    assert case.checked == at, "a look that was asked for earlier does not count as newer"


async def test_what_we_write_is_what_creatio_shows_next(store: Store) -> None:
    await store.write(_open, "case-1", status="new")
    await store.write(cases.record_written, "case-1", {"status": "resolved"}, CaseState.RESOLVED)
    case = await known(store)
    assert (case.state, case.seen["status"], case.written["status"]) == (CaseState.RESOLVED, "resolved", "resolved")


async def test_a_merged_case_takes_its_conversations_along(store: Store) -> None:
    await store.write(_on_case, "c1", "case-1")
    await store.write(_open, "case-1", customer_id=1, opened_by="c1")
    case = await known(store)
    assert await store.write(cases.follow, case, "case-2", since="2026") == ["c1"]
    assert await store.read(conversations.of_case, "case-2") == ["c1"]
    target = await known(store, "case-2")
    assert (target.customer_id, target.opened_by, target.written["followed"]) == (1, "", "2026")
    assert target.checked < case.checked, "it is looked at before anything is told there"
    assert (await known(store)).state is CaseState.FINAL


async def test_a_conversation_is_filed_in_the_lane_of_its_case(store: Store) -> None:
    await store.write(begin, "c1")
    own = await store.read(conversations.customer_of, "c1")
    assert await store.read(cases.lane_of, "c1") == own
    await store.write(_open, "case-1", customer_id=77)
    await store.write(conversations.set_case, "c1", "case-1")
    assert await store.read(cases.lane_of, "c1") == 77


async def test_a_ruling_is_kept_with_its_reason_and_the_entry_made_of_it_stays(store: Store) -> None:
    def remember(tx: Transaction, verdict: str, entry_id: int | None = None) -> None:
        cases.remember_activity(
            tx, "case-1", "row", verdict=verdict, why="because", state={"a": "1"}, entry_id=entry_id
        )

    await store.write(remember, "draft")
    [first] = (await store.read(cases.activities, ["row", "other"])).values()
    store.turn_clock(timedelta(hours=1))
    await store.write(remember, "draft")
    [again] = (await store.read(cases.activities, ["row"])).values()
    assert again.since == first.since, "how long it has been so"
    await store.write(remember, "mail", 5)
    await store.write(remember, "record")
    [last] = (await store.read(cases.activities, ["row"])).values()
    assert (last.verdict, last.entry_id) == ("record", 5)
    assert last.since > first.since


# -- a dossier


async def test_a_dossier_has_all_that_is_known(store: Store) -> None:
    def prepare(tx: Transaction) -> None:
        begin(tx, "c1")
        conversations.add_entry(tx, "c1", an_entry(1), SUPPORT)
        customers.set_contact(tx, conversations.customer_of(tx, "c1"), "contact-1")
        _open(tx, "case-1", customer_id=conversations.customer_of(tx, "c1"))
        ledger.done(tx, LINE)

    await store.write(prepare)
    found = await store.read(dossiers.gather, "c1")
    assert found is not None
    assert (found.contact, found.case, found.told) == ("contact-1", None, {"row-1": Told(done=True, case="case-1")})
    assert found.open_case is not None
    await store.write(conversations.set_case, "c1", "case-1")
    await store.write(_on_case, "c2", "case-1")
    found = await store.read(dossiers.gather, "c1")
    assert found is not None
    assert found.case is not None
    assert (found.open_case, found.others_open) == (None, True)
    assert await store.read(dossiers.gather, "nothing") is None
