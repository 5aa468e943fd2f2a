"""Reads the samples: templates of mail programs filled with the words of a language."""

import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import escape
from pathlib import Path

SAMPLES = Path(__file__).parents[2] / "samples" / "quotes"
FROM_MEMORY = "from memory"
_PLACE = re.compile(r"\{([a-z0-9_ ]+)\}")


@dataclass(frozen=True, slots=True)
class Sample:
    """One mail. `new` must be kept, `old` cut; with `whole` nothing may be cut, with `context` what is old may stay."""

    name: str
    client: str
    language: str
    structure: str
    text: str
    html: str
    subject: str
    new: str
    old: tuple[str, ...]
    whole: bool
    context: bool


@dataclass(slots=True)
class _Template:
    form: str
    name: str
    lines: list[str] = field(default_factory=list)
    settings: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class _Group:
    client: str
    structure: str = ""
    templates: list[_Template] = field(default_factory=list)
    rows: list[tuple[str, dict[str, str]]] = field(default_factory=list)


def read_samples() -> list[Sample]:
    languages = _languages()
    return [
        _fill(f"{path.stem} {group.client} {template.form} {template.name} {language}", group, template, words)
        for path in sorted(SAMPLES.glob("*.txt"))
        if path.stem != "languages"
        for group in _groups(path, sorted(languages))
        for template in group.templates
        for language, row in group.rows
        for words in [{**languages[language], **row, "language": language}]
    ]


def _languages() -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    language = ""
    for line in (SAMPLES / "languages.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            language = line.strip("[]")
            found[language] = {}
        elif " = " in line and not line.startswith("#"):
            name, _, value = line.partition(" = ")
            found[language][name] = value
    return {language: _spread(words) for language, words in found.items()}


def _spread(words: dict[str, str]) -> dict[str, str]:
    new, old, labels = words["new"].split("|"), words["old"].split("|"), words["labels"].split("|")
    spread = {"new1": new[0], "new2": new[1], "old1": old[0], "old2": old[1], **words}
    for name, label in zip(("from", "sent", "to", "subject"), labels, strict=True):
        spread |= {name: label, f"{name}_": label.rstrip(" :")}
    return spread


def _groups(path: Path, every: list[str]) -> Iterator[_Group]:
    group: _Group | None = None
    for line in path.read_text(encoding="utf-8").splitlines():
        template = group.templates[-1] if group and group.templates else None
        if line.startswith("client = "):
            if group:
                yield group
            group = _Group(line.removeprefix("client = "))
        elif group is None:
            continue
        elif line.startswith("structure = "):
            group.structure = line.removeprefix("structure = ")
        elif line.startswith("--- "):
            form, _, name = line[4:].partition(" ")
            group.templates.append(_Template(form, name))
        elif line.startswith("= "):
            group.rows += [(language, row) for language, row in _rows(line[2:], every)]
        elif template and not template.lines and re.match(r"(subject|keep|may) = ", line):
            name, _, value = line.partition(" = ")
            template.settings[name] = value
        elif template and not group.rows:
            template.lines.append(line)
    if group:
        yield group


def _rows(line: str, every: list[str]) -> Iterator[tuple[str, dict[str, str]]]:
    """`de | intro`, or `de | name: value | name: value`; `all` is every language. A row may end with `from memory`,
    where the group says of its structure that it is public."""
    language, *values = line.split(" | ")
    row: dict[str, str] = {}
    for value in values:
        named = re.match(r"(marker|datelabel|when|line|verb): (.+)", value)
        if value.rstrip() == FROM_MEMORY:
            row["source"] = f"; the words {FROM_MEMORY}"
        else:
            row |= {named[1]: named[2].rstrip()} if named else {"intro": value}
    for one in every if language.strip() == "all" else [language.strip()]:
        yield one, row


def _fill(name: str, group: _Group, template: _Template, words: dict[str, str]) -> Sample:
    html = template.form == "html"
    joined = "<br>" if html else "\n"
    values = {key: escape(value, quote=False) if html else value for key, value in words.items()}
    values |= {
        "new": joined.join((values["new1"], values["new2"])),
        "old": joined.join((values["old1"], values["old2"])),
        "oldlines": f"{values['old1']}\n{values['old2']}",
        "quoted": f"> {words['old1']}\n> {words['old2']}",
        "wrapped intro": "\n".join(textwrap.wrap(words.get("intro", ""), 60, break_long_words=False)),
    }
    body = _PLACE.sub(lambda place: values[place[1]], "\n".join(template.lines))
    keep = template.settings.get("keep", "new")
    subject = template.settings.get("subject", "Re: {title}")
    return Sample(
        name=name,
        client=group.client,
        language=words["language"],
        structure=group.structure + words.get("source", ""),
        text="" if html else body.rstrip("\n"),
        html=body if html else "",
        subject=_PLACE.sub(lambda place: words[place[1]], subject),
        new=f"{words['new1']}\n{words['new2']}",
        old=(words["old1"], words["old2"]),
        whole=keep != "new",
        context=template.settings.get("may") == "old",
    )
