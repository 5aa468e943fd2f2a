"""A glance at a mail's first 64 kB, without parsing: whom it says it is from, and what it is called."""

import re

from gateway.mail.fields import field_text

GLANCE = 64 * 1024
_FROM = re.compile(rb"[ \t]*:([^\r\n]*(?:\r?\n[ \t][^\r\n]*)*)")
_SUBJECT = re.compile(rb"^Subject[ \t]*:([^\r\n]*(?:\r?\n[ \t][^\r\n]*)*)", re.IGNORECASE | re.MULTILINE)
_RESULTS = re.compile(rb"^Authentication-Results[ \t]*:([^\r\n]*(?:\r?\n[ \t][^\r\n]*)*)", re.IGNORECASE | re.MULTILINE)
_ID = re.compile(rb"^Message-ID[ \t]*:\s{0,9}(<[!-;=?-~]{1,250}>)", re.IGNORECASE | re.MULTILINE)
_ADDRESS = re.compile(rb"[^\s<>,;:\"()\[\]\\]{1,64}@[^\s<>,;:\"()\[\]\\]{1,255}")
_ENDS_OF_HEADERS = (b"\r\n\r\n", b"\n\n", b"\n\r\n")


def first_from(head: bytes) -> str:
    """The first address of the first From field, case-folded, or an empty string.

    It only chooses the lane in which mails of one writer are read in order; it proves nothing.
    """
    fields = b"\n" + _fields(head)
    lower = fields.lower()
    at = -1
    # Plain searches: this is done for each mail at the door, where a pattern that tries every byte is felt.
    while (at := lower.find(b"\nfrom", at + 1)) >= 0:
        field = _FROM.match(fields, at + len(b"\nfrom"))
        if field is not None:
            address = _ADDRESS.search(field.group(1)[:2000])
            return address.group().decode("utf-8", "replace").casefold() if address else ""
    return ""


def first_subject(head: bytes) -> str:
    """The first Subject, decoded, on one line; empty when there is none."""
    field = _SUBJECT.search(_fields(head))
    return field_text(field.group(1)[:2000])[:500] if field else ""


def first_results(head: bytes) -> str:
    """The topmost Authentication-Results (RFC 8601), decoded, or an empty string."""
    field = _RESULTS.search(_fields(head))
    return field_text(field.group(1)[:8000]) if field else ""


def first_id(head: bytes) -> str:
    """The first Message-ID with its angle brackets, or an empty string."""
    field = _ID.search(_fields(head))
    return field.group(1).decode("ascii") if field else ""


def _fields(head: bytes) -> bytes:
    """All before the first empty line."""
    fields = head[:GLANCE]
    for end in _ENDS_OF_HEADERS:
        fields = fields.partition(end)[0]
    return fields
