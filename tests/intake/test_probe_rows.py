"""The conformance probe is whole: a test stands for each row of the list that this door has to meet."""

import re
from pathlib import Path

# What the list leaves open: DSN, CHUNKING, LIMITS, the TLS port, LMTP.
ROWS = set(range(1, 137)) - {117, 118, 119, 128, 132}
NOTE = re.compile(r"\S  # ((?:\d{1,3}(?:-\d{1,3})?(?:, )?)+)(?=:|$)", re.MULTILINE)


def noted(text: str) -> set[int]:
    rows: set[int] = set()
    for note in NOTE.findall(text):
        for part in note.split(", "):
            first, _, last = part.partition("-")
            rows |= set(range(int(first), int(last or first) + 1))
    return rows


def test_each_row_of_the_list_has_a_test() -> None:
    here = Path(__file__)
    rows = set().union(*(noted(path.read_text()) for path in here.parent.glob("test_*.py") if path != here))
    assert ROWS - rows == set()


def test_a_row_that_nothing_names_would_be_missed() -> None:
    text = "def test_this() -> None:  # 3-5, 9\n    x = 1  # 7: kept raw\n    y = 2  # of 8 others\n"
    assert noted(text) == {3, 4, 5, 7, 9}
