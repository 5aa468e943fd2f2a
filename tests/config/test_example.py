"""config.example.toml has every setting, and it loads; so does the file that `gateway init` writes."""

import tomllib
from dataclasses import fields, is_dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from gateway.config import built
from gateway.config.load import load, read
from gateway.config.positions import positions
from gateway.config.section import Report
from gateway.config.settings import Settings
from gateway.errors import Fault

EXAMPLE = Path(__file__).parents[2] / "config.example.toml"


def _read_example(folder: Path) -> tuple[Report, Settings]:
    credentials = folder / "credentials"
    credentials.mkdir()
    for name in ("relay", "creatio", "hook"):
        (credentials / name).write_text("secret")
    text = EXAMPLE.read_text(encoding="utf-8")
    environment = {"CREDENTIALS_DIRECTORY": str(credentials), "IMAP_PASSWORD": "x", "ASSISTANT_KEY": "y"}
    report = Report(file=EXAMPLE, lines=positions(text), environment=environment)
    return report, read(tomllib.loads(text), report)


def test_the_example_loads_but_for_what_is_not_built_yet(tmp_path: Path) -> None:
    report, settings = _read_example(tmp_path)
    unbuilt = Report(file=EXAMPLE, lines=report.lines, environment={})
    built.check(settings, unbuilt)
    assert [fault for fault in report.faults if fault not in unbuilt.faults] == []


def test_the_example_has_every_key(tmp_path: Path) -> None:
    report, _ = _read_example(tmp_path)
    named = {key for key in report.known if key.startswith("relay.newsroom.")}
    assert report.known - set(report.given) - named == set()


def test_every_field_of_the_settings_is_a_key_of_the_example(tmp_path: Path) -> None:
    """So that a setting cannot be added without being read from the file and shown in it."""
    report, settings = _read_example(tmp_path)
    leaves = {key.rpartition(".")[2] for key in report.given}
    of_ours = {"path", "unused", "warnings", "mailboxes", "fields", "relays", "value"}
    assert _fields(settings) - leaves - of_ours == set()


def test_every_key_that_nothing_uses_yet_is_a_setting(tmp_path: Path) -> None:
    report, _ = _read_example(tmp_path)
    assert set(built.UNUSED) - report.known == set()


def test_the_file_of_gateway_init_is_safe_and_loads(tmp_path: Path) -> None:
    text = files("gateway.config").joinpath("begin.toml").read_text(encoding="utf-8")
    path = tmp_path / "config.toml"
    path.write_text(text)
    path.chmod(0o600)
    settings = load(path, {})
    assert {mailbox.mode for mailbox in settings.mailboxes} == {"draft"}
    assert settings.smtp is not None
    assert settings.smtp.soft_bounce
    assert settings.warnings == ()


def _fields(value: Any) -> set[str]:
    if isinstance(value, tuple):
        return set().union(*(_fields(one) for one in value))
    if not is_dataclass(value) or isinstance(value, Fault):
        return set()
    found: set[str] = set()
    for field in fields(value):
        found |= {field.name} | _fields(getattr(value, field.name))
    return found
