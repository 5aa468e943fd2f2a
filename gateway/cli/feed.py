"""feed: mail from files, as though it had just arrived."""

import argparse
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from gateway.cli import settled
from gateway.cli.begin import Add
from gateway.cli.ending import DONE, NOT_THERE, Stop
from gateway.cli.printing import as_json, complain, say

_MANY = 20
_KINDS = (".eml", ".mbox")
_PIECE = 256 * 1024


@dataclass(frozen=True, slots=True)
class Found:
    """One mail: a whole file, or the part of an mbox from `start` for `size` bytes (-1: to the end)."""

    path: Path
    start: int = 0
    size: int = -1


def add_to(command: Add) -> None:
    feed = command("feed", take_in, "take in .eml files, Maildirs or mboxes")
    feed.add_argument("paths", nargs="+", type=Path, metavar="PATH")
    feed.add_argument("--history", action="store_true", help="only record: never decided, filed or sent")
    feed.add_argument("--mailbox", default="", metavar="ADDRESS", help="default: whom each mail is addressed to")
    feed.add_argument("--yes", action="store_true", help="do not ask")


def take_in(asked: argparse.Namespace) -> int:
    mails = [mail for path in asked.paths for mail in find_mails(path)]
    if not mails:
        raise Stop("there is no mail in that")
    if len(mails) > _MANY and not asked.yes and sys.stdin.isatty() and not _agreed(len(mails), asked.history):
        return NOT_THERE
    daemon = settled.daemon(asked)
    taken: list[dict[str, object]] = []
    refused = 0
    for mail in mails:
        try:
            answer = daemon.send("feed", pieces(mail), mailbox=asked.mailbox, history=asked.history)
            taken.append({"file": str(mail.path), **answer})
        except Stop as stop:
            refused += 1
            complain(f"{mail.path}: {stop}")
            if not taken and refused == 1:
                raise
    if asked.json:
        as_json({"taken": taken, "refused": refused})
    else:
        say(f"{len(taken)} taken in{' as history' if asked.history else ''}, {refused} not.")
    return NOT_THERE if refused else DONE


def find_mails(path: Path) -> Iterator[Found]:
    """The mails in a file or folder: .eml, mbox, Maildir, or a folder of those."""
    if path.is_dir():
        maildir = (path / "cur").is_dir() and (path / "new").is_dir()
        parts = [path / "new", path / "cur"] if maildir else [path]
        for folder in parts:
            for one in sorted(folder.iterdir()):
                if (one / "cur").is_dir() or (one.is_file() and (maildir or one.suffix.lower() in _KINDS)):
                    yield from find_mails(one)
    elif path.is_file():
        yield from _in_file(path)
    else:
        raise Stop(f"{path} is not there")


def pieces(mail: Found) -> Iterator[bytes]:
    """The mail's bytes, piece by piece."""
    left = mail.size
    with mail.path.open("rb") as file:
        file.seek(mail.start)
        while left and (piece := file.read(_PIECE if left < 0 else min(_PIECE, left))):
            left = left if left < 0 else left - len(piece)
            yield piece


def _in_file(path: Path) -> Iterator[Found]:
    with path.open("rb") as file:
        first = file.read(5)
    if first != b"From ":
        yield Found(path)
        return
    marks = list(_beginnings(path))
    for (_, start), (end, _) in pairwise([*marks, (path.stat().st_size, 0)]):
        yield Found(path, start, end - start)


def _beginnings(path: Path) -> Iterator[tuple[int, int]]:
    """Of each mail of an mbox: where its "From " line begins, and where the mail itself does."""
    at, blank = 0, True
    with path.open("rb") as file:
        for line in file:
            if blank and line.startswith(b"From "):
                yield at, at + len(line)
            blank = not line.strip(b"\r\n")
            at += len(line)


def _agreed(count: int, history: bool) -> bool:
    say(f"These are {count} mails. They will be {'recorded only' if history else 'answered and filed like new ones'}.")
    return input("Take them in? [y/N] ").strip().lower() in ("y", "yes")
