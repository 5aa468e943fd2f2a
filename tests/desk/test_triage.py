"""Who wrote, whose matter it is, and where an answer may go."""

from typing import Any

import pytest

from gateway.config.settings import Mailbox
from gateway.conversations.conversation import Author
from gateway.desk.mailboxes import Directory
from gateway.desk.triage import NOBODY, Surroundings, Triage, is_staff, triage
from gateway.mail.automatic import Machine, Origin
from gateway.mail.message import Address, Envelope, Message
from gateway.mail.trust import Trust

ANN, US, REP = Address("ann@customer.example", "Ann"), Address("support@example.com"), Address("rep@example.com")
AROUND = Surroundings(Directory([Mailbox("support@example.com")]), staff=("@example.com",))
PERSON = Machine(Origin.PERSON, may_answer=True, may_reopen=True)


def thought(trust: Trust = Trust.UNVERIFIED, machine: Machine = PERSON, **fields: Any) -> Triage:
    message = Message("<one@customer.example>", **{"senders": (ANN,), "to": (US,), **fields})
    return triage(message, Envelope("ann@customer.example", US.address), machine, trust, AROUND)


def test_who_writes_is_the_customer_and_may_be_answered() -> None:
    found = thought()
    assert (found.writer, found.customer, found.author) == (ANN, ANN, Author.CUSTOMER)
    assert found.may_answer
    assert found.ours == {"support@example.com"}


def test_a_rep_who_writes_to_a_customer_with_us_on_copy_is_an_agent() -> None:
    found = thought(Trust.VERIFIED, senders=(REP,), to=(ANN,), cc=(US,))
    assert (found.author, found.customer, found.may_answer) == (Author.AGENT, ANN, False)


def test_who_only_claims_to_be_a_rep_is_none() -> None:
    found = thought(Trust.UNVERIFIED, senders=(REP,), to=(ANN,), cc=(US,))
    assert (found.author, found.customer) == (Author.CUSTOMER, REP)


def test_a_rep_who_writes_to_us_alone_is_not_answered_by_a_machine() -> None:
    found = thought(Trust.VERIFIED, senders=(REP,))
    assert (found.author, found.may_answer) == (Author.CUSTOMER, False)


@pytest.mark.parametrize(
    ("reply_to", "followed"),
    [
        (Address("ann.private@customer.example"), True),
        (Address("desk@mail.customer.example"), True),
        (Address("evil@elsewhere.example"), False),
        (Address("evil@evilcustomer.example"), False),
        (Address("ann@customer.example"), False),
        (Address("support@example.com"), False),
    ],
)
def test_reply_to_is_followed_inside_the_writers_own_domain_only(reply_to: Address, followed: bool) -> None:
    assert thought(reply_to=(reply_to,)).reply_to == (reply_to if followed else None)


@pytest.mark.parametrize(
    ("writer", "reply_to", "followed"),
    [
        ("news@mail.shop.co.uk", "desk@help.shop.co.uk", True),
        ("ann@shop.co.uk", "eve@other.co.uk", False),
        ("ann@shop.co.uk", "eve@co.uk", False),
        ("ann@one.github.io", "eve@two.github.io", False),
        ("ann@localhost", "eve@elsewhere.localhost", False),
        ("ann@SHOP.example", "desk@help.shop.example", True),
    ],
)
def test_an_organisation_ends_where_anybody_may_have_a_name(writer: str, reply_to: str, followed: bool) -> None:
    found = thought(senders=(Address(writer),), reply_to=(Address(reply_to),))
    assert (found.reply_to is not None) == followed


def test_a_machine_is_not_answered() -> None:
    found = thought(machine=Machine(Origin.AUTO_REPLY, may_answer=False, may_reopen=False, reasons=("why",)))
    assert (found.is_person, found.may_answer, found.may_reopen, found.reasons) == (False, False, False, ("why",))


def test_a_click_on_a_calendars_accept_is_no_letter_but_an_invitation_is() -> None:
    answer = Machine(Origin.CALENDAR, may_answer=False, may_reopen=False)
    invitation = Machine(Origin.CALENDAR, may_answer=False, may_reopen=True)
    assert not thought(machine=answer).is_person
    assert thought(machine=invitation).is_person


def test_a_mail_without_a_sender_is_nobodys_and_not_answered() -> None:
    found = triage(Message("<x@y>"), Envelope("", US.address), PERSON, Trust.UNVERIFIED, AROUND)
    assert (found.writer, found.is_person, found.may_answer) == (NOBODY, False, False)


def test_staff_is_named_by_address_or_domain() -> None:
    assert is_staff(REP, ("@example.com",))
    assert is_staff(REP, ("rep@example.com",))
    assert not is_staff(Address("rep@sub-example.com"), ("@example.com",))
    assert not is_staff(Address("rep@other.example"), ("@example.com", "rep@example.com"))


def test_a_reply_to_that_is_not_followed_is_told() -> None:
    found = thought(reply_to=(Address("evil@elsewhere.example"),))
    assert any("evil@elsewhere.example is not followed" in reason for reason in found.reasons)
    assert not any("not followed" in reason for reason in thought(reply_to=(ANN,)).reasons)


@pytest.mark.parametrize("trust", [Trust.VERIFIED, Trust.FORWARDER_VERIFIED, Trust.UNVERIFIED])
def test_a_list_that_is_proven_may_name_its_writer_in_reply_to(trust: Trust) -> None:
    bob = Address("bob@elsewhere.example")
    found = thought(trust, reply_to=(bob,), headers=(("x-original-from", "Bob <bob@elsewhere.example>"),))
    assert found.reply_to == (None if trust is Trust.UNVERIFIED else bob)
    other = thought(trust, reply_to=(bob,), headers=(("x-original-from", "carl@elsewhere.example"),))
    assert other.reply_to is None
