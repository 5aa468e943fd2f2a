"""check creatio --reconcile: ledger and tenant compared by the running daemon; --repair writes again what is lost."""

import argparse
from collections.abc import Iterator, Mapping
from typing import Any

from gateway.cli import settled
from gateway.cli.ending import DONE, NOT_THERE, USAGE, Stop
from gateway.cli.printing import as_json, one_line, say


def check(asked: argparse.Namespace) -> int:
    """Exit status 0 when both sides agree, or when all that was lost is being written again."""
    if asked.area != "creatio":
        raise Stop("it is gateway check creatio --reconcile", USAGE)
    if asked.offline:
        raise Stop("this check asks Creatio: it cannot be done --offline", USAGE)
    if asked.repair and not asked.reconcile:
        raise Stop("--repair goes with --reconcile", USAGE)
    pages = list(_pages(asked))
    lost = [one for page in pages for one in page["lost"]]
    unknown = [one for page in pages for one in page["unknown"]]
    repaired, looked_at = (sum(page[name] for page in pages) for name in ("repaired", "looked_at"))
    if asked.json:
        as_json({"lost": lost, "unknown": unknown, "repaired": repaired, "looked_at": looked_at})
    else:
        say(_sum_up(asked, lost=len(lost), unknown=len(unknown), repaired=repaired, looked_at=looked_at))
    return DONE if not unknown and repaired == len(lost) else NOT_THERE


def _pages(asked: argparse.Namespace) -> Iterator[Mapping[str, Any]]:
    """One page of conversations after the other; each is told as it comes."""
    daemon, after = settled.daemon(asked), ""
    while True:
        page = daemon.post("creatio/reconcile", {"after": after, "repair": "yes" if asked.repair else ""})
        if not asked.json:
            for side in ("lost", "unknown"):
                for one in page[side]:
                    _tell(side, one)
        yield page
        after = page["last"]
        if not after:
            return


def _tell(side: str, one: Mapping[str, Any]) -> None:
    where = f"  case {one['case']}" if one["case"] else ""
    where += f"  conversation {one['conversation']}" if one["conversation"] else ""
    say(f"{side:<8}{one['kind']:<13}{one['id']}{where}" + (f"  {one_line(one['why'], 200)}" if one["why"] else ""))


def _sum_up(asked: argparse.Namespace, *, lost: int, unknown: int, repaired: int, looked_at: int) -> str:
    if not lost and not unknown:
        return f"{looked_at} rows: ledger and Creatio agree."
    text = f"{looked_at} rows: {lost} lost in Creatio, {unknown} there that the ledger does not know."
    if asked.repair:
        return f"{text} {repaired} are being written again with the same ids: see `gateway status`."
    return f"{text} What is lost is written again by --repair; nothing is ever deleted." if lost else text
