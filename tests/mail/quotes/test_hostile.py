"""Mail made to hang a trimmer: done in two seconds and 300 MB, and ten times the mail takes ten times as long."""

import json
import subprocess
import sys
import time

import pytest

from gateway.bench.quote_growth import MOST, SHAPES, Make, measure_growth
from gateway.mail.message import Body
from gateway.mail.quotes.trim import trim
from gateway.mail.quotes.trimmed import Earlier
from gateway.offload import most_memory


def seconds(make: Make) -> float:
    """In a conversation, which is the same work and a comparison more."""
    text, source = make(1_000)
    said = [Earlier((text or source)[:30_000], "support@shop.example", "Support Team")] * 5
    began = time.process_time()
    trim(Body(text=text, html=source), thread=said, ours=["support@shop.example"])
    return time.process_time() - began


@pytest.fixture(scope="module")
def measured() -> dict[str, float]:
    """All of them, one after the other in a process of their own: the seconds each took, and the megabytes at last."""
    run = "from tests.mail.quotes.test_hostile import measure_all; measure_all()"
    done = subprocess.run([sys.executable, "-c", run], capture_output=True, text=True, check=True, timeout=120)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def measure_all() -> None:
    found = {name: seconds(make) for name, make in SHAPES.items()}
    print(json.dumps({**found, "megabytes": most_memory() / 1024 / 1024}))


@pytest.mark.parametrize("name", SHAPES)
def test_a_hostile_mail_takes_less_than_two_seconds(measured: dict[str, float], name: str) -> None:
    assert measured[name] < 2


def test_a_hostile_mail_takes_less_than_300_megabytes(measured: dict[str, float]) -> None:
    assert measured["megabytes"] < 300


def test_ten_times_the_mail_takes_at_most_twelve_times_as_long() -> None:
    growth = measure_growth()

    assert [one.shape for one in growth] == list(SHAPES)
    assert {one.shape: one.ratio for one in growth if one.ratio > MOST} == {}
