"""The load: mails as customers write them, made up the same way each time, or read from a folder."""

import random
from collections.abc import Sequence
from email.message import EmailMessage
from pathlib import Path
from textwrap import fill, wrap

DIFFERENT = 200
_WORDS = """
order lamp delivery invoice please could tell when parcel arrives the we our broken since yesterday account password
reset thank you very much for help number price return label question about warranty still waiting and with
"""


def make_load(count: int = DIFFERENT) -> list[bytes]:
    """Text and HTML, a few with their thread quoted below: half of them under 6 kB, none over 40 kB."""
    chance = random.Random(20_260_301)
    return [_mail(chance, number) for number in range(count)]


def read_load(folder: Path) -> list[bytes]:
    """Every .eml file below the folder."""
    return [path.read_bytes() for path in sorted(folder.rglob("*.eml"))]


def on_the_wire(mail: bytes) -> bytes:
    """CRLF line ends, dots doubled, and the final dot (RFC 5321 §4.5.2)."""
    lines = mail.replace(b"\r\n", b"\n").rstrip(b"\n").split(b"\n")
    return b"\r\n".join([*(b"." + line if line.startswith(b".") else line for line in lines), b".", b""])


def size_of(load: Sequence[bytes]) -> str:
    sizes = sorted(map(len, load))
    return f"{len(load)} mails, median {sizes[len(sizes) // 2] / 1024:.1f} kB, largest {sizes[-1] / 1024:.0f} kB"


def _mail(chance: random.Random, number: int) -> bytes:
    writer = f"customer{chance.randrange(5_000)}@mail{chance.randrange(40)}.example"
    mail = EmailMessage()
    mail["From"] = f"A Customer <{writer}>"
    mail["To"] = "support@bench.example"
    mail["Subject"] = _sentence(chance, 6)
    mail["Date"] = "Sun, 01 Mar 2026 09:30:00 +0000"
    mail["Message-ID"] = f"<{number}.{chance.getrandbits(64):x}@mail.example>"
    paragraphs = [_sentence(chance, chance.randrange(20, 90)) for _ in range(chance.randrange(2, 6))]
    quoted = [_sentence(chance, 40) for _ in range(chance.choice((0, 0, 2, 8, 30)))]
    text = "\n\n".join(fill(one, 72) for one in paragraphs)
    text += "\n\n" + "\n".join(fill(one, 70, initial_indent="> ", subsequent_indent="> ") for one in quoted)
    mail.set_content(text)
    shown = "".join(f'<p style="margin:0;font-family:Arial">{one}</p>\n' for one in (*paragraphs, *quoted))
    mail.add_alternative(shown, subtype="html", cte="quoted-printable")
    mail.set_boundary(f"part-{number}")
    return _stamps(chance) + mail.as_bytes()


def _stamps(chance: random.Random) -> bytes:
    """What servers on the way write above a mail."""
    lines = [
        f"Received: from mx{hop}.mail.example (mx{hop}.mail.example [192.0.2.{hop}])\n by mx.example with ESMTPS"
        for hop in range(chance.randrange(2, 6))
    ]
    for name in ("ARC-Seal", "ARC-Message-Signature", "DKIM-Signature"):
        value = wrap(f"{chance.getrandbits(2048):x}", 70)
        lines.append("\n  ".join([f"{name}: v=1; a=rsa-sha256; d=mail.example; s=a; b=", *value]))
    return "\n".join([*lines, ""]).encode()


def _sentence(chance: random.Random, words: int) -> str:
    return " ".join(chance.choices(_WORDS.split(), k=words))
