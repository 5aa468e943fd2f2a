"""bench: the published measurements."""

import argparse
import asyncio
import inspect

from gateway.cli import settled
from gateway.cli.begin import Add
from gateway.cli.ending import DONE

_ABOUT = {
    "quotes": "how well quoted text is trimmed, on a corpus",
    "mail": "how well mail is read and judged, on a corpus",
    "smtp": "how fast mail is taken in, beside others",
    "creatio": "how a slow Creatio is filled, beside the plan of requests",
}


def add_to(command: Add) -> None:
    bench = command("bench", measure, "the published measurements")
    bench.add_argument(
        "what", choices=sorted(_ABOUT), help="; ".join(f"{key}: {_ABOUT[key]}" for key in sorted(_ABOUT))
    )
    bench.add_argument("arguments", nargs="*", metavar="PATH", help="a corpus, or a load; of creatio: how many")


def measure(asked: argparse.Namespace) -> int:
    value = settled.built(f"gateway.bench.{asked.what}", "run")(*asked.arguments, json=asked.json)
    if inspect.iscoroutine(value):
        value = asyncio.run(value)
    return value if isinstance(value, int) else DONE
