"""The files of a mail: each a place, with a safe name; cut out when somebody needs one."""

import hashlib
import mimetypes
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from gateway.mail.charsets import clean_line
from gateway.mail.content import part_bytes, part_text, split_uuencoded, unpack
from gateway.mail.fields import field_text, read_head
from gateway.mail.layout import MESSAGES, Layout
from gateway.mail.limits import MAX_NAME, MAX_PARTS, Unreadable
from gateway.mail.message import Attachment
from gateway.mail.parts import Part
from gateway.mail.tnef import PackedFile, Unpacked

_UNSAFE = re.compile('[\x00-\x1f\x7f<>:"|?*\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ud800-\udfff\ufffd]')
_RESERVED = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\.|$)")
_NAMED_BY_TYPE = {
    "message/delivery-status": "delivery-status.txt",
    "message/global-delivery-status": "delivery-status.txt",
    "message/disposition-notification": "disposition-notification.txt",
    "message/feedback-report": "feedback-report.txt",
    "text/rfc822-headers": "headers.txt",
    "message/global-headers": "headers.txt",
    "text/calendar": "invite.ics",
    "application/pkcs7-mime": "smime.p7m",
    "application/x-pkcs7-mime": "smime.p7m",
    "application/pkcs7-signature": "smime.p7s",
    "application/x-pkcs7-signature": "smime.p7s",
    "application/pgp-signature": "signature.asc",
    "application/pgp-encrypted": "version.txt",
    "application/octet-stream": "file.bin",
    "text/plain": "text.txt",
    "text/html": "text.html",
    "image/jpeg": "image.jpg",
    "image/pjpeg": "image.jpg",
}


@dataclass(frozen=True, slots=True)
class File:
    """One file before it is weighed: what it is called, how its bytes are had, and the part that is it, if one is."""

    name: str
    type: str
    content_id: str
    location: str
    load: Callable[[], bytes]
    part: Part | None = None


def list_files(raw: bytes, layout: Layout) -> Iterator[File]:
    """Every file of the mail in order; those packed inside another one follow it, or stand for a winmail.dat."""
    for passage in layout.passages:
        for part in passage.plain:
            if part.type == "text/plain" and raw.find(b"begin ", part.start, part.end) >= 0:
                yield from map(_packed, split_uuencoded(part_text(raw, part))[1])
    for part in layout.files:
        packed = unpack(raw, part)
        if packed and packed.files:
            yield from map(_packed, packed.files)
        else:
            yield _plain_file(raw, part)


def describe(files: Sequence[File], referred: frozenset[str]) -> tuple[Attachment, ...]:
    """The places; `referred` holds the content ids and locations that the text shows."""
    if len(files) > MAX_PARTS:
        raise Unreadable(f"more than {MAX_PARTS} files")
    attachments: list[Attachment] = []
    for index, file in enumerate(files):
        content = file.load()
        attachments.append(
            Attachment(
                index=index,
                name=safe_name(file.name, file.type, index),
                type=file.type,
                size=len(content),
                sha256=hashlib.sha256(content).hexdigest(),
                inline=bool({file.content_id, file.location} & referred - {""}),
                content_id=file.content_id,
                start=file.part.start if file.part else 0,
                end=file.part.end if file.part else 0,
                encoding=file.part.encoding if file.part else "",
            )
        )
    return tuple(attachments)


def packed_texts(raw: bytes, layout: Layout) -> tuple[str, str]:
    """Text and HTML of the first winmail.dat, which some mails have instead of a body."""
    found: list[Unpacked] = [one for part in layout.files if (one := unpack(raw, part))]
    return (found[0].text, found[0].html) if found else ("", "")


def references_in(html: str, text: str) -> frozenset[str]:
    """Content ids and locations that a text shows as pictures."""
    found = re.findall(r"(?i)(?:cid:)([^\s\"'<>)\]]{1,300})", html[:2_000_000])
    found += re.findall(r"(?i)<img[^>]{0,2000}?src=[\"']?([^\s\"'<>]{1,300})", html[:2_000_000])
    found += re.findall(r"(?i)\[cid:([^\]\s]{1,300})\]", text[:200_000])
    return frozenset(found)


def safe_name(name: str, kind: str, index: int) -> str:
    """A name safe to show and store anywhere: no path, no direction tricks, no controls, at most 200 characters."""
    name = clean_line(name).replace("\\", "/").rstrip("/ .").rpartition("/")[2]
    name = _UNSAFE.sub("", name).strip(" .")
    if not name:
        name = _NAMED_BY_TYPE.get(kind) or f"file-{index + 1}{mimetypes.guess_extension(kind, strict=False) or '.bin'}"
    if _RESERVED.match(name):
        name = f"_{name}"
    if len(name) > MAX_NAME:
        stem, dot, extension = name.rpartition(".")
        keep = dot + extension if dot and len(extension) <= 20 else ""
        name = (stem if keep else name)[: MAX_NAME - len(keep)] + keep
    return name


def _plain_file(raw: bytes, part: Part) -> File:
    name = part.disposition_parameters.get("filename") or part.parameters.get("name") or ""
    if not name and part.type in MESSAGES:
        head = read_head(raw, part.start, part.end)
        subject = field_text(head.first("subject"))[:100].replace("/", "-")
        name = f"{subject or 'message'}.eml"
    if not name:
        location = clean_line(part.head.first("content-location").decode("utf-8", "replace"))
        described = field_text(part.head.first("content-description"))
        name = location.rpartition("/")[2] or (described if re.search(r"\.\w{2,5}$", described) else "")
    location = clean_line(part.head.first("content-location").decode("utf-8", "replace"))
    return File(name, part.type, clean_line(part.content_id), location, partial(_load, raw, part), part)


def _load(raw: bytes, part: Part) -> bytes:
    return part_bytes(raw, part)


def _packed(file: PackedFile) -> File:
    kind = file.type or mimetypes.guess_type(file.name, strict=False)[0] or "application/octet-stream"
    return File(file.name, kind, file.content_id, "", lambda: file.content)
