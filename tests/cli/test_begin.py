"""How one begins: a safe settings file, and a plain word about what is not built."""

import tomllib
from pathlib import Path

import pytest

from gateway.cli.commands import run


def test_init_writes_a_safe_file_that_only_its_owner_can_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "a new place"
    assert run(["init", str(folder)]) == 0
    path = folder / "config.toml"
    written = tomllib.loads(path.read_text())
    assert {one["mode"] for one in written["mailbox"]} == {"draft"}
    assert written["intake"]["smtp"]["soft_bounce"] is True
    assert len(written["creatio"]["hook_token"]) >= 24
    assert path.stat().st_mode & 0o777 == 0o600
    assert "gateway check" in capsys.readouterr().out


def test_init_never_touches_a_file_that_is_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "config.toml").write_text("# mine")
    assert run(["init", str(tmp_path)]) == 1
    assert (tmp_path / "config.toml").read_text() == "# mine"
    assert "stays as it is" in capsys.readouterr().err


def test_two_files_never_have_the_same_hook_token(tmp_path: Path) -> None:
    for name in ("one", "two"):
        run(["init", str(tmp_path / name)])
    tokens = {(tmp_path / name / "config.toml").read_text() for name in ("one", "two")}
    assert len(tokens) == 2


@pytest.mark.parametrize("command", ["answers", "erase", "backup", "restore"])
def test_what_is_not_built_says_so(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([command]) == 1
    assert "not built yet" in capsys.readouterr().err


def test_a_command_that_does_not_exist_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        run(["send-money"])
    assert ended.value.code == 2
    assert "invalid choice" in capsys.readouterr().err


def test_settings_with_faults_end_with_78_and_every_fault(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "config.toml"
    path.write_text('public_url = 7\n[relay]\nport = "x"\n')
    assert run(["serve", "--config", str(path)]) == 78
    told = capsys.readouterr().err
    assert f"{path}:1: public_url" in told
    assert "relay.port" in told
