"""How the time of trimming grows with the mail: hostile shapes of text and HTML, and ten times as much of each."""

import base64
import json
import random
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from statistics import median

from gateway.mail.message import Body
from gateway.mail.quotes.trim import trim

MOST = 12  # times the time, for ten times the mail
_ROUNDS = 5
_REPEATS = 3  # of the small mail in each round: its time is short, so one alone says little
_SMALLEST, _LARGEST = 3, 50  # sizes of the small mail; HTML ten times the largest is as deep as is parsed
_ENOUGH = 0.002  # seconds that the small mail takes, if a size within those bounds does

Make = Callable[[int], tuple[str, str]]


def _text(text: Callable[[int], str]) -> Make:
    return lambda size: (text(size), "")


def _html(text: Callable[[int], str]) -> Make:
    return lambda size: ("", text(size))


def _noise(size: int) -> str:
    rest = random.Random(1)
    return "\n".join(base64.b64encode(rest.randbytes(57)).decode() for _ in range(13 * size))


# Sizes are such that 1,000 is about half a megabyte or a hundred thousand lines.
SHAPES: dict[str, Make] = {
    "quote marks without words": _text(lambda size: "Reply\n" + ">\n" * (500 * size)),
    "intros that never end": _text(lambda size: "On Mon, Jan 1, 2020 at 1:00 PM Bob <b@x.com> wrot\n" * (5 * size)),
    "headers of two lines": _text(lambda size: "From: a <a@b.c>\nSent: x\n" * (20 * size)),
    "headers that never end": _text(lambda size: "From: a@b.c\n" + "To: a@b.c,\nb@c.d,\n" * (20 * size)),
    "To lines without a header": _text(lambda size: "To: somebody@example.com\ncc:\n" * (12 * size)),
    "Notes dates above To lines": _text(lambda size: "03/03/2026 02:05 PM\nTo: x\n\n" * (15 * size)),
    "verbs and dates in every line": _text(lambda size: "3 March 2026 14:05 schrieb wrote a écrit\n" * (10 * size)),
    "framed words": _text(lambda size: "---- Original ----\n" * (20 * size)),
    "wraps between quoted lines": _text(lambda size: ("> " + "word " * 16 + "\nand on\n") * (6 * size)),
    "one line of labels": _text(lambda size: "From: To: Sent: Subject: a@b.c " * (16 * size)),
    "notes that pass a mail on": _text(lambda size: "FYI, see below\nmy answers are below in red\n" * (10 * size)),
    "a disclaimer a line": _text(lambda size: "This email and any attachment\n\n" * (16 * size)),
    "delimiters": _text(lambda size: "--\nname\n" * (30 * size)),
    "base64": _text(_noise),
    "line breaks": _html(lambda size: "<p>Hi</p>" + "x<br>" * (80 * size)),
    "nested quotes": _html(lambda size: "<p>Hi</p>" + "<blockquote>" * min(1_000, 2 * size) + "x"),
    "containers": _html(lambda size: "<p>Hi</p>" + '<div class="gmail_quote">q</div>' * (20 * size)),
    "wrappers in wrappers": _html(lambda size: '<div class="gmail_quote">a' * min(1_000, 2 * size)),
    "tables in tables": _html(lambda size: "<table><tr><td>a" * (2 * size)),
    "invisible characters": _text(lambda size: "\u200b\u202a>\u200b a\n" * (20 * size)),
    "spaces": _text(lambda size: "a" + " " * (200 * size) + "b\n" + "\t \u00a0" * (100 * size)),
}


@dataclass(frozen=True, slots=True)
class Growth:
    """Milliseconds of CPU time for a mail and for one ten times as long, and how many times as long that took:
    each the median of several."""

    shape: str
    form: str
    small: float
    large: float
    ratio: float


def measure_growth() -> list[Growth]:
    """All shapes, in a process of its own, which carries nothing of what was done before."""
    done = subprocess.run([sys.executable, "-m", __name__], capture_output=True, text=True, check=True, timeout=600)
    return [Growth(**row) for row in json.loads(done.stdout)]


def _measure_twice(shape: str) -> Growth:
    """What seems to grow too fast is measured again, and the better counts: a machine stumbles, a square stays one."""
    first = _measure(shape)
    return first if first.ratio <= MOST else min(first, _measure(shape), key=lambda growth: growth.ratio)


def _measure(shape: str) -> Growth:
    """Both sizes in turn, so that what else the machine does meets both."""
    make = SHAPES[shape]
    size = _SMALLEST
    while size < _LARGEST and _seconds(make, size) < _ENOUGH:
        size = min(2 * size, _LARGEST)
    rounds: list[tuple[float, float]] = []
    for _ in range(_ROUNDS):
        small = median(_seconds(make, size) for _ in range(_REPEATS))
        rounds.append((small, _seconds(make, 10 * size)))
    return Growth(
        shape,
        "HTML" if make(1)[1] else "text",
        1_000 * median(small for small, _ in rounds),
        1_000 * median(large for _, large in rounds),
        median(large / small for small, large in rounds),
    )


def _seconds(make: Make, size: int) -> float:
    text, html = make(size)
    began = time.process_time()
    trim(Body(text=text, html=html))
    return time.process_time() - began


if __name__ == "__main__":
    print(json.dumps([asdict(_measure_twice(shape)) for shape in SHAPES]))
