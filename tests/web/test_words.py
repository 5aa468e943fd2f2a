"""What happened is told in words, whatever it was."""

import ast
from collections.abc import Iterator
from pathlib import Path

from gateway.mail.message import ReportKind
from gateway.store.arrivals import Fate
from gateway.store.deliveries import Phase
from gateway.web.words import SENTENCES, sentence

GATEWAY = Path(__file__).parents[2] / "gateway"
# Where the kind is no literal: what it can be.
CHOSEN: dict[tuple[str, str], set[str]] = {
    ("decide.py", "word"): {"drafted", "answered"},
    ("send.py", "word"): {Phase.DELIVERED.value, Phase.REFUSED.value, Phase.UNKNOWN.value},
    ("aside.py", "what"): {"retried", "dropped"},
    ("bounced.py", "f'report_{report.kind.value}'"): {f"report_{one.value}" for one in ReportKind},
    ("recording.py", "fate.value"): {one.value for one in Fate},
    ("visit.py", "Fate.RECORDED.value"): {Fate.RECORDED.value},
}


def noted() -> Iterator[tuple[str, ast.expr]]:
    """Each kind that is noted in the history: in which file, and how it is written there."""
    for path in sorted(GATEWAY.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "history.note":
                yield path.name, node.args[1]


def test_whatever_is_noted_of_a_conversation_has_its_sentence() -> None:
    kinds = set[str]()
    for name, kind in noted():
        kinds |= {str(kind.value)} if isinstance(kind, ast.Constant) else CHOSEN[name, ast.unparse(kind)]
    assert len(kinds) > 40
    assert sorted(kinds - set(SENTENCES)) == []


def test_what_creatio_lost_and_got_again_is_told_in_words() -> None:
    lost = {"what": "lost_in_creatio", "facts": {"by": "maria"}}
    again = {"what": "written_again", "facts": {"kind": "message_data", "record": "1"}}
    assert sentence(lost) == "Rows of it are no longer in Creatio: maria has them written again"
    assert sentence(again) == "Written to Creatio again: mail details"


def test_the_reasons_of_a_mail_are_one_sentence() -> None:
    assert sentence({"what": "recorded", "facts": {"reasons": ["a bounce", "of nothing"]}}) == (
        "Recorded: a bounce; of nothing"
    )
    assert sentence({"what": "recorded", "facts": {}}) == "Recorded"
