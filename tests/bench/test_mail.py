"""`gateway bench mail`: its goals hold on the corpus, and a miss is a miss."""

import json
from pathlib import Path

import pytest

from gateway.cli.commands import run
from tests.mail import corpus
from tests.mail.mails import a_mail


@corpus.there
def test_every_goal_is_reached_on_the_corpus(capsys: pytest.CaptureFixture[str]) -> None:
    status = run(["--json", "bench", "mail", str(corpus.FOLDER)])
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [one["measure"] for one in told if not one["reached"]] == []
    assert len(told) == 13
    assert all(one["of"] > 30 for one in told)
    assert status == 0


def _corpus(folder: Path, kind: str) -> Path:
    (folder / "one.eml").write_bytes(a_mail())
    entry = {
        "path": "one.eml",
        "form": "message",
        "kind": kind,
        "kinds": [kind],
        "source": {"repo": "own"},
        "expect": {},
    }
    (folder / "manifest.json").write_text(json.dumps({"entries": [entry]}))
    return folder


def test_a_bounce_that_is_not_found_is_counted_against_us(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["bench", "mail", str(_corpus(tmp_path, "bounce"))]) == 1
    assert "one.eml" in capsys.readouterr().out


def test_a_corpus_of_one_plain_mail_passes(tmp_path: Path) -> None:
    assert run(["bench", "mail", str(_corpus(tmp_path, "plain"))]) == 0


def test_without_a_corpus_it_says_what_it_needs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["bench", "mail", str(tmp_path)]) == 2
    assert "manifest.json" in capsys.readouterr().out
