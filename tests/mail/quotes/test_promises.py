"""What the trimmer promises of every mail: a selection of its lines, never nothing, the same above every quote."""

from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.mail.message import Body
from gateway.mail.quotes.trim import trim
from gateway.mail.quotes.trimmed import Earlier, Trimmed
from tests.mail.quotes.samples import read_samples

OURS = "support@shop.example"
QUOTES = tuple(dict.fromkeys(sample.text for sample in read_samples() if sample.text and not sample.whole))[::37]

# Lines as people and programs write them, with everything in them that the rules look at.
LINES = st.sampled_from(
    [
        "The printer beeps.",
        "Could you help me, please?",
        "FYI",
        "See my answers below, in red.",
        "On Monday my neighbour wrote:",
        "On 3 March 2026 at 14:05 Anna <anna@customer.example> wrote:",
        "From: Anna <anna@customer.example>",
        "Sent: Tuesday, March 3, 2026 14:05",
        "To: Support <support@shop.example>",
        "Subject: Re: Printer",
        "-----Original Message-----",
        "---------- Forwarded message ---------",
        "________________________________",
        "> quoted words",
        ">> deeper words",
        "-- ",
        "Best regards",
        "Sent from my iPhone",
        "This email and any attachments are confidential.",
        "## Please write your reply above this line ##",
        "CAUTION: This email originated from outside.",
        "2026-03-03 14:05 GMT+01:00 Anna <anna@customer.example>:",
        "```",
        "",
        "  ",
        "Schöne Grüße 😀",
        "写道：",
        "\u202bבתאריך\u202c",
        "x" * 500,
    ]
)
BODIES = st.lists(st.one_of(LINES, st.text(max_size=60)), max_size=25).map("\n".join)
# What somebody writes above a quotation: nothing in it is itself a mark, or it would rightly be cut.
SAID = st.lists(
    st.sampled_from(
        [
            "The printer beeps since yesterday.",
            "It shows error E13, and the switch does not help.",
            "Could you send somebody on 3 March at 14:05?",
            "Der Drucker druckt nicht mehr: er piepst nur.",
            "My address: Main Street 1.",
            "FYI, please see below.",
            "1. switch it off",
            "- and on again",
            "",
        ]
    ),
    min_size=1,
    max_size=12,
).map(lambda lines: "\n".join(["Hello,", *lines, "It is urgent."]))


def is_subsequence(some: list[str], all_lines: list[str]) -> bool:
    rest = iter(all_lines)
    return all(any(line == other for other in rest) for line in some)


def check_selection(trimmed: Trimmed) -> None:
    """Every line kept is a line of the full text, in order, or the beginning of one where a cut began inside it."""
    full = trimmed.full.split("\n")
    begun = {full[cut.first - 1][: cut.column].rstrip() for cut in trimmed.cuts if cut.column}
    kept = [line for line in trimmed.text.split("\n") if line not in begun]
    assert trimmed.text == "" or is_subsequence(kept, full)


@given(BODIES)
@settings(max_examples=400, deadline=None)
def test_what_is_kept_is_a_selection_of_the_lines_of_the_mail(text: str) -> None:
    check_selection(trim(Body(text=text, html="")))


@given(
    st.lists(
        st.sampled_from(
            [
                "<div>",
                "</div>",
                "<blockquote>",
                "</blockquote>",
                "<p>",
                "<br>",
                "<hr>",
                "words ",
                "more words",
                "<table><tr><td>",
                "</td></tr></table>",
                "From: Anna &lt;a@b.example&gt;",
                "<div class='gmail_quote'>",
                "<b>Sent:</b> 3 March 2026 14:05<br>",
                "&gt; typed",
            ]
        )
    )
)
@settings(max_examples=400, deadline=None)
def test_what_is_kept_of_html_is_a_selection_of_its_visible_lines(pieces: list[str]) -> None:
    check_selection(trim(Body(text="", html="".join(pieces))))


@given(BODIES)
@settings(max_examples=400, deadline=None)
def test_a_mail_that_says_something_is_never_shown_empty(text: str) -> None:
    trimmed = trim(Body(text=text, html=""))

    assert any(letter.isalnum() for letter in trimmed.text) == any(letter.isalnum() for letter in trimmed.full)


@given(SAID, st.sampled_from(QUOTES))
@settings(max_examples=400, deadline=None)
def test_a_quotation_below_changes_nothing_of_what_is_said_above(said: str, quote: str) -> None:
    alone = trim(Body(text=said, html=""), signatures="keep")
    quoting = f"{said}\n\nOn Tue, Mar 3, 2026 at 2:05 PM Support Team <{OURS}> wrote:\n\n"
    below = quoting + "\n".join(f"> {line}" for line in quote.split("\n"))

    assert alone.text.split() == said.split()
    assert trim(Body(text=below, html=""), signatures="keep").text == alone.text


@given(SAID, st.sampled_from(QUOTES))
@settings(max_examples=200, deadline=None)
def test_what_nobody_wrote_before_is_kept_whatever_the_conversation(said: str, earlier: str) -> None:
    thread = [Earlier(earlier, OURS, "Support Team"), Earlier("Something else entirely was asked.", "anna@x.example")]

    trimmed = trim(Body(text=said, html=""), thread=thread, ours=[OURS], subject="Re: Printer")

    assert trimmed.text.split() == said.split()


@given(BODIES, BODIES)
@settings(max_examples=200, deadline=None)
def test_with_a_conversation_it_is_still_a_selection_and_never_empty(text: str, earlier: str) -> None:
    trimmed = trim(Body(text=text, html=""), thread=[Earlier(earlier, OURS, "Support")], ours=[OURS])

    check_selection(trimmed)
    assert any(letter.isalnum() for letter in trimmed.text) == any(letter.isalnum() for letter in trimmed.full)


@given(BODIES)
@settings(max_examples=200, deadline=None)
def test_each_cut_names_its_lines_its_rule_and_how_sure_it_is(text: str) -> None:
    trimmed = trim(Body(text=text, html=""))
    lines = len(trimmed.full.split("\n"))

    assert all(1 <= cut.first <= cut.last <= lines and cut.rule and 0 < cut.confidence <= 1 for cut in trimmed.cuts)
    assert [cut.first for cut in trimmed.cuts] == sorted(cut.first for cut in trimmed.cuts)
