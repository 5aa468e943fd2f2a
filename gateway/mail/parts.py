"""The tree of a mail's parts: each a place in the kept bytes, never a copy."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from gateway.mail.fields import Head, read_head
from gateway.mail.limits import MAX_DEPTH, MAX_PARTS, Unreadable
from gateway.mail.parameters import read_parameters

_TYPE = re.compile(r"[a-z0-9!#$&^_.+-]{1,100}/[a-z0-9!#$&^_.+-]{1,100}")
_FIRST_BOUNDARY = re.compile(rb"(?:\A|[\r\n])--([^\r\n]{1,200}?)[ \t]*[\r\n]+(?i:content-)")


@dataclass(frozen=True, slots=True)
class Part:
    """One part. Its body is raw[start:end], still encoded as `encoding` says. `type` is lower case."""

    head: Head
    type: str
    parameters: Mapping[str, str]
    disposition: str
    disposition_parameters: Mapping[str, str]
    encoding: str
    start: int
    end: int
    children: tuple["Part", ...] = ()
    defects: tuple[str, ...] = ()

    @property
    def kind(self) -> str:
        return self.type.partition("/")[0]

    @property
    def content_id(self) -> str:
        return self.head.first("content-id").decode("utf-8", "replace").strip().strip("<>").strip()

    @property
    def charset(self) -> str:
        return self.parameters.get("charset", "")

    def walk(self) -> Iterator["Part"]:
        """This part and all below it, in the order of the mail."""
        yield self
        for child in self.children:
            yield from child.walk()


@dataclass(slots=True)
class _Budget:
    parts: int = 0
    defects: list[str] = field(default_factory=list)


def read_tree(raw: bytes, start: int, end: int) -> Part:
    """The tree of raw[start:end]; raises Unreadable over the limits."""
    return _read_part(raw, start, end, "text/plain", 0, _Budget())


def _read_part(raw: bytes, start: int, end: int, default: str, depth: int, budget: _Budget) -> Part:
    budget.parts += 1
    if budget.parts > MAX_PARTS:
        raise Unreadable(f"more than {MAX_PARTS} parts")
    if depth > MAX_DEPTH:
        raise Unreadable(f"parts nested more than {MAX_DEPTH} levels deep")
    head = read_head(raw, start, end)
    written, parameters = read_parameters(head.first("content-type"))
    disposition, disposition_parameters = read_parameters(head.first("content-disposition"))
    kind, defects = _content_type(written, default)
    children: tuple[Part, ...] = ()
    if kind.startswith("multipart/"):
        places = _split(raw, head.body_start, end, parameters.get("boundary", ""))
        inner = "message/rfc822" if kind == "multipart/digest" else "text/plain"
        children = tuple(_read_part(raw, first, last, inner, depth + 1, budget) for first, last in places)
        if not children:
            kind, defects = "text/plain", (*defects, "multipart without its boundary")
    return Part(
        head=head,
        type=kind,
        parameters=parameters,
        disposition=disposition.lower(),
        disposition_parameters=disposition_parameters,
        encoding=_encoding(head.first("content-transfer-encoding")),
        start=head.body_start,
        end=end,
        children=children,
        defects=defects,
    )


def _content_type(written: str, default: str) -> tuple[str, tuple[str, ...]]:
    """RFC 2045 section 5.2: no type means plain text; one that nobody can read is a file of unknown kind."""
    if not written:
        return default, ()
    name = written.lower().strip().rstrip(";")
    if _TYPE.fullmatch(name):
        return name, ()
    found = _TYPE.match(name.replace(" /", "/").replace("/ ", "/"))
    if found:
        return found.group(), (f"odd content type {written[:60]!r}",)
    if name in ("text", "plain", "text/"):
        return "text/plain", ()
    return (default if name == "" else "application/octet-stream"), (f"odd content type {written[:60]!r}",)


def _encoding(value: bytes) -> str:
    words = value.decode("ascii", "replace").lower().strip("; \t\"'").split()
    return words[0].rstrip(";") if words else ""


def _split(raw: bytes, start: int, end: int, boundary: str) -> list[tuple[int, int]]:
    """Where the parts between the boundary lines are (RFC 2046 section 5.1.1); a missing last line is forgiven."""
    mark = b"--" + boundary.encode("utf-8", "surrogateescape")
    if not boundary:
        guess = _FIRST_BOUNDARY.search(raw, start, end)
        if not guess:
            return []
        mark = b"--" + guess.group(1)
    places: list[tuple[int, int]] = []
    open_at: int | None = None
    for line_start, following, closing in _boundary_lines(raw, start, end, mark):
        if open_at is not None:
            places.append((open_at, max(open_at, _before_line_end(raw, line_start, open_at))))
            if len(places) > MAX_PARTS:
                raise Unreadable(f"more than {MAX_PARTS} parts")
        open_at = None if closing else following
        if closing:
            break
    if open_at is not None:
        places.append((open_at, end))
    return places


def _boundary_lines(raw: bytes, start: int, end: int, mark: bytes) -> Iterator[tuple[int, int, bool]]:
    position = raw.find(mark, start, end)
    while position >= 0:
        after = position + len(mark)
        if position == start or raw[position - 1] in b"\r\n":
            closing = raw[after : after + 2] == b"--"
            tail = after + 2 if closing else after
            while tail < end and raw[tail] in b" \t":
                tail += 1
            if tail >= end or raw[tail] in b"\r\n" or closing:
                yield position, _next_line(raw, tail, end), closing
        position = raw.find(mark, after, end)


def _next_line(raw: bytes, position: int, end: int) -> int:
    if raw[position : position + 2] == b"\r\n":
        return min(position + 2, end)
    return min(position + 1, end) if raw[position : position + 1] in (b"\r", b"\n") else position


def _before_line_end(raw: bytes, position: int, floor: int) -> int:
    """The line end before a boundary belongs to the boundary."""
    if position - 2 >= floor and raw[position - 2 : position] == b"\r\n":
        return position - 2
    return position - 1 if position - 1 >= floor and raw[position - 1] in b"\r\n" else position
