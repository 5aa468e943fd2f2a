"""Forwarders as their mails really look, and a colleague's forward in the words of many languages."""

import re
from pathlib import Path

import pytest

from gateway.mail.envelopes import recipients_of
from gateway.mail.forwarders import Forwarded, Known, forwarded_sender, recognise
from gateway.mail.quotes.subjects import says_forward
from gateway.mail.reading import read_message
from gateway.mail.trust import Trust
from tests.mail.mails import a_mail

SAMPLES = Path(__file__).parents[1] / "samples" / "forwarders"
HEADS = tuple(
    re.findall(
        r"^=== ([^|]+) \| (\S+) \| [^\n]+\n(.+?)(?=^=== |\Z)",
        (SAMPLES / "heads.txt").read_text(),
        re.MULTILINE | re.DOTALL,
    )
)
WORDS = tuple(
    tuple(line.split(" | "))
    for line in (SAMPLES / "words.txt").read_text().splitlines()
    if line and not line.startswith("#")
)
UTF8 = {"Content_Type": "text/plain; charset=utf-8", "Content_Transfer_Encoding": "8bit"}
OUTLOOK = "{0}: Ann <ann@customer.example>\n{1}: 2 November 2026\n{2}: Rep <rep@example.com>\n{3}: Order 12"
LINKED = "{0}: Ann [mailto:ann@customer.example]\n{1}: 2 November 2026\n{2}: Rep\n{3}: Order 12"
SPACED = "{0} : Ann <ann@customer.example>\n{1} : 2 November 2026\n{2} : Rep <rep@example.com>\n{3} : Order 12"
BOLD = "*{0}:* Ann <ann@customer.example>\n*{1}:* 2 November 2026\n*{2}:* Rep <rep@example.com>\n*{3}:* Order 12"
GMAIL = (
    "---------- Forwarded message ---------\n{0}: Ann <ann@customer.example>\n{4}: Mon, 2 Nov 2026 at 10:00\n"
    "{3}: Order 12\n{2}: <rep@example.com>"
)
APPLE = "> {0}: Ann <ann@customer.example>\n> {3}: Order 12\n> {4}: 2 November 2026\n> {2}: rep@example.com"
THUNDERBIRD = "{3}: \tOrder 12\n{4}: \tMon, 2 Nov 2026\n{0}: \tAnn <ann@customer.example>\n{2}: \trep@example.com"


def by(head: str, sender: str) -> Forwarded | None:
    raw = head.strip().replace("\n", "\r\n").encode() + b"\r\nSubject: Order 12\r\n\r\nWhere is my order?"
    known = Known(is_ours=lambda address: address == "support@shop.example", is_staff=lambda one: False)
    return recognise(read_message(raw), sender, known, trust=Trust.VERIFIED, sent_by_us=False)


def test_the_samples_are_all_there() -> None:
    assert len(HEADS) == 10
    assert len(WORDS) > 30


@pytest.mark.parametrize(("profile", "sender", "head"), HEADS)
def test_a_forwarder_is_known_by_what_it_really_writes(profile: str, sender: str, head: str) -> None:
    found = by(head, sender)
    assert found is not None
    assert (found.profile.value, found.customer, found.may_answer) == (profile, None, True)


@pytest.mark.parametrize("head", [one[2] for one in HEADS if re.search(r"(?m)^(?!To:)\S+: support@", one[2])])
def test_the_mailbox_that_was_meant_is_found_when_to_does_not_name_it(head: str) -> None:
    to_nobody = re.sub(r"(?m)^To: .*$", "To: undisclosed-recipients:;", head)
    noted = [one.address for one in recipients_of(read_message(to_nobody.encode() + b"\nHello"))]
    assert "support@shop.example" in noted


def test_an_answer_of_a_customers_own_rule_is_no_redirect() -> None:
    head = "X-MS-Exchange-Inbox-Rules-Loop: ann@customer.example\nFrom: Ann <ann@customer.example>"
    assert by(head, "ann@customer.example") is None


def test_what_exchange_keeps_inside_its_organisation_is_no_sign_of_a_redirect() -> None:
    head = "X-MS-Exchange-CrossTenant-Id: f7a17af6\nFrom: Ann <ann@customer.example>\nTo: support@shop.example"
    assert by(head, "ann@customer.example") is None


@pytest.mark.parametrize("words", WORDS, ids=[one[0] for one in WORDS])
def test_a_forward_is_read_in_each_language_and_from_each_mail_program(words: tuple[str, ...]) -> None:
    _, prefix, *labels, apple = words
    assert says_forward(f"{prefix}: Order 12")
    for form in (OUTLOOK, LINKED, SPACED, BOLD, GMAIL, f"{apple}\n\n{APPLE}", THUNDERBIRD):
        text = f"Please look at this.\n\n{form.format(*labels)}\n\nWhere is my order?\n"
        inner = forwarded_sender(read_message(a_mail(text, **UTF8)))
        assert inner is not None, form
        assert inner.address == "ann@customer.example", form
