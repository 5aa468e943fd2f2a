"""The measurement of filing: what it counts is in Creatio, and a small one reaches what is claimed."""

import pytest

from gateway.bench.creatio import AT_ONCE, ONCE, Result, measure, run


async def test_all_that_was_handed_off_is_filed_within_the_plan() -> None:
    result = await measure(8, 4, latency=0.03)
    assert result.remarks == []
    assert result.requests["POST Case"] == 8
    assert result.requests["POST Activity"] == result.requests["POST EmailMessageData"] == 32
    assert result.planned == 8 * 12 + ONCE
    # Eight at once find out what a filter can do, each for itself; with two hundred handoffs that is nothing.
    assert result.ratio < 1.25
    assert result.writers == 1
    assert result.busy


def a_result(**more: object) -> Result:
    usual: dict[str, object] = {
        "handoffs": 200,
        "mails": 10,
        "seconds": 150.0,
        "planned": 4800,
        "requests": {"POST Activity": 4800},
        "in_flight": AT_ONCE,
        "writers": 1,
        "remarks": (),
    }
    return Result(**usual | more)  # type: ignore[arg-type] # each is of its kind


@pytest.mark.parametrize(
    "missed",
    [
        {"seconds": 241.0},
        {"requests": {"POST Activity": 5521}},
        {"in_flight": 19},
        {"in_flight": 21},
        {"writers": 2},
        {"remarks": ("a case is missing",)},
    ],
)
def test_one_thing_missed_is_all_missed(missed: dict[str, object]) -> None:
    assert a_result().reached
    assert not a_result(**missed).reached


def test_what_is_no_number_is_refused() -> None:
    for arguments in (("many",), ("0",), ("3", "-1"), ("1", "2", "3")):
        with pytest.raises(SystemExit):
            run(*arguments)
