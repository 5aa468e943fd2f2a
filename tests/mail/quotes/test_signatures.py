"""Signatures, disclaimers and banners are folded where the settings say so, and never what is said."""

import pytest

from gateway.mail.message import Body
from gateway.mail.quotes.trim import trim
from gateway.mail.quotes.trimmed import Earlier, Trimmed

SAID = "The printer beeps.\nPlease help."


def folded(text: str, **more: object) -> Trimmed:
    return trim(Body(text=text, html=""), **more)  # type: ignore[arg-type]  # thread and ours, as the tests give them


@pytest.mark.parametrize(
    "tail",
    [
        "-- \nAnna Berg\nCustomer Ltd, Main Street 1\n+49 30 1234567",
        "--\nAnna Berg",
        "Sent from my iPhone",
        "Von meinem iPhone gesendet",
        "Envoyé de mon iPhone",
        "iPhoneから送信",
        "Get Outlook for Android<https://aka.ms/AAb9ysg>",
        "This email and any attachments are confidential. If you are not\nthe intended recipient, delete it.",
        "_________________________\nDiese E-Mail enthält vertrauliche Angaben und ist nur\nfür den Empfänger bestimmt.",
        "-- \nAnna Berg\n\nThis message is intended for the addressee only.",
    ],
)
def test_a_signature_a_device_line_or_a_disclaimer_is_folded(tail: str) -> None:
    assert folded(f"{SAID}\n\n{tail}").text == SAID
    assert folded(f"{SAID}\n\n{tail}", signatures="keep").text.split() == f"{SAID}\n\n{tail}".split()


@pytest.mark.parametrize(
    "banner",
    [
        "CAUTION: This email originated from outside of the organization. Do not click links.",
        "[EXTERNAL] This message comes from outside.",
        "You don't often get email from anna@customer.example. Learn why this is important",
        "Achtung: Diese E-Mail stammt von außerhalb der Firma.",
    ],
)
def test_a_banner_above_the_mail_is_folded(banner: str) -> None:
    assert folded(f"{banner}\n\n{SAID}").text == SAID
    assert banner in folded(f"{banner}\n\n{SAID}").full


def test_lines_that_ended_two_earlier_mails_are_a_signature_whatever_they_look_like() -> None:
    tail = "Anna of the third floor\nroom 312, ring twice"
    thread = [
        Earlier(f"{words}\n\n{tail}", "anna@customer.example", "Anna") for words in ("First mail.", "And another.")
    ]

    assert folded(f"{SAID}\n\n{tail}", thread=thread, ours=["support@shop.example"]).text == SAID
    assert folded(f"{SAID}\n\n{tail}", thread=thread[:1], ours=["support@shop.example"]).text == f"{SAID}\n\n{tail}"


@pytest.mark.parametrize(
    "text",
    [
        "Sent from my iPhone",
        "-- \nAnna Berg",
        "Best regards\nAnna",
        "The list:\n--\n" + "\n".join(f"{number}. a thing that matters" for number in range(30)),
        "Sent from my iPhone is what the mail says.\nHow do I remove it?",
        "This email is not the first one I write.\n\nPlease help me.",
        "Is it you who put [EXTERNAL] above my mails?",
    ],
)
def test_what_may_be_said_is_kept(text: str) -> None:
    assert folded(text).text == text


def test_a_signature_that_a_mail_program_names_is_folded_in_html() -> None:
    html = '<div>The printer beeps.</div><div class="gmail_signature">Anna Berg<br>Customer Ltd</div>'

    assert trim(Body(text="", html=html)).text == "The printer beeps."
    assert trim(Body(text="", html=html)).html == "<div>The printer beeps.</div>"
    assert "Customer Ltd" in trim(Body(text="", html=html), signatures="keep").text


def test_a_signature_below_a_quotation_is_folded_and_what_is_answered_there_is_kept() -> None:
    quote = "On Tue, Mar 3, 2026 at 2:05 PM Support <support@shop.example> wrote:\n> Does it beep?"

    assert folded(f"{quote}\n\nYes, it does.\n\n-- \nAnna").text == "Yes, it does."
    assert folded(f"Hello\n\n{quote}\n\nSent from my iPhone", signatures="keep").text == "Hello"


def test_nothing_is_folded_in_what_is_forwarded() -> None:
    text = "See below.\n\n---------- Forwarded message ---------\nFrom: a@b.example\n\nWords\n\n-- \nThe other firm"

    assert folded(text, subject="Fwd: x").text == text
