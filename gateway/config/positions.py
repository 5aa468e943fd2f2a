"""Where each key of a TOML text stands: tomllib gives the values, this gives their lines."""

from collections.abc import Mapping

Path = tuple[str | int, ...]

_BLANK = " \t\r\n"
_ENDS_VALUE = ",]}\n#"


def positions(text: str) -> Mapping[Path, int]:
    """The line (from 1) of every table, key and array element of `text`, which tomllib has already found valid.

    The elements of an array, of tables too, are counted from 0: ("mailbox", 0, "aliases", 1).
    """
    return _Scanner(text).run()


class _Scanner:
    """Reads just enough TOML to know what stands where."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._found: dict[Path, int] = {}
        self._rows: dict[Path, int] = {}  # of arrays of tables: how many so far
        self._counted = (0, 1)  # an offset, and its line

    def run(self) -> Mapping[Path, int]:
        base: Path = ()
        while self._skip(_BLANK):
            if self._text[self._at] == "[":
                base = self._header()
            else:
                self._pair(base)
        return self._found

    def _header(self) -> Path:
        row = self._text.startswith("[[", self._at)
        line = self._line()
        self._at += 2 if row else 1
        names = self._key()
        self._at += 2 if row else 1
        path: Path = ()
        for name in names[:-1]:
            path = self._newest((*path, name))
        path = (*path, names[-1])
        if row:
            self._found.setdefault(path, line)
            self._rows[path] = self._rows.get(path, -1) + 1
        path = self._newest(path)
        self._found.setdefault(path, line)
        return path

    def _newest(self, path: Path) -> Path:
        """A header that goes through an array of tables means the last of them."""
        return (*path, self._rows[path]) if path in self._rows else path

    def _pair(self, base: Path) -> None:
        line = self._line()
        path = base
        for name in self._key():
            path = (*path, name)
            self._found.setdefault(path, line)
        self._at += 1  # the equals sign
        self._value(path)

    def _key(self) -> list[str]:
        names: list[str] = []
        while True:
            self._skip(" \t")
            if self._text[self._at] in "\"'":
                start = self._at
                self._string()
                names.append(self._text[start + 1 : self._at - 1])
            else:
                start = self._at
                while self._text[self._at] not in ".=] \t":
                    self._at += 1
                names.append(self._text[start : self._at])
            self._skip(" \t")
            if self._text[self._at] != ".":
                return names
            self._at += 1

    def _value(self, path: Path) -> None:
        self._skip(" \t")
        self._found[path] = self._line()
        first = self._text[self._at]
        if first in "\"'":
            self._string()
        elif first == "[":
            self._array(path)
        elif first == "{":
            self._inline_table(path)
        else:
            while self._at < len(self._text) and self._text[self._at] not in _ENDS_VALUE:
                self._at += 1

    def _array(self, path: Path) -> None:
        self._at += 1
        index = 0
        while self._skip(_BLANK + ",") and self._text[self._at] != "]":
            self._value((*path, index))
            index += 1
        self._at += 1

    def _inline_table(self, path: Path) -> None:
        self._at += 1
        while self._skip(_BLANK + ",") and self._text[self._at] != "}":
            self._pair(path)
        self._at += 1

    def _string(self) -> None:
        quote = self._text[self._at]
        long = self._text.startswith(quote * 3, self._at)
        end = quote * 3 if long else quote
        self._at += len(end)
        while not self._text.startswith(end, self._at):
            self._at += 2 if quote == '"' and self._text[self._at] == "\\" else 1
        self._at += len(end)
        while long and self._text.startswith(quote, self._at):  # """"quoted"""" may end in up to two more
            self._at += 1

    def _skip(self, characters: str) -> bool:
        """Pass over those characters and comments; false at the end of the text."""
        while self._at < len(self._text):
            if self._text[self._at] == "#" and "\n" in characters:
                end = self._text.find("\n", self._at)
                self._at = len(self._text) if end < 0 else end
            elif self._text[self._at] in characters:
                self._at += 1
            else:
                return True
        return False

    def _line(self) -> int:
        offset, line = self._counted
        line += self._text.count("\n", offset, self._at)
        self._counted = (self._at, line)
        return line
