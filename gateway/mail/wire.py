"""Header fields and bodies as octets; no text breaks out of its line (RFC 5322, 2045 to 2047, 2231)."""

import hashlib
import quopri
import re
from base64 import b64encode
from collections.abc import Iterable, Sequence
from urllib.parse import quote

from gateway.mail.message import Address
from gateway.mail.tokens import wire_domain

LINE = 78
CRLF = b"\r\n"
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")
_UNSEEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~\-\u0080-\U0010ffff]+"
_LOCAL = re.compile(rf'{_ATOM}(?:\.{_ATOM})*|"(?:[^"\\\x00-\x1f\x7f]|\\[\x20-\x7e])*"')
_DOMAIN = re.compile(r"(?!-)[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*|\[[A-Za-z0-9.:]+\]")
_ID = re.compile(r"<[\x21-\x3b\x3d\x3f-\x7e]{3,900}>")
_TYPE = re.compile(r"(?!multipart/|message/)[a-z0-9][a-z0-9.+-]*/[a-z0-9][a-z0-9.+-]*")


def one_line(text: str, limit: int = 250) -> str:
    """Text as one line without control characters, cut to `limit` characters."""
    return " ".join(_CONTROL.sub(" ", text).split())[:limit].rstrip()


def mailable(address: Address) -> bool:
    """Whether mail can be sent there: the address is one that SMTP can say."""
    local, at, _ = address.address.rpartition("@")
    sane = not _CONTROL.search(address.address) and len(local.encode("utf-8", "replace")) <= 64
    return bool(at) and sane and bool(_LOCAL.fullmatch(local)) and bool(_DOMAIN.fullmatch(wire_domain(address.address)))


def wire_address(address: str) -> str:
    """The address as it goes into the envelope: its domain as A-labels."""
    return f"{address.rpartition('@')[0]}@{wire_domain(address)}"


def text_field(name: str, text: str) -> bytes:
    """A field of free text (Subject), as encoded words where plain ASCII will not do."""
    line = one_line(text)
    words = line.split(" ")
    plain = line.isascii() and "=?" not in line and all(len(word) <= 60 for word in words)
    return _folded(name, words if plain else _encoded_words(line))


def address_field(name: str, addresses: Sequence[Address]) -> bytes:
    """From, To or Cc. An address that cannot be mailed to is left out."""
    pieces: list[str] = []
    good = [one for one in addresses if mailable(one)]
    for position, one in enumerate(good):
        comma = "," if position + 1 < len(good) else ""
        pieces += [*_phrase(one_line(one.name, 100)), f"<{wire_address(one.address)}>{comma}"]
    return _folded(name, pieces)


def id_field(name: str, ids: Iterable[str]) -> bytes:
    """Message-ID, In-Reply-To or References: an id a line, what is no id left out; empty when none is left."""
    good = [one for one in ids if _ID.fullmatch(one)]
    return (f"{name}: " + "\r\n ".join(good) + "\r\n").encode("ascii") if good else b""


def plain_field(name: str, value: str) -> bytes:
    """A field whose value is ours."""
    return f"{name}: {value}\r\n".encode("ascii")


def text_part(text: str, subtype: str) -> bytes:
    """A text part: 7bit when it may be, else whichever of quoted-printable and base64 is shorter."""
    lines = _UNSEEN.sub("", text).replace("\r\n", "\n").replace("\r", "\n").rstrip("\n").split("\n")
    easy = all(line.isascii() and len(line) <= LINE and not line.startswith("From ") for line in lines)
    content = "\n".join(lines).encode("utf-8") + b"\n"
    if easy:
        return _part(f"text/{subtype}; charset=us-ascii", "7bit", content.replace(b"\n", CRLF))
    quoted = quopri.encodestring(content)
    if len(quoted) <= 1.4 * len(content):
        quoted = re.sub(rb"(?m)^From ", b"=46rom ", quoted)
        return _part(f"text/{subtype}; charset=utf-8", "quoted-printable", quoted.replace(b"\n", CRLF))
    return _part(f"text/{subtype}; charset=utf-8", "base64", _base64(content.replace(b"\n", CRLF)))


def file_part(content: bytes, name: str, kind: str, content_id: str = "") -> bytes:
    """An attachment; with a `content_id` (no angle brackets) the HTML shows it in its place."""
    kind = kind.lower() if _TYPE.fullmatch(kind.lower()) else "application/octet-stream"
    shown = f"<{content_id}>"
    place = "inline" if content_id and _ID.fullmatch(shown) else "attachment"
    head = plain_field("Content-Type", kind)
    head += f"Content-Disposition: {place}{_file_name(one_line(name, 150))}\r\n".encode("ascii")
    if place == "inline":
        head += plain_field("Content-ID", shown)
    return head + plain_field("Content-Transfer-Encoding", "base64") + CRLF + _base64(content)


def multipart(subtype: str, parts: Sequence[bytes]) -> bytes:
    """Parts joined; the boundary is derived from them, so the same parts give the same bytes."""
    digest = hashlib.sha256(subtype.encode())
    for part in parts:
        digest.update(part)
    boundary = f"=_{digest.hexdigest()[:40]}"
    mark = f"--{boundary}".encode()
    head = f'Content-Type: multipart/{subtype};\r\n boundary="{boundary}"\r\n\r\n'.encode()
    return head + b"".join(mark + CRLF + part + CRLF for part in parts) + mark + b"--\r\n"


def _part(kind: str, encoding: str, body: bytes) -> bytes:
    return plain_field("Content-Type", kind) + plain_field("Content-Transfer-Encoding", encoding) + CRLF + body


def _base64(content: bytes) -> bytes:
    whole = b64encode(content)
    return b"".join(whole[at : at + 76] + CRLF for at in range(0, len(whole), 76))


def _phrase(name: str) -> list[str]:
    if not name:
        return []
    if not name.isascii() or "=?" in name or any(len(word) > 60 for word in name.split()):
        return _encoded_words(name)
    if re.fullmatch(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]+", name):
        return name.split(" ")
    return ['"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"']


def _encoded_words(text: str) -> list[str]:
    """RFC 2047 §2: each word at most 75 characters and whole characters only."""
    words, piece = [], b""
    for character in text:
        octets = character.encode("utf-8", "replace")
        if len(piece) + len(octets) > 39:
            words.append(piece)
            piece = b""
        piece += octets
    return [f"=?utf-8?b?{b64encode(word).decode('ascii')}?=" for word in [*words, piece]]


def _folded(name: str, words: Sequence[str]) -> bytes:
    line, lines = f"{name}:", []
    for word in words:
        if len(line) + 1 + len(word) > LINE and len(line) > len(name) + 1:
            lines.append(line)
            line = ""
        line += " " + word
    return CRLF.join(one.encode("utf-8") for one in [*lines, line]) + CRLF


def _file_name(name: str) -> str:
    """RFC 2231 parameters; nothing but a name, never a path."""
    bare = re.split(r"[/\\]", name)[-1] or "file"
    if bare.isascii() and len(bare) <= 50 and re.fullmatch(r"[\w .,()+@=-]+", bare):
        return f';\r\n filename="{bare}"'
    coded = quote(bare.encode("utf-8", "replace"), safe="")
    pieces = re.findall(r"(?:%..|[^%]){1,18}", coded)
    first = "utf-8''"
    return "".join(f";\r\n filename*{i}*={first if i == 0 else ''}{piece}" for i, piece in enumerate(pieces))
