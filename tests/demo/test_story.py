"""The story as a newcomer hears it."""

import os
import subprocess
import sys
from pathlib import Path


def tell(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    environment = {**os.environ, "TMPDIR": str(folder)}
    command = [sys.executable, "-m", "gateway", "demo", "--once", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, env=environment, check=False)


def test_the_story_is_told_to_its_end_and_leaves_nothing_behind(tmp_path: Path) -> None:
    folder = tmp_path / "a folder with spaces"
    folder.mkdir()
    told = tell(folder)
    assert told.returncode == 0, told.stdout + told.stderr
    assert [line[:2] for line in told.stdout.splitlines() if line[:1].isdigit()] == ["1.", "2.", "3.", "4.", "5."]
    assert "priority High, with broken shade.png" in told.stdout
    assert "Every mail is accounted for: 3 taken in, 1 answered, 1 handed off, 1 appended." in told.stdout
    assert list(folder.iterdir()) == []


def test_two_stories_can_be_told_side_by_side(tmp_path: Path) -> None:
    """The known port may be taken: by another demo, or by anything else."""
    command = [sys.executable, "-m", "gateway", "demo", "--once"]
    running = [subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) for _ in range(2)]
    assert [one.wait(120) for one in running] == [0, 0]
