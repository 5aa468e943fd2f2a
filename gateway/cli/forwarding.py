"""check forwarding: a test mail through the relay to a public address, which must come back to the gateway."""

import argparse
import time
from collections.abc import Mapping
from typing import Any

from gateway.cli import settled
from gateway.cli.ending import DONE, NOT_THERE, USAGE, Stop
from gateway.cli.printing import as_json, one_line, say

PATIENCE, OFTEN = 120.0, 1.0  # seconds
_LATER = "not back yet; the gateway goes on waiting: look at the connections page, or ask again"


def check(asked: argparse.Namespace) -> int:
    """Waits for two minutes at most. Exit status 0 only when the test mail has come back."""
    if not asked.address:
        raise Stop("which address? gateway check forwarding support@example.com", USAGE)
    if asked.offline:
        raise Stop("this test sends a mail: it cannot be done --offline", USAGE)
    daemon = settled.daemon(asked)
    found = daemon.post("forwarding", {"address": asked.address})
    sent, until = found["sent"], time.monotonic() + PATIENCE
    while found["state"] == "Pending" and found["sent"] == sent and time.monotonic() < until:
        time.sleep(OFTEN)
        found = daemon.get("forwarding", address=found["address"])
    if asked.json:
        as_json(found)
    else:
        _tell(found)
    return DONE if found["state"] == "Connected" else NOT_THERE


def _tell(found: Mapping[str, Any]) -> None:
    why = _LATER if found["state"] == "Pending" else found["why"]
    say(f"{found['state']}  {found['address']}: {one_line(why, 500)}")
    if found["state"] != "Connected":
        return
    for label, value in learnt_lines(found["learnt"]):
        say(f"      {label}: {one_line(value, 300)}")


def learnt_lines(learnt: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What the test has shown of the way, in words."""
    proof = learnt.get("proof") or []
    return [
        ("way", str(learnt.get("forwarder") or "no forwarding that we know")),
        ("delay", f"{learnt.get('delay', 0)} s"),
        ("came in by", f"{learnt.get('door', '')} {learnt.get('peer', '')}".strip()),
        ("checked by", str(learnt.get("server") or "no server that says so (Authentication-Results)")),
        ("our own From", f"{learnt.get('trust', '')}{': ' + '; '.join(map(str, proof)) if proof else ''}"),
        *((str(one["method"]).upper(), _aligned(one)) for one in learnt.get("alignment") or ()),
        ("Message-IDs", "kept" if learnt.get("keeps_ids") else "replaced on the way"),
        ("sub-addresses", "arrive" if learnt.get("sub_addresses") else "have not arrived (yet)"),
    ]


def _aligned(one: Mapping[str, Any]) -> str:
    return str(one["text"]) + (f" → {one['fix']}" if one["fix"] else "")
