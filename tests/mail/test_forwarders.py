"""Whose mail it is that came by way of a form, a group, a rule, a colleague or a server."""

from pathlib import Path
from typing import Any

import pytest

from gateway.config.settings import Assistant, Mailbox, Operator, Senders, Settings
from gateway.conversations.conversation import Author
from gateway.desk.considering import consider
from gateway.desk.triage import Triage
from gateway.mail.authenticity import Proof
from gateway.mail.automatic import Origin
from gateway.mail.forwarders import Profile, forwarded_sender
from gateway.mail.message import Envelope
from gateway.mail.reading import read_message
from gateway.mail.trust import Trust
from tests.mail.mails import CUSTOMER, MAILBOX, a_mail, a_multipart

FORM, GROUP = "www@shop.example.com", "support-group@example.com"
BOX = Mailbox(MAILBOX, senders=Senders(forms=(FORM,), groups=(GROUP,)))
INLINE = """Please look at this.

---------- Forwarded message ---------
From: Ann <ann@customer.example>
Date: Mon, 2 Nov 2026 at 10:00
Subject: Order 12
To: Rep <rep@example.com>

Where is my order?
"""


def considered(raw: bytes, trust: Trust = Trust.UNVERIFIED, sender: str = "x@y.example", **settings: Any) -> Triage:
    house = Settings(
        path=Path(),
        public_url="",
        data_dir=Path(),
        mailboxes=(BOX,),
        operator=Operator(staff=("@example.com",)),
        assistant=Assistant(kind="http"),
        **settings,
    )
    proof = Proof(trust, ("as told",))
    return consider(read_message(raw), Envelope(sender, MAILBOX), BOX, house, proof=proof, sent_by_us=False)


def test_a_listed_forms_reply_to_is_the_customer_whatever_its_robot_says_of_itself() -> None:
    raw = a_mail(From=FORM, Reply_To=f"Ann <{CUSTOMER}>", Auto_Submitted="auto-generated", Precedence="bulk")
    found = considered(raw)
    assert found.forwarded is not None
    assert found.forwarded.profile is Profile.FORM
    assert (found.customer.address, found.customer.name) == (CUSTOMER, "Ann")
    assert (found.origin, found.may_answer, found.trust) == (Origin.PERSON, True, Trust.UNVERIFIED)


def test_a_form_that_nobody_listed_does_not_choose_who_is_answered() -> None:
    found = considered(a_mail(From="form@elsewhere.example", Reply_To=CUSTOMER))
    assert (found.forwarded, found.customer.address) == (None, "form@elsewhere.example")


def test_our_own_proven_robot_is_a_form_too() -> None:
    raw = a_mail(From="no-reply@example.com", Reply_To=CUSTOMER)
    assert considered(raw, Trust.VERIFIED).customer.address == CUSTOMER
    assert considered(raw, Trust.VERIFIED).may_answer
    assert considered(raw, Trust.UNVERIFIED).customer.address == "no-reply@example.com"


def test_what_proves_the_form_does_not_prove_the_customer() -> None:
    assert considered(a_mail(From=FORM, Reply_To=CUSTOMER), Trust.VERIFIED).trust is Trust.UNVERIFIED
    assert considered(a_mail(From=FORM, Reply_To=CUSTOMER), Trust.FAILED).trust is Trust.UNVERIFIED


def test_a_google_group_names_the_writer() -> None:
    raw = a_mail(
        From=f"'Ann' via Support <{GROUP}>",
        X_Original_From=f"Ann <{CUSTOMER}>",
        Reply_To=f"Ann <{CUSTOMER}>",
        List_Id="<support-group.example.com>",
        Precedence="list",
    )
    found = considered(raw, Trust.VERIFIED)
    assert (found.customer.address, found.customer.name) == (CUSTOMER, "Ann")
    assert (found.origin, found.may_answer, found.trust) == (Origin.PERSON, True, Trust.UNVERIFIED)


def test_a_google_group_that_keeps_from_names_nobody_else() -> None:
    raw = a_mail(X_Original_Sender="assistant@customer.example", List_ID="<support-group.example.com>")
    found = considered(raw, Trust.VERIFIED)
    assert (found.customer.address, found.trust) == (CUSTOMER, Trust.VERIFIED)


def test_a_forged_group_mail_stays_failed() -> None:
    raw = a_mail(From=f"Ann via Support <{GROUP}>", X_Original_From=CUSTOMER, List_Id="<support-group.example.com>")
    assert considered(raw, Trust.FAILED).trust is Trust.FAILED


def test_a_list_that_is_no_group_of_ours_is_bulk() -> None:
    assert considered(a_mail(List_Id="<news.elsewhere.example>")).origin is Origin.BULK


def test_outlooks_forward_rule_is_recognised_not_answered_and_the_operator_is_told() -> None:
    found = considered(a_mail(INLINE, From=f"Support <{MAILBOX}>", Subject="FW: Order 12"))
    assert found.forwarded is not None
    assert found.forwarded.profile is Profile.RULE
    assert (found.customer.address, found.origin) == (CUSTOMER, Origin.PERSON)
    assert (found.may_answer, found.trust, found.is_person) == (False, Trust.UNVERIFIED, True)
    assert "Redirect" in found.forwarded.advice


def test_our_own_mail_without_another_in_it_is_our_own() -> None:
    assert considered(a_mail(From=f"Support <{MAILBOX}>")).origin is Origin.OWN


@pytest.mark.parametrize("attached", [False, True])
def test_a_colleagues_forward_belongs_to_the_customer_in_it(attached: bool) -> None:
    fields = {"From": "Rep <rep@example.com>", "Subject": "Fwd: Order 12"}
    text = ({"Content-Type": "text/plain"}, b"Please look at this.")
    raw = a_multipart("mixed", [text, ({"Content-Type": "message/rfc822"}, a_mail())], **fields)
    found = considered(raw if attached else a_mail(INLINE, **fields), Trust.VERIFIED)
    assert found.forwarded is not None
    assert found.forwarded.profile is Profile.EMPLOYEE
    assert (found.customer.address, found.author, found.may_answer) == (CUSTOMER, Author.CUSTOMER, False)
    assert found.trust is Trust.UNVERIFIED


@pytest.mark.parametrize(
    ("fields", "trust"),
    [
        ({"From": "rep@example.com", "Subject": "Fwd: Order 12"}, Trust.UNVERIFIED),
        ({"From": "rep@elsewhere.example", "Subject": "Fwd: Order 12"}, Trust.VERIFIED),
        ({"From": "rep@example.com", "Subject": "Order 12"}, Trust.VERIFIED),
        ({"From": "rep@example.com", "Subject": "Fwd: Order 12", "Cc": "bob@elsewhere.example"}, Trust.VERIFIED),
    ],
    ids=["not proven", "no colleague", "no forward", "not to us alone"],
)
def test_all_four_conditions_must_hold_for_a_colleagues_forward(fields: dict[str, str], trust: Trust) -> None:
    found = considered(a_mail(INLINE, **fields), trust)
    assert found.forwarded is None or found.forwarded.profile is not Profile.EMPLOYEE


def test_a_forward_of_a_customer_stays_the_customers() -> None:
    raw = a_mail(INLINE.replace(CUSTOMER, "bob@elsewhere.example"), Subject="Fwd: something")
    assert considered(raw).customer.address == CUSTOMER


@pytest.mark.parametrize(
    ("fields", "sender", "profile"),
    [
        ({"X_Forwarded_To": MAILBOX, "X_Forwarded_For": f"s@x.example {MAILBOX}"}, "x@y.example", Profile.GMAIL),
        ({}, "bounces+SRS=ab=cd@example.com", Profile.MICROSOFT),
        ({}, "SRS0=ab=cd=customer.example=ann@example.com", Profile.SRS),
        ({"Resent_From": "rep@example.com"}, "x@y.example", Profile.RESENT),
        ({"X_Original_To": "help@example.com"}, "x@y.example", Profile.ALIAS),
    ],
)
def test_the_ways_that_keep_from_are_named(fields: dict[str, str], sender: str, profile: Profile) -> None:
    found = considered(a_mail(**fields), sender=sender)
    assert found.forwarded is not None
    assert found.forwarded.profile is profile
    assert (found.customer.address, found.may_answer) == (CUSTOMER, True)
    assert any(profile.value in reason for reason in found.reasons)


@pytest.mark.parametrize(
    "block",
    [
        "Von: Ann <ann@customer.example>\nGesendet: Montag\nAn: Rep <rep@example.com>\nBetreff: Bestellung\n\nHallo",
        "De : Ann <ann@customer.example>\nEnvoyé : lundi\nÀ : Rep <rep@example.com>\nObjet : Commande\n\nBonjour",
        "От: Ann <ann@customer.example>\nОтправлено: понедельник\nКому: Rep <rep@example.com>\nТема: Заказ\n\nТекст",
        "> From: Ann <ann@customer.example>\n> Date: Monday\n> Subject: Order\n>\n> Hello",
        "*From:* Ann <ann@customer.example>\n*Sent:* Monday\n*To:* Rep <rep@example.com>\n*Subject:* Order\n\nHello",
    ],
)
def test_the_sender_of_a_forwarded_block_is_read_in_many_languages(block: str) -> None:
    raw = a_mail(f"FYI\n\n{block}\n", Content_Type="text/plain; charset=utf-8")
    inner = forwarded_sender(read_message(raw))
    assert inner is not None
    assert inner.address == CUSTOMER


def test_a_text_without_a_block_has_no_forwarded_sender() -> None:
    assert forwarded_sender(read_message(a_mail("From: here to there is far.\n\nRegards"))) is None


@pytest.mark.parametrize(
    "fields",
    [
        {"X_Zendesk_From_Account_Id": "68b8aed"},
        {"X_RT_Loop_Prevention": "desk.example", "RT_Ticket": "desk.example #68527"},
        {"X_JIRA_FingerPrint": "9df5b1f4f3b2"},
        {"X_ServiceNow_Generated": "true"},
    ],
)
def test_another_help_desks_mail_is_read_by_a_person_and_answered_by_no_machine(fields: dict[str, str]) -> None:
    found = considered(a_mail(**fields), Trust.VERIFIED)
    assert found.forwarded is not None
    assert found.forwarded.profile is Profile.TICKETS
    assert (found.customer.address, found.is_person, found.may_answer) == (CUSTOMER, True, False)
    assert found.trust is Trust.VERIFIED


def test_a_help_desk_that_says_that_it_writes_by_itself_is_believed() -> None:
    found = considered(a_mail(X_Zendesk_From_Account_Id="68b8aed", Auto_Submitted="auto-generated"))
    assert (found.origin, found.may_answer) == (Origin.BULK, False)


@pytest.mark.parametrize(
    "fields", [{"X_Original_To": MAILBOX}, {"Resent_From": MAILBOX}, {"X_Zendesk_From_Account_Id": "1"}]
)
def test_our_own_mail_is_our_own_whichever_way_it_comes_back(fields: dict[str, str]) -> None:
    assert considered(a_mail(From=f"Support <{MAILBOX}>", **fields)).origin is Origin.OWN


def test_a_listed_form_is_a_form_whoever_hosts_its_desk() -> None:
    found = considered(a_mail(From=FORM, Reply_To=f"Ann <{CUSTOMER}>", X_Zendesk_From_Account_Id="1"))
    assert (found.customer.address, found.may_answer) == (CUSTOMER, True)


def test_a_whole_domain_may_be_listed_and_nothing_beside_it() -> None:
    box = Mailbox(MAILBOX, senders=Senders(forms=("@forms.example",)))
    inside, beside = "a@forms.example", "a@evilforms.example"
    for writer, customer in ((inside, CUSTOMER), (beside, beside), ("a@sub.forms.example", "a@sub.forms.example")):
        house = Settings(path=Path(), public_url="", data_dir=Path(), mailboxes=(box,))
        proof, raw = Proof(Trust.UNVERIFIED, ()), a_mail(From=writer, Reply_To=CUSTOMER)
        found = consider(read_message(raw), Envelope("x@y.example", MAILBOX), box, house, proof=proof, sent_by_us=False)
        assert found.customer.address == customer


def test_a_form_or_a_group_cannot_name_ourselves_as_the_customer() -> None:
    assert considered(a_mail(From=FORM, Reply_To=MAILBOX)).customer.address == FORM
    raw = a_mail(From=GROUP, X_Original_From=MAILBOX, Reply_To=MAILBOX, List_Id="<support-group.example.com>")
    assert not considered(raw).may_answer


def test_a_rep_who_copies_us_writes_as_an_agent_to_the_customer() -> None:
    raw = a_mail(From="Rep <rep@example.com>", To=CUSTOMER, Cc=MAILBOX)
    found = considered(raw, Trust.VERIFIED)
    assert (found.author, found.customer.address, found.writer.address) == (Author.AGENT, CUSTOMER, "rep@example.com")
    assert not found.may_answer
    assert considered(raw, Trust.UNVERIFIED).author is Author.CUSTOMER
