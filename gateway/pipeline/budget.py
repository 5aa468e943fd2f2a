"""The calls made to Creatio today, by all nodes together."""

from gateway.store import marks
from gateway.store.database import Transaction

CALLS = "creatio.calls"


def note(tx: Transaction, calls: int, node: str) -> None:
    """Add a node's newest calls. A poll comes to any node, so each look at a case is noted too: none goes uncounted."""
    marks.count(tx, CALLS, calls, node=node)


def used_today(tx: Transaction) -> int:
    """Asked by the poll alone, which remembers how many there were before today."""
    day, total = tx.now.date().isoformat(), marks.counted(tx, CALLS)
    mark = marks.get(tx, CALLS) or {}
    if mark.get("day") != day or "before" not in mark:
        mark = {"day": day, "before": total}
        marks.put(tx, CALLS, mark)
    return int(total - mark["before"])
