"""Absence notices and receipts in many languages that no field marks, and people who write about such things."""

from pathlib import Path

import pytest

from gateway.mail.automatic import Machine, Origin, judge
from gateway.mail.reading import read_message
from tests.mail.mails import ENVELOPE, a_mail

SAMPLES = Path(__file__).parents[1] / "samples" / "away"
UTF8 = {"Content_Type": "text/plain; charset=utf-8", "Content_Transfer_Encoding": "8bit"}


def rows(name: str) -> list[list[str]]:
    lines = (SAMPLES / name).read_text().splitlines()
    return [line.split(" | ") for line in lines if line and not line.startswith("#")]


ANSWER = {"In_Reply_To": "<1.support@shop.example>"}
NOTICES, PEOPLE = rows("notices.txt"), rows("people.txt")


def judged(title: str, text: str, **fields: str) -> Machine:
    raw = a_mail(text, Subject=title, **{**UTF8, **fields})
    return judge(read_message(raw), ENVELOPE, ours=(), sent_by_us=False, spam=())


def test_the_samples_are_all_there() -> None:
    assert len({row[0] for row in NOTICES}) > 35
    assert len(PEOPLE) > 150


@pytest.mark.parametrize(("language", "title", "text"), NOTICES)
def test_no_machine_answers_an_absence_notice(language: str, title: str, text: str) -> None:
    assert not judged(title, text).may_answer, language


def test_nine_of_ten_that_answer_a_mail_are_known_as_such_without_any_field() -> None:
    missed = [row[1] for row in NOTICES if judged(row[1], row[2], **ANSWER).origin is not Origin.AUTO_REPLY]
    assert len(missed) < 0.1 * len(NOTICES), missed


@pytest.mark.parametrize(("language", "title", "text"), NOTICES)
def test_with_a_field_of_the_mail_program_each_is_known(language: str, title: str, text: str) -> None:
    assert judged(title, text, X_Auto_Response_Suppress="All").origin is Origin.AUTO_REPLY, language


@pytest.mark.parametrize(("language", "title", "text"), NOTICES)
def test_titles_and_words_alone_silence_nobody(language: str, title: str, text: str) -> None:
    assert judged(title, text).origin is Origin.PERSON, language


@pytest.mark.parametrize("prefix", ["Re", "AW", "SV", "Antw"])
def test_who_answers_an_automatic_answer_is_heard(prefix: str) -> None:
    title, text = (
        f"{prefix}: Automatic reply: Order 12",
        "A week ago you were on leave. I am out of the office tomorrow.",
    )
    assert judged(title, text, **ANSWER).origin is Origin.PERSON


@pytest.mark.parametrize(
    "text",
    [
        "Thank you for contacting us. This is an automated response. We will reply within 2 days.",
        "Your request has been received and is being reviewed.",
        "A request for support has been created and assigned ticket #512345. Your ticket has been created.",
        "##- Please type your reply above this line -##",
        "Dies ist eine automatisch generierte Nachricht.",
        "Este es un mensaje automático.",
        "本邮件由系统自动发送。",
    ],
)
def test_what_calls_itself_automatic_is_answered_by_no_machine(text: str) -> None:
    found = judged("RE: Order 12", text)
    assert (found.origin, found.may_answer) == (Origin.PERSON, False)
    assert judged("RE: Order 12", "Thanks.\n" + "".join(f"> {line}\n" for line in text.split("\n"))).may_answer


@pytest.mark.parametrize(("title", "text"), PEOPLE)
def test_a_person_whose_matter_is_an_absence_is_heard(title: str, text: str) -> None:
    assert judged(title, text).origin is Origin.PERSON


# Titles and texts from memory of Outlook, Notes and webmail in that language.
RECEIPTS = (
    ("Read: Order 12", "Your message\n\nTo: Ann\nSubject: Order 12\n\nwas read on Monday, 2 November 2026 10:00."),
    ("Not read: Order 12", "Your message to Ann was deleted without being read on Monday."),
    ("Return Receipt", "Your document: Order 12\nwas received by: Ann\nThis is a return receipt."),
    ("Gelesen: Bestellung 12", "Ihre Nachricht an Ann wurde am Montag, 2. November 2026 gelesen."),
    ("Lesebestätigung: Bestellung 12", "Dies ist eine Lesebestätigung für Ihre Nachricht."),
    ("Lu : Commande 12", "Votre message a été lu le lundi 2 novembre 2026."),
    ("Leído: Pedido 12", "Su mensaje fue leído el lunes 2 de noviembre de 2026."),
    ("Letto: Ordine 12", "Il messaggio è stato letto lunedì 2 novembre 2026."),
    ("Lida: Pedido 12", "A sua mensagem foi lida na segunda-feira."),
    ("Gelezen: Bestelling 12", "Uw bericht is op maandag 2 november 2026 gelezen."),
    ("Läst: Order 12", "Ditt meddelande lästes måndag den 2 november 2026."),
    ("Læst: Ordre 12", "Din meddelelse blev læst mandag den 2. november 2026."),
    ("Lest: Ordre 12", "Meldingen ble lest mandag 2. november 2026."),
    ("Luettu: Tilaus 12", "Viestisi on luettu maanantaina 2. marraskuuta 2026."),
    ("Przeczytano: Zamówienie 12", "Wiadomość została przeczytana w poniedziałek."),
    ("Přečteno: Objednávka 12", "Vaše zpráva byla přečtena v pondělí."),
    ("Olvasva: Rendelés 12", "Üzenetét hétfőn elolvasták."),
    ("Citit: Comanda 12", "Mesajul dvs. a fost citit luni."),
    ("Прочитано: Заказ 12", "Ваше сообщение было прочитано в понедельник."),
    ("Okundu: Sipariş 12", "İletiniz Pazartesi günü okundu."),
    ("Διαβάστηκε: Παραγγελία 12", "Το μήνυμά σας διαβάστηκε τη Δευτέρα."),
    ("開封済み: 注文 12", "メッセージは11月2日に開封されました。"),
    ("已读: 订单 12", "您的邮件已于11月2日已阅读。"),
    ("읽음: 주문 12", "보내신 메시지를 11월 2일에 읽었습니다."),
)


@pytest.mark.parametrize(("title", "text"), RECEIPTS)
def test_a_receipt_without_its_machine_part_is_a_report(title: str, text: str) -> None:
    found, alone = judged(title, text, **ANSWER), judged(title, text)
    assert (found.origin, found.may_answer, found.may_reopen) == (Origin.REPORT, False, False)
    assert (alone.origin, alone.may_answer) == (Origin.PERSON, False)


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("Read: the manual is wrong", "I did what the manual says. It is wrong."),
        ("Return receipt for order 12", "Where is the return receipt for my parcel?"),
        ("Read receipts in your app", "The read receipt was read by nobody."),
        ("Gelesen habe ich es", "Ihre Anleitung wurde gelesen, sie hilft nicht."),
        ("Lu et approuvé", "Le contrat a été lu et approuvé."),
        ("已读功能", "已读回执功能在哪里?"),
    ],
)
def test_a_person_who_read_something_is_heard(title: str, text: str) -> None:
    assert judged(title, text).origin is Origin.PERSON
