"""Outlook's Thread-Index: read as Outlook and Exchange write it, and continued so that they sort our mail into it."""

from base64 import b64decode, b64encode
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.mail.thread_index import continue_index, time_of, unpack

# Of public mails: the index, and when the newest block was begun, shortly before the mail's Date.
OUTLOOK = "AdNST+6DXK4xfZYaRzuyUbaIacENgAHGVF+AAACaRUAAAhGDmgAASt6QACm+BjkA/3MzkAAAPw7yAAA7j6A="
KNOWN = {
    OUTLOOK: datetime(2017, 11, 15, 14, 12, 36, tzinfo=UTC),  # Date: 14:16:14
    OUTLOOK[:28] + "DQ==": datetime(2017, 10, 31, 13, 55, 38, tzinfo=UTC),
    "AdQDSn2ZjObO2qLmRLWd8iIbgua/6gBYoT0g": datetime(2018, 6, 15, 13, 30, 21, tzinfo=UTC),
    "AQHTXFWT3T6z7C8m9k2GE+t0ZVEeeQ==": datetime(2017, 11, 13, 8, 1, 12, tzinfo=UTC),  # Exchange's. Date: 08:01:13
    "AQHWk1/5sqfBiHPcPEmWqAb7mPK/fA==": datetime(2020, 9, 25, 17, 19, 6, tzinfo=UTC),  # Exchange's. Date: 17:19:07
}
times = st.integers(0, 4_000_000_000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))
indexes = st.binary(min_size=22, max_size=22 + 5 * 20).map(lambda some: b64encode(b"\1" + some[1:]).decode())


@pytest.mark.parametrize("written", KNOWN)
def test_a_real_one_tells_when_its_mail_was_begun(written: str) -> None:
    told = time_of(written)
    assert told is not None
    assert abs(told - KNOWN[written]) < timedelta(seconds=3)


def test_an_answer_adds_one_block_with_its_own_time() -> None:
    at = datetime(2017, 11, 16, 9, 0, tzinfo=UTC)
    ours = continue_index(OUTLOOK, at, "<m@example.com>")
    assert b64decode(ours)[:-5] == b64decode(OUTLOOK)
    told = time_of(ours)
    assert told is not None
    assert timedelta(0) <= at - told < timedelta(milliseconds=30)
    assert continue_index(OUTLOOK, at, "<m@example.com>") == ours


def test_a_block_counts_years_when_it_must() -> None:
    late = datetime(2031, 1, 1, tzinfo=UTC)
    ours = continue_index(OUTLOOK, late, "m")
    assert b64decode(ours)[-5] & 0x80
    told = time_of(ours)
    assert told is not None
    assert abs(told - late) < timedelta(seconds=1)


@pytest.mark.parametrize("written", ["", "none", "AdQDSn2Z", "=====", "\ud800"])
def test_what_is_none_is_not_continued(written: str) -> None:
    assert continue_index(written, datetime(2026, 1, 1, tzinfo=UTC), "m") == ""
    assert time_of(written) is None


@given(indexes, times, st.text(max_size=30))
def test_whatever_came_the_thread_stays_the_same_and_the_answer_stands_one_below(
    written: str, at: datetime, mark: str
) -> None:
    before, after = unpack(written), unpack(continue_index(written, at, mark))
    whole = before[: len(before) - (len(before) - 22) % 5]
    assert after[:-5] == whole
    assert after[-1] & 0x0F == 0


def test_a_thread_without_end_is_not_lengthened_for_ever() -> None:
    written = OUTLOOK
    for _ in range(200):
        written = continue_index(written, datetime(2026, 1, 1, tzinfo=UTC), "m")
    assert len(written) < 800
    assert unpack(written)[:22] == unpack(OUTLOOK)[:22]
