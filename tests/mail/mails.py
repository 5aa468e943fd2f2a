"""Raw mails for the tests of reading: sensible fields, so a test names only what it is about."""

from collections.abc import Mapping, Sequence

from gateway.mail.message import Envelope

CUSTOMER, MAILBOX = "ann@customer.example", "support@example.com"
ENVELOPE = Envelope(CUSTOMER, MAILBOX)


def a_mail(body: str | bytes = "Where is my order?", **fields: str | bytes | None) -> bytes:
    """A mail with these fields (underscores are dashes, None leaves one out)."""
    usual: dict[str, str | bytes | None] = {
        "From": f"Ann <{CUSTOMER}>",
        "To": MAILBOX,
        "Subject": "Order 12",
        "Date": "Mon, 2 Nov 2026 10:00:00 +0100",
        "Message-ID": "<one@customer.example>",
    }
    for name, value in fields.items():
        usual[_spelled(name)] = value
    head = b"".join(_line(name, value) for name, value in usual.items() if value is not None)
    return head + b"\r\n" + (body if isinstance(body, bytes) else body.encode().replace(b"\n", b"\r\n"))


def a_multipart(subtype: str, parts: Sequence[tuple[Mapping[str, str], bytes]], **fields: str | bytes | None) -> bytes:
    body = b""
    for head, content in parts:
        body += b"--limit\r\n" + b"".join(_line(name, value) for name, value in head.items()) + b"\r\n"
        body += content + b"\r\n"
    return a_mail(body + b"--limit--\r\n", Content_Type=f'multipart/{subtype}; boundary="limit"', **fields)


def _spelled(name: str) -> str:
    return "-".join(word if word.isupper() else word.capitalize() for word in name.split("_")).replace("Id", "ID")


def _line(name: str, value: str | bytes) -> bytes:
    return name.encode() + b": " + (value if isinstance(value, bytes) else value.encode()) + b"\r\n"
