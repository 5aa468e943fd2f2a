"""What servers write when they refuse a mail, in many languages; and what people write that sounds like it."""

import re
from pathlib import Path

import pytest

from gateway.mail.message import Report, ReportKind
from gateway.mail.reading import read_message
from gateway.mail.reasons import weigh
from tests.mail.mails import a_mail, a_multipart

SAMPLES = Path(__file__).parents[1] / "samples" / "bounces"
REPLIES = tuple(re.findall(r"^(gone|later) +(\S+) +\| (.+)$", (SAMPLES / "replies.txt").read_text(), re.MULTILINE))
LETTERS = tuple(
    re.findall(
        r"^=== (gone|later|delayed) \| ([^|]+) \| ([^|]+) \| ([^\n]+)\n(.+?)(?=^=== |\Z)",
        (SAMPLES / "letters.txt").read_text(),
        re.MULTILINE | re.DOTALL,
    )
)
UTF8 = {"Content_Type": "text/plain; charset=utf-8", "Content_Transfer_Encoding": "8bit"}


def report_of(text: str, **fields: str) -> Report | None:
    return read_message(a_mail(text, **{**UTF8, **fields})).report


def test_the_samples_are_all_there() -> None:
    assert len(REPLIES) > 220
    assert len(LETTERS) > 35


@pytest.mark.parametrize(("kind", "reason", "said"), REPLIES)
def test_a_refusal_is_understood(kind: str, reason: str, said: str) -> None:
    verdict = weigh(said)
    assert verdict.permanent is (kind == "gone")
    assert reason in ("*", verdict.reason)


@pytest.mark.parametrize(("kind", "name", "writer", "title", "text"), LETTERS, ids=[one[1] for one in LETTERS])
def test_a_bounce_for_people_is_understood(kind: str, name: str, writer: str, title: str, text: str) -> None:
    report = report_of(text, From=writer, Subject=title, Return_Path="<>")
    assert report is not None, name
    assert (report.kind, report.recipient) == (ReportKind.BOUNCE, "gone@customer.example")
    assert (report.permanent, report.delayed) == (kind == "gone", kind == "delayed")


def test_what_was_refused_before_the_recipient_was_named_is_not_about_the_recipient() -> None:
    said = "host mx.customer.example[192.0.2.7] said: 550 5.1.2 Domain not found (in reply to MAIL FROM command)"
    assert (weigh(said).reason, weigh(said).permanent) == ("sender", False)
    transcript = ">>> MAIL From:<support@shop.example> SIZE=312 <<< 553 5.1.0 shop.example does not exist"
    verdict = weigh("553 5.1.0 shop.example does not exist", context=transcript)
    assert (verdict.reason, verdict.permanent) == ("sender", False)


def test_a_failure_without_a_reason_is_not_said_to_be_for_good() -> None:
    assert not weigh("", context="Delivery to the following recipients failed.").permanent
    assert weigh("", context="Delivery to the following recipients failed permanently.").permanent


def test_a_temporary_status_is_no_last_word() -> None:
    assert not weigh("450 4.1.2 Domain not found").permanent
    assert not weigh("Domain not found", status="4.4.4").permanent


PEOPLE = (
    ("Delivery failed", "My parcel could not be delivered, the courier says address unknown."),
    ("Returned mail problem", "I cannot send mail to you, it was returned to me: user unknown. Can you help?"),
    ("Your message", "Your message could not be found in our portal. Please send it again."),
    ("Payment rejected", "The payment was rejected: error 550 - card refused."),
    ("Delivery delayed", "Our delivery is delayed; still trying to reach the address."),
    ("Zustellung fehlgeschlagen", "Mein Paket konnte nicht zugestellt werden."),
    ("Livraison: colis non remis", "Le livreur n'a pas pu remettre le colis."),
    ("Недоставленный заказ", "Заказ не доставлен."),
    ("配信不能について", "メールが配信できません。ユーザ登録済みです。"),
)


@pytest.mark.parametrize(("title", "text"), PEOPLE)
def test_a_person_who_writes_about_a_delivery_and_quotes_or_attaches_a_mail_is_no_bounce(title: str, text: str) -> None:
    quoted = f"{text}\n\n-----Original Message-----\nFrom: Shop\nSent: Monday\nTo: Ann\nSubject: Order\n\nOn its way."
    assert report_of(quoted, Subject=title) is None
    attached = [
        ({"Content-Type": "text/plain; charset=utf-8"}, text.encode()),
        ({"Content-Type": "message/rfc822"}, a_mail("It is on its way.", From="support@example.com")),
    ]
    assert read_message(a_multipart("mixed", attached, Subject=title)).report is None


@pytest.mark.parametrize(
    ("writer", "title", "text"),
    [
        ("delivery@courier.example", "Delivery failed", "Your parcel could not be delivered: address unknown."),
        ("Admin <administrator@customer.example>", "Mail problem", "Mail of our users to you could not be delivered."),
        ("Bob <bob@smtp.customer.example>", "Order", "I could not send the form: user unknown. What is 550 - no?"),
        ("System <system@erp.example>", "Order rejected", "Order 12 was rejected, the account is disabled."),
        ("News <bounces+12@news.example>", "Your message", "Your message was returned."),
        ("Ann <ann@mailer.example>", "Help", "The user could not be found."),
    ],
)
def test_an_account_with_a_technical_name_is_not_yet_a_bounce(writer: str, title: str, text: str) -> None:
    assert report_of(text, From=writer, Subject=title) is None
    assert report_of(text, From=writer, Subject=title, Return_Path="<bounces+12=ann@news.example>") is None


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("Automatic reply: Your message about delivery", "I am away. Your message has not been forwarded."),
        ("Automatische Antwort: Zustellung", "Ich bin nicht erreichbar. Ihre Nachricht wurde nicht weitergeleitet."),
        ("Réponse automatique : échec de la livraison", "Je n'ai pas pu lire votre message."),
        ("自动回复: 退信问题", "我正在休假,无法回复您的邮件。"),
        ("Автоответ: недоставка", "Я в отпуске, письмо не было прочитано."),
        ("Automatic reply: Undeliverable: Order", "I cannot be reached. The recipient is no longer with us."),
    ],
)
def test_an_absence_notice_from_the_null_sender_is_no_bounce(title: str, text: str) -> None:
    assert report_of(text, Subject=title, Return_Path="<>") is None


@pytest.mark.parametrize(
    ("writer", "title", "text"),
    [
        ("Peter (System Administrator) <peter@firm.example>", "Account", "User unknown when I log in."),
        ("Peter <postmaster@firm.example>", "Question", "Our filter rejects your mails: 554 5.7.1. Can you mend SPF?"),
        ("Postmaster <postmaster@firm.example>", "Mail could not be delivered", "Hello, our server said: 554 5.7.1."),
        ("Mail Service Berlin <info@firm.example>", "New mailbox", "User unknown so far in your system."),
        ("SMTP Solutions <info@firm.example>", "Printer", "It shows SMTP error 550 when scanning to mail."),
        ("Daemon Brown <daemon@brown.example>", "Delivery problem", "Two boxes have not been delivered: order 12."),
        ("Post Office <postoffice@cafe.example>", "Question", "Which recipients have the new price list?"),
        (
            "Mail Delivery Ltd <dispatch@firm.example>",
            "Delivery problem",
            "Not delivered: the gate was closed.\n\nOriginal message:\nPlease deliver on Monday.",
        ),
        (
            "Email Gateway <email-gateway@it.example>",
            "Error",
            "Hello, I get 550 5.1.1 <info@shop.example>: user unknown",
        ),
    ],
)
def test_a_person_with_a_servers_name_is_no_bounce(writer: str, title: str, text: str) -> None:
    assert report_of(text, From=writer, Subject=title) is None


BOUNCE = a_multipart(
    "report; report-type=delivery-status",
    [
        ({"Content-Type": "text/plain"}, b"<gone@shop.example>: 550 5.1.1 user unknown"),
        (
            {"Content-Type": "message/delivery-status"},
            b"Final-Recipient: rfc822; gone@shop.example\r\nAction: failed\r\n",
        ),
    ],
    From="MAILER-DAEMON@mx.customer.example",
)


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        (
            "message/delivery-status",
            b"Final-Recipient: rfc822; gone@shop.example\r\nAction: failed\r\nStatus: 5.1.1\r\n",
        ),
        (
            "message/disposition-notification",
            b"Final-Recipient: rfc822; a@shop.example\r\nDisposition: x/y; displayed\r\n",
        ),
        ("message/feedback-report", b"Feedback-Type: abuse\r\nVersion: 1\r\n"),
        ("message/rfc822", BOUNCE),
    ],
)
def test_a_report_that_a_person_passes_on_is_theirs(kind: str, content: bytes) -> None:
    attached = ({"Content-Type": kind}, content)
    said = ({"Content-Type": "text/plain"}, b"What does this mean? And where is my order?")
    assert read_message(BOUNCE).report is not None
    for parts in ([said, attached], [attached]):
        assert read_message(a_multipart("mixed", parts, Subject="FW: Undeliverable: order")).report is None


def test_a_person_who_shows_a_notification_of_a_sending_service_is_no_bounce() -> None:
    told = '{"notificationType":"Bounce","bounce":{"bounceType":"Permanent","bouncedRecipients":[]}}'
    assert report_of(f"Our program gets this. What is wrong with it?\n\n{told}") is None
