"""The trimmers side by side: ours in this process, each of the others in one of its own that may hang or die."""

import json
import select
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from gateway.bench.quote_corpus import Case, neutral_text
from gateway.bench.quote_worker import TRIMMERS
from gateway.mail.message import Body
from gateway.mail.quotes.trim import trim

LIMIT = 10.0  # seconds a mail
_BEGIN = 60.0  # seconds until a trimmer has loaded its models

Output = tuple[str | None, float]  # what was kept, None where it failed; milliseconds


def ours(cases: Sequence[Case]) -> list[Output]:
    return [_timed(case) for case in cases]


def _timed(case: Case) -> Output:
    body = Body(text="" if case.html and not case.text else case.text, html=case.html)
    began = time.perf_counter()
    kept = trim(body, subject=case.subject, signatures="keep").text
    return kept, (time.perf_counter() - began) * 1000


def everything(cases: Sequence[Case]) -> list[Output]:
    """The trimmer that keeps all: what the others are measured against."""
    return [(case.plain, 0.0) for case in cases]


def installed(python: str) -> list[str]:
    """The trimmers that this Python has."""
    return [name for name in TRIMMERS if _is_installed(python, name)]


def _is_installed(python: str, name: str) -> bool:
    with _worker(python, name) as ask:
        return ask is not None


def peer(python: str, name: str, cases: Sequence[Case]) -> list[Output]:
    """A peer's outputs. One that hangs or dies is begun again for the next mail."""
    outputs: list[Output] = []
    while len(outputs) < len(cases):
        with _worker(python, name) as ask:
            if ask is None:
                return [*outputs, *[(None, 0.0)] * (len(cases) - len(outputs))]
            for case in cases[len(outputs) :]:
                told = ask(_question(case, TRIMMERS[name][0]))
                outputs.append(_output(told))
                if told is None:
                    break
    return outputs


def _question(case: Case, reads: str) -> dict[str, str]:
    as_html = reads == "html" and bool(case.html) and not case.text
    return {"text": "" if as_html else case.plain, "html": case.html if as_html else ""}


def _output(told: dict[str, Any] | None) -> Output:
    if told is None or "error" in told:
        return None, (told or {}).get("milliseconds", LIMIT * 1000)
    return told["text"] if "text" in told else neutral_text(told["html"]), told["milliseconds"]


@contextmanager
def _worker(python: str, name: str) -> Iterator[Callable[[dict[str, str]], dict[str, Any] | None] | None]:
    """A function that asks the trimmer and waits for its answer; None when it is not installed."""
    command = [python, "-W", "ignore", str(Path(__file__).with_name("quote_worker.py")), name, str(LIMIT)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdin
        assert process.stdout
        to, back = process.stdin, process.stdout

        def ask(question: dict[str, str]) -> dict[str, Any] | None:
            try:
                to.write(json.dumps(question).encode() + b"\n")
                to.flush()
            except BrokenPipeError:
                return None
            return _read(back, LIMIT * 1.5)

        try:
            yield ask if _read(back, _BEGIN) else None
        finally:
            process.kill()


def _read(back: IO[bytes], patience: float) -> dict[str, Any] | None:
    ready, _, _ = select.select([back], [], [], patience)
    line = back.readline() if ready else b""
    return dict(json.loads(line)) if line.startswith(b"{") else None
