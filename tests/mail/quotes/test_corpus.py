"""The corpus of the reference, where it is at hand: what docs/quotes.md claims of it."""

from pathlib import Path

import pytest

from gateway.bench.quote_corpus import Case, read_corpus
from gateway.bench.quote_judge import Verdict, judge, words
from gateway.bench.quote_peers import ours
from gateway.bench.quote_threads import make_conversations
from gateway.bench.quotes import measure_way
from gateway.mail.message import Body
from gateway.mail.quotes.trim import trim
from gateway.mail.quotes.trimmed import Earlier

CORPUS = Path(__file__).parents[4] / "shared" / "corpus" / "quotes"

pytestmark = pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus is not at hand")


@pytest.fixture(scope="module")
def cases() -> list[Case]:
    return read_corpus(CORPUS)


@pytest.fixture(scope="module")
def judged(cases: list[Case]) -> list[tuple[Case, Verdict]]:
    return [(case, judge(case, output)) for case, (output, _) in zip(cases, ours(cases), strict=True)]


def test_nearly_all_are_right(judged: list[tuple[Case, Verdict]]) -> None:
    assert sum(verdict.right for _, verdict in judged) >= 0.98 * len(judged)


def test_of_mail_that_quotes_nothing_nothing_is_cut(judged: list[tuple[Case, Verdict]]) -> None:
    assert [case.id for case, verdict in judged if case.kind == "none" and not verdict.right] == []


def test_no_more_words_are_lost_than_the_document_says(judged: list[tuple[Case, Verdict]]) -> None:
    lost = {case.id for case, verdict in judged if verdict.lost}
    assert len(lost) <= 8  # six are forwards that only their Subject tells from replies; the corpus leaves it out


def test_with_the_conversation_known_leaks_are_halved_and_no_more_is_lost(cases: list[Case]) -> None:
    found = measure_way("all", make_conversations(cases))

    assert found["conversations"] >= 200
    assert found["leaked_known"] <= found["leaked_alone"] / 2
    assert found["lost_known"] <= found["lost_alone"]


QUOTES = (
    "On Tue, Mar 3, 2026 at 2:05 PM Support Team <support@shop.example> wrote:\n\n> Thank you for your message.",
    "From: Support Team <support@shop.example>\nSent: Tuesday, March 3, 2026 2:05 PM\nTo: Anna\nSubject: x\n\nThanks.",
    "Am 03.03.26 um 14:05 schrieb Support Team:\n> Vielen Dank.",
)


@pytest.mark.parametrize("quote", QUOTES, ids=["intro", "header", "German intro"])
def test_a_quotation_put_below_real_mail_takes_no_word_of_it(cases: list[Case], quote: str) -> None:
    said = [case.text.rstrip() for case in cases if case.kind == "none" and case.text]
    taken = [
        text[:60]
        for text in said
        for kept in [trim(Body(text=f"{text}\n\n{quote}", html=""), subject="Re: x", signatures="keep").text]
        if words(text) != words(kept)[: len(words(text))]
    ]

    assert taken == []


def test_real_mail_in_a_conversation_of_other_mail_loses_no_word(cases: list[Case]) -> None:
    said = [case.text for case in cases if case.kind == "none" and case.text]
    ours = "support@shop.example"
    taken = [
        text[:60]
        for number, text in enumerate(said)
        for thread in [
            [Earlier(said[number - 1], ours), Earlier(said[number - 2], "anna@x.example"), Earlier("Hi", ours)]
        ]
        for kept in [
            trim(Body(text=text, html=""), subject="Re: x", thread=thread, ours=[ours], signatures="keep").text
        ]
        if words(text) != words(kept)
    ]

    assert taken == []
