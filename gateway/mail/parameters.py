"""Content-Type and Content-Disposition: the value and its parameters, RFC 2231 and what is sent instead of it."""

import re
from urllib.parse import unquote_to_bytes

from gateway.mail.charsets import clean_line, decode_text
from gateway.mail.fields import decode_words, raw_text

MAX_PARAMETERS = 100
_PARAMETER = re.compile(r"[;\s]*([^\s=;\"]{1,100})\s*=\s*(?:\"((?:[^\"\\]|\\.)*)(?:\"|$)|([^;]*))", re.S)
_SECTION = re.compile(r"(.+?)(?:\*(\d{1,3}))?(\*)?$")


def read_parameters(value: bytes) -> tuple[str, dict[str, str]]:
    """The value as written and its parameters by lower-case name, each decoded and on one line."""
    text = raw_text(value)
    first, _, rest = text.partition(";")
    plain: dict[str, str] = {}
    sections: dict[str, dict[int, tuple[str, bool]]] = {}
    for count, match in enumerate(_PARAMETER.finditer(rest)):
        if count >= MAX_PARAMETERS:
            break
        name, quoted, bare = match.groups()
        written = re.sub(r"\\([\"\\])", r"\1", quoted) if quoted is not None else (bare or "").strip()
        section = _SECTION.match(name.lower())
        if section and (section.group(2) or section.group(3)):
            number = int(section.group(2) or 0)
            sections.setdefault(section.group(1), {})[number] = (written, bool(section.group(3)))
        else:
            plain.setdefault(name.lower(), written)
    found = {name: clean_line(decode_words(written)) for name, written in plain.items()}
    for name, numbered in sections.items():
        found[name] = clean_line(_joined(numbered)) or found.get(name, "")
    return first.strip(), found


def _joined(numbered: dict[int, tuple[str, bool]]) -> str:
    """RFC 2231 sections 3 and 4: pieces in order, percent-encoded ones in the charset that the first names."""
    octets = b""
    charset = ""
    for number in sorted(numbered):
        written, encoded = numbered[number]
        if encoded and number == min(numbered) and written.count("'") >= 2:
            charset, _, written = written.split("'", 2)
        octets += unquote_to_bytes(written) if encoded else written.encode("utf-8", "replace")
    text = decode_text(octets, charset)[0]
    return decode_words(text)
