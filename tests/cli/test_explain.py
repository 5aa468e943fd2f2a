"""`gateway explain`: what would become of a mail, without a daemon, without the network, without settings."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from gateway.cli.commands import run
from gateway.mail import tokens
from gateway.store.database import Store
from gateway.store.installation import found
from tests.mail.mails import CUSTOMER, MAILBOX, a_mail, a_multipart

FIRST = a_mail("Where is my order?", Message_ID="<first@customer.example>")
OURS = a_mail(
    "It is on its way.",
    From=f"Support <{MAILBOX}>",
    To=CUSTOMER,
    Subject="Re: Order 12",
    Message_ID="<ours@example.com>",
    In_Reply_To="<first@customer.example>",
    Date="Mon, 2 Nov 2026 11:00:00 +0100",
)
SECOND = a_mail(
    "It has not come.\n\nOn Mon, 2 Nov 2026 at 11:00, Support <support@example.com> wrote:\n> It is on its way.\n",
    Subject="Re: Order 12",
    Message_ID="<second@customer.example>",
    In_Reply_To="<ours@example.com>",
    References="<first@customer.example> <ours@example.com>",
    Date="Mon, 2 Nov 2026 12:00:00 +0100",
)
BOUNCE = a_multipart(
    "report; report-type=delivery-status",
    [
        ({"Content-Type": "text/plain"}, b"Your mail could not be delivered."),
        (
            {"Content-Type": "message/delivery-status"},
            b"Reporting-MTA: dns; mx.example\r\n\r\nFinal-Recipient: rfc822; gone@customer.example\r\n"
            b"Action: failed\r\nStatus: 5.1.1\r\nDiagnostic-Code: smtp; 550 5.1.1 User unknown\r\n",
        ),
        ({"Content-Type": "message/rfc822"}, OURS),
    ],
    From="MAILER-DAEMON@mx.example",
    Return_Path="<>",
    Subject="Undelivered Mail Returned to Sender",
)
SETTINGS = """
public_url = "https://gateway.example.com"
data_dir = "{folder}"
[[mailbox]]
address = "support@example.com"
{mailbox}
[assistant]
kind = "articles"
articles = "{folder}"
[relay]
host = "127.0.0.1"
tls = "none"
[spam]
block = ["spammer@customer.example"]
"""


@pytest.fixture
def explain(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    monkeypatch.chdir(tmp_path)

    def ask(*mails: bytes, thread: tuple[bytes, ...] = (), mailbox: str | None = None) -> list[dict[str, Any]]:
        names = _kept(tmp_path, "mail", mails)
        before = ["--thread", *_kept(tmp_path, "earlier", thread)] if thread else []
        chosen: list[str] = []
        if mailbox is not None:
            (tmp_path / "own.toml").write_text(SETTINGS.format(folder=tmp_path, mailbox=mailbox))
            chosen = ["--config", str(tmp_path / "own.toml")]
        assert run([*chosen, "--json", "explain", *names, *before]) == 0
        return [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    return ask


def _kept(folder: Path, stem: str, mails: tuple[bytes, ...]) -> list[str]:
    names = [str(folder / f"{stem}-{number}.eml") for number in range(len(mails))]
    for name, raw in zip(names, mails, strict=True):
        Path(name).write_bytes(raw)
    return names


def test_a_first_mail_begins_a_conversation_and_the_assistant_is_asked(explain: Any) -> None:
    [told] = explain(FIRST)
    assert told["message_id"] == "<first@customer.example>"
    assert (told["from"], told["customer"], told["mailbox"]) == (CUSTOMER, CUSTOMER, MAILBOX)
    assert (told["origin"], told["may_answer"], told["may_reopen"]) == ("person", True, True)
    assert (told["trust"], told["fate"]) == ("unverified", "decide")
    assert told["new_text"] == "Where is my order?"
    assert (told["cuts"], told["attachments"], told["bounce"]) == ([], [], None)
    assert told["conversation"] == {"found": None, "evidence": []}
    assert any("DNS" in reason for reason in told["reasons"])


def test_each_file_gives_one_line_in_order(explain: Any) -> None:
    assert [one["message_id"] for one in explain(FIRST, BOUNCE, SECOND)] == [
        "<first@customer.example>",
        "<one@customer.example>",
        "<second@customer.example>",
    ]


def test_an_answer_joins_the_conversation_of_the_mails_before_it(explain: Any) -> None:
    [told] = explain(SECOND, thread=(FIRST, OURS))
    best = told["conversation"]["evidence"][0]
    assert told["conversation"]["found"] == best["conversation"]
    assert (best["rule"], best["score"]) == ("answers_ours", 90)
    assert told["new_text"] == "It has not come."
    assert (told["fate"], told["reasons"][0]) == ("append", "a person has this conversation")
    [cut] = told["cuts"]
    assert cut["lines"][0] <= 3
    assert cut["lines"][1] >= 4
    assert 0 < cut["confidence"] <= 1
    assert cut["rule"]


def test_after_an_answer_of_the_assistant_the_assistant_is_asked_again(explain: Any) -> None:
    [told] = explain(SECOND, thread=(FIRST, b"Auto-Submitted: auto-replied\r\n" + OURS))
    assert told["conversation"]["found"] is not None
    assert told["fate"] == "decide"


def test_a_stranger_with_a_good_reference_joins_nothing(explain: Any) -> None:
    stranger = SECOND.replace(b"ann@customer.example", b"eve@elsewhere.example", 1)
    [told] = explain(stranger, thread=(FIRST, OURS))
    assert told["conversation"]["found"] is None
    assert told["conversation"]["evidence"][0]["rule"] == "stranger"


def test_near_misses_say_what_was_missing(explain: Any) -> None:
    unrelated = a_mail(
        "Another thing", Subject="Invoice", Message_ID="<third@customer.example>", In_Reply_To="<x@y.example>"
    )
    [told] = explain(unrelated, thread=(FIRST, OURS))
    rules = {one["rule"]: one["score"] for one in told["conversation"]["evidence"]}
    assert rules == {"same_writer": 0, "unknown_reference": 0}
    assert told["fate"] == "decide"


def test_a_second_copy_is_only_recorded(explain: Any) -> None:
    [told] = explain(b"Received: from elsewhere\r\n" + FIRST, thread=(FIRST,))
    assert told["fate"] == "record"
    assert "second copy" in told["reasons"][0]


def test_a_bounce_names_whose_it_is_and_is_recorded(explain: Any) -> None:
    [told] = explain(BOUNCE)
    assert (told["origin"], told["fate"], told["may_answer"]) == ("bounce", "record", False)
    assert told["bounce"]["recipient"] == "gone@customer.example"
    assert told["bounce"]["permanent"] is True
    assert told["bounce"]["of"] == "<ours@example.com>"
    assert told["bounce"]["reason"]


def test_machines_are_kept_silent(explain: Any) -> None:
    away, news = explain(a_mail(Auto_Submitted="auto-replied"), a_mail(List_Id="<news.example>"))
    assert (away["origin"], away["fate"], away["may_reopen"]) == ("auto_reply", "keep_silent", False)
    assert (news["origin"], news["fate"]) == ("bulk", "keep_silent")


def test_a_wish_for_a_person_is_handed_off(explain: Any) -> None:
    [told] = explain(a_mail("I want to talk to a human."))
    assert told["fate"] == "hand_off"
    assert told["reasons"][0] == "the customer asks for a person"


def test_attachments_are_listed(explain: Any) -> None:
    file = {"Content-Type": "application/pdf", "Content-Disposition": 'attachment; filename="plan.pdf"'}
    [told] = explain(a_multipart("mixed", [({"Content-Type": "text/plain"}, b"see"), (file, b"%PDF")]))
    assert told["attachments"] == [{"name": "plan.pdf", "type": "application/pdf", "size": 4, "inline": False}]


def test_a_mail_that_cannot_be_read_is_set_aside_and_the_others_go_on(explain: Any) -> None:
    broken, whole = explain(a_mail(X_Long="y" * 20_000), FIRST)
    assert (broken["fate"], broken["from"], broken["subject"]) == ("set_aside", CUSTOMER, "Order 12")
    assert broken["reasons"]
    assert whole["fate"] == "decide"


def test_settings_decide_which_mailbox_is_meant(explain: Any) -> None:
    [told] = explain(a_mail(To="help@example.com"), mailbox='aliases = ["help@example.com"]')
    assert (told["mailbox"], told["fate"]) == (MAILBOX, "decide")
    [told] = explain(a_mail(To="other@example.com"), mailbox="")
    assert (told["mailbox"], told["fate"]) == ("", "refuse")
    [told] = explain(FIRST, mailbox='mode = "people"')
    assert (told["mailbox"], told["fate"]) == (MAILBOX, "hand_off")


def test_who_is_blocked_is_kept_silent(explain: Any) -> None:
    [told] = explain(a_mail(From="spammer@customer.example"), mailbox="")
    assert (told["origin"], told["fate"]) == ("spam", "keep_silent")


def test_a_file_that_is_not_there_is_said_with_status_1(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--json", "explain", str(tmp_path / "none.eml")]) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "none.eml" in captured.err


def test_the_command_works_alone_and_shows_it_rule_by_rule(tmp_path: Path) -> None:
    (tmp_path / "one.eml").write_bytes(a_mail("Red \x1b[31mtext\x1b[0m"))
    shown = subprocess.run(
        [sys.executable, "-m", "gateway", "explain", "one.eml"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert "decide" in shown
    assert "may answer" in shown
    assert "\x1b" not in shown


def test_an_id_used_again_for_other_words_is_told(explain: Any) -> None:
    [told] = explain(FIRST.replace(b"Where is my order?", b"I want to send it back."), thread=(FIRST,))
    assert told["fate"] == "decide"
    assert any("used before by another mail" in reason for reason in told["reasons"])


def test_a_mail_to_two_mailboxes_says_which_copy_is_answered(explain: Any) -> None:
    second = '[[mailbox]]\naddress = "sales@example.com"'
    [told] = explain(a_mail(To="support@example.com, sales@example.com"), mailbox=second)
    assert (told["mailbox"], told["fate"]) == (MAILBOX, "decide")
    assert any("also sent to sales@example.com" in reason for reason in told["reasons"])


def test_outlooks_thread_index_counts_for_its_writer_and_is_a_near_miss_for_others(explain: Any) -> None:
    index = {"Thread_Index": "Ac3qXyZ1AAABAAACAAADAAAEAAAFAAA="}
    first = a_mail("Where is it?", Message_ID="<a@customer.example>", **index)
    later = a_mail("Number 17.", Message_ID="<b@customer.example>", Subject="Number", **index)
    [told] = explain(later, thread=(first,))
    assert told["conversation"]["evidence"][0]["rule"] == "thread_index"
    assert told["conversation"]["found"] is not None
    [told] = explain(later.replace(b"ann@customer.example", b"eve@elsewhere.example"), thread=(first,))
    assert told["conversation"]["found"] is None
    assert "thread_index_of_another" in [one["rule"] for one in told["conversation"]["evidence"]]


def test_a_thread_that_is_too_old_goes_on_in_a_new_conversation(explain: Any) -> None:
    late = SECOND.replace(b"2 Nov 2026 12:00", b"12 Dec 2026 12:00")
    [told] = explain(late, thread=(FIRST, OURS))
    assert told["conversation"]["found"] is None
    assert "too_old" in [one["rule"] for one in told["conversation"]["evidence"]]


def test_a_new_subject_in_an_old_thread_is_a_new_matter(explain: Any) -> None:
    other = a_mail(
        "The invoice is wrong.",
        Subject="Invoice 8",
        Message_ID="<other@customer.example>",
        References="<first@customer.example>",
        Date="Wed, 18 Nov 2026 12:00:00 +0100",
    )
    [told] = explain(other, thread=(FIRST,))
    assert told["conversation"]["found"] is None
    assert "new_subject" in [one["rule"] for one in told["conversation"]["evidence"]]


def test_the_same_words_after_an_answer_are_handed_off(explain: Any) -> None:
    again = SECOND.replace(b"It has not come.", b"Where is my order, Anna?")
    first = FIRST.replace(b"Where is my order?", b"Where is my order, Anna?")
    [told] = explain(again, thread=(first, b"Auto-Submitted: auto-replied\r\n" + OURS))
    assert told["fate"] == "hand_off"
    assert "the same words again" in told["reasons"][0]


def test_a_reply_to_elsewhere_is_not_followed_and_that_is_told(explain: Any) -> None:
    [told] = explain(a_mail("Hello", Reply_To="eve@elsewhere.example"))
    assert any("eve@elsewhere.example is not followed" in reason for reason in told["reasons"])


async def test_our_signed_token_counts_where_the_store_can_be_read_and_is_a_near_miss_elsewhere(
    explain: Any, tmp_path: Path
) -> None:
    store = await Store.open("sqlite", tmp_path)
    secret = (await store.write(found)).secret
    talk = "0b8b1f9a-1f6e-4d52-9a0f-3f1d2c6f7a11"
    anchor = tokens.anchor(secret, MAILBOX, talk)
    ours = OURS.replace(b"In-Reply-To:", f"References: {anchor} <first@customer.example>\r\nIn-Reply-To:".encode())
    later = a_mail("Any news?", Subject="Hello", Message_ID="<third@customer.example>", References=anchor)
    [told] = explain(later, thread=(FIRST, ours), mailbox="")  # while the daemon has it open
    best = told["conversation"]["evidence"][0]
    assert (best["rule"], best["score"]) == ("token", 100)
    assert told["conversation"]["found"] == best["conversation"] != talk
    stranger = later.replace(b"ann@customer.example", b"eve@elsewhere.example")
    [told] = explain(stranger, thread=(FIRST, ours), mailbox="")
    assert told["conversation"]["found"] is None
    assert told["conversation"]["evidence"][0]["rule"] == "token_of_another"
    await store.close()
    [told] = explain(later, thread=(FIRST, ours))
    assert told["conversation"]["found"] is None
    assert "token_unproven" in [one["rule"] for one in told["conversation"]["evidence"]]


def test_a_colleague_who_had_a_copy_joins_and_one_who_had_none_does_not(explain: Any) -> None:
    copied = FIRST.replace(b"Subject:", b"Cc: bob@customer.example\r\nSubject:", 1)
    bob = SECOND.replace(b"ann@customer.example", b"bob@customer.example", 1)
    [told] = explain(bob, thread=(copied, OURS))
    assert told["conversation"]["found"] is not None
    assert told["conversation"]["evidence"][0]["rule"] == "answers_known"
    [told] = explain(bob, thread=(FIRST, OURS))
    assert told["conversation"]["found"] is None


def test_a_case_number_that_nothing_here_knows_is_a_near_miss(explain: Any) -> None:
    [told] = explain(a_mail("Any news?", Subject="About SR00000086"), thread=(FIRST,))
    missed = [one["why"] for one in told["conversation"]["evidence"] if one["rule"] == "unknown_case_number"]
    assert missed == ["SR00000086 is the number of no case that is known here"]


def test_a_mail_of_a_burst_says_that_it_is_decided_with_the_others(explain: Any) -> None:
    more = {
        "Message_ID": "<more@customer.example>",
        "References": "<first@customer.example>",
        "Subject": "Re: Order 12",
    }
    [soon] = explain(a_mail("It is number 17.", Date="Mon, 2 Nov 2026 10:01:00 +0100", **more), thread=(FIRST,))
    [late] = explain(a_mail("It is number 17.", Date="Mon, 2 Nov 2026 10:09:00 +0100", **more), thread=(FIRST,))
    assert any("decided together" in reason for reason in soon["reasons"])
    assert not any("decided together" in reason for reason in late["reasons"])
    assert "an answer to the mail before it that has not left by then is cancelled" in late["reasons"]
