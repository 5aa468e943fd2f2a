"""What a row on a case is: default deny, and each verdict with its reason."""

from dataclasses import replace
from typing import Any

import pytest

from gateway.conversations.conversation import Conversation
from gateway.desk.replies import (
    Kind,
    ReplyRules,
    Ruling,
    Sending,
    bare_subject,
    changed,
    conversation_of,
    judge,
    same_matter,
    without_prefix,
)
from tests.builders import a_conversation, a_row, an_entry, an_id

RULES = ReplyRules()
ALL = ReplyRules(types=("Email", "Task", "Feed", "Portal"), task_category="to-customer", task_prefix="Reply:")
NOT_A_MAIL: dict[str, Any] = {"incoming": None, "sending": Sending.UNSET}


def rule(rules: ReplyRules = RULES, **row: Any) -> Ruling:
    verdict = judge(a_row(**row), rules)
    assert verdict.why, "every verdict says why"
    return verdict.ruling


def test_a_completed_mail_that_creatio_does_not_send_is_ours_to_send() -> None:
    assert rule() is Ruling.MAIL
    assert rule(sending=Sending.UNSET) is Ruling.MAIL


@pytest.mark.parametrize(
    ("row", "ruling"),
    [
        ({"completed": False}, Ruling.DRAFT),
        ({"incoming": None}, Ruling.DRAFT),
        ({"incoming": True}, Ruling.NEVER),
        ({"canceled": True, "completed": False}, Ruling.NEVER),
        ({"automatic": True}, Ruling.NEVER),
        ({"automatic": True, "sending": Sending.SENT}, Ruling.NEVER),
        ({"sending": Sending.IN_PROGRESS}, Ruling.WAITING),
        ({"sending": Sending.IN_PROGRESS, "completed": False}, Ruling.WAITING),
        ({"sending": Sending.IN_PROGRESS, "sent_at": "2026-11-02T12:10:00Z"}, Ruling.RECORD),
        ({"sending": Sending.SENT}, Ruling.RECORD),
        ({"sending": Sending.NOT_SENT, "sent_at": "2026-11-02T12:10:00Z"}, Ruling.RECORD),
        ({"sending": Sending.FAILED}, Ruling.FAILED),
        ({"sending": Sending.NOT_SENT, "error": "550 unknown"}, Ruling.FAILED),
    ],
)  # fmt: skip
def test_each_state_of_a_mail(row: dict[str, Any], ruling: Ruling) -> None:
    assert rule(**row) is ruling


def test_our_own_rows_are_never_replies() -> None:
    assert rule(replace(RULES, ours=frozenset({an_id("row")}))) is Ruling.OURS
    assert rule(replace(RULES, us="anna")) is Ruling.NEVER


@pytest.mark.parametrize("kind", [Kind.TASK, Kind.FEED, Kind.PORTAL, Kind.OTHER])
def test_what_is_no_mail_is_internal(kind: Kind) -> None:
    assert rule(kind=kind, title="Reply: hello", **NOT_A_MAIL) is Ruling.NEVER


@pytest.mark.parametrize(
    ("row", "ruling"),
    [
        ({"title": "Call the carrier"}, Ruling.NEVER),
        ({"title": "reply: it left"}, Ruling.MAIL),
        ({"title": "<p>Reply: it left</p>"}, Ruling.MAIL),
        ({"title": "No reply: it left"}, Ruling.NEVER),
        ({"category": "TO-CUSTOMER"}, Ruling.MAIL),
        ({"title": "Reply: it left", "completed": False}, Ruling.DRAFT),
        ({"title": "Reply: it left", "automatic": True}, Ruling.NEVER),
    ],
)
def test_a_task_is_a_reply_only_with_the_agreed_mark(row: dict[str, Any], ruling: Ruling) -> None:
    assert rule(ALL, kind=Kind.TASK, **NOT_A_MAIL, **row) is ruling


def test_only_the_named_authors_write_to_customers() -> None:
    rules = replace(RULES, authors=("ANNA", "olga"))
    assert rule(rules) is Ruling.MAIL
    assert rule(rules, author="somebody") is Ruling.NEVER


def test_where_creatio_delivers_we_mail_nothing() -> None:
    rules = replace(RULES, deliver="creatio")
    assert rule(rules) is Ruling.NEVER
    assert rule(rules, sending=Sending.SENT) is Ruling.RECORD


def test_a_row_is_looked_at_again_when_its_state_has_changed_and_only_then() -> None:
    row = a_row()
    assert not changed(row, row.state())
    assert not changed(row, {**row.state(), "learnt": "no"}), "what else is kept does not count"
    for more in ({"completed": False}, {"sending": Sending.SENT}, {"sent_at": "x"}, {"modified": "later"}):
        assert changed(replace(row, **more), row.state())


@pytest.mark.parametrize(
    "title",
    [
        "Re: Where is my order? (Case #SR00000086)",
        "Where is my order? [#SR00000086]",
        "RE: RE: Where is my order? Case #SR00000086",
        "AW: Where is my order?",
    ],
)
def test_creatios_case_number_is_no_part_of_a_subject(title: str) -> None:
    assert same_matter(title, "Where is my order?", "SR00000086")


def test_a_number_of_a_tenants_own_mask_is_known_by_the_case() -> None:
    assert bare_subject("Re: Order 5 #ACME-17", "ACME-17") == "Re: Order 5"
    assert bare_subject("Order #12 is late") == "Order #12 is late", "the customer's own number stays"


def test_two_matters_are_not_one() -> None:
    assert not same_matter("Re: My invoice", "Where is my order?")
    assert not same_matter("", ""), "nothing is no matter"


def test_the_mark_of_a_task_is_not_for_the_customer() -> None:
    assert without_prefix("Reply: it left", ALL) == "it left"
    assert without_prefix(" reply:\n\nIt left", ALL) == "It left"
    assert without_prefix("It left", ALL) == "It left"


# -- whose reply it is

ORDER = a_conversation(an_entry(1))
INVOICE = a_conversation(an_entry(2, subject="My invoice"), id=an_id("invoice"), subject="My invoice")
TALKS = (ORDER, INVOICE)
ANN_ONLY = {ORDER.id: {"ann@customer.example"}, INVOICE.id: {"ann@customer.example"}}
TWO_PEOPLE = {ORDER.id: {"ann@customer.example"}, INVOICE.id: {"bob@other.example"}}


def home(people: dict[str, set[str]] = ANN_ONLY, answers: str = "", **row: Any) -> Conversation | None:
    return conversation_of(a_row(**row), TALKS, people, "SR00000001", answers)


def test_a_reply_belongs_to_the_matter_of_its_title() -> None:
    assert home() == ORDER
    assert home(title="Re: My invoice (Case #SR00000001)") == INVOICE


def test_the_mail_it_answers_says_more_than_its_title() -> None:
    assert home(answers=INVOICE.id) == INVOICE


def test_to_whom_it_is_addressed_says_most() -> None:
    assert home(TWO_PEOPLE, recipients="Bob <BOB@other.example>", answers=ORDER.id) == INVOICE


def test_without_any_sign_it_is_the_conversation_in_which_the_customer_wrote_last() -> None:
    assert home(title="Hello") == INVOICE
    assert home(title="", recipients="") == INVOICE


def test_several_recipients_are_read_however_they_are_written() -> None:
    assert home(TWO_PEOPLE, recipients='"Rep, Anna" <support@example.com>; bob@other.example', title="x") == INVOICE


@pytest.mark.parametrize("answers", ["", ORDER.id])
def test_a_mail_to_somebody_else_is_nobodys_reply(answers: str) -> None:
    assert home(recipients="carrier@parcels.example", answers=answers) is None


def test_where_there_is_no_conversation_there_is_no_reply() -> None:
    assert conversation_of(a_row(), (), {}, "", "") is None
