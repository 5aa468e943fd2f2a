"""The corpus of real mails, which lies beside the project on some machines; tests that need it skip without it."""

import json
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "corpus" / "mail"
there = pytest.mark.skipif(not (FOLDER / "manifest.json").is_file(), reason="the corpus of mails is not here")


def entries() -> list[dict[str, Any]]:
    """The raw mails of the corpus; none without it."""
    if not (FOLDER / "manifest.json").is_file():
        return []
    listed: list[dict[str, Any]] = json.loads((FOLDER / "manifest.json").read_text())["entries"]
    return [entry for entry in listed if entry["form"] == "message"]
