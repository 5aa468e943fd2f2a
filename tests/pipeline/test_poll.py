"""POLL: what changed is found without any business process, and within the calls of a day."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gateway.conversations.conversation import Author
from gateway.pipeline import budget, poll
from gateway.pipeline.poll import pause_until_next
from gateway.store.database import Store
from tests.pipeline.casework import Office
from tests.pipeline.stand import ANNA, words

MINUTE = timedelta(minutes=1)
MORNING = datetime(2026, 11, 2, 0, 0, tzinfo=UTC)


@pytest.fixture
async def office(store: Store, tmp_path: Path) -> Office:
    opened = await Office.open(store, tmp_path)
    await opened.store.write(poll.begin)
    await opened.work("poll")
    return opened


async def test_a_reply_is_found_without_any_ring(office: Office) -> None:
    _, case = await office.case_for()
    office.crm.rep_writes(case, recipients=ANNA.address)
    await office.later("poll", "listen", "send", by=MINUTE)
    assert len(office.relay.mails) == 1


async def test_what_was_seen_is_not_looked_at_again(office: Office) -> None:
    _, case = await office.case_for()
    office.crm.rep_writes(case, recipients=ANNA.address)
    await office.later("poll", "listen", "send", by=MINUTE)
    assert await office.later("poll", by=MINUTE) == []
    assert [event.word for event in await office.later("poll", by=MINUTE)] == []


async def test_a_change_that_comes_again_in_the_overlap_counts_when_it_is_another(office: Office) -> None:
    _, case = await office.case_for()
    row = office.crm.rep_writes(case, completed=False)
    await office.later("poll", "listen", by=MINUTE)
    office.crm.rep_changes(row, completed=True)
    await office.later("poll", "listen", "send", by=MINUTE)
    assert len(office.relay.mails) == 1


async def test_a_mail_that_we_noted_ourselves_needs_no_look(office: Office) -> None:
    here, case = await office.case_for()
    await office.later("poll", "listen", by=MINUTE)
    await office.goes_on(here, "It left today.", author=Author.ASSISTANT)
    await office.file()
    assert [row.seen.incoming for row in office.crm.rows.values()] == [True, False]
    assert await office.later("poll", by=MINUTE) == []
    office.crm.rep_writes(case, recipients=ANNA.address)
    assert words(await office.later("poll", by=MINUTE)) == ["changes_found"]


async def test_the_cases_of_others_are_not_read(office: Office) -> None:
    other = office.crm.other_case("Not ours")
    office.crm.rep_writes(other)
    assert await office.later("poll", by=MINUTE) == []


async def test_it_goes_on_after_creatio_was_away(office: Office) -> None:
    _, case = await office.case_for()
    office.crm.rep_writes(case, recipients=ANNA.address)
    office.crm.go_away()
    await office.later("poll", by=MINUTE)
    office.crm.come_back()
    await office.later("poll", "listen", "send", by=2 * MINUTE)
    assert len(office.relay.mails) == 1


async def test_there_is_one_poll_however_often_it_is_begun(office: Office) -> None:
    await office.store.write(poll.begin)
    await office.store.write(poll.begin)
    assert len(await office.take("poll", hands=5)) <= 1


async def test_the_days_calls_are_counted(office: Office) -> None:
    await office.later("poll", by=MINUTE)
    first = await office.store.write(budget.used_today)
    assert first >= 2
    _, case = await office.case_for()
    await office.listen_to(case)
    assert await office.store.write(budget.used_today) > first, "what another node does counts when it looks at a case"
    office.store.turn_clock(timedelta(days=1))
    assert await office.store.write(budget.used_today) == 0


def test_without_a_limit_the_pause_is_the_usual_one() -> None:
    assert pause_until_next(MINUTE, used=10**6, limit=0, now=MORNING) == MINUTE


def test_with_a_wide_limit_too() -> None:
    assert pause_until_next(MINUTE, used=0, limit=100_000, now=MORNING) == MINUTE


def test_the_pause_grows_as_the_days_calls_are_used_up() -> None:
    noon = MORNING + timedelta(hours=12)
    pauses = [pause_until_next(MINUTE, used=used, limit=10_000, now=noon) for used in (0, 8_000, 9_500, 9_999, 12_000)]
    assert pauses == sorted(pauses)
    assert pauses[0] == MINUTE < pauses[1]
    assert pauses[-1] == timedelta(hours=1), "never silent for longer"
