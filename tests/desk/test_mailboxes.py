"""Whose address is it."""

from pathlib import Path

import pytest

from gateway.config.settings import Imap, Mailbox, Settings, Smtp
from gateway.desk.mailboxes import Directory, believed_servers, plain
from gateway.mail.message import Envelope

SUPPORT = Mailbox("support@example.com", aliases=("help@example.com",), receives_at=("in-support@gw.example.com",))
BUECHER = Mailbox("hilfe@bücher.example")
DIRECTORY = Directory((SUPPORT, BUECHER))


@pytest.mark.parametrize(
    "written",
    [
        "support@example.com", "Support@EXAMPLE.com", "support@example.com.", "<help@example.com>",
        "in-support@gw.example.com", "support+123@example.com", '"support"@example.com',
    ],
)  # fmt: skip
def test_every_spelling_of_an_address_finds_its_mailbox(written: str) -> None:
    assert DIRECTORY.lookup(written) == "support@example.com"


@pytest.mark.parametrize("written", ["sales@example.com", "support@example.org", "@example.com", "", "+x@example.com"])
def test_other_addresses_are_nobody_s(written: str) -> None:
    assert DIRECTORY.lookup(written) is None


def test_a_domain_is_the_same_in_both_its_forms() -> None:
    assert DIRECTORY.lookup("hilfe@xn--bcher-kva.example") == "hilfe@bücher.example"
    assert DIRECTORY.is_local_domain("xn--bcher-kva.example")
    assert DIRECTORY.is_local_domain("GW.example.com.")
    assert not DIRECTORY.is_local_domain("example.org")


def test_a_broken_address_does_not_raise() -> None:
    assert plain("a@xn--\ud800") == "a@xn--\ud800"
    assert DIRECTORY.lookup("no at sign") is None


def test_a_mailboxs_own_provider_is_believed_only_in_what_was_fetched_from_there() -> None:
    account = Imap("imap.example.com", "support", SUPPORT.address, trusted_authserv_ids=("mx.provider.example",))
    smtp = Smtp(trusted_authserv_ids=("mx.ours.example",))
    settings = Settings(Path(), "", Path(), (SUPPORT, BUECHER), smtp=smtp, imap=(account,))
    fetched = Envelope("ada@mail.example", "Support@example.com")
    assert believed_servers(settings, fetched) == ("mx.ours.example", "mx.provider.example")
    for other in (Envelope("", BUECHER.address), Envelope("", SUPPORT.address, peer="192.0.2.1", trusted=True)):
        assert believed_servers(settings, other) == ("mx.ours.example",)
