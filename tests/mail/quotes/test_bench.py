"""gateway bench quotes: a corpus judged, other trimmers run beside ours, and those that die counted as wrong."""

import json
import stat
import sys
from pathlib import Path

import pytest

from gateway.bench import quote_peers, quotes
from gateway.bench.quote_corpus import Case, read_corpus
from gateway.bench.quote_judge import judge

NEW = "The printer has been beeping since yesterday and the switch on the back of it does not help me at all."
QUOTE = "On Tue, Mar 3, 2026 at 2:05 PM Support <support@shop.example> wrote:\n> Thank you for your message."

# Stands where the other project's package would: right, except for mails that make it hang, die or stumble.
PEER = """
import os, time
class EmailReplyParser:
    @staticmethod
    def parse_reply(text):
        if "hang" in text: time.sleep(60)
        if "die" in text: os._exit(1)
        if "stumble" in text: raise ValueError
        return text.split("On Tue")[0]
"""


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    for number in range(4):
        write_case(tmp_path / "corpus", f"reply{number}", "reply", f"{NEW}\n\n{QUOTE}", NEW, NEW)
        write_case(
            tmp_path / "corpus", f"none{number}", "none", f"{number} {NEW}", f"{number} {NEW}", f"{number} {NEW}"
        )
    return tmp_path / "corpus"


def write_case(corpus: Path, name: str, kind: str, text: str, core: str, most: str) -> None:
    folder = corpus / "own" / name
    folder.mkdir(parents=True)
    (folder / "input.txt").write_text(text)
    (folder / "core.txt").write_text(core)
    (folder / "max.txt").write_text(most)
    (folder / "meta.json").write_text(json.dumps({"id": f"own/{name}", "kind": kind, "format": "txt", "lang": "en"}))


def case(core: str, most: str = "") -> Case:
    return Case("x", "reply", "txt", "en", "", "", "", "", core, most or core, "", (), ())


@pytest.fixture
def python(tmp_path: Path) -> str:
    """A Python that has one other trimmer installed."""
    (tmp_path / "email_reply_parser.py").write_text(PEER)
    script = tmp_path / "python"
    script.write_text(f'#!/bin/sh\nPYTHONPATH="{tmp_path}" exec "{sys.executable}" "$@"\n')
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    return str(script)


def test_the_table_shows_ours_beside_the_trimmers_that_are_installed(
    corpus: Path, python: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert quotes.run(str(corpus), python, json=True) == 0
    told = json.loads(capsys.readouterr().out)

    assert [row["name"] for row in told["corpus"]] == ["gateway", "email-reply-parser", "(keep everything)"]
    assert told["corpus"][0]["right"] == 1
    assert told["corpus"][2]["leaked"] == 4
    assert quotes.run(str(corpus), python) == 0
    assert "email-reply-parser" in capsys.readouterr().out


def test_a_folder_without_cases_is_told_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert quotes.run(str(tmp_path)) == 2
    assert quotes.run() == 2
    assert "corpus" in capsys.readouterr().out


def test_a_trimmer_that_dies_or_stumbles_is_begun_again_and_counted_as_wrong(corpus: Path, python: str) -> None:
    for name, text in (("a", "please die"), ("b", "please stumble"), ("c", "and live")):
        write_case(corpus, name, "none", text, text, text)
    cases = [one for one in read_corpus(corpus) if len(one.id) == 5]

    outputs = quote_peers.peer(python, "email-reply-parser", cases)

    assert [output for output, _ in outputs] == [None, None, "and live"]
    assert judge(cases[0], None).lost


def test_the_judge_counts_words_not_spaces() -> None:
    assert judge(case("one two\nthree"), "one  two three").right
    assert judge(case("one two three"), "one three").lost
    assert judge(case("one two", "one two three"), "one two three").right
    assert judge(case("one two"), "one two three").leaked
    assert judge(case("打印机一直响"), "打印机 一直响").right
    assert judge(case("words here\n\nBest regards\nAnna"), "words here").signed
    assert not judge(case("words here\n\nBest regards\nAnna"), "words here").lost
