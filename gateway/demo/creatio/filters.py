"""`$filter` and `$orderby` text taken apart into an expression; what it means for a row is in `conditions`."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import TypeAlias
from uuid import UUID

from gateway.demo.creatio.refusals import query_refused
from gateway.demo.creatio.schema import Value

COMPARISONS = {
    "eq": "Equal",
    "ne": "NotEqual",
    "gt": "GreaterThan",
    "ge": "GreaterThanOrEqual",
    "lt": "LessThan",
    "le": "LessThanOrEqual",
}
_TOKEN = re.compile(
    r"\s*(?:(?P<guid>[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})"
    r"|(?P<time>\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,12})?)?(?:Z|[+-]\d\d:\d\d))"
    r"|(?P<date>\d{4}-\d\d-\d\d(?![T\d]))"
    r"|(?P<number>-?\d+(?:\.\d+)?(?![\w-]))"
    r"|(?P<text>'(?:[^']|'')*')"
    r"|(?P<name>[A-Za-z_$@][\w$@]*(?:/[A-Za-z_$][\w$]*)*)"
    r"|(?P<mark>[(),:]))"
)


@dataclass(frozen=True, slots=True)
class Path:
    """A property, or one reached through look-ups."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Literal:
    value: Value
    edm: str


@dataclass(frozen=True, slots=True)
class Call:
    function: str
    arguments: tuple["Operand", ...]


@dataclass(frozen=True, slots=True)
class Compare:
    operator: str
    left: "Operand"
    right: "Operand"


@dataclass(frozen=True, slots=True)
class Join:
    """`and` or `or` of two."""

    operator: str
    left: "Expression"
    right: "Expression"


@dataclass(frozen=True, slots=True)
class Not:
    inner: "Expression"


Operand: TypeAlias = Path | Literal | Call
Expression: TypeAlias = Compare | Join | Not | Call | Path | Literal


def parse_filter(text: str) -> Expression:
    """The expression, or envelope A."""
    parser = _Parser(_tokens(text), text)
    expression = parser.either()
    if not parser.at_end():
        raise _syntax(text, parser.position())
    return expression


def parse_time(text: str) -> datetime:
    """An ISO time with its zone, of any precision; seven digits are cut to six."""
    return datetime.fromisoformat(re.sub(r"(\.\d{6})\d+", r"\1", text))


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    start: int


def _tokens(text: str) -> list[_Token]:
    tokens, position = [], 0
    while text[position:].strip():
        match = _TOKEN.match(text, position)
        if match is None or match.lastgroup is None:
            raise _syntax(text, position)
        tokens.append(_Token(match.lastgroup, match[match.lastgroup], match.start(match.lastgroup)))
        position = match.end()
    return tokens


def _syntax(text: str, position: int) -> Exception:
    return query_refused(f"Syntax error at position {position} in '{text}'.")


class _Parser:
    """Recursive descent, loosest binding first: either, both, negated, comparison, operand."""

    def __init__(self, tokens: list[_Token], text: str) -> None:
        self._tokens = tokens
        self._text = text
        self._next = 0

    def at_end(self) -> bool:
        return self._next == len(self._tokens)

    def position(self) -> int:
        return len(self._text) if self.at_end() else self._tokens[self._next].start

    def either(self) -> Expression:
        left = self._both()
        while self._word("or"):
            left = Join("or", left, self._both())
        return left

    def _both(self) -> Expression:
        left = self._negated()
        while self._word("and"):
            left = Join("and", left, self._negated())
        return left

    def _negated(self) -> Expression:
        return Not(self._negated()) if self._word("not") else self._comparison()

    def _comparison(self) -> Expression:
        if self._mark("("):
            inner = self.either()
            self._expect(")")
            return inner
        left = self._operand()
        for word in COMPARISONS:
            if self._word(word):
                return Compare(word, left, self._operand())
        if self._word("in"):
            raise _syntax(self._text, self.position())
        return left

    def _operand(self) -> Operand:
        if self.at_end():
            raise _syntax(self._text, self.position())
        token = self._tokens[self._next]
        self._next += 1
        match token.kind:
            case "guid":
                return Literal(UUID(token.text), "Edm.Guid")
            case "time":
                return Literal(parse_time(token.text), "Edm.DateTimeOffset")
            case "date":
                return Literal(datetime.fromisoformat(token.text).replace(tzinfo=UTC), "Edm.Date")
            case "number" if "." in token.text:
                return Literal(Decimal(token.text), "Edm.Decimal")
            case "number":
                return Literal(int(token.text), "Edm.Int32")
            case "text":
                return Literal(token.text[1:-1].replace("''", "'"), "Edm.String")
            case "name":
                return self._named(token)
            case _:
                raise _syntax(self._text, token.start)

    def _named(self, token: _Token) -> Operand:
        if token.text in ("true", "false"):
            return Literal(token.text == "true", "Edm.Boolean")
        if token.text == "null":
            return Literal(None, "null")
        if not self._mark("("):
            return Path(tuple(token.text.split("/")))
        arguments = [self._operand()]
        while self._mark(","):
            arguments.append(self._operand())
        self._expect(")")
        return Call(token.text, tuple(arguments))

    def _word(self, word: str) -> bool:
        return self._take("name", word)

    def _mark(self, mark: str) -> bool:
        return self._take("mark", mark)

    def _take(self, kind: str, text: str) -> bool:
        if self.at_end() or (self._tokens[self._next].kind, self._tokens[self._next].text) != (kind, text):
            return False
        self._next += 1
        return True

    def _expect(self, mark: str) -> None:
        if not self._mark(mark):
            raise _syntax(self._text, self.position())
