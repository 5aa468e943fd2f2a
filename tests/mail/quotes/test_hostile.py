"""Mail made to hang a trimmer: done in two seconds and 300 MB, and ten times the mail takes ten times as long."""

import base64
import json
import random
import resource
import subprocess
import sys
import time
from collections.abc import Callable

import pytest

from gateway.mail.message import Body
from gateway.mail.quotes.trim import trim
from gateway.mail.quotes.trimmed import Earlier

Make = Callable[[int], tuple[str, str]]


def plain(text: Callable[[int], str]) -> Make:
    return lambda size: (text(size), "")


def html(text: Callable[[int], str]) -> Make:
    return lambda size: ("", text(size))


def _noise(size: int) -> str:
    rest = random.Random(1)
    return "\n".join(base64.b64encode(rest.randbytes(57)).decode() for _ in range(13 * size))


# Sizes are such that 1,000 is about half a megabyte or a hundred thousand lines.
HOSTILE: dict[str, Make] = {
    "quote marks without words": plain(lambda size: "Reply\n" + ">\n" * (500 * size)),
    "intros that never end": plain(lambda size: "On Mon, Jan 1, 2020 at 1:00 PM Bob <b@x.com> wrot\n" * (5 * size)),
    "headers of two lines": plain(lambda size: "From: a <a@b.c>\nSent: x\n" * (20 * size)),
    "headers that never end": plain(lambda size: "From: a@b.c\n" + "To: a@b.c,\nb@c.d,\n" * (20 * size)),
    "To lines without a header": plain(lambda size: "To: somebody@example.com\ncc:\n" * (12 * size)),
    "Notes dates above To lines": plain(lambda size: "03/03/2026 02:05 PM\nTo: x\n\n" * (15 * size)),
    "verbs and dates in every line": plain(lambda size: "3 March 2026 14:05 schrieb wrote a écrit\n" * (10 * size)),
    "framed words": plain(lambda size: "---- Original ----\n" * (20 * size)),
    "wraps between quoted lines": plain(lambda size: ("> " + "word " * 16 + "\nand on\n") * (6 * size)),
    "one line of labels": plain(lambda size: "From: To: Sent: Subject: a@b.c " * (16 * size)),
    "a disclaimer a line": plain(lambda size: "This email and any attachment\n\n" * (16 * size)),
    "delimiters": plain(lambda size: "--\nname\n" * (30 * size)),
    "base64": plain(_noise),
    "line breaks": html(lambda size: "<p>Hi</p>" + "x<br>" * (80 * size)),
    "nested quotes": html(lambda size: "<p>Hi</p>" + "<blockquote>" * (5 * size) + "x"),
    "containers": html(lambda size: "<p>Hi</p>" + '<div class="gmail_quote">q</div>' * (20 * size)),
    "wrappers in wrappers": html(lambda size: '<div class="gmail_quote">a' * min(2_900, 5 * size)),
    "tables in tables": html(lambda size: "<table><tr><td>a" * (2 * size)),
    "invisible characters": plain(lambda size: "\u200b\u202a>\u200b a\n" * (20 * size)),
    "spaces": plain(lambda size: "a" + " " * (200 * size) + "b\n" + "\t \u00a0" * (100 * size)),
}


def seconds(make: Make, size: int, *, thread: bool) -> float:
    text, source = make(size)
    said = [Earlier((text or source)[:30_000], "support@shop.example", "Support Team")] * 5 if thread else []
    began = time.process_time()
    trim(Body(text=text, html=source), thread=said, ours=["support@shop.example"] if thread else [])
    return time.process_time() - began


@pytest.fixture(scope="module")
def measured() -> dict[str, float]:
    """All of them, one after the other in a process of their own: the seconds each took, and the megabytes at last."""
    run = "from tests.mail.quotes.test_hostile import measure_all; measure_all()"
    done = subprocess.run([sys.executable, "-c", run], capture_output=True, text=True, check=True, timeout=120)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def measure_all() -> None:
    """In a conversation, which is the same work and a comparison more."""
    found = {name: seconds(make, 1_000, thread=True) for name, make in HOSTILE.items()}
    print(json.dumps({**found, "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_mail_takes_less_than_two_seconds(measured: dict[str, float], name: str) -> None:
    assert measured[name] < 2


def test_a_hostile_mail_takes_less_than_300_megabytes(measured: dict[str, float]) -> None:
    assert measured["megabytes"] < 300


@pytest.mark.parametrize("name", HOSTILE)
def test_the_time_grows_with_the_mail_and_not_with_its_square(name: str) -> None:
    """Ten times the mail may take thirty times as long on a busy machine; with its square it would be a hundred."""
    small = min(seconds(HOSTILE[name], 50, thread=False) for _ in range(3))
    large = min(seconds(HOSTILE[name], 500, thread=False) for _ in range(2))

    assert large <= 30 * small + 0.02
