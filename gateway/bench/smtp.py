"""bench smtp: durable mails a second at our door, beside stock aiosmtpd that throws them away, and Postfix's queue.

    gateway bench smtp [FOLDER] [postgresql://…]

FOLDER holds .eml files to send instead of made-up ones; with a URL, our door is measured on that database too.
"""

import json as json_format
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from gateway.bench.load import make_load, read_load, size_of
from gateway.bench.receivers import Child, Postfix, Receiver, Unfit, all_of, cpu_seconds

ROUNDS = 5
MAILS, WARM_UP = 4_000, 400  # a round of each receiver, and before the first
SESSIONS, PER_CONNECTION = 50, 20
OURS, STOCK, POSTFIX, SHARED = "gateway", "stock aiosmtpd, discarding", "Postfix, queue", "gateway on PostgreSQL"
WANTED = {STOCK: 1.2, POSTFIX: 1.0}


@dataclass(frozen=True, slots=True)
class Result:
    """`rates` are mails a second, one a round; `ratios` are ours to each other receiver's, median of the rounds.

    `cpu` is milliseconds a mail: on a busy machine the number to trust, for there many processes get more than one.
    """

    load: str
    rates: Mapping[str, Sequence[float]]
    cpu: Mapping[str, float]
    ratios: Mapping[str, float]
    remarks: Sequence[str]

    @property
    def reached(self) -> bool:
        return all(self.ratios[name] >= wanted for name, wanted in WANTED.items() if name in self.ratios)


def run(*arguments: str, json: bool = False) -> int:
    """Measure and print; returns 0 when what we claim was reached, else 1."""
    result = measure(*arguments)
    if json:
        told = {
            "load": result.load,
            "rates": result.rates,
            "cpu_ms": result.cpu,
            "ratios": result.ratios,
            "remarks": result.remarks,
        }
        print(json_format.dumps(told | {"reached": result.reached}, indent=2))
    else:
        _print(result)
    return 0 if result.reached else 1


def measure(*arguments: str, rounds: int = ROUNDS, mails: int = MAILS) -> Result:
    urls = [one for one in arguments if "://" in one]
    folders = [Path(one) for one in arguments if "://" not in one]
    with tempfile.TemporaryDirectory(prefix="gateway-bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)  # Postfix's own users walk through it
        load = read_load(folders[0]) if folders else make_load()
        if not load:
            raise SystemExit(f"gateway: there is no .eml file in {folders[0]}")
        (folder / "load").mkdir()
        for number, mail in enumerate(load):
            (folder / "load" / f"{number:06}.eml").write_bytes(mail)
        receivers, remarks = _open(folder, urls)
        rates: dict[str, list[float]] = {one.name: [] for one in receivers}
        with all_of(receivers) as kept:
            for one in receivers:
                _send(one, WARM_UP, folder / "load")
            used = {one.name: -cpu_seconds(one.pid) for one in receivers}
            for number in range(rounds):
                # Each round begins with another one, so that none has always the quiet or the busy moment.
                for one in receivers[number % len(receivers) :] + receivers[: number % len(receivers)]:
                    rates[one.name].append(_send(one, mails, folder / "load"))
            used = {one.name: used[one.name] + cpu_seconds(one.pid) for one in receivers}
    remarks += _busy() + _count(kept, WARM_UP + rounds * mails)
    cpu = {name: seconds / (rounds * mails) * 1000 for name, seconds in used.items()}
    return Result(size_of(load), rates, cpu, _ratios(rates), remarks)


def _open(folder: Path, urls: Sequence[str]) -> tuple[list[Receiver], list[str]]:
    receivers: list[Receiver] = [
        Child.start(OURS, "our_door", str(folder / "ours"), "sqlite", keeps=True),
        Child.start(STOCK, "stock_door", keeps=False),
    ]
    remarks = []
    try:
        receivers.append(Postfix.start(POSTFIX, folder / "postfix"))
    except Unfit as why:
        remarks.append(f"without Postfix: {why}")
    if urls:
        receivers.append(Child.start(SHARED, "our_door", str(folder / "shared"), urls[0], keeps=True))
    return receivers, remarks


def _send(one: Receiver, mails: int, load: Path) -> float:
    """Mails a second."""
    numbers = (one.port, mails, SESSIONS, PER_CONNECTION)
    command = [sys.executable, "-m", "gateway.bench.sender", *map(str, numbers), str(load)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(f"gateway: {one.name} did not take the load: {done.stderr.strip().splitlines()[-1]}")
    told = json_format.loads(done.stdout)
    if told["mails"] != mails:
        raise SystemExit(f"gateway: {one.name} took {told['mails']} of {mails} mails")
    return float(told["mails"] / told["seconds"])


def _busy() -> list[str]:
    """Who shares the machine measures the others, too."""
    load, cores = os.getloadavg()[1], os.cpu_count() or 1
    return [f"load average {load:.1f} on {cores} cores: others worked here, too; repeat it"] if load > 2 * cores else []


def _count(kept: Mapping[str, int | None], acknowledged: int) -> list[str]:
    """What was acknowledged must be there."""
    return [
        f"{name}: {acknowledged} mails acknowledged, {count} on disk{'' if count == acknowledged else ': A FAULT'}"
        for name, count in kept.items()
        if count is not None
    ]


def _ratios(rates: Mapping[str, Sequence[float]]) -> dict[str, float]:
    """Compared inside a round: both had the same machine then."""
    return {
        name: median(ours / theirs for ours, theirs in zip(rates[OURS], other, strict=True))
        for name, other in rates.items()
        if name != OURS
    }


def _print(result: Result) -> None:
    print(f"{result.load}; {SESSIONS} sessions, {PER_CONNECTION} mails a connection, rounds interleaved\n")
    for name, rates in result.rates.items():
        rounds = "  ".join(f"{rate:5.0f}" for rate in rates)
        print(f"{name:<28} {median(rates):6.0f} mails/s   ({rounds})   {result.cpu[name]:.2f} ms CPU a mail")
    print()
    for name, ratio in result.ratios.items():
        wanted = WANTED.get(name)
        verdict = "" if wanted is None else f"   wanted {wanted:.1f}: {'reached' if ratio >= wanted else 'MISSED'}"
        print(f"gateway / {name:<28} {ratio:4.2f}{verdict}")
    for remark in result.remarks:
        print(remark)
