"""explain: what would happen to each mail, rule by rule; nothing is written or sent."""

import argparse
from pathlib import Path

from gateway.cli import settled
from gateway.cli.begin import Add
from gateway.cli.ending import DONE
from gateway.config import load
from gateway.config.settings import Settings
from gateway.errors import Misconfigured


def add_to(command: Add) -> None:
    one = command("explain", explain, "what would happen to each mail, rule by rule")
    one.add_argument("files", nargs="+", type=Path, metavar="FILE.eml")
    one.add_argument("--thread", nargs="+", type=Path, default=[], metavar="EARLIER.eml", help="the mails before it")


def explain(asked: argparse.Namespace) -> int:
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
