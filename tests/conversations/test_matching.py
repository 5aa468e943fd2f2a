"""A mail's home, by scored evidence."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from gateway.conversations.conversation import State, Trust
from gateway.conversations.matching import Arriving, Candidate, KnownMail, find_home, nearest_first

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
WINDOW = timedelta(days=30)
OUR_REPLY = KnownMail(
    "<ours@example.com>", ours=True, people=frozenset({"support@example.com", "ann@customer.example"})
)
HER_MAIL = KnownMail(
    "<hers@customer.example>", ours=False, people=frozenset({"ann@customer.example"}), writer="ann@customer.example"
)
MATTER = Candidate(
    id="c1",
    mailbox="support@example.com",
    subject="My order",
    state=State.OPEN,
    changed=NOW - timedelta(days=2),
    participants={"ann@customer.example": Trust.VERIFIED},
    mails=(OUR_REPLY, HER_MAIL),
)
MAIL = Arriving("ann@customer.example", Trust.UNVERIFIED, "support@example.com", "Re: My order", NOW, quotes=True)


def home(mail: Arriving, *candidates: Candidate) -> str | None:
    return find_home(mail, candidates or (MATTER,), reopen_window=WINDOW).found


def test_an_answer_to_our_reply_finds_home() -> None:
    assert home(replace(MAIL, references=("<ours@example.com>",))) == "c1"


def test_a_second_mail_that_refers_to_the_writer_s_first_finds_home() -> None:
    assert home(replace(MAIL, subject="One more thing", references=("<hers@customer.example>",))) == "c1"


def test_a_stranger_with_a_guessed_id_does_not_get_in() -> None:
    stranger = replace(MAIL, sender="eve@evil.example", references=("<ours@example.com>", "<hers@customer.example>"))
    found = find_home(stranger, (MATTER,), reopen_window=WINDOW)
    assert found.found is None
    assert (found.linked, found.hidden) == ("c1", True)
    assert found.evidence[0].rule == "stranger"


def test_a_token_opens_only_for_the_address_it_was_given_to() -> None:
    theirs = {"c1": frozenset({"ann@customer.example"})}
    assert home(replace(MAIL, tokens=theirs, subject="?")) == "c1"
    assert home(replace(MAIL, sender="eve@evil.example", tokens=theirs, subject="?")) is None


def test_a_colleague_who_was_on_copy_joins() -> None:
    copied = replace(OUR_REPLY, people=OUR_REPLY.people | {"bob@customer.example"})
    bob = replace(MAIL, sender="bob@customer.example", references=("<ours@example.com>",))
    assert home(bob, replace(MATTER, mails=(copied,))) == "c1"


def test_a_failed_sender_joins_nothing_whatever_it_carries() -> None:
    forged = replace(
        MAIL, trust=Trust.FAILED, references=("<ours@example.com>",), tokens={"c1": frozenset({MAIL.sender})}
    )
    assert home(forged) is None


def test_an_old_conversation_is_linked_and_not_shown() -> None:
    old = replace(MATTER, changed=NOW - timedelta(days=31))
    found = find_home(replace(MAIL, references=("<ours@example.com>",)), (old,), reopen_window=WINDOW)
    assert (found.found, found.linked, found.hidden) == (None, "c1", True)


def test_another_subject_without_a_quote_after_two_weeks_is_a_new_matter() -> None:
    quiet = replace(MATTER, changed=NOW - timedelta(days=15))
    mail = replace(MAIL, subject="Invoice for April", quotes=False, references=("<ours@example.com>",))
    found = find_home(mail, (quiet,), reopen_window=WINDOW)
    assert (found.found, found.linked, found.hidden) == (None, "c1", False)
    assert home(replace(mail, quotes=True), quiet) == "c1"


def test_a_reply_under_the_same_subject_counts_for_a_week_and_only_for_its_writer() -> None:
    assert home(MAIL) == "c1"
    assert home(replace(MAIL, sender="eve@evil.example")) is None
    assert home(replace(MAIL, subject="My order")) is None
    assert home(MAIL, replace(MATTER, changed=NOW - timedelta(days=8))) is None


def test_a_case_number_counts_from_a_verified_participant_only() -> None:
    numbered = replace(MATTER, case_number="SR00000042", mails=())
    mail = replace(MAIL, subject="About SR00000042", case_numbers=frozenset({"SR00000042"}))
    assert home(replace(mail, trust=Trust.VERIFIED), numbered) == "c1"
    assert home(mail, numbered) is None


def test_another_mailbox_s_conversation_is_not_a_home() -> None:
    assert home(replace(MAIL, mailbox="sales@example.com", references=("<ours@example.com>",))) is None


def test_of_two_homes_the_better_proof_wins() -> None:
    other = replace(MATTER, id="c2", mails=(replace(HER_MAIL, message_id="<x@customer.example>"),))
    mail = replace(MAIL, references=("<x@customer.example>", "<ours@example.com>"))
    assert home(mail, other, MATTER) == "c1"


def test_the_mail_that_is_answered_comes_first() -> None:
    assert nearest_first(["<c>"], ["<a>", "<b>", "<c>"]) == ("<c>", "<b>", "<a>")


@given(st.lists(st.sampled_from(["<ours@example.com>", "<hers@customer.example>", "<no@where>"])), st.booleans())
def test_nobody_who_takes_no_part_ever_gets_in(references: list[str], reply: bool) -> None:
    subject = "Re: My order" if reply else "My order"
    mail = replace(MAIL, sender="eve@evil.example", subject=subject, references=tuple(references))
    assert home(mail) is None


PEOPLE = ("ann@customer.example", "bob@customer.example", "eve@evil.example")
IDS = ("<ours@example.com>", "<hers@customer.example>", "<no@where>")
arriving = st.builds(
    Arriving,
    sender=st.sampled_from(PEOPLE),
    trust=st.sampled_from(Trust),
    mailbox=st.sampled_from(("support@example.com", "sales@example.com")),
    subject=st.sampled_from(("My order", "Re: My order", "Re: SR00012345", "")),
    at=st.integers(-60, 60).map(lambda days: NOW + timedelta(days=days)),
    references=st.lists(st.sampled_from(IDS), max_size=3).map(tuple),
    tokens=st.dictionaries(st.sampled_from(("c0", "c1", "c2")), st.frozensets(st.sampled_from(PEOPLE)), max_size=2),
    thread_index=st.sampled_from(("", "aa")),
    case_numbers=st.frozensets(st.just("SR00012345")),
    quotes=st.booleans(),
)
matters = st.lists(
    st.builds(
        Candidate,
        id=st.sampled_from(("c0", "c1", "c2")),
        mailbox=st.sampled_from(("support@example.com", "sales@example.com")),
        subject=st.sampled_from(("My order", "Another")),
        state=st.sampled_from(State),
        changed=st.integers(0, 60).map(lambda days: NOW - timedelta(days=days)),
        participants=st.dictionaries(st.sampled_from(PEOPLE), st.sampled_from(Trust), max_size=2),
        mails=st.lists(st.sampled_from((OUR_REPLY, HER_MAIL)), unique=True).map(tuple),
        thread_indexes=st.frozensets(st.just("aa")),
        case_number=st.sampled_from(("", "SR00012345")),
    ),
    max_size=3,
    unique_by=lambda one: one.id,
)


@given(arriving, matters)
def test_whatever_a_mail_carries_it_only_gets_in_where_it_may(mail: Arriving, candidates: list[Candidate]) -> None:
    found = find_home(mail, candidates, reopen_window=WINDOW)
    known = {one.id: one for one in candidates}
    if found.found is not None:
        there = known[found.found]
        assert mail.trust is not Trust.FAILED
        assert there.mailbox == mail.mailbox
        assert mail.at - there.changed <= WINDOW
        written_to = {person for one in there.mails for person in one.people} | mail.tokens.get(there.id, frozenset())
        assert mail.sender in written_to | set(there.participants)
    assert found.linked is None or found.linked in known


@given(arriving, matters, st.randoms())
def test_the_order_in_which_the_store_names_conversations_decides_nothing_but_a_tie(
    mail: Arriving, candidates: list[Candidate], chance: Random
) -> None:
    first = find_home(mail, candidates, reopen_window=WINDOW)
    shuffled = list(candidates)
    chance.shuffle(shuffled)
    second = find_home(mail, shuffled, reopen_window=WINDOW)
    assert (first.found, first.linked) == (second.found, second.linked)


def test_whatever_finds_a_merged_conversation_belongs_to_the_one_it_was_merged_into() -> None:
    gone, goes_on = replace(MATTER, merged_into="c2"), replace(MATTER, id="c2", subject="Invoice", mails=())
    found = find_home(replace(MAIL, references=("<ours@example.com>",)), (gone, goes_on), reopen_window=WINDOW)
    assert found.found == "c2"
    assert found.evidence[1].rule == "merged"


def test_a_merged_conversation_is_as_old_as_the_one_that_goes_on() -> None:
    gone = replace(MATTER, merged_into="c2", changed=NOW - timedelta(days=31))
    mail = replace(MAIL, references=("<ours@example.com>",))
    lively = replace(MATTER, id="c2", mails=(), changed=NOW - timedelta(days=1))
    assert home(mail, gone, lively) == "c2"
    quiet = replace(lively, changed=NOW - timedelta(days=31))
    found = find_home(mail, (gone, quiet), reopen_window=WINDOW)
    assert (found.found, found.linked) == (None, "c2")


@given(
    st.sampled_from(["ann@customer.example", "eve@evil.example"]),
    st.sampled_from(list(Trust)),
    st.sets(st.sampled_from(["<ours@example.com>", "<hers@customer.example>", "<x@y.example>"])),
    st.integers(0, 60),
    st.booleans(),
)
def test_merging_lets_in_nobody_who_was_not_let_in_before(
    sender: str, trust: Trust, references: set[str], days: int, quotes: bool
) -> None:
    mail = replace(MAIL, sender=sender, trust=trust, references=tuple(sorted(references)), quotes=quotes)
    mail = replace(mail, at=NOW + timedelta(days=days))
    before = find_home(mail, (MATTER,), reopen_window=WINDOW)
    apart = replace(MATTER, id="c2", mails=(), participants={})
    after = find_home(mail, (replace(MATTER, merged_into="c2"), apart), reopen_window=WINDOW)
    moved = {"c1": "c2", None: None}
    assert (after.found, after.linked, after.hidden) == (moved[before.found], moved[before.linked], before.hidden)


PARTED = Candidate(
    id="c2",
    mailbox="support@example.com",
    subject="My invoice",
    state=State.OPEN,
    changed=NOW - timedelta(hours=1),
    participants={"ann@customer.example": Trust.VERIFIED},
    mails=(
        KnownMail("<split@customer.example>", ours=False, people=frozenset(), writer="ann@customer.example"),
        KnownMail("<rep@example.com>", ours=True, people=frozenset({"ann@customer.example"})),
    ),
    split_from="c1",
)


def test_a_thread_that_people_split_goes_on_where_its_nearest_mail_stands() -> None:
    both = {name: frozenset({"ann@customer.example"}) for name in ("c1", "c2")}
    before = ("<ours@example.com>", "<hers@customer.example>")
    for nearest, expected in (
        (("<rep@example.com>", "<split@customer.example>"), "c2"),
        (("<unknown@relay.example>", "<split@customer.example>"), "c2"),
        (("<ours@example.com>", "<split@customer.example>"), "c1"),
    ):
        mail = replace(MAIL, references=(*nearest, *before), tokens=both)
        assert home(mail, MATTER, PARTED) == home(mail, PARTED, MATTER) == expected
    old = replace(MAIL, references=before, tokens={"c1": both["c1"]})
    assert home(old, MATTER, PARTED) == "c1"
    found = find_home(replace(MAIL, references=("<rep@example.com>", *before)), (MATTER, PARTED), reopen_window=WINDOW)
    assert "split" in [one.rule for one in found.evidence] or found.evidence[0].conversation == "c2"


def test_a_split_lets_nobody_in_who_was_outside() -> None:
    stranger = replace(MAIL, sender="eve@evil.example", references=("<rep@example.com>", "<ours@example.com>"))
    found = find_home(stranger, (MATTER, PARTED), reopen_window=WINDOW)
    assert (found.found, found.hidden) == (None, True)
