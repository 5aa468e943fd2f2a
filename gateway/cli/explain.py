"""explain: what would happen to each mail, rule by rule; nothing is written or sent."""

import argparse
from pathlib import Path

from gateway.cli import settled
from gateway.cli.begin import Add
from gateway.cli.ending import DONE, USAGE, Stop
from gateway.cli.printing import say
from gateway.cli.told import as_line, as_text
from gateway.config import load
from gateway.config.settings import Settings
from gateway.errors import Misconfigured


def add_to(command: Add) -> None:
    one = command("explain", explain, "what would happen to each mail, rule by rule")
    one.add_argument("files", nargs="*", type=Path, metavar="FILE.eml")
    one.add_argument("--arrival", nargs="+", type=int, default=[], metavar="ID", help="mails that the daemon took in")
    one.add_argument("--thread", nargs="+", type=Path, default=[], metavar="EARLIER.eml", help="the mails before it")


def explain(asked: argparse.Namespace) -> int:
    if not asked.files and not asked.arrival:
        raise Stop("name a FILE.eml, or --arrival ID of a mail that was taken in", USAGE)
    for number in asked.arrival:
        told = settled.daemon(asked).get(f"arrivals/{number}/explanation")
        say(as_line(told) if asked.json else as_text(told))
    if not asked.files:
        return DONE
    tell = settled.built("gateway.cli.explanation", "tell")
    return int(tell(asked.files, asked.thread, _settings(asked), json=asked.json) or DONE)


def _settings(asked: argparse.Namespace) -> Settings | None:
    """It works without a settings file; one that is named, or lies where it is looked for, counts."""
    if asked.config is None:
        try:
            load.find()
        except Misconfigured:
            return None
    return settled.settings(asked)
