"""check: "Test & Save" — one line a check, with the fix when it fails."""

import argparse
import asyncio
from dataclasses import asdict
from pathlib import Path

from gateway.cli import forwarding, reconciling, settled
from gateway.cli.begin import Add
from gateway.cli.ending import DONE, NOT_THERE, USAGE, Stop
from gateway.cli.printing import as_json, say
from gateway.config import load
from gateway.config.settings import Settings
from gateway.errors import Misconfigured
from gateway.health import Finding

# area -> the module whose `async check(settings)` looks, and whether it needs the network
AREAS = {
    "config": ("", False),
    "store": ("gateway.store.checks", False),
    "smtp": ("gateway.intake.smtp.checks", False),
    "imap": ("gateway.intake.imap.checks", True),
    "relay": ("gateway.relay.checks", True),
    "assistant": ("gateway.assistant.checks", True),
    "creatio": ("gateway.creatio.checks", True),
    "scanner": ("gateway.scanner.checks", True),
    "forwarding": ("", True),
    "dns": ("gateway.resolver.checks", True),
}
_LONGEST = 120.0


def add_to(command: Add) -> None:
    one = command("check", check, "Test & Save: does it all work?")
    one.add_argument("area", nargs="?", choices=AREAS)
    one.add_argument("address", nargs="?", help="of check forwarding")
    one.add_argument("--offline", action="store_true", help="only what needs no network")
    one.add_argument("--reconcile", action="store_true", help="of check creatio: compare the ledger with the tenant")
    one.add_argument("--repair", action="store_true", help="of --reconcile: write again what is lost")


def check(asked: argparse.Namespace) -> int:
    if asked.reconcile or asked.repair:
        return reconciling.check(asked)
    if asked.area == "forwarding":
        return forwarding.check(asked)
    if asked.address:
        raise Stop("only check forwarding takes an address", USAGE)
    path = settled.settings_file(asked)
    areas = [asked.area] if asked.area else [area for area in AREAS if area != "forwarding"]
    findings = asyncio.run(find(path, areas, offline=asked.offline))
    if asked.json:
        as_json({"findings": [asdict(one) for one in findings]})
    else:
        for one in findings:
            say(f"{_mark(one)}  {one.area:<10} {one.text}" + (f"\n      {one.fix}" if one.fix and not one.well else ""))
    return DONE if all(one.well or one.warning for one in findings) else NOT_THERE


async def find(path: Path, areas: list[str], *, offline: bool) -> list[Finding]:
    """All that the rooms find, area by area. Raises Misconfigured: without settings there is nothing to try."""
    settings = load.load(path)
    found: list[Finding] = []
    for area in areas:
        module, network = AREAS[area]
        if area == "config":
            found += check_settings(settings)
        elif area == "imap" and not settings.imap:
            found.append(Finding(area, True, "no account is configured"))
        elif offline and network:
            found.append(Finding(area, True, "not asked (--offline)", warning=True))
        else:
            found += await _ask(area, module, settings)
    return found


def check_settings(settings: Settings) -> list[Finding]:
    """The file is well, or there would be no settings; what it warns of is told."""
    count = len(settings.mailboxes)
    found = [Finding("config", True, f"{settings.path}: {count} mailbox{'es' if count > 1 else ''}, no fault")]
    return found + [Finding("config", False, warning, warning=True) for warning in settings.warnings]


async def _ask(area: str, module: str, settings: Settings) -> list[Finding]:
    try:
        look = settled.built(module, "check")
    except Stop:
        return [Finding(area, True, "nothing to look at is built yet", warning=True)]
    try:
        async with asyncio.timeout(_LONGEST):
            return list(await look(settings))
    except TimeoutError:
        return [Finding(area, False, f"no answer within {_LONGEST:g} seconds", "is it running, is the address right?")]
    except Misconfigured as wrong:
        return [Finding(area, False, str(fault)) for fault in wrong.faults]


def _mark(one: Finding) -> str:
    return "warn" if one.warning and not one.well else "  ok" if one.well else "FAIL"
