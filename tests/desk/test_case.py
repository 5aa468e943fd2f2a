"""A case as the desk sees it: whose it is, what may be written again, what the assistant's answers mean."""

import pytest

from gateway.conversations.conversation import Author, Trust
from gateway.desk.case import (
    CaseField,
    CaseSeen,
    CaseState,
    Option,
    changed_by_others,
    description_of,
    fill_fields,
    find_option,
    same_text,
    sender_failed,
    subject_of,
    untouched,
)
from gateway.desk.decision import Understanding
from tests.builders import a_case, a_conversation, a_tenant, an_entry

OPTIONS = (Option("1", ("High", "Hoch")), Option("2", ("Low", "Niedrig")), Option("3", ("low",)))


@pytest.mark.parametrize(
    ("answer", "id"),
    [("High", "1"), ("hoch", "1"), ("  HIGH ", "1"), ("1", "1"), ("Low", "2"), ("low", "3"), ("LOW", ""), ("Mid", "")],
)
def test_an_answer_names_an_option_exactly_else_loosely_else_not(answer: str, id: str) -> None:
    assert find_option(answer, OPTIONS) == id


@pytest.mark.parametrize("name", ["PriorityId", "priority", "Priority", "PRIORITYID", "How urgent?"])
def test_an_assistant_may_call_a_column_by_any_of_its_names(name: str) -> None:
    field = CaseField("PriorityId", "How urgent?", "dropdown", options=OPTIONS)
    values, problems = fill_fields(Understanding(fields={name: "High"}), [field])
    assert (values, problems) == ({"PriorityId": "1"}, ())


def test_what_fits_no_option_is_named_and_left_empty() -> None:
    field = CaseField("PriorityId", "Priority", "dropdown", options=OPTIONS)
    values, [problem] = fill_fields(Understanding(fields={"Priority": "Galactic"}), [field])
    assert values == {}
    assert "Priority" in problem
    assert "Galactic" in problem


def test_text_is_cut_to_its_column_and_emptiness_is_not_written() -> None:
    fields = [CaseField("A", "A", "text", length=3), CaseField("B", "B", "text"), CaseField("C", "C", "text")]
    values, _ = fill_fields(Understanding(fields={"A": "abcdef", "B": "abcdef", "C": "  "}), fields)
    assert values == {"A": "abc", "B": "abcdef"}


def test_columns_that_nobody_asked_for_are_not_written() -> None:
    assert fill_fields(Understanding(fields={"OwnerId": "evil"}), [CaseField("A", "A", "text")]) == ({}, ())


def test_an_owner_or_status_is_somebody_elses_when_it_is_not_what_we_wrote() -> None:
    written = {"owner": "us", "status": "new", "subject": "x"}
    assert changed_by_others({"owner": "us", "status": "new", "subject": "y"}, written) == ()
    assert changed_by_others({"owner": "olga", "status": "closed"}, written) == ("owner", "status")
    assert changed_by_others({"owner": "olga"}, {"status": "new"}) == ("status",), "what is gone has changed"


def test_what_creatio_made_of_blanks_and_tags_is_no_change() -> None:
    assert same_text("<p>Hello&nbsp;<b>Ann</b></p>", "hello  Ann")
    assert untouched({"description": "<p>One</p>", "owner": "x"}, {"description": "One", "owner": "y"}) == {
        "description"
    }


def test_a_state_is_read_by_flags_and_an_unknown_status_is_open() -> None:
    tenant = a_tenant()
    assert tenant.state_of("waiting") is CaseState.PAUSED
    assert tenant.state_of("made up") is CaseState.OPEN
    assert tenant.status_name("made up") == "made up"


def test_resolved_final_and_gone_cases_are_not_active() -> None:
    active = [state for state in CaseState if a_case(state=state).is_active]
    assert active == [CaseState.OPEN, CaseState.PAUSED]


def test_a_subject_is_never_empty_and_warns_of_a_false_sender() -> None:
    assert subject_of(a_conversation(subject=" ")) == "(no subject)"
    false = a_conversation(an_entry(trust=Trust.FAILED))
    assert sender_failed(false)
    assert subject_of(false).startswith("Sender not verified: ")


def test_only_the_first_mail_makes_a_case_apart() -> None:
    assert not sender_failed(a_conversation(an_entry(1), an_entry(2, trust=Trust.FAILED)))
    assert not sender_failed(a_conversation(an_entry(author=Author.AGENT, trust=Trust.FAILED)))


def test_a_description_is_the_summary_else_the_reason_and_at_most_2000_characters_of_the_newest_text() -> None:
    talk = a_conversation(an_entry(1, "x" * 3_000))
    assert description_of(talk, Understanding(summary=" Short "), "why") == "Short"
    assert description_of(talk, Understanding(), "why") == "why\n\n" + "x" * 2_000


def test_a_seen_case_tells_its_columns_by_our_words() -> None:
    seen = CaseSeen("1", CaseState.OPEN, subject="s", owner="o", fields={"PriorityId": "1"})
    assert seen.columns() == {
        "subject": "s", "description": "", "status": "", "owner": "o", "group": "", "contact": "",
        "field:PriorityId": "1",
    }  # fmt: skip
