"""The other trimmer, for who prefers it: talon, an optional extra. Same promise: nothing is lost."""

import importlib
from collections.abc import Callable, Sequence
from difflib import SequenceMatcher
from typing import Any

from gateway.errors import Fault, Misconfigured
from gateway.mail.flowed import unflow
from gateway.mail.message import Body
from gateway.mail.quotes.trimmed import Cut, Trimmed
from gateway.mail.visible import visible_text

LONGEST = 1_000_000  # characters of HTML that talon is given; it takes quadratic time in some of them


def trim_with_talon(body: Body) -> Trimmed:
    """What talon takes for new. The whole text when it finds nothing new; every line that is left out is a cut."""
    quotations = _talon()
    full = (unflow(body.text, delsp=body.delsp) if body.flowed else body.text) or visible_text(body.html).text
    if body.html.strip() and len(body.html) <= LONGEST:
        full = visible_text(body.html).text or full
        kept_html = _ask(quotations.extract_from_html, body.html)
        kept = visible_text(kept_html).text
    else:
        kept = _ask(quotations.extract_from_plain, full)
    lines = full.split("\n")
    chosen = _chosen(lines, kept.split("\n"))
    if not any(lines[at].strip() for at in chosen):
        return Trimmed(text=full, html="", full=full)
    text = "\n".join(lines[at] for at in sorted(chosen)).strip("\n")
    return Trimmed(text=text, html="", full=full, cuts=_cuts(lines, chosen))


def _talon() -> Any:
    try:
        talon = importlib.import_module("talon")
        quotations = importlib.import_module("talon.quotations")
    except ImportError as missing:
        why = 'talon is not installed: run .venv/bin/pip install ".[talon]", or choose "own"'
        raise Misconfigured([Fault("", 0, "mail.quotes", why)]) from missing
    init: Callable[[], None] = getattr(talon, "init", lambda: None)
    init()
    return quotations


def _ask(extract: Callable[[str], str], text: str) -> str:
    """A foreign trimmer that stumbles over a mail leaves it whole."""
    try:
        return str(extract(text) or "")
    except (ValueError, TypeError, AttributeError, IndexError, RecursionError, AssertionError):
        return text


def _chosen(lines: Sequence[str], kept: Sequence[str]) -> set[int]:
    """Which lines of the full text talon kept: the text shown is a selection, never talon's own spelling."""
    full = [" ".join(line.split()) for line in lines]
    wanted = [" ".join(line.split()) for line in kept]
    blocks = SequenceMatcher(None, full, wanted, autojunk=False).get_matching_blocks()
    return {at for block in blocks for at in range(block.a, block.a + block.size)}


def _cuts(lines: Sequence[str], chosen: set[int]) -> tuple[Cut, ...]:
    cuts: list[Cut] = []
    at = 0
    while at < len(lines):
        first = at
        while at < len(lines) and at not in chosen:
            at += 1
        if any(line.strip() for line in lines[first:at]):
            cuts.append(Cut(first + 1, at, "talon", 0.5))
        at = max(at, first + 1)
    return tuple(cuts)
