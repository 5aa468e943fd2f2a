"""bench quotes: how well quoted text is trimmed, beside the other trimmers that are installed."""

import json as json_format
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from statistics import median
from typing import Any

from gateway.bench import quote_peers
from gateway.bench.quote_corpus import Case, read_corpus
from gateway.bench.quote_growth import MOST, Growth, measure_growth
from gateway.bench.quote_judge import Verdict, judge
from gateway.bench.quote_threads import OURS, Conversation, make_conversations
from gateway.mail.message import Body
from gateway.mail.quotes.trim import trim

RIGHT, LOST = 0.975, 4  # what we claim on the corpus

Row = dict[str, Any]


def run(*arguments: str, json: bool = False) -> int:
    """Measure a corpus; a second argument names a Python that has the peers. 0 when what we claim is reached."""
    folder = Path(arguments[0]) if arguments else Path()
    cases = read_corpus(folder) if arguments and folder.is_dir() else []
    if not cases:
        print("give the folder of a corpus, and if you like a Python that has the other trimmers installed")
        return 2
    python = arguments[1] if len(arguments) > 1 else sys.executable
    rows = [
        _row("gateway", cases, quote_peers.ours(cases)),
        _row("(keep everything)", cases, quote_peers.everything(cases)),
    ]
    rows += [_row(name, cases, quote_peers.peer(python, name, cases)) for name in quote_peers.installed(python)]
    rows[1:] = sorted(rows[1:], key=lambda row: float(row["cost"]))
    conversations = _conversations(make_conversations(cases))
    growth = measure_growth()
    if json:
        told = {"corpus": rows, "conversations": conversations, "growth": [asdict(one) for one in growth]}
        print(json_format.dumps(told, indent=2))
    else:
        _print(rows, conversations)
        _print_growth(growth)
    kept = rows[0]["right"] >= RIGHT and rows[0]["lost"] <= LOST and all(one.ratio <= MOST for one in growth)
    return 0 if kept else 1


def _row(name: str, cases: Sequence[Case], outputs: Sequence[quote_peers.Output]) -> Row:
    """One trimmer's line of the table. Cost: a lost word is worth five quotes left standing."""
    verdicts = [judge(case, output) for case, (output, _) in zip(cases, outputs, strict=True)]

    def of(wanted: Callable[[Case], bool]) -> list[Verdict]:
        return [verdict for case, verdict in zip(cases, verdicts, strict=True) if wanted(case)]

    replies = of(lambda case: case.kind in ("reply", "inline", "bottom"))
    return {
        "name": name,
        "cases": len(cases),
        "right": _share(verdicts, "right"),
        "exact": _share(verdicts, "exact"),
        "lost": sum(verdict.lost for verdict in verdicts),
        "leaked": sum(verdict.leaked for verdict in verdicts),
        "signatures": sum(verdict.signed for verdict in verdicts),
        "cost": 100 * (5 * _share(verdicts, "lost") + _share(verdicts, "leaked")),
        "replies": _share(replies, "right"),
        "none_wrong": sum(not verdict.right for verdict in of(lambda case: case.kind == "none")),
        "forwards_wrong": sum(not verdict.right for verdict in of(lambda case: case.kind == "forward")),
        "html_wrong": sum(not verdict.right for verdict in of(lambda case: case.format == "html")),
        "milliseconds": median(milliseconds for _, milliseconds in outputs),
        "wrong": [case.id for case, verdict in zip(cases, verdicts, strict=True) if not verdict.right],
    }


def _share(verdicts: Sequence[Verdict], what: str) -> float:
    return sum(bool(getattr(verdict, what)) for verdict in verdicts) / len(verdicts) if verdicts else 0.0


def _conversations(conversations: Sequence[Conversation]) -> list[Row]:
    """Each way of quoting, judged without and with what was said before."""
    ways = list(dict.fromkeys(one.way for one in conversations))
    rows = [measure_way(way, [one for one in conversations if one.way == way]) for way in ways]
    return [*rows, measure_way("all", conversations)]


def measure_way(way: str, conversations: Sequence[Conversation]) -> Row:
    alone = [_judged(one, known=False) for one in conversations]
    known = [_judged(one, known=True) for one in conversations]
    return {
        "way": way,
        "conversations": len(conversations),
        "lost_alone": sum(verdict.lost for verdict in alone),
        "lost_known": sum(verdict.lost for verdict in known),
        "leaked_alone": sum(verdict.leaked for verdict in alone),
        "leaked_known": sum(verdict.leaked for verdict in known),
    }


def _judged(one: Conversation, *, known: bool) -> Verdict:
    body = Body(text=one.case.text, html=one.case.html)
    thread = one.thread if known else ()
    ours = (OURS,) if known else ()
    kept = trim(body, subject=one.case.subject, thread=thread, ours=ours, signatures="keep").text
    return judge(one.case, kept)


def _print(rows: Sequence[Row], conversations: Sequence[Row]) -> None:
    print(f"{rows[0]['cases']} mails; lost words cost five, a quote left standing one; smaller is better")
    print(
        f"{'':24}{'right':>7}{'exact':>7}{'LOST':>6}{'leak':>6}{'sig':>5}{'cost':>7}{'replies':>9}"
        f"{'none':>6}{'forw.':>6}{'HTML':>6}{'ms':>7}"
    )
    for row in rows:
        print(
            f"{row['name']:24}{row['right']:7.1%}{row['exact']:7.1%}{row['lost']:6}{row['leaked']:6}{row['signatures']:5}"
            f"{row['cost']:7.1f}{row['replies']:9.1%}{row['none_wrong']:6}{row['forwards_wrong']:6}{row['html_wrong']:6}"
            f"{row['milliseconds']:7.2f}"
        )
    print("\nconversations of independent texts, without and with the earlier mails known")
    print(f"{'':34}{'number':>8}{'LOST':>12}{'leak':>12}")
    for row in conversations:
        lost = f"{row['lost_alone']} -> {row['lost_known']}"
        leaked = f"{row['leaked_alone']} -> {row['leaked_known']}"
        print(f"{row['way']:34}{row['conversations']:8}{lost:>12}{leaked:>12}")
    print("\nwrong: " + ", ".join(rows[0]["wrong"]))


def _print_growth(growth: Sequence[Growth]) -> None:
    print(f"\nhostile mail, and ten times as much of it: CPU milliseconds; at most {MOST} times as long is right")
    print(f"{'':34}{'':6}{'once':>9}{'ten times':>11}{'ratio':>8}")
    for one in growth:
        print(f"{one.shape:34}{one.form:6}{one.small:9.2f}{one.large:11.2f}{one.ratio:8.1f}")
