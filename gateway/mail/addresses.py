"""Who wrote, and to whom: address fields by mail-parser, its refusals mended."""

import re
from collections.abc import Callable, Sequence

import mailparser

from gateway.mail.charsets import clean_line
from gateway.mail.fields import canonical_words, decode_words, raw_text
from gateway.mail.message import Address

MAX_ADDRESSES = 2_000
_BARE = re.compile(r"[^\s<>@,;:\"'()\[\]\\]{1,200}@[^\s<>@,;:\"'()\\]{1,255}")
_ANGLES = re.compile(r"<([^<>]{1,500})>")


def read_addresses(values: Sequence[bytes], charset: str = "") -> tuple[Address, ...]:
    """The addresses of all fields of one kind, in order, each once; never raises."""
    found: dict[str, Address] = {}
    for value in values:
        for address in _one_field(value, charset):
            found.setdefault(address.key, address)
            if len(found) >= MAX_ADDRESSES:
                return tuple(found.values())
    return tuple(found.values())


def plain_address(text: str) -> str:
    """local@domain with the domain in lower case, or an empty string when this is no address."""
    text = clean_line(text).strip("<> ,;")
    local, at, domain = text.rpartition("@")
    local = local.strip().strip("'")
    domain = domain.strip().strip("'>.").lower()
    if not at or not local or not domain or len(text) > 320 or any(mark in domain for mark in ' <>"(),;:\\@'):
        return ""
    if " " in local and not (local.startswith('"') and local.endswith('"')):
        return ""
    return f"{local}@{domain}"


def _one_field(value: bytes, charset: str) -> list[Address]:
    text = clean_line(raw_text(value, charset))
    if not text:
        return []
    if "<" not in text:
        text = text.replace(">", "")  # half a pair of angle brackets
    # A long run of quotes or brackets is an attack on address parsers, not a list of people.
    simple = text.count('"') <= 400 and text.count("(") <= 50 and text.count("\\") <= 400
    addresses = _by_mail_parser(canonical_words(text)) if simple else []
    return addresses or _by_shape(text)


def _by_mail_parser(text: str) -> list[Address]:
    parse: Callable[[str], mailparser.MailParser] = mailparser.parse_from_string
    parsed = parse(f"To: {text}\n\n").to
    addresses: list[Address] = []
    for name, written in parsed if isinstance(parsed, list) else []:
        address = plain_address(str(written))
        if address:
            addresses.append(Address(address, _display_name(str(name), address)))
    return addresses


def _by_shape(text: str) -> list[Address]:
    """What is left when the field is broken: everything in angle brackets, else everything that looks like one."""
    addresses: list[Address] = []
    position = 0
    for angle in _ANGLES.finditer(text):
        inside = plain_address(decode_words(angle.group(1)))
        if inside:
            addresses.append(Address(inside, _display_name(decode_words(text[position : angle.start()]), inside)))
        position = angle.end()
    if addresses:
        return addresses
    bare = [plain_address(match.group()) for match in _BARE.finditer(text[:20_000])]
    return [Address(address) for address in bare if address]


def _display_name(name: str, address: str) -> str:
    name = clean_line(decode_words(name)).strip(" ,;").strip()
    if len(name) >= 2 and name[0] == name[-1] and name[0] in "\"'":
        name = name[1:-1].strip()
    name = re.sub(r"\\([\"\\])", r"\1", name.strip('"').strip())
    return "" if name.casefold() == address.casefold() else name[:300]
