"""Whose address is it."""

import pytest

from gateway.config.settings import Mailbox
from gateway.desk.mailboxes import Directory, plain

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
