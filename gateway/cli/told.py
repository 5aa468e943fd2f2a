"""What `gateway explain` prints of one mail: a line of JSON, or rule by rule for a reader."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from gateway.cli.printing import one_line, plain

_ORDER = ("file", "fate", "mailbox", "from", "customer", "subject", "message_id", "origin", "trust")


def as_line(facts: Mapping[str, Any]) -> str:
    return json.dumps(facts, ensure_ascii=False)


def as_text(facts: Mapping[str, Any]) -> str:
    """Rule by rule; nothing in it steers a terminal."""
    return "\n".join(_lines(facts)) + "\n"


def _lines(facts: Mapping[str, Any]) -> Iterator[str]:
    for name in _ORDER:
        yield f"{name.replace('_', ' '):<12}{one_line(str(facts[name] or '-'), 200)}"
    answered, reopens = ("yes" if facts[name] else "no" for name in ("may_answer", "may_reopen"))
    yield f"{'may answer':<12}{answered}; may open a resolved matter again: {reopens}"
    for reason in facts["reasons"]:
        yield f"{'because':<12}{one_line(str(reason), 200)}"
    yield from _happened(facts.get("happened") or {})
    found = facts["conversation"]
    yield f"{'joins':<12}{found['found'] or 'a new conversation' if facts['fate'] != 'set_aside' else '-'}"
    for one in found["evidence"]:
        yield f"{'':<12}{one['score']:>3} {one['rule']}: {one_line(one['why'], 160)}"
    if facts["bounce"]:
        kind = "permanent" if facts["bounce"]["permanent"] else "not permanent"
        yield f"{'bounce':<12}{facts['bounce']['recipient'] or '?'}, {kind}: {one_line(facts['bounce']['reason'], 160)}"
    for one in facts["attachments"]:
        place = "in the text" if one["inline"] else "attached"
        yield f"{'file':<12}{one_line(one['name'])} ({one['type']}, {one['size']} bytes, {place})"
    for cut in facts["cuts"]:
        first, last = cut["lines"]
        yield f"{'cut':<12}lines {first} to {last}: {cut['rule']} ({cut['confidence']:.2f})"
    yield f"{'new text':<12}"
    yield from (f"    {plain(line)}" for line in str(facts["new_text"]).splitlines())


def _happened(happened: Mapping[str, Any]) -> Iterator[str]:
    """Of a mail that was taken in: what became of it, and of the answers that it had or stopped."""
    if not happened:
        return
    why = "; ".join(map(str, happened["reasons"]))
    yield f"{'happened':<12}{one_line(': '.join(filter(None, (happened['fate'] or 'waiting', why))), 200)}"
    for one in happened["cancelled"]:
        yield f"{'':<12}{one_line(one, 200)}"
