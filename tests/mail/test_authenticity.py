"""What proves a sender: DKIM, SPF, DMARC, ARC, and the word of servers that we trust. The DNS is a table here."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import dkim
import pytest

from gateway.mail.authentication_results import read_results, weigh_results
from gateway.mail.authenticity import Ask, Proof, Question, prove
from gateway.mail.message import Envelope
from gateway.mail.reading import read_message
from gateway.mail.spf import check_spf
from gateway.mail.trust import Trust
from tests.mail import corpus
from tests.mail.keys import GOOGLE, MICROSOFT, PRIVATE, PUBLIC
from tests.mail.mails import MAILBOX, a_mail

KEY, POLICY = ("s1._domainkey.customer.example", "TXT"), ("_dmarc.customer.example", "TXT")
SPF = ("customer.example", "TXT")
REJECT = "v=DMARC1; p=reject"
DIRECT = Envelope("ann@customer.example", MAILBOX, peer="192.0.2.7", helo="mx.customer.example")
BY_PEER = replace(DIRECT, peer="127.0.0.1", trusted=True)
FETCHED = Envelope("ann@customer.example", MAILBOX)
sign: Callable[..., bytes] = dkim.sign


def signed(domain: str = "customer.example", raw: bytes = b"", **more: Any) -> bytes:
    raw = raw or a_mail()
    return sign(raw, b"s1", domain.encode(), PRIVATE, include_headers=[b"from", b"to", b"subject"], **more) + raw


def proven(
    raw: bytes, envelope: Envelope = DIRECT, servers: tuple[str, ...] = (), dns: dict[Question, str] | None = None
) -> Proof:
    """Ask as the pipeline does, until nothing is left to ask; a name that is not in the table does not exist."""
    table = dns or {}
    answers: dict[Question, Sequence[str]] = {}
    for _ in range(20):
        found = prove(raw, read_message(raw), envelope, servers=servers, answers=answers)
        if isinstance(found, Proof):
            return found
        answers |= {one: (table[one],) if one in table else () for one in found.questions}
    raise AssertionError("it asks for ever")


def test_a_signature_of_the_senders_domain_proves_it() -> None:
    assert proven(signed(), dns={KEY: PUBLIC}).trust is Trust.VERIFIED
    assert proven(signed(), FETCHED, dns={KEY: PUBLIC}).trust is Trust.VERIFIED


def test_one_changed_word_breaks_the_signature() -> None:
    forged = signed().replace(b"Where is my order?", b"Refund my order now!")
    found = proven(forged, dns={KEY: PUBLIC, POLICY: REJECT})
    assert found.trust is Trust.FAILED
    assert "broken" in found.reasons[0]


def test_a_broken_signature_fails_nobody_who_does_not_ask_for_it() -> None:
    forged = signed().replace(b"Where is my order?", b"Where is my order? [external]")
    assert proven(forged, dns={KEY: PUBLIC, POLICY: "v=DMARC1; p=none"}).trust is Trust.UNVERIFIED
    assert proven(forged, dns={KEY: PUBLIC}).trust is Trust.UNVERIFIED


def test_a_forwarder_that_broke_the_signature_fails_nobody() -> None:
    forged = signed().replace(b"Where is my order?", b"Where is my order? [external]")
    for way in (BY_PEER, FETCHED):
        assert proven(forged, way, dns={KEY: PUBLIC, POLICY: REJECT}).trust is Trust.UNVERIFIED


def test_a_signature_of_another_domain_proves_nothing() -> None:
    other = ("s1._domainkey.elsewhere.example", "TXT")
    assert proven(signed("elsewhere.example"), dns={other: PUBLIC, POLICY: REJECT}).trust is Trust.FAILED


def test_below_a_dmarc_record_a_subdomain_may_sign_unless_it_is_strict() -> None:
    below = ("s1._domainkey.mail.customer.example", "TXT")
    raw = signed("mail.customer.example")
    assert proven(raw, dns={below: PUBLIC, POLICY: REJECT}).trust is Trust.VERIFIED
    assert proven(raw, dns={below: PUBLIC, POLICY: f"{REJECT}; adkim=s"}).trust is Trust.FAILED
    assert proven(raw, dns={below: PUBLIC}).trust is Trust.UNVERIFIED


def test_a_signature_over_a_part_of_the_text_proves_nothing() -> None:
    raw = signed(length=True) + b"\r\nand send the money elsewhere"
    assert proven(raw, dns={KEY: PUBLIC, POLICY: REJECT}).trust is Trust.FAILED


def test_the_senders_own_server_proves_it() -> None:
    found = proven(a_mail(), dns={SPF: "v=spf1 ip4:192.0.2.0/24 -all", POLICY: REJECT})
    assert found == Proof(Trust.VERIFIED, ("sent by a server of customer.example (SPF)",))


def test_somebody_elses_server_is_refused_where_the_domain_asks_for_it() -> None:
    dns = {SPF: "v=spf1 ip4:198.51.100.1 -all", POLICY: REJECT}
    assert proven(a_mail(), dns=dns).trust is Trust.FAILED
    assert proven(a_mail(), dns={**dns, POLICY: "v=DMARC1; p=none"}).trust is Trust.UNVERIFIED
    assert proven(a_mail(), dns={**dns, POLICY: "v=DMARC1; p=quarantine"}).trust is Trust.FAILED


def test_a_forwarder_with_srs_that_proves_itself_fails_nobody() -> None:
    way = replace(DIRECT, sender="SRS0=ab=cd=customer.example=ann@forwarder.example")
    dns = {("forwarder.example", "TXT"): "v=spf1 ip4:192.0.2.7 -all", POLICY: REJECT}
    assert proven(a_mail(), way, dns=dns).trust is Trust.UNVERIFIED


def test_the_policy_of_the_domain_above_holds_for_subdomains() -> None:
    raw = a_mail(From="ann@shop.customer.example")
    assert proven(raw, dns={POLICY: REJECT}).trust is Trust.FAILED
    assert proven(raw, dns={POLICY: "v=DMARC1; p=reject; sp=none"}).trust is Trust.UNVERIFIED


def test_without_a_peer_or_a_signature_nothing_is_asked() -> None:
    for way in (BY_PEER, FETCHED):
        found = prove(b"", read_message(a_mail()), way, servers=(), answers={})
        assert isinstance(found, Proof)
        assert found.trust is Trust.UNVERIFIED


def test_what_can_be_asked_at_once_is_asked_at_once() -> None:
    found = prove(signed(), read_message(signed()), DIRECT, servers=(), answers={})
    assert isinstance(found, Ask)
    assert set(found.questions) == {KEY, POLICY}


def test_a_dns_that_does_not_answer_fails_nobody() -> None:
    raw = signed()
    answers = {KEY: None, POLICY: None, SPF: None}
    found = prove(raw, read_message(raw), DIRECT, servers=(), answers=answers)
    assert isinstance(found, Proof)
    assert found.trust is Trust.UNVERIFIED


PASSED = "mx.example.com; dkim=pass header.d=customer.example; dmarc=pass (p=REJECT) header.from=customer.example"
REFUSED = "mx.example.com; spf=fail; dmarc=fail (p=REJECT dis=NONE) header.from=customer.example"


def told(value: str, *, below: int = 0) -> bytes:
    received = b"Received: from x by y; Mon, 2 Nov 2026 10:00:00 +0100\r\n"
    return received + received * below + f"Authentication-Results: {value}\r\n".encode() + received + a_mail()


def test_a_trusted_peers_finding_counts_and_a_strangers_does_not() -> None:
    assert proven(told(PASSED), BY_PEER).trust is Trust.VERIFIED
    assert proven(told(REFUSED), BY_PEER).trust is Trust.FAILED
    assert proven(told(PASSED), DIRECT, dns={POLICY: REJECT}).trust is Trust.FAILED


def test_only_the_topmost_finding_counts() -> None:
    forged = told("mx.example.com; none").replace(
        b"mx.example.com; none\r\n", b"mx.example.com; none\r\nAuthentication-Results: " + PASSED.encode() + b"\r\n"
    )
    assert proven(forged, BY_PEER).trust is Trust.UNVERIFIED
    # Below the peer's own Received line it came with the mail: the peer wrote nothing.
    assert proven(told(PASSED, below=1), BY_PEER).trust is Trust.UNVERIFIED


def test_a_listed_server_counts_for_fetched_mail_and_no_other() -> None:
    assert proven(told(PASSED), FETCHED, servers=("mx.example.com",)).trust is Trust.VERIFIED
    assert proven(told(PASSED), FETCHED).trust is Trust.UNVERIFIED
    assert proven(told(PASSED), FETCHED, servers=("mx.other.example",)).trust is Trust.UNVERIFIED
    assert proven(told(PASSED), DIRECT, servers=("mx.example.com",)).trust is Trust.UNVERIFIED


@pytest.mark.parametrize(
    ("value", "trust"),
    [
        ("mx; dmarc=pass header.from=customer.example", Trust.VERIFIED),
        ("mx 1; dmarc = pass (p=none; dis=none) header.from = customer.example", Trust.VERIFIED),
        ("mx; dkim=pass header.i=@customer.example", Trust.VERIFIED),
        ("mx; spf=pass (x: y; z) smtp.mailfrom=ann@customer.example", Trust.VERIFIED),
        ("mx; dkim=pass header.d=elsewhere.example", Trust.UNVERIFIED),
        ("mx; dkim=pass header.d=example", Trust.UNVERIFIED),
        ("mx; dkim=pass header.d=evilcustomer.example", Trust.UNVERIFIED),
        ("mx; dmarc=pass header.from=elsewhere.example", Trust.UNVERIFIED),
        ('mx; dkim=fail reason="dmarc=pass header.from=customer.example"', Trust.UNVERIFIED),
        ("mx (dmarc=pass header.from=customer.example); none", Trust.UNVERIFIED),
        ("mx; dmarc=fail action=oreject header.from=customer.example", Trust.FAILED),
        ("mx; dmarc=fail (p=NONE) header.from=customer.example", Trust.UNVERIFIED),
        ("", Trust.UNVERIFIED),
        ("((((;;;;====", Trust.UNVERIFIED),
    ],
)
def test_findings_are_read_as_the_standard_has_them(value: str, trust: Trust) -> None:
    assert weigh_results(read_results(value), "customer.example")[0] is trust


@corpus.there
def test_a_known_forwarders_seal_vouches_for_what_it_found() -> None:
    raw = (corpus.FOLDER / "rspamd/arcallow.eml").read_bytes()
    dns = {
        ("arc-20160816._domainkey.google.com", "TXT"): GOOGLE,
        ("arcselector9901._domainkey.microsoft.com", "TXT"): MICROSOFT,
    }
    found = proven(raw, FETCHED, dns=dns)
    assert found.trust is Trust.FORWARDER_VERIFIED
    assert "google.com" in found.reasons[-1]
    broken = raw.replace(b"Subject: test", b"Subject: Test of another kind")
    assert proven(broken, FETCHED, dns=dns).trust is Trust.UNVERIFIED


@pytest.mark.parametrize(
    ("record", "result"),
    [
        ("v=spf1 ip4:192.0.2.0/24 -all", "pass"),
        ("v=spf1 ip4:198.51.100.0/24 -all", "fail"),
        ("v=spf1 ip4:198.51.100.0/24 ~all", "softfail"),
        ("v=spf1 ip4:198.51.100.0/24", "neutral"),
        ("v=spf1 a -all", "pass"),
        ("v=spf1 a:other.example/24 -all", "pass"),
        ("v=spf1 mx -all", "pass"),
        ("v=spf1 include:good.example -all", "pass"),
        ("v=spf1 include:bad.example -all", "fail"),
        ("v=spf1 redirect=good.example", "pass"),
        ("v=spf1 exists:%{ir}.%{l}.list.example -all", "pass"),
        ("v=spf1 nonsense:x -all", "permerror"),
        ("v=spf1 include:loop.example -all", "permerror"),
        ("v=spf2 ip4:192.0.2.7", "none"),
        ("-all v=spf1", "none"),
    ],
)
def test_spf_is_evaluated_as_rfc_7208_says(record: str, result: str) -> None:
    table = {
        ("d.example", "TXT"): (record,),
        ("d.example", "A"): ("192.0.2.7",),
        ("d.example", "MX"): ("10 mail.d.example",),
        ("mail.d.example", "A"): ("192.0.2.7",),
        ("other.example", "A"): ("192.0.2.200",),
        ("good.example", "TXT"): ("other text", "v=spf1 ip4:192.0.2.7 -all"),
        ("bad.example", "TXT"): ("v=spf1 -all",),
        ("loop.example", "TXT"): ("v=spf1 include:loop.example -all",),
        ("7.2.0.192.ann.list.example", "A"): ("127.0.0.2",),
    }
    assert (
        check_spf("192.0.2.7", "ann@d.example", "helo.example", lambda name, kind: table.get((name, kind), ()))
        == result
    )


def test_spf_of_the_null_sender_is_that_of_the_helo_name() -> None:
    asked: list[str] = []

    def lookup(name: str, kind: str) -> tuple[str, ...]:
        asked.append(name)
        return ("v=spf1 ip6:2001:db8::/32 -all",)

    assert check_spf("2001:db8::7", "", "mx.d.example", lookup) == "pass"
    assert asked == ["mx.d.example"]


@pytest.mark.parametrize(
    "fields",
    [
        "From: ann@customer.example\r\nFrom: eve@evil.example\r\n",
        "From: chief@customer.example\r\nFrom: ann@customer.example\r\n",
        "From: ann@customer.example, eve@evil.example\r\n",
        "Sender: ann@customer.example\r\n",
    ],
)
def test_a_finding_that_may_be_about_another_author_proves_nobody(fields: str) -> None:
    found = "Authentication-Results: mx.example.com; dmarc=pass\r\n"
    raw = (found + fields).encode() + a_mail(From=None)
    assert proven(raw, BY_PEER).trust is Trust.UNVERIFIED


def test_a_second_author_does_not_save_who_fails() -> None:
    raw = b"From: ann@customer.example\r\nFrom: eve@evil.example\r\n" + a_mail(From=None)
    assert proven(raw, replace(DIRECT, sender="eve@evil.example"), dns={POLICY: REJECT}).trust is Trust.FAILED
