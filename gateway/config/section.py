"""A section of the file while it is read: every key asked for is known, every other one a fault."""

import difflib
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from gateway.config import values
from gateway.config.positions import Path as KeyPath
from gateway.config.settings import OAuth, Secret
from gateway.config.values import Wrong
from gateway.errors import Fault

T = TypeVar("T")


@dataclass(slots=True)
class Report:
    """What was found while reading one file. Keys are dotted, without the places in lists."""

    file: Path
    lines: Mapping[KeyPath, int]
    environment: Mapping[str, str]
    faults: list[Fault] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    known: set[str] = field(default_factory=set)
    given: dict[str, KeyPath] = field(default_factory=dict)
    literal_secrets: list[KeyPath] = field(default_factory=list)

    def fault(self, path: KeyPath, why: str) -> None:
        fault = Fault(str(self.file), self.line(path), dotted(path), why)
        if fault not in self.faults:
            self.faults.append(fault)

    def warn(self, path: KeyPath, why: str) -> None:
        self.warnings.append(str(Fault(str(self.file), self.line(path), dotted(path), why)))

    def line(self, path: KeyPath) -> int:
        """Of the key, or where it is missing of the section that should have it."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)


def dotted(path: KeyPath) -> str:
    return ".".join(part for part in path if isinstance(part, str))


class Section:
    """One table of the file. `end` must be called when all its keys have been asked for."""

    def __init__(self, report: Report, path: KeyPath, table: Mapping[str, Any]) -> None:
        self.report = report
        self.path = path
        self.table = table
        self._asked: list[str] = []

    def __contains__(self, key: str) -> bool:
        return key in self.table

    def read(self, key: str, default: T, parse: Callable[[Any], T]) -> T:
        """The value of the key; a fault is reported and the default goes on in its place."""
        value = self._take(key)
        if value is None:
            return default
        try:
            return parse(value)
        except Wrong as wrong:
            self.report.fault((*self.path, key, *wrong.within), str(wrong))
            return default

    def require(self, key: str, parse: Callable[[Any], str]) -> str:
        if key not in self.table:
            self.fault(key, "is missing")
        return self.read(key, "", parse)

    def inside(self, key: str) -> "Section":
        """A table within this one; an empty one where it is missing."""
        value = self._take(key)
        if value is not None and not isinstance(value, dict):
            self.fault(key, f"must be a section, such as [{dotted((*self.path, key))}]")
        return Section(self.report, (*self.path, key), value if isinstance(value, dict) else {})

    def each(self, key: str) -> list["Section"]:
        """The tables of an array of tables."""
        value = self._take(key)
        if value is None:
            return []
        if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
            self.fault(key, f"must be written as [[{dotted((*self.path, key))}]]")
            return []
        return [Section(self.report, (*self.path, key, index), one) for index, one in enumerate(value)]

    def secret(self, key: str) -> Secret:
        return Secret(self.hidden(key))

    def hidden(self, key: str, default: str = "") -> str:
        """A text that may also stand elsewhere: { env = … }, { file = … } or { credential = … }."""
        value = self._take(key)
        if value is None:
            return default
        if isinstance(value, str):
            if value and value != default:
                self.report.literal_secrets.append((*self.path, key))
            return value
        try:
            return _look_up(value, self.report)
        except Wrong as wrong:
            self.report.fault((*self.path, key, *wrong.within), str(wrong))
            return default

    def oauth(self) -> OAuth:
        inner = self.inside("oauth")
        found = OAuth(
            token_url=inner.read("token_url", "", values.optional(values.web_address, "")),
            client_id=inner.read("client_id", "", values.text),
            client_secret=inner.secret("client_secret"),
            refresh_token=inner.secret("refresh_token"),
            scope=inner.read("scope", "", values.text),
        )
        inner.end()
        return found

    def existing(self, key: str) -> str:
        """A path, from the folder of the file; empty stays empty; what is not there is a fault."""
        found = self.place(key)
        if found and not Path(found).exists():
            self.fault(key, f"{found} does not exist")
        return found

    def place(self, key: str) -> str:
        given = self.read(key, "", values.text)
        return os.path.normpath(self.report.file.parent / given) if given else ""

    def fault(self, key: str, why: str) -> None:
        self.report.fault((*self.path, key), why)

    def warn(self, key: str, why: str) -> None:
        self.report.warn((*self.path, key), why)

    def end(self) -> None:
        """Name each key that nobody asked for, and the known one it resembles."""
        for key in self.table:
            if key not in self._asked:
                near = difflib.get_close_matches(key, self._asked, n=1, cutoff=0.6)
                hint = f"; did you mean {near[0]}?" if near else ""
                self.fault(key, f"is not a setting{hint}")

    def _take(self, key: str) -> Any:
        self._asked.append(key)
        name = dotted((*self.path, key))
        self.report.known.add(name)
        value = self.table.get(key)
        if value is not None:
            self.report.given.setdefault(name, (*self.path, key))
        return value


def _look_up(value: Any, report: Report) -> str:
    match value:
        case {"env": str(name)} if len(value) == 1:
            if name not in report.environment:
                raise Wrong(f"the environment has no {name}")
            return report.environment[name]
        case {"file": str(name)} if len(value) == 1:
            return _contents(report.file.parent / name)
        case {"credential": str(name)} if len(value) == 1:
            folder = report.environment.get("CREDENTIALS_DIRECTORY")
            if not folder:
                raise Wrong(f"credential {name}: systemd gave none (CREDENTIALS_DIRECTORY is not set; LoadCredential=)")
            return _contents(Path(folder) / name)
    raise Wrong('must be a text, or one of { env = "…" }, { file = "…" }, { credential = "…" }')


def _contents(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "is not text"
        raise Wrong(f"{path}: {why}") from None
