"""What machines report about a mail of ours: to whom, for good or for now, why, and which mail."""

import json

import pytest

from gateway.mail.message import Report, ReportKind
from gateway.mail.reading import read_message
from tests.mail.mails import a_mail, a_multipart

OURS = a_mail(
    "It is on its way.", From="support@example.com", To="gone@customer.example", Message_ID="<ours@example.com>"
)
TEXT = {"Content-Type": "text/plain"}
DAEMON = {"From": "Mail Delivery System <MAILER-DAEMON@mx.example>", "Return_Path": "<>", "Subject": "Undelivered Mail"}


def a_status(lines: str) -> bytes:
    parts = [
        (TEXT, b"Your mail could not be delivered."),
        ({"Content-Type": "message/delivery-status"}, b"Reporting-MTA: dns; mx.example\r\n\r\n" + lines.encode()),
        ({"Content-Type": "message/rfc822"}, OURS),
    ]
    return a_multipart("report; report-type=delivery-status", parts, **DAEMON)


def reported(raw: bytes) -> Report:
    report = read_message(raw).report
    assert report is not None
    return report


def failed(status: str, said: str) -> Report:
    return reported(
        a_status(
            f"Final-Recipient: rfc822; gone@customer.example\r\nAction: failed\r\nStatus: {status}\r\n"
            f"Diagnostic-Code: smtp; {said}\r\n"
        )
    )


def test_a_bounce_names_the_address_the_reason_and_our_mail() -> None:
    report = failed("5.1.1", "550 5.1.1 User unknown")
    assert report.kind is ReportKind.BOUNCE
    assert (report.recipient, report.of, report.status) == ("gone@customer.example", "<ours@example.com>", "5.1.1")
    assert report.permanent
    assert "does not exist" in report.reason


@pytest.mark.parametrize(
    ("status", "said", "permanent"),
    [
        ("5.1.1", "550 No such user here", True),
        ("5.1.2", "550 Host unknown", True),
        ("5.1.10", "556 5.1.10 Recipient address has null MX", True),
        ("5.2.2", "552 5.2.2 Mailbox full", False),
        ("5.7.1", "550 5.7.1 Message rejected as spam", False),
        ("5.7.26", "550 5.7.26 unauthenticated mail is prohibited", False),
        ("5.3.4", "552 5.3.4 Message too big", False),
        ("4.4.1", "connection timed out", False),
        ("5.0.0", "550 Benutzer existiert nicht", True),
        ("5.0.0", "5.1.0 - Unknown address error 550-'5.7.1 Access denied'", False),
    ],
)
def test_permanent_is_about_the_address_not_about_this_mail(status: str, said: str, permanent: bool) -> None:
    assert failed(status, said).permanent is permanent


def test_a_delay_is_no_failure() -> None:
    report = reported(
        a_status("Final-Recipient: rfc822; gone@customer.example\r\nAction: delayed\r\nStatus: 4.4.1\r\n")
    )
    assert report.kind is ReportKind.BOUNCE
    assert report.delayed
    assert not report.permanent
    assert "still being tried" in report.reason


def test_a_delivery_is_no_bounce() -> None:
    report = reported(
        a_status("Final-Recipient: rfc822; gone@customer.example\r\nAction: delivered\r\nStatus: 2.0.0\r\n")
    )
    assert (report.kind, report.permanent, report.of) == (ReportKind.DELIVERED, False, "<ours@example.com>")


def test_a_bounce_in_free_form_is_found_by_who_writes_and_what_is_said() -> None:
    said = (
        "This message was created automatically by mail delivery software.\n"
        "A message that you sent could not be delivered to one or more of its recipients.\n"
        "This is a permanent error. The following address(es) failed:\n\n  gone@customer.example\n"
        "    550 unknown user\n\n------ This is a copy of the message, including all the headers. ------\n\n"
        "Message-ID: <ours@example.com>\nSubject: Re: Order 12\n"
    )
    report = reported(a_mail(said, **DAEMON))
    assert (report.kind, report.recipient, report.of) == (
        ReportKind.BOUNCE,
        "gone@customer.example",
        "<ours@example.com>",
    )
    assert report.permanent


@pytest.mark.parametrize(
    "said",
    [
        "Your courier says that delivery failed because the address is unknown. Where is my parcel?",
        "My mailbox was full last week. Can you send the invoice again?",
        "Message rejected is what your product shows me when I click on save.",
    ],
)
def test_people_who_write_about_failures_are_no_bounces(said: str) -> None:
    assert read_message(a_mail(said, Subject="Delivery failed")).report is None


def test_a_person_who_forwards_a_bounce_to_us_is_a_person() -> None:
    said = "Look what I got:\n\n> From: MAILER-DAEMON\n> The following addresses had errors\n> 550 User unknown\n"
    assert read_message(a_mail(said, Subject="Fwd: Returned mail")).report is None


def test_a_receipt_says_that_it_was_read() -> None:
    fields = b"Final-Recipient: rfc822; ann@customer.example\r\nOriginal-Message-ID: <ours@example.com>\r\n"
    fields += b"Disposition: manual-action/MDN-sent-manually; displayed\r\n"
    parts = [(TEXT, b"It was read."), ({"Content-Type": "message/disposition-notification"}, fields)]
    report = reported(a_multipart("report; report-type=disposition-notification", parts, Subject="Read: Order 12"))
    assert (report.kind, report.of, report.reason) == (ReportKind.READ, "<ours@example.com>", "It was displayed")


def test_an_abuse_report_is_a_complaint() -> None:
    fields = b"Feedback-Type: abuse\r\nUser-Agent: x/1\r\nVersion: 1\r\nOriginal-Rcpt-To: <ann@customer.example>\r\n"
    parts = [
        (TEXT, b"Abuse."),
        ({"Content-Type": "message/feedback-report"}, fields),
        ({"Content-Type": "message/rfc822"}, OURS),
    ]
    report = reported(a_multipart("report; report-type=feedback-report", parts, Subject="Abuse report"))
    assert (report.kind, report.recipient, report.of) == (
        ReportKind.COMPLAINT,
        "ann@customer.example",
        "<ours@example.com>",
    )


def test_a_sending_service_that_tells_in_json_is_understood() -> None:
    told = {
        "notificationType": "Bounce",
        "bounce": {
            "bounceType": "Permanent",
            "bouncedRecipients": [
                {"emailAddress": "gone@customer.example", "status": "5.1.1", "diagnosticCode": "550 user unknown"}
            ],
        },
        "mail": {"messageId": "0001"},
    }
    report = reported(a_mail(json.dumps(told), From="no-reply@sns.amazonaws.com", Subject="AWS Notification Message"))
    assert (report.recipient, report.permanent, report.of) == (
        "gone@customer.example",
        True,
        "<0001@email.amazonses.com>",
    )


def test_quoted_printable_with_lone_carriage_returns_loses_nothing() -> None:
    raw = a_mail(b"The first half =\rand the second=3D half.\rThe end.", Content_Transfer_Encoding="quoted-printable")
    text = read_message(raw).body.text
    assert "The first half and the second= half." in text
    assert "The end." in text


def test_a_header_whose_folds_lost_their_blanks_does_not_hide_the_subject() -> None:
    raw = b"From: ann@customer.example\r\nX-Tracker: abc\r\ndefghi\r\njklmno\r\nSubject: Order 12\r\n\r\nHello"
    message = read_message(raw)
    assert message.subject == "Order 12"
    assert message.body.text.strip() == "Hello"
