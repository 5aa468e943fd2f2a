"""The five mails of the story, as real mail programs write them."""

import struct
import zlib
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime

SUPPORT = "support@lumen-oak.example"
CLARA = "clara.keller@mail.example"
OMAR = "omar.ortiz@post.example"

QUESTION = """Hello,

I bought one of your floor lamps for my reading corner. Which light bulb fits it, and can I use an LED bulb?

Best regards
Clara Keller
"""
COMPLAINT = """Hi there,

my desk lamp (order LO-20417) arrived today and the glass shade is broken, there are splinters in the whole box.
I attach a picture. I paid 189 EUR for it and I am really disappointed. What will you do about it?

Omar Ortiz
"""
COMPLAINT_HTML = """<div dir="ltr"><p>Hi there,</p>
<p>my desk lamp (order LO-20417) arrived today and the <b>glass shade is broken</b>, there are splinters in the whole
box. I attach a picture.</p>
<p><img src="cid:shade@post.example" alt="broken shade.png" width="160"></p>
<p>I paid 189 EUR for it and I am really disappointed. What will you do about it?</p>
<p>Omar Ortiz</p></div>
"""
SECOND = """One more thing: the switch does not work either. I would rather have my money back than a new lamp.

Omar
"""
REPLY = """<p>Dear Omar,</p>
<p>I am very sorry about the broken lamp. I have <b>refunded the 189 EUR</b> today; you will see them within three
working days. You need not send anything back.</p>
<p>Kind regards<br>Anna Berg, Lumen &amp; Oak</p>"""


def question(now: datetime) -> EmailMessage:
    mail = _begin(CLARA, "Clara Keller", "Which bulb for the floor lamp?", now, "clara-1")
    mail.set_content(QUESTION)
    return mail


def complaint(now: datetime) -> EmailMessage:
    mail = _begin(OMAR, "Omar Ortiz", "Broken lamp, order LO-20417", now, "omar-1")
    mail.set_content(COMPLAINT)
    mail.add_alternative(COMPLAINT_HTML, subtype="html")
    shown = next(part for part in mail.iter_parts() if part.get_content_subtype() == "html")
    shown.add_related(picture(), "image", "png", cid="<shade@post.example>", filename="broken shade.png")
    return mail


def second(now: datetime, first: EmailMessage) -> EmailMessage:
    """Omar answers his own first mail, as Gmail writes it: the quoted text must not reach the case twice."""
    mail = _begin(OMAR, "Omar Ortiz", "Re: Broken lamp, order LO-20417", now, "omar-2")
    mail["In-Reply-To"] = first["Message-ID"]
    mail["References"] = first["Message-ID"]
    quoted = "\n".join(f"> {line}".rstrip() for line in COMPLAINT.strip().splitlines())
    stamp = now.strftime("%a, %b %d, %Y at %I:%M %p")
    mail.set_content(f"{SECOND}\nOn {stamp} Omar Ortiz <{OMAR}> wrote:\n\n{quoted}\n")
    return mail


def picture() -> bytes:
    """A small PNG: a lamp shade with a crack in it."""
    width, height = 160, 120
    rows = b"".join(b"\0" + bytes(_shade(x, y) for x in range(width)) for y in range(height))
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head) + _chunk(b"IDAT", zlib.compress(rows)) + _chunk(b"IEND", b"")


def _begin(address: str, name: str, subject: str, now: datetime, mark: str) -> EmailMessage:
    mail = EmailMessage()
    mail["From"] = f"{name} <{address}>"
    mail["To"] = f"Lumen & Oak Support <{SUPPORT}>"
    mail["Subject"] = subject
    mail["Date"] = format_datetime(now)
    mail["Message-ID"] = f"<{mark}.{now.timestamp():.0f}@{address.partition('@')[2]}>"
    return mail


def _shade(x: int, y: int) -> int:
    inside = abs(x - 80) < 20 + y // 2 and 15 < y < 100
    crack = abs(x - 80 - (y % 14) + (y // 9) * 2) < 2
    return 20 if inside and crack else 190 - y // 2 if inside else 245


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
