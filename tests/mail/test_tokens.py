"""A token of ours is found again after all that mail systems do to it, and nobody else can make one."""

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from gateway.mail import tokens
from gateway.mail.tokens import Carrier, Token

SECRET = b"s" * 32
MAILBOX = "support@example.com"
CONVERSATION = "0b5c7a52-6f0e-4c5e-9d70-0c6b8a9e1f11"
uuids = st.uuids().map(str)
carriers = st.sampled_from(Carrier)


@given(carriers, uuids, st.text(max_size=50), st.text(max_size=300), st.text(max_size=300))
def test_a_token_is_found_in_any_surroundings(
    carrier: Carrier, conversation: str, mail: str, before: str, after: str
) -> None:
    token = tokens.make(SECRET, carrier, MAILBOX, conversation, mail)
    mark = tokens.mark_of(mail) if mail else ""
    assert tokens.find(SECRET, MAILBOX, f"{before} <{token}@x> {after}") == Token(carrier, conversation, mark)


@given(carriers, uuids, st.text(max_size=50))
def test_a_token_survives_being_shouted_or_whispered(carrier: Carrier, conversation: str, mail: str) -> None:
    token = tokens.make(SECRET, carrier, MAILBOX, conversation, mail)
    assert tokens.verify(SECRET, MAILBOX, token.upper()) == tokens.verify(SECRET, MAILBOX, token.lower()) is not None


@given(carriers, uuids, st.text(max_size=50))
def test_a_token_fits_the_local_part_of_an_address(carrier: Carrier, conversation: str, mail: str) -> None:
    assert len(tokens.make(SECRET, carrier, MAILBOX, conversation, mail)) <= 64


@given(st.text(max_size=400))
def test_nothing_else_is_taken_for_a_token(text: str) -> None:
    assert tokens.find(SECRET, MAILBOX, text) is None


@given(uuids, st.integers(min_value=1, max_value=42), st.sampled_from("abcdefghijklmnopqrstuvwxyz234567"))
def test_a_token_with_one_other_letter_names_no_other_conversation(uuid: str, place: int, letter: str) -> None:
    token = tokens.make(SECRET, Carrier.ANCHOR, MAILBOX, uuid)
    forged = tokens.verify(SECRET, MAILBOX, token[:place] + letter + token[place + 1 :])
    assert forged is None or forged.conversation == uuid


def test_a_token_of_another_house_mailbox_or_carrier_is_not_believed() -> None:
    token = tokens.make(SECRET, Carrier.MESSAGE, MAILBOX, CONVERSATION)
    assert tokens.verify(b"t" * 32, MAILBOX, token) is None
    assert tokens.verify(SECRET, "sales@example.com", token) is None
    assert tokens.verify(SECRET, MAILBOX, "b" + token[1:]) is None


def test_the_ids_of_what_we_send_are_in_the_domain_of_its_from() -> None:
    sender = "hilfe@bücher.example"
    assert tokens.message_id(SECRET, MAILBOX, CONVERSATION, "k", sender).endswith("@xn--bcher-kva.example>")
    assert tokens.anchor(SECRET, MAILBOX, CONVERSATION).endswith("@example.com>")


def test_every_carrier_leads_back_to_the_conversation() -> None:
    written = [
        tokens.anchor(SECRET, MAILBOX, CONVERSATION),
        tokens.message_id(SECRET, MAILBOX, CONVERSATION, "k", MAILBOX),
        tokens.bounce_address(SECRET, MAILBOX, CONVERSATION, "k", "bounces.example.com"),
        tokens.plus_address(SECRET, MAILBOX, CONVERSATION),
        f"Re: {tokens.subject_mark(SECRET, MAILBOX, CONVERSATION)} late order",
    ]
    found = [tokens.find(SECRET, MAILBOX, one) for one in written]
    assert [one.conversation for one in found if one] == [CONVERSATION] * 5
    assert [one.mail for one in found if one] == ["", tokens.mark_of("k"), tokens.mark_of("k"), "", ""]


def test_a_notice_belongs_to_no_conversation() -> None:
    token = tokens.find(SECRET, MAILBOX, tokens.notice_id(SECRET, MAILBOX, "aside:7"))
    assert token is not None
    assert UUID(token.conversation).int == 0
