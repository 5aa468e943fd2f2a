"""How the world sees our own From."""

import pytest

from gateway.mail.alignment import alignments
from gateway.mail.reading import read_message


def found(*fields: str, sender: str = "test@shop.example.com") -> dict[str, tuple[str, bool]]:
    raw = "".join(f"{field}\r\n" for field in fields) + f"From: {sender}\r\nSubject: x\r\n\r\nx\r\n"
    return {one.method: (one.result, one.aligned) for one in alignments(read_message(raw.encode()))}


@pytest.mark.parametrize(
    ("said", "method", "result"),
    [
        ("spf=pass smtp.mailfrom=b@example.com", "spf", ("pass", True)),
        ("spf=pass smtp.mailfrom=b@example.org", "spf", ("pass", False)),
        ("spf=softfail smtp.mailfrom=b@example.com", "spf", ("softfail", False)),
        ("dkim=fail header.d=example.com; dkim=pass header.i=@shop.example.com", "dkim", ("pass", True)),
        ("dkim=pass header.d=relay.example.net", "dkim", ("pass", False)),
        ("dmarc=pass (p=NONE) header.from=shop.example.com", "dmarc", ("pass", True)),
        ("dmarc=none header.from=shop.example.com", "dmarc", ("none", False)),
    ],
)
def test_what_a_server_says_is_read(said: str, method: str, result: tuple[str, bool]) -> None:
    assert found(f"Authentication-Results: mx.example.org; {said}")[method] == result


def test_the_first_server_on_the_way_counts() -> None:
    later, first = "Authentication-Results: b.example; spf=fail", "Authentication-Results: a.example; spf=pass"
    assert found(later, f"{first} smtp.mailfrom=x@example.com")["spf"] == ("pass", True)


def test_a_seal_is_asked_where_a_forwarder_took_the_line_away() -> None:
    assert found("ARC-Authentication-Results: i=1; a.example; dmarc=pass")["dmarc"] == ("pass", True)


def test_without_any_finding_each_says_what_to_publish() -> None:
    assert found() == {"spf": ("", False), "dkim": ("", False), "dmarc": ("", False)}
    told = alignments(read_message(b"From: a@shop.example.com\r\n\r\nx"))
    assert all("shop.example.com" in one.fix for one in told)
