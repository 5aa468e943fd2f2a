"""Who is speaking: a person or a machine, by its signs and their traps."""

from dataclasses import replace

import pytest

from gateway.mail.automatic import Machine, Origin, judge
from gateway.mail.message import Envelope, Message
from gateway.mail.reading import read_message
from tests.mail.mails import ENVELOPE, MAILBOX, a_mail, a_multipart

FLAGS = ("X-Spam-Flag: YES",)


def judged(
    raw: bytes, envelope: Envelope = ENVELOPE, *, sent_by_us: bool = False, block: tuple[str, ...] = ()
) -> Machine:
    return judge(read_message(raw), envelope, ours={MAILBOX}, sent_by_us=sent_by_us, spam=FLAGS, block=block)


def test_a_person_is_answered() -> None:
    assert judged(a_mail()) == Machine(Origin.PERSON, may_answer=True, may_reopen=True)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Auto-Submitted", "auto-replied"),
        ("Auto-Submitted", "Auto-Replied (vacation); owner-email=x"),
        ("X-Autoreply", "yes"),
        ("X-Autorespond", "on holiday"),
        ("X-Auto-Reply", "1"),
        ("Precedence", "auto_reply"),
        ("X-Mail-Autoreply", "vacation"),
    ],
)
def test_an_automatic_answer_is_not_answered_and_opens_nothing(name: str, value: str) -> None:
    found = judged(a_mail(**{name: value}))
    assert (found.origin, found.may_answer, found.may_reopen) == (Origin.AUTO_REPLY, False, False)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Auto-Submitted", "no"),
        ("Auto-Submitted", "No (a person)"),
        ("X-Auto-Response-Suppress", "None"),
        ("X-Autoreply", "no"),
        ("Precedence", "normal"),
        ("Precedence", "first-class"),
        ("X-Spam-Flag", "NO"),
    ],
)
def test_values_that_say_no_leave_a_person_a_person(name: str, value: str) -> None:
    assert judged(a_mail(**{name: value})) == Machine(Origin.PERSON, may_answer=True, may_reopen=True)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Precedence", "bulk"),
        ("Precedence", "list"),
        ("Precedence", "junk"),
        ("List-Id", "<news.shop.example>"),
        ("List-Unsubscribe", "<https://shop.example/out>"),
        ("Auto-Submitted", "auto-generated"),
        ("Auto-Submitted", "something-new"),
    ],
)
def test_what_goes_to_many_or_was_made_by_a_machine_is_bulk(name: str, value: str) -> None:
    found = judged(a_mail(**{name: value}))
    assert (found.origin, found.may_answer, found.may_reopen) == (Origin.BULK, False, False)


@pytest.mark.parametrize("value", ["All", "OOF, AutoReply", "DR, RN, NRN, OOF, AutoReply"])
def test_a_person_whose_mail_asks_for_no_automatic_answer_gets_a_person(value: str) -> None:
    found = judged(a_mail(**{"X-Auto-Response-Suppress": value}))
    assert (found.origin, found.may_answer, found.may_reopen) == (Origin.PERSON, False, True)
    assert "X-Auto-Response-Suppress" in found.reasons[0]


def test_receipts_that_are_not_wanted_say_nothing_about_answers() -> None:
    assert judged(a_mail(**{"X-Auto-Response-Suppress": "DR, RN, NRN"})).may_answer


def test_the_null_sender_is_never_answered() -> None:
    for found in (judged(a_mail(), Envelope("", MAILBOX)), judged(a_mail(Return_Path="<>"))):
        assert (found.origin, found.may_answer) == (Origin.PERSON, False)  # a form or a forwarder emptied it
    away = a_mail(Subject="Away: Order 12", Return_Path="<>")
    nobody = a_mail(From="noreply@shop.example", Return_Path="<>")
    assert [judged(one).origin for one in (away, nobody)] == [Origin.AUTO_REPLY] * 2


@pytest.mark.parametrize("name", ["List-Unsubscribe", "List-Help"])
def test_what_people_answer_through_a_sales_program_is_no_newsletter(name: str) -> None:
    found = judged(a_mail(In_Reply_To="<1.support@shop.example>", **{name: "<https://sales.example/out>"}))
    assert (found.origin, found.may_answer) == (Origin.PERSON, False)


@pytest.mark.parametrize(
    ("title", "said"),
    [
        ("Automatic reply: Order 12", "I am out of the office until Monday."),
        ("Out of Office: Order 12", "I will be back on Monday."),
        ("Automatische Antwort: Bestellung", "Ich bin bis Montag nicht im Büro."),
        ("Abwesenheitsnotiz: Bestellung", "Ich bin im Urlaub und erst ab Montag wieder da."),
        ("Réponse automatique : commande", "Je suis absent jusqu'à lundi."),
        ("Respuesta automática: pedido", "Estoy fuera de la oficina."),
        ("Risposta automatica: ordine", "Sono fuori ufficio fino a lunedì."),
        ("Resposta automática: pedido", "Estou de férias."),
        ("Automatisch antwoord: bestelling", "Ik ben met vakantie."),
        ("Autosvar: beställning", "Jag har semester."),
        ("Automatisk svar: ordre", "Jeg er på ferie."),
        ("Automaattinen vastaus: tilaus", "Olen lomalla."),
        ("Odpowiedź automatyczna: zamówienie", "Jestem na urlopie."),
        ("Automatická odpověď: objednávka", "Mám dovolenou."),
        ("Automatikus válasz: rendelés", "Szabadságon vagyok."),
        ("Răspuns automat: comandă", "Sunt în concediu."),
        ("Автоматический ответ: заказ", "Я в отпуске до понедельника."),
        ("Автоматична відповідь: замовлення", "Я у відпустці."),
        ("Otomatik Yanıt: sipariş", "Pazartesiye kadar izindeyim, izinde."),
        ("Αυτόματη απάντηση: παραγγελία", "Είμαι σε άδεια."),
        ("自動応答: 注文", "休暇をいただいております。"),
        ("自动回复: 订单", "我正在休假。"),
        ("자동 회신: 주문", "휴가 중입니다."),
        ("רד אוטומטי: הזמנה", "אני בחופש."),
        ("رد تلقائي: طلب", "أنا في إجازة."),
    ],
)
def test_absence_notices_without_any_field_are_known_by_title_and_words(title: str, said: str) -> None:
    fields = {"Content_Type": "text/plain; charset=utf-8", "In_Reply_To": "<1.support@shop.example>"}
    assert judged(a_mail(said, Subject=title.encode(), **fields)).origin is Origin.AUTO_REPLY


@pytest.mark.parametrize(
    ("title", "said"),
    [
        ("Question about the out of office assistant", "How do I switch it on?"),
        ("Order 12", "I am out of the office until Monday, please deliver on Tuesday."),
        ("Mein Urlaub", "Ich bin im Urlaub, bitte liefern Sie später."),
        ("Auto reply does not work", "Your product does not send it."),
        ("Delivery failed", "Your courier says that delivery failed. Where is my parcel?"),
        ("Please confirm my order", "Can you confirm my order by clicking something?"),
    ],
)
def test_people_who_write_about_such_things_are_people(title: str, said: str) -> None:
    assert judged(a_mail(said, Subject=title)).origin is Origin.PERSON


def test_our_own_mail_is_recognised_by_its_id_or_its_address() -> None:
    assert judged(a_mail(), sent_by_us=True).origin is Origin.OWN
    assert judged(a_mail(From=f"Support <{MAILBOX}>")).origin is Origin.OWN


def test_a_calendar_answer_opens_nothing_and_an_invitation_goes_to_a_person() -> None:
    def calendar(method: str) -> bytes:
        text = f"BEGIN:VCALENDAR\r\nMETHOD:{method}\r\nBEGIN:VEVENT\r\nSUMMARY:x\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
        return a_multipart("alternative", [({"Content-Type": f"text/calendar; method={method}"}, text.encode())])

    answer, invitation = judged(calendar("REPLY")), judged(calendar("REQUEST"))
    assert (answer.origin, answer.may_answer, answer.may_reopen) == (Origin.CALENDAR, False, False)
    assert (invitation.origin, invitation.may_answer, invitation.may_reopen) == (Origin.CALENDAR, False, True)


@pytest.mark.parametrize(
    ("writer", "title"),
    [
        (
            "forwarding-noreply@google.com",
            "(#123456789) Gmail Forwarding Confirmation - Receive Mail from ann@shop.example",
        ),
        ("forwarding-noreply@google.com", "(#123456789) Gmail-Weiterleitungsbestätigung"),
        ("account-security-noreply@accountprotection.microsoft.com", "Verify your email address"),
        ("noreply@zohocorp.com", "Zoho Mail: email forwarding verification"),
    ],
)
def test_a_provider_that_asks_to_confirm_a_forwarding_is_shown_not_answered(writer: str, title: str) -> None:
    found = judged(a_mail("Click https://mail.example/confirm", From=writer, Subject=title.encode()))
    assert (found.origin, found.may_answer) == (Origin.CONFIRMATION, False)


@pytest.mark.parametrize(
    ("writer", "title"),
    [
        ("ann@web.de", "Auftragsbestätigung fehlt"),
        ("ann@gmx.net", "Bitte um Bestätigung meiner Kündigung"),
        ("ann@googlemail.com", "Weiterleitung an falsche Adresse"),
        ("ann@outlook.com", "Please forward my order to my new address"),
        ("ann@yahoo.com", "Looking forward to my trip"),
        ("ann@icloud.com", "Confirm my booking please"),
        ("support.ann@proton.me", "Account verification problem"),
        ("anna@yandex.ru", "Подтверждение заказа"),
        ("anna@mail.ru", "Подтвердите заказ"),
    ],
)
def test_a_providers_customer_who_writes_about_a_confirmation_is_a_person(writer: str, title: str) -> None:
    found = judged(a_mail(From=f"Ann <{writer}>", Subject=title.encode()))
    assert found == Machine(Origin.PERSON, may_answer=True, may_reopen=True)


def test_a_challenge_is_not_answered() -> None:
    said = "I use a spam filter. Please click the link below to verify that you are a real person."
    title = "Please confirm your message"
    assert judged(a_mail(said, Subject=title, Precedence="bulk")).origin is Origin.CHALLENGE
    assert judged(a_mail(said, Subject=title, Auto_Submitted="auto-replied")).origin is Origin.CHALLENGE
    alone = judged(a_mail(said, Subject=title))
    assert (alone.origin, alone.may_answer) == (Origin.PERSON, False)


@pytest.mark.parametrize(
    ("title", "said"),
    [
        ("Please confirm the delivery of order 12", "Please reply to this email to confirm the delivery date."),
        ("Confirmation required", "Please click the approve button so that we can release the payment."),
        ("Email confirmation request", "I click on confirm and nothing happens. Is it your spam filter?"),
        ("Anti-spam: please confirm that it is blocked", "Our antispam marks your mails. Please add SPF."),
    ],
)
def test_people_who_want_something_confirmed_are_heard(title: str, said: str) -> None:
    assert judged(a_mail(said, Subject=title)).origin is Origin.PERSON
    assert judged(a_mail(said, Subject=f"Re: {title}", In_Reply_To="<1@shop.example>")).origin is Origin.PERSON


def test_spam_marks_count_from_trusted_peers_only() -> None:
    marked = a_mail(X_Spam_Flag="YES")
    stranger, peer = replace(ENVELOPE, peer="192.0.2.1"), replace(ENVELOPE, peer="127.0.0.1", trusted=True)
    assert judged(marked, stranger).origin is Origin.PERSON
    assert judged(marked, peer).origin is Origin.SPAM
    assert judged(marked).origin is Origin.SPAM  # fetched from our own mailbox: its provider marked it


@pytest.mark.parametrize("blocked", ["ann@customer.example", "customer.example", "@customer.example", "example"])
def test_who_is_blocked_is_spam(blocked: str) -> None:
    assert judged(a_mail(), block=(blocked,)).origin is Origin.SPAM


def test_a_similar_domain_is_not_blocked() -> None:
    assert judged(a_mail(), block=("tomer.example", "bob@customer.example")).origin is Origin.PERSON


@pytest.mark.parametrize(
    "local", ["no-reply", "noreply", "do_not_reply", "news-bounces", "owner-news", "noreply-orders"]
)
def test_addresses_that_take_no_answers_get_none(local: str) -> None:
    found = judged(a_mail(From=f"{local}@shop.example"))
    assert (found.origin, found.may_answer) == (Origin.PERSON, False)


def test_a_mail_that_says_nothing_at_all_is_judged_too() -> None:
    assert judge(Message("<x@y>"), ENVELOPE, ours=(), sent_by_us=False, spam=()).origin is Origin.PERSON
