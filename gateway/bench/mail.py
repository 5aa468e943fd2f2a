"""bench mail: how well mail is read and judged, beside what the corpus' own projects say of it."""

import json as json_module
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gateway.bench.mail_quirks import QUIRKS
from gateway.mail.automatic import Machine, Origin, judge
from gateway.mail.envelopes import envelope_of
from gateway.mail.limits import Unreadable
from gateway.mail.message import Message, Report
from gateway.mail.reading import read_message

SLOWEST = 2.0  # seconds that reading one mail may take
_MACHINES = frozenset({"auto-reply", "oof", "challenge-response", "list", "arf", "mdn", "dsn-success"})


@dataclass(frozen=True, slots=True)
class Sample:
    """One mail of the corpus, what was read, and what its project expects of it."""

    path: str
    kinds: frozenset[str]
    project: str
    expected: dict[str, Any]
    signs: tuple[str, ...]
    disputed: bool
    plain: bool
    message: Message
    machine: Machine


@dataclass(slots=True)
class Measured:
    """So many of so many, the goal, and the paths that miss it. `at_most`: the share must not be larger."""

    name: str
    goal: float
    at_most: bool = False
    good: int = 0
    all: int = 0
    missed: list[str] = field(default_factory=list)

    def count(self, path: str, hit: bool) -> None:
        self.all += 1
        self.good += hit
        if hit is self.at_most:
            self.missed.append(path)

    @property
    def share(self) -> float:
        return self.good / self.all if self.all else (0.0 if self.at_most else 1.0)

    @property
    def reached(self) -> bool:
        return self.share <= self.goal if self.at_most else self.share >= self.goal


def run(*arguments: str, json: bool = False) -> int:
    """Measure a corpus folder with its manifest.json; 0 when every goal is reached, 1 when one is missed."""
    if len(arguments) != 1 or not (Path(arguments[0]) / "manifest.json").is_file():
        print("give the folder of a corpus, with its manifest.json")
        return 2
    folder = Path(arguments[0])
    samples, reading = read_corpus(folder)
    measures = [*reading, *(measure(samples) for measure in MEASURES)]
    for one in measures:
        print(_as_json(one) if json else _as_text(one))
    return 0 if all(one.reached for one in measures) else 1


def read_corpus(folder: Path) -> tuple[list[Sample], list[Measured]]:
    """Every raw mail read; an exception other than Unreadable is counted, never hidden."""
    fell = Measured("mails that raise anything but Unreadable", 0, at_most=True)
    slow = Measured(f"mails that take more than {SLOWEST:g} s", 0, at_most=True)
    lost = Measured("mails that give neither a message nor a reason", 0, at_most=True)
    samples: list[Sample] = []
    for entry in json_module.loads((folder / "manifest.json").read_text())["entries"]:
        if entry["form"] != "message":
            continue
        began = time.monotonic()
        read = _read((folder / entry["path"]).read_bytes())
        slow.count(entry["path"], time.monotonic() - began > SLOWEST)
        fell.count(entry["path"], isinstance(read, Exception) and not isinstance(read, Unreadable))
        lost.count(entry["path"], isinstance(read, Unreadable) and not read.reason)
        if isinstance(read, Message):
            samples.append(_sample(entry, read))
    return samples, [fell, slow, lost]


def _read(raw: bytes) -> Message | Exception:
    try:
        return read_message(raw)
    except Exception as error:  # noqa: BLE001 - whatever reading raises is what is counted
        return error


def _sample(entry: dict[str, Any], message: Message) -> Sample:
    envelope = envelope_of(message, "nobody@unknown.invalid")
    return Sample(
        path=entry["path"],
        kinds=frozenset(entry["kinds"]),
        project=entry["source"]["repo"],
        expected=entry["expect"].get("upstream") or {},
        signs=tuple((entry["expect"].get("derived") or {}).get("auto_signals", ())),
        disputed=bool(entry.get("disputed")),
        plain=entry["kind"] == "plain",
        message=message,
        machine=judge(message, envelope, ours=(), sent_by_us=False, spam=("X-Spam-Flag: YES",)),
    )


def _bounces_found(samples: Sequence[Sample]) -> Measured:
    found = Measured("bounces found", 0.99)
    for one in _bounces(samples):
        found.count(one.path, one.machine.origin is Origin.BOUNCE)
    return found


def _bounces_invented(samples: Sequence[Sample]) -> Measured:
    invented = Measured("other mails called bounces", 0.005, at_most=True)
    for one in samples:
        if "bounce" not in one.kinds:
            invented.count(one.path, one.machine.origin is Origin.BOUNCE)
    return invented


def _recipients(samples: Sequence[Sample]) -> Measured:
    named = Measured("recipient of the bounce, where the project names one", 0.97)
    for one in _bounces(samples):
        wanted = {str(address).strip("<>").casefold() for address in one.expected.get("recipients") or ()}
        if wanted:
            report = one.message.report
            named.count(one.path, report is not None and report.recipient.casefold() in wanted)
    return named


def _permanence(samples: Sequence[Sample]) -> Measured:
    judged = Measured("permanent or temporary, where the project judges it", 0.90)
    for one in _bounces(samples):
        if "any_hard" in one.expected:
            hard = bool(one.expected["any_hard"])
        elif "temporary" in one.expected:
            hard = not one.expected["temporary"]
        else:
            continue
        judged.count(one.path, one.message.report is not None and one.message.report.permanent is hard)
    return judged


def _given_up(samples: Sequence[Sample]) -> Measured:
    """flufl.bounce calls "temporary" what a server goes on trying (Action: delayed): our `delayed`, not permanence."""
    judged = Measured("still being tried or given up, as flufl.bounce judges it", 0.97)
    return _compare(judged, samples, "temporary", lambda report: report.delayed)


def _hard(samples: Sequence[Sample]) -> Measured:
    """Sisimai judges the address, as we do."""
    judged = Measured("about the address for good, as Sisimai judges it", 0.93)
    return _compare(judged, samples, "any_hard", lambda report: report.permanent)


def _compare(judged: Measured, samples: Sequence[Sample], word: str, verdict: Callable[[Report], bool]) -> Measured:
    for one in _bounces(samples):
        if word in one.expected:
            report = one.message.report
            judged.count(one.path, report is not None and verdict(report) is bool(one.expected[word]))
    return judged


def _subjects(samples: Sequence[Sample]) -> Measured:
    return _zammad(samples, "subject", lambda message: message.subject)


def _senders(samples: Sequence[Sample]) -> Measured:
    return _zammad(
        samples, "from_email", lambda message: message.senders[0].address if message.senders else "", name="sender"
    )


def _zammad(samples: Sequence[Sample], key: str, read: Callable[[Message], str], name: str = "") -> Measured:
    same = Measured(f"{name or key} as Zammad reads it", 0.98)
    for one in samples:
        if key in one.expected and one.project == "zammad/zammad" and one.path not in QUIRKS:
            wanted = " ".join(str(one.expected[key] or "").split())
            same.count(one.path, " ".join(read(one.message).split()).casefold() == wanted.casefold())
    return same


def _automatic(samples: Sequence[Sample]) -> Measured:
    found = Measured("automatic mail that is not answered", 0.98)
    for one in samples:
        bounce = "bounce" in one.kinds and not one.disputed
        if bounce or one.kinds & _MACHINES or one.expected.get("is_auto"):
            found.count(one.path, not one.machine.may_answer)
    return found


def _people(samples: Sequence[Sample]) -> Measured:
    """Plain mails that carry a machine's own sign (Precedence, X-Loop) or a spam mark are not plain."""
    taken = Measured("plain mails taken for automatic", 0, at_most=True)
    for one in samples:
        if one.plain and not one.signs and one.machine.origin is not Origin.SPAM:
            taken.count(one.path, not one.machine.may_answer)
    return taken


MEASURES = (
    _bounces_found, _bounces_invented, _recipients, _permanence, _hard, _given_up,
    _subjects, _senders, _automatic, _people,
)  # fmt: skip


def _bounces(samples: Sequence[Sample]) -> Iterator[Sample]:
    return (one for one in samples if "bounce" in one.kinds and not one.disputed)


def _as_json(one: Measured) -> str:
    told = {"measure": one.name, "good": one.good, "of": one.all, "share": round(one.share, 4), "goal": one.goal}
    return json_module.dumps({**told, "at_most": one.at_most, "reached": one.reached, "missed": one.missed})


def _as_text(one: Measured) -> str:
    sign = "≤" if one.at_most else "≥"
    mark = "ok " if one.reached else "NO "
    line = f"{mark} {one.share:7.2%} {sign} {one.goal:.1%}  {one.good}/{one.all}  {one.name}"
    return "\n".join([line, *(f"        {path}" for path in one.missed[:60])])
