"""The order in which a conversation is shown: its entries, and between them what turned it."""

from gateway.web.shown import Shown
from gateway.web.words import TURNS


def lay_out(conversation: Shown) -> list[Shown]:
    """Entries and turns by their time. A draft is not among them: it is shown where it can be approved."""
    draft = conversation["draft"]["entry"] if conversation["draft"] else None
    entries = [{"kind": "entry", **one} for one in conversation["entries"] if one["id"] != draft]
    turns = [{"kind": "turn", **one} for one in conversation["history"] if one["what"] in TURNS]
    # An entry's own time may lie before it came: what it led to never stands above it.
    return sorted(entries + turns, key=lambda one: (one.get("arrived") or one["at"], one["kind"]))
