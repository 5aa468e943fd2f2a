"""To whom a reply goes: never to an address that nothing proves, unless a person says so."""

from dataclasses import replace

from gateway.conversations.conversation import Author
from gateway.desk.addressing import copies_of, recipient_of, unconfirmed
from gateway.desk.mailboxes import plain
from gateway.mail.message import Address
from gateway.mail.trust import Trust
from tests.builders import ANN, SUPPORT, a_conversation, an_entry

BOB, EVE = Address("bob@customer.example", "Bob"), Address("eve@customer.example")
OURS = frozenset({SUPPORT, "sales@example.com"})


def is_ours(address: str) -> bool:
    return plain(address) in OURS


def test_the_customer_gets_it() -> None:
    assert recipient_of(a_conversation()) == ANN
    assert unconfirmed(a_conversation()) is None


def test_who_began_it_gets_it_where_they_asked_for_it() -> None:
    begun = a_conversation(an_entry(1, reply_to=BOB))
    assert (recipient_of(begun), unconfirmed(begun)) == (BOB, None)


def test_an_address_that_is_new_here_and_proven_by_nothing_gets_nothing_until_a_person_confirms_it() -> None:
    talk = a_conversation(an_entry(1), an_entry(2, sender=BOB))
    assert (recipient_of(talk), unconfirmed(talk)) == (ANN, BOB)
    allowed = replace(talk, confirmed=frozenset({BOB.key}))
    assert (recipient_of(allowed), unconfirmed(allowed)) == (BOB, None)


def test_another_reply_to_in_the_middle_counts_as_a_new_address() -> None:
    talk = a_conversation(an_entry(1), an_entry(2, reply_to=EVE))
    assert (recipient_of(talk), unconfirmed(talk)) == (ANN, EVE)


def test_a_proven_colleague_is_answered() -> None:
    for trust in (Trust.VERIFIED, Trust.FORWARDER_VERIFIED):
        talk = a_conversation(an_entry(1), an_entry(2, sender=BOB, trust=trust))
        assert (recipient_of(talk), unconfirmed(talk)) == (BOB, None)


def test_a_machine_and_a_false_sender_ask_for_nobodys_confirmation() -> None:
    for odd in (an_entry(2, sender=BOB, automatic=True), an_entry(2, sender=BOB, trust=Trust.FAILED)):
        assert recipient_of(a_conversation(an_entry(1), odd)) == ANN
    assert unconfirmed(a_conversation(an_entry(1), an_entry(2, sender=BOB, automatic=True))) is None


def test_a_copy_goes_to_the_others_on_the_newest_proven_mail_and_never_to_us() -> None:
    first = an_entry(1, trust=Trust.VERIFIED, cc=(BOB, Address("Sales@Example.com"), Address(SUPPORT)))
    assert copies_of(a_conversation(first), is_ours) == (BOB,)
    unproven = an_entry(2, cc=(BOB, EVE))
    assert copies_of(a_conversation(first, unproven), is_ours) == (BOB,)
    assert copies_of(a_conversation(unproven), is_ours) == ()


def test_our_own_entries_name_nobody() -> None:
    mine = an_entry(2, author=Author.AGENT, trust=Trust.VERIFIED, cc=(EVE,))
    assert copies_of(a_conversation(an_entry(1), mine), is_ours) == ()
