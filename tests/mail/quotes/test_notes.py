"""A note above an older mail says what it is there for; what only looks like one changes nothing."""

import pytest

from gateway.mail.message import Body
from gateway.mail.quotes.trim import trim
from gateway.mail.quotes.trimmed import Earlier

HEADERS = {
    "en": "From: Support Team\nSent: Tuesday, March 3, 2026 2:05 PM\nTo: Anna Berg\nSubject: Printer",
    "de": "Von: Support Team\nGesendet: Dienstag, 3. März 2026 14:05\nAn: Anna Berg\nBetreff: Drucker",
    "fr": "De : Support Team\nEnvoyé : mardi 3 mars 2026 14:05\nÀ : Anna Berg\nObjet : Imprimante",
    "es": "De: Support Team\nEnviado: martes, 3 de marzo de 2026 14:05\nPara: Anna Berg\nAsunto: Impresora",
    "ru": "От: Support Team\nОтправлено: 3 марта 2026 г. 14:05\nКому: Anna Berg\nТема: Принтер",
    "ja": "差出人: Support Team\n送信日時: 2026年3月3日 14:05\n宛先: Anna Berg\n件名: プリンター",
}
OLDER = "Please hold the green switch for ten seconds.\n\nThen tell us the number on the back of it."
NOTES = [
    ("en", "FYI"),
    ("de", "Zur Info."),
    ("fr", "Pour information."),
    ("es", "Para su información."),
    ("ru", "К сведению."),
    ("ja", "ご参考まで。"),
]


def mail(language: str, said: str) -> Body:
    return Body(text=f"{said}\n\n{HEADERS[language]}\n\n{OLDER}", html="")


@pytest.mark.parametrize(("language", "note"), NOTES)
def test_a_mail_passed_on_with_a_note_is_content(language: str, note: str) -> None:
    assert trim(mail(language, note), subject="Printer").cuts == ()


@pytest.mark.parametrize(("language", "note"), NOTES)
def test_a_subject_that_says_reply_is_believed_rather_than_the_note(language: str, note: str) -> None:
    assert trim(mail(language, note), subject="Re: Printer").text == note


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "The list of errors below the lid says more."),
        ("en", "I have read your answer, and the red lamp is still on."),
        ("en", f"FYI: {'the printer beeps and nobody knows why, ' * 4}and that is all."),
        ("de", "Unten am Gerät steht eine Nummer."),
        ("de", "Danke für Ihre Antwort. Die Lampe unten ist noch rot."),
        ("fr", "Le voyant en bas est rouge."),
        ("es", "La luz de abajo está en rojo."),
        ("ru", "Лампа внизу горит красным."),
        ("ja", "下のランプが赤く点滅します。"),
    ],
)
def test_words_that_only_look_like_a_note_change_nothing(language: str, said: str) -> None:
    assert trim(mail(language, said)).text == said


def test_a_note_says_nothing_of_lines_that_a_program_quotes() -> None:
    quote = "On Tue, Mar 3, 2026 at 2:05 PM Support Team <support@shop.example> wrote:\n> Please hold the switch."

    assert trim(Body(text=f"FYI\n\n{quote}", html="")).text == "FYI"


def test_where_answers_are_announced_only_what_was_said_before_goes() -> None:
    first, second = OLDER.split("\n\n")
    text = f"My answers are below.\n\n{HEADERS['en']}\n\n{first}\nI held it for ten seconds.\n\n{second}\nIt is 4711."
    thread = [Earlier(OLDER, "support@shop.example", "Support Team")]

    kept = trim(Body(text=text, html=""), thread=thread, ours=["support@shop.example"], subject="Re: Printer").text

    assert "I held it for ten seconds." in kept
    assert "It is 4711." in kept
    assert "Sent: Tuesday" not in kept


def test_a_note_above_what_was_all_said_before_keeps_none_of_it() -> None:
    older = f"{OLDER}\n\nIf the printer still beeps after that, we will send somebody to you within two working days."
    thread = [Earlier(older, "support@shop.example", "Support Team")]
    passed_on = Body(text=f"FYI\n\n{HEADERS['en']}\n\n{older}", html="")

    kept = trim(passed_on, thread=thread, ours=["support@shop.example"], subject="Printer").text

    assert kept == "FYI"
