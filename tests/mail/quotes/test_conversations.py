"""With the conversation known, its words confirm a cut, find an unmarked quote, and veto a cut of new words."""

from gateway.mail.message import Body
from gateway.mail.quotes.trim import trim
from gateway.mail.quotes.trimmed import Earlier, Trimmed

SUPPORT = "support@shop.example"
ANSWER = (
    "Thank you for your message. Please hold the green switch for ten seconds until the lamp goes out.\n\n"
    "If the printer still beeps after that, we will send a technician to you within two working days."
)
THREAD = (
    Earlier("My printer has been beeping since Monday, what can I do about it?", "anna@customer.example", "Anna Berg"),
    Earlier(ANSWER, SUPPORT, "Support Team"),
)
HEADER = (
    "From: Support Team <support@shop.example>\nSent: Tuesday, March 3, 2026 14:05\nTo: Anna Berg\nSubject: Printer"
)


def trimmed(text: str, *, subject: str = "Re: Printer", html: str = "") -> Trimmed:
    return trim(Body(text=text, html=html), subject=subject, thread=THREAD, ours=[SUPPORT])


def test_a_quote_that_nothing_marks_is_found_by_our_own_words() -> None:
    assert trimmed(f"It still beeps.\n\n{ANSWER}").text == "It still beeps."


def test_a_quote_below_words_of_an_unknown_language_is_found() -> None:
    intro = "ავტორი: Support Team\nგაგზავნილია: 3.3.2026 17:05\nადრესატი: Anna Berg\nთემა: Printer"

    assert trimmed(f"It still beeps.\n\n{intro}\n\n{ANSWER}").text == "It still beeps."


def test_known_words_confirm_a_cut() -> None:
    [cut] = trimmed(f"It still beeps.\n\n{HEADER}\n\n{ANSWER}").cuts

    assert cut.rule == "header+known"
    assert cut.confidence >= 0.99


def test_answers_written_into_the_older_mail_are_kept_with_what_they_answer() -> None:
    first, second = ANSWER.split("\n\n")
    text = (
        f"See below.\n\n{HEADER}\n\n{first}\n\nI did that and it helped nothing.\n\n{second}\n\nThursday would suit me."
    )

    kept = trimmed(text).text

    assert "I did that and it helped nothing." in kept
    assert "Thursday would suit me." in kept
    assert "hold the green switch" in kept
    assert "Subject: Printer" not in kept


def test_a_sentence_of_ours_in_the_customers_own_text_is_kept() -> None:
    text = (
        "You say:\n\nPlease hold the green switch for ten seconds until the lamp goes out.\n\nThere is no such switch."
    )

    assert trimmed(text).text == text


def test_a_customer_who_sends_the_first_mail_again_is_heard() -> None:
    text = f"I have had no answer.\n\n{THREAD[0].text}"

    assert trimmed(text).text == text


def test_the_signature_of_our_quoted_mail_is_no_answer() -> None:
    text = f"It still beeps.\n\n{HEADER}\n\n{ANSWER}\n\nBest regards\nSupport Team\nTel. +49 30 1234567"

    assert trimmed(text).text == "It still beeps."


def test_a_mail_of_somebody_who_never_took_part_is_content() -> None:
    foreign = "From: Carrier <info@carrier.example>\nSent: Monday, March 2, 2026 09:00\nTo: Anna Berg\nSubject: Parcel"
    text = f"They refuse to help me.\n\n{foreign}\n\nWe cannot deliver your parcel because the label is damaged."

    assert trimmed(text, subject="Parcel").text == text
    assert trimmed(text, subject="Re: Parcel").text == text
    assert trim(Body(text=text, html=""), subject="Re: Parcel").text == "They refuse to help me."


def test_where_the_subject_is_missing_a_strangers_mail_is_content_and_ours_is_a_quote() -> None:
    foreign = HEADER.replace("Support Team <support@shop.example>", "Carrier <info@carrier.example>")

    for thread in ((), THREAD):
        theirs = Body(text=f"They refuse to help me.\n\n{foreign}\n\nWe cannot deliver your parcel.", html="")
        own = Body(text=f"It still beeps.\n\n{HEADER}\n\n{ANSWER}", html="")

        assert trim(theirs, subject="", thread=thread, ours=[SUPPORT]).cuts == ()
        assert trim(own, subject="", thread=thread, ours=[SUPPORT]).text == "It still beeps."


def test_our_own_mail_is_cut_though_the_text_above_introduces_it() -> None:
    assert trimmed(f"I mean this mail of yours:\n\n{HEADER}\n\n{ANSWER}").text == "I mean this mail of yours:"


def test_a_line_that_names_a_participant_above_a_quote_goes_with_it() -> None:
    text = (
        "It still beeps.\n\nSupport Team, 3.3.2026 at 14:05 wrote the following lines to me:\n> "
        + ANSWER.split("\n")[0]
    )

    assert trimmed(text).text == "It still beeps."


def test_in_html_an_unmarked_quote_is_found_and_the_clean_html_shows_the_rest() -> None:
    first, second = ANSWER.split("\n\n")
    html = f"<div>It <b>still</b> beeps.</div><div><br></div><div>{first}</div><div><br></div><div>{second}</div>"

    found = trimmed("", html=html)

    assert found.text == "It still beeps."
    assert found.html == "<div>It <b>still</b> beeps.</div>"
    assert "technician" in found.full
