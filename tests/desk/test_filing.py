"""What Creatio must be told next: one thing at a time, oldest first, until nothing is left."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from gateway.conversations.conversation import Author, Held, State, Trust
from gateway.desk.case import CaseField, CaseState, KnownCase
from gateway.desk.dossier import Dossier, Remark, Rules, Told, handoff_id
from gateway.desk.filing import next_filing, next_upload, simpler
from gateway.desk.records import (
    AppendTo,
    ChangeCase,
    FileContent,
    Filing,
    FindContact,
    LookAtCase,
    NewActivity,
    NewCase,
    NewContact,
    NewFile,
    NewMessageData,
    NewNote,
    NewPost,
    row_id,
)
from gateway.mail.message import Address
from tests.builders import (
    SUPPORT,
    a_case,
    a_dossier,
    a_handoff,
    a_tenant,
    after,
    an_attachment,
    an_entry,
    an_id,
    mail_id,
    told,
    told_mail,
)

RULES = Rules(link="https://gateway.example.com/conversations/1")
FIRST = Rules(create_case="on_first_message", link=RULES.link)


def ask(dossier: Dossier, rules: Rules = RULES, **tenant: Any) -> Filing | None:
    return next_filing(dossier, rules, a_tenant(**tenant)) or next_upload(dossier, rules, a_tenant(**tenant))


def filed(*entries: Any, numbers: tuple[int, ...] = (1,), **more: Any) -> Dossier:
    """A conversation on its case, of which these mails are told."""
    more.setdefault("case", a_case())
    more["told"] = {**told_mail(*numbers), **more.pop("told", {})}
    return a_dossier(*entries, **more)


def case_of(number: int) -> str:
    """The id of the case that this mail opens."""
    return row_id(an_id(f"entry {number}"), "case")


# -- from nothing to a case


def test_a_mail_that_nobody_was_asked_about_is_not_told() -> None:
    assert ask(a_dossier()) is None


def test_a_handoff_begins_with_the_question_who_it_is() -> None:
    assert ask(a_dossier(contact=None, handoffs=(a_handoff(),))) == FindContact(
        row_id(an_id("entry 1"), "contact"), Address("ann@customer.example", "Ann Alder")
    )


def test_whom_nobody_knows_is_made() -> None:
    made = row_id(an_id("entry 1"), "contact")
    asked = a_dossier(contact=None, handoffs=(a_handoff(),), told={made: Told(done=False)})
    assert ask(asked) == NewContact(made, "Ann Alder", "ann@customer.example")


def test_one_of_our_own_addresses_is_never_made_a_contact() -> None:
    own = a_dossier(contact=None, handoffs=(a_handoff(),), conversation={"customer": Address(SUPPORT)})
    assert isinstance(ask(own, replace(RULES, ours=frozenset({SUPPORT}))), NewCase)


def test_then_comes_the_case_with_all_that_the_assistant_made_of_it() -> None:
    about: dict[str, Any] = {"summary": "A parcel is late", "fields": {"Reason": "late " * 20}}
    rules = replace(RULES, owner="owner-id", group="group-id", category="category-id")
    field = CaseField("Reason", "Reason", "text", length=8)
    case = ask(a_dossier(handoffs=(a_handoff(**about),)), rules, fields=(field,))
    assert isinstance(case, NewCase)
    assert (case.subject, case.description) == ("Where is my order?", "A parcel is late")
    assert (case.contact, case.owner, case.group) == (an_id("contact"), "owner-id", "group-id")
    assert case.fields == {"Reason": "late lat"}, "cut to the column's length"
    assert case.settles, "the handoff needs no note of its own"


def test_without_a_summary_the_case_has_the_reason_and_the_newest_text() -> None:
    case = ask(a_dossier(an_entry(1), an_entry(2, "It is urgent"), handoffs=(a_handoff(),)))
    assert isinstance(case, NewCase)
    assert case.description == "no article answers this\n\nIt is urgent"


def test_on_the_first_message_the_case_is_provisional() -> None:
    case = ask(a_dossier(), FIRST)
    assert isinstance(case, NewCase)
    assert (case.description, case.settles) == ("Text number 1", ())


def test_a_machines_mail_opens_no_case() -> None:
    assert ask(a_dossier(an_entry(automatic=True)), FIRST) is None


def test_the_same_first_mail_gives_the_same_case_whatever_comes_later() -> None:
    one = ask(a_dossier(an_entry(1), handoffs=(a_handoff(),)))
    other = ask(a_dossier(an_entry(1), an_entry(2), handoffs=(a_handoff(), a_handoff(3))))
    assert isinstance(one, NewCase)
    assert isinstance(other, NewCase)
    assert one.id == other.id


def test_a_failed_sender_gets_a_case_apart_without_contact() -> None:
    case = ask(a_dossier(an_entry(trust=Trust.FAILED), handoffs=(a_handoff(),)))
    assert isinstance(case, NewCase)
    assert (case.subject, case.contact, case.apart) == ("Sender not verified: Where is my order?", "", True)


# -- appending


def other_case(**more: Any) -> KnownCase:
    return a_case(id=an_id("other case"), opened_by=an_id("other conversation"), **more)


def test_a_new_conversation_goes_on_in_the_customers_open_case() -> None:
    assert ask(a_dossier(open_case=other_case())) == AppendTo(an_id("other case"))


def test_but_first_that_case_is_read_again() -> None:
    stale = other_case(checked=after(0))
    assert ask(a_dossier(open_case=stale)) == LookAtCase(an_id("other case"), after(1))


@pytest.mark.parametrize(
    "why_not",
    [
        {"open_case": other_case(state=CaseState.RESOLVED)},
        {"open_case": other_case(state=CaseState.FINAL)},
        {"open_case": other_case(), "contact_note": "2 contacts have the address"},
        {"open_case": None},
    ],
    ids=["resolved", "final", "nobody knows whose", "none"],
)
def test_what_is_not_appended_to(why_not: dict[str, Any]) -> None:
    assert isinstance(ask(a_dossier(handoffs=(a_handoff(),), **why_not)), NewCase)


@pytest.mark.parametrize("append", ["conversation", "never"])
def test_an_owner_may_forbid_appending_by_contact(append: Any) -> None:
    asked = a_dossier(open_case=other_case(), handoffs=(a_handoff(),))
    assert isinstance(ask(asked, replace(RULES, append=append)), NewCase)


def test_a_case_that_was_silent_for_longer_than_the_window_is_left_alone() -> None:
    rules = replace(RULES, append_window=timedelta(minutes=30))
    asked = a_dossier(open_case=other_case(changed=after(2)), handoffs=(a_handoff(),))
    assert isinstance(ask(asked, rules), NewCase)
    assert isinstance(ask(replace(asked, open_case=other_case(changed=after(50))), rules), AppendTo)


def test_with_append_never_a_later_mail_begins_a_linked_case() -> None:
    case = ask(filed(an_entry(1), an_entry(3)), replace(RULES, append="never"))
    assert isinstance(case, NewCase)
    assert case.parent == an_id("case")


@pytest.mark.parametrize(("state", "parent"), [(CaseState.FINAL, an_id("case")), (CaseState.GONE, "")])
def test_a_case_that_takes_nothing_more_is_followed_by_another(state: CaseState, parent: str) -> None:
    case = ask(filed(an_entry(1), an_entry(3), case=a_case(state=state)))
    assert isinstance(case, NewCase)
    assert case.parent == parent


def test_a_mail_is_noted_on_the_case_that_was_opened_for_it_although_that_was_closed_at_once() -> None:
    """Its id is that of the case which the mail would open anew: it would be opened for ever."""
    mails = (an_entry(1), an_entry(2))
    case = a_case(id=case_of(1), state=CaseState.FINAL)
    noted = ask(a_dossier(*mails, case=case))
    assert isinstance(noted, NewActivity)
    assert (noted.case_id, noted.entry_id) == (case.id, 1)
    later = ask(a_dossier(*mails, case=case, told=told_mail(1), contact="c"), FIRST)
    assert isinstance(later, NewCase)
    assert (later.id, later.parent) == (case_of(2), case.id)


def test_with_append_never_a_mail_that_comes_at_once_does_not_take_the_first_ones_place() -> None:
    case = a_case(id=case_of(1), created=after(1))
    noted = ask(a_dossier(an_entry(1), an_entry(2), case=case), replace(RULES, append="never"))
    assert isinstance(noted, NewActivity)
    assert (noted.case_id, noted.entry_id) == (case.id, 1)


def test_a_case_that_is_deleted_before_its_mail_is_noted_is_opened_once_more_and_no_oftener() -> None:
    mails = (an_entry(1), an_entry(2))
    gone = a_case(id=case_of(1), state=CaseState.GONE)
    again = ask(a_dossier(*mails[:1], case=gone, contact="c"))
    assert isinstance(again, NewCase)
    assert again.id not in (gone.id, case_of(2))
    twice = replace(gone, id=again.id)
    assert ask(a_dossier(*mails[:1], case=twice, contact="c")) is None
    last = ask(a_dossier(*mails, case=twice, contact="c"))
    assert isinstance(last, NewCase)
    assert last.id == case_of(2)


def test_what_was_said_before_a_case_was_closed_is_still_noted_on_it() -> None:
    answer = an_entry(2, author=Author.ASSISTANT, arrival=None)
    closed = filed(an_entry(1), answer, case=a_case(state=CaseState.FINAL))
    assert isinstance(ask(closed), NewActivity)


# -- what happened since is looked at first


def test_before_anything_is_added_the_case_is_read_again() -> None:
    stale = filed(an_entry(1), an_entry(70), case=a_case(checked=after(60)))
    assert ask(stale) == LookAtCase(an_id("case"), after(70))


def test_an_answer_of_ours_needs_no_look() -> None:
    answer = an_entry(70, author=Author.ASSISTANT, arrival=None)
    assert isinstance(ask(filed(an_entry(1), answer)), NewActivity)


# -- mails in order


def test_each_mail_is_an_activity_followed_by_its_ids_then_the_next() -> None:
    mails = (an_entry(1), an_entry(2), an_entry(3, author=Author.ASSISTANT, arrival=None))
    known: dict[str, Told] = told_mail()
    order = []
    while (change := ask(a_dossier(*mails, case=a_case(created=after(5)), told=known))) is not None:
        assert isinstance(change, NewActivity | NewMessageData)
        order.append((type(change).__name__, change.entry_id))
        known = known | told(change.id) | told(*getattr(change, "settles", ()))
    assert order == [(kind, number) for number in (1, 2, 3) for kind in ("NewActivity", "NewMessageData")]


def test_only_the_first_activity_bears_the_link() -> None:
    first = ask(a_dossier(case=a_case()))
    second = ask(filed(an_entry(1), an_entry(3)))
    assert isinstance(first, NewActivity)
    assert isinstance(second, NewActivity)
    assert (RULES.link in first.html, RULES.link in second.html) == (True, False)


def test_mails_of_one_second_keep_their_order() -> None:
    same = (an_entry(1, at=after(1)), an_entry(2, at=after(1)), an_entry(3, at=after(1)))
    times = []
    for number in range(3):
        change = ask(filed(*same, numbers=tuple(range(1, number + 1)), case=a_case(created=after(5))))
        assert isinstance(change, NewActivity)
        times.append(change.at)
    assert times == [after(1) + timedelta(seconds=second) for second in range(3)]


def test_a_mails_text_is_text_whatever_it_looks_like() -> None:
    change = ask(a_dossier(an_entry(text="<script>alert(1)</script> & more"), case=a_case()))
    assert isinstance(change, NewActivity)
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; more" in change.html


def test_a_text_beyond_the_limit_is_cut_with_a_visible_mark() -> None:
    change = ask(a_dossier(an_entry(text="word " * 40_000), case=a_case()))
    assert isinstance(change, NewActivity)
    assert len(change.html) < 110_000
    assert "cut: the whole mail is in the gateway" in change.html


def test_a_mails_own_html_is_shown_with_its_pictures_where_they_stood() -> None:
    html = '<p>This <b>one</b>: <img src="cid:p@mail" alt=""></p><script>x</script>'
    picture = an_attachment(2, inline=True, content_id="p@mail", name="<key>.png")
    mail = an_entry(text="This one:", html=html, attachments=(picture,))
    change = ask(a_dossier(mail, case=a_case()))
    assert isinstance(change, NewActivity)
    file = row_id(mail.key, "file 2")
    assert f'<p>This <b>one</b>: <img src="cid:{file}" alt="&lt;key&gt;.png" /></p>' in change.html
    assert "script" not in change.html
    upload = ask(a_dossier(mail, case=a_case(), told=told_mail(1)))
    assert isinstance(upload, NewFile)
    assert (upload.id, upload.inline) == (file, True)


@pytest.mark.parametrize(("state", "goes_on"), [(CaseState.FINAL, True), (CaseState.GONE, False)])
def test_a_file_that_waited_is_uploaded_although_the_case_was_closed_meanwhile(state: CaseState, goes_on: bool) -> None:
    mail = an_entry(attachments=(an_attachment(),))
    closed = a_dossier(mail, case=a_case(state=state), told=told_mail(1))
    assert isinstance(next_upload(closed, RULES, a_tenant()), NewFile) is goes_on


def test_a_picture_that_the_body_does_not_show_stays_among_the_attachments() -> None:
    picture = an_attachment(inline=True, content_id="p@mail")
    quoted = an_entry(html="<p>See below</p>", attachments=(picture,))
    refused = an_entry(html='<p><img src="cid:p@mail" alt=""></p>', attachments=(picture,))
    made = row_id(refused.key, "activity")
    for mail, variant in ((quoted, 0), (refused, 2)):
        upload = ask(a_dossier(mail, case=a_case(), told=told_mail(1) | {made: Told(done=True, variant=variant)}))
        assert isinstance(upload, NewFile)
        assert upload.inline is False


def test_a_picture_of_a_mail_that_is_never_told_is_uploaded_with_the_next_one_that_shows_it() -> None:
    picture = an_attachment(inline=True, content_id="p@mail")
    html = '<p>See <img src="cid:p@mail" alt=""></p>'
    old, new = (an_entry(number, "See", html=html, attachments=(picture,)) for number in (1, 2))
    change = ask(a_dossier(old, new, case=a_case(created=after(5)), hidden=frozenset({1})))
    assert isinstance(change, NewActivity)
    assert f'src="cid:{row_id(new.key, "file 0")}"' in change.html


@pytest.mark.parametrize(
    ("more", "told_of_file"),
    [({"name": "a.exe"}, {}), ({"warning": "a virus"}, {}), ({}, {"final": True, "done": False, "why": "denied"})],
    ids=["not taken", "not safe", "refused"],
)
def test_a_picture_that_creatio_does_not_get_is_named_where_it_stood(more: Any, told_of_file: Any) -> None:
    picture = replace(an_attachment(inline=True, content_id="p@mail"), **more)
    mail = an_entry(text="See", html='<p>See <img src="cid:p@mail" alt=""></p>', attachments=(picture,))
    known = {row_id(mail.key, "file 0"): Told(**told_of_file)} if told_of_file else {}
    change = ask(a_dossier(mail, case=a_case(), told=known), refused_files=("exe",))
    assert isinstance(change, NewActivity)
    assert f"<p>See [{picture.name}]</p>" in change.html


def test_a_logo_that_came_before_is_shown_from_the_mail_that_brought_it() -> None:
    logo = an_attachment(inline=True, content_id="logo@mail")
    html = '<p>Ann <img src="cid:logo@mail" alt=""></p>'
    first, second = (an_entry(number, "Ann", html=html, attachments=(logo,)) for number in (1, 2))
    change = ask(filed(first, second, case=a_case(created=after(5))))
    assert isinstance(change, NewActivity)
    assert f'src="cid:{row_id(first.key, "file 0")}"' in change.html
    assert "Attachments" not in change.html


def test_html_beyond_the_limit_is_cut_between_tags_with_a_visible_mark() -> None:
    change = ask(a_dossier(an_entry(html=f"<ul>{'<li><b>word </b></li>' * 20_000}</ul>"), case=a_case()))
    assert isinstance(change, NewActivity)
    assert len(change.html) < 110_000
    assert "</b></li></ul><p>[… cut: the whole mail is in the gateway]</p>" in change.html


def test_who_is_not_verified_and_joins_a_matter_is_marked() -> None:
    change = ask(filed(an_entry(1), an_entry(3)))
    assert isinstance(change, NewActivity)
    assert "[Sender not verified]" in change.html
    verified = ask(filed(an_entry(1), an_entry(3, trust=Trust.VERIFIED)))
    assert isinstance(verified, NewActivity)
    assert "not verified" not in verified.html


def test_an_answer_on_its_way_or_never_sent_is_not_noted() -> None:
    answer = an_entry(3, author=Author.ASSISTANT, arrival=None)
    assert ask(filed(an_entry(1), answer, hidden=frozenset({3}))) is None


def test_a_mail_set_aside_does_not_stop_the_next_one() -> None:
    left = {mail_id(1): Told(done=False, final=True, why="the firewall")}
    change = ask(a_dossier(an_entry(1), an_entry(2), case=a_case(created=after(5)), told=left))
    assert isinstance(change, NewActivity)
    assert change.entry_id == 2


def test_a_reps_own_row_gets_neither_ids_nor_files_from_us() -> None:
    reply = an_entry(3, author=Author.AGENT, arrival=None, attachments=(an_attachment(),))
    theirs = {mail_id(3): Told(done=True, ours=False)}
    assert ask(filed(an_entry(1), reply, told=theirs)) is None


# -- the handoff on an existing case


def provisional(**written: str) -> KnownCase:
    kept = {"provisional": "yes", "description": "Text number 1", "subject": "Where is my order?", **written}
    return a_case(written=kept, seen=kept)


def test_a_provisional_case_gets_summary_and_assignment_with_the_handoff() -> None:
    asked = filed(case=provisional(), handoffs=(a_handoff(10, summary="A parcel is late"),))
    change = ask(asked, replace(FIRST, owner="owner-id"))
    assert isinstance(change, ChangeCase)
    assert change.values == {"description": "A parcel is late", "owner": "owner-id"}
    assert change.only_if == {"description": "Text number 1", "owner": ""}


def test_and_then_a_note_tells_of_it() -> None:
    handed = a_handoff(10, summary="A parcel is late", sentiment="angry", language="de")
    asked = filed(case=provisional(), handoffs=(handed,))
    changed = row_id(handoff_id(asked.conversation, handed), "change")
    note = ask(replace(asked, told={**asked.told, **told(changed)}))
    assert isinstance(note, NewNote)
    assert note.text == ("A parcel is late\n\nHanded off: no article answers this\nLanguage: de\nSentiment: angry")


def test_a_handoff_on_a_case_that_was_handed_off_before_is_one_note() -> None:
    handed = a_handoff(10, summary="Again")
    assert isinstance(ask(filed(handoffs=(handed,))), NewNote)
    known = {**told_mail(1), **told(handoff_id(filed().conversation, handed))}
    assert ask(a_dossier(case=a_case(), handoffs=(handed,), told=known)) is None


def test_another_conversations_case_is_not_rewritten_by_a_handoff() -> None:
    case = replace(provisional(), opened_by=an_id("other conversation"))
    assert isinstance(ask(filed(case=case, handoffs=(a_handoff(10, summary="Mine"),))), NewNote)


# -- a later mail is seen by the rep


def noticed(state: CaseState, text: str = "It is still broken", **more: Any) -> Filing | None:
    """What follows the activity of a later mail."""
    mail = {row_id(an_id("entry 3"), kind): Told(done=True) for kind in ("activity", "message_data")}
    status = {"open": "new", "paused": "waiting", "resolved": "resolved"}[state.value]
    case = a_case(state=state, seen={"status": status, "owner_name": "Olga"}, written={"status": status})
    return ask(filed(an_entry(1), an_entry(3, text), case=case, told=mail, **more))


@pytest.mark.parametrize("state", [CaseState.RESOLVED, CaseState.PAUSED])
def test_a_resolved_or_paused_case_is_opened_again(state: CaseState) -> None:
    change = noticed(state)
    assert isinstance(change, ChangeCase)
    assert change.values == {"status": "reopened"}
    assert change.only_if["status"] in ("resolved", "waiting")


def test_on_an_open_case_a_post_names_the_owner() -> None:
    post = noticed(CaseState.OPEN)
    assert isinstance(post, NewPost)
    assert post.text == "Olga: ann@customer.example wrote again: Where is my order?"


def later_activity(state: CaseState, text: str, **more: Any) -> NewActivity:
    files = more.pop("files", ())
    case = a_case(state=state, seen={"status": "resolved"}, written={"status": "resolved"})
    change = ask(filed(an_entry(1), an_entry(3, text, attachments=files), case=case, **more))
    assert isinstance(change, NewActivity)
    return change


def test_a_bare_thank_you_is_told_by_its_activity_alone() -> None:
    assert later_activity(CaseState.RESOLVED, "Thanks!").settles != ()
    assert later_activity(CaseState.RESOLVED, "Thanks, but it is broken").settles == ()


def test_a_thank_you_with_a_file_is_not_bare() -> None:
    assert later_activity(CaseState.RESOLVED, "Thanks!", files=(an_attachment(),)).settles == ()
    logo = an_attachment(inline=True)
    assert later_activity(CaseState.RESOLVED, "Thanks!", files=(logo,)).settles != ()


def test_within_the_quiet_window_there_is_one_post() -> None:
    person = {"conversation": {"held": Held.PERSON}}
    assert later_activity(CaseState.OPEN, "Hello?", last_post=after(60), **person).settles != ()
    assert later_activity(CaseState.OPEN, "Hello?", last_post=after(10), **person).settles == ()


# -- what else the rep is told


def test_a_reply_that_did_not_arrive_is_told_once_and_opens_a_resolved_case() -> None:
    case = a_case(state=CaseState.RESOLVED, seen={"status": "resolved"})
    reply = an_entry(3, author=Author.AGENT, arrival=None)
    bounced = filed(an_entry(1), reply, numbers=(1, 3), case=case, undelivered={3: "came back: no such user"})
    note = ask(bounced)
    assert isinstance(note, NewNote)
    assert "came back: no such user" in note.text
    again = ask(replace(bounced, told={**bounced.told, **told(note.id)}))
    assert isinstance(again, ChangeCase)
    assert again.values == {"status": "reopened"}
    assert ask(replace(bounced, told={**bounced.told, **told(note.id, again.id)})) is None


def test_a_mail_whose_outcome_nobody_knows_is_told_as_such() -> None:
    reply = an_entry(3, author=Author.AGENT, arrival=None)
    note = ask(filed(an_entry(1), reply, numbers=(1, 3), undelivered={3: "ann@customer.example: unknown: no answer"}))
    assert isinstance(note, NewNote)
    assert "may not have arrived" in note.text


def test_that_a_reply_was_sent_is_told_only_where_the_case_does_not_show_it() -> None:
    reply = an_entry(3, author=Author.AGENT, arrival=None)
    sent = filed(an_entry(1), reply, numbers=(1, 3), sent={3: "ann@customer.example"})
    assert ask(sent) is None, "we noted it when it was sent"
    note = ask(replace(sent, told={**sent.told, mail_id(3): Told(done=True, ours=False)}))
    assert isinstance(note, NewNote)
    assert note.title == "Reply sent"


def test_a_delayed_reply_is_told_once_while_it_is_still_on_its_way() -> None:
    reply = an_entry(3, author=Author.AGENT, arrival=None)
    late = filed(an_entry(1), reply, hidden=frozenset({3}), delayed={3: "451 try later"})
    note = ask(late)
    assert isinstance(note, NewNote)
    assert "451 try later" in note.text
    assert ask(replace(late, told={**late.told, **told(note.id)}, delayed={3: "452 other words"})) is None


def test_a_remark_becomes_a_note_even_on_a_closed_case() -> None:
    remark = Remark(an_id("remark"), "Reply not sent", "It is too large", after(5))
    for state in (CaseState.OPEN, CaseState.FINAL):
        note = ask(filed(case=a_case(state=state), remarks=(remark,)))
        assert isinstance(note, NewNote)
        assert (note.id, note.text) == (remark.id, "It is too large")


# -- resolved here


def test_resolved_here_the_case_follows() -> None:
    change = ask(filed(conversation={"state": State.RESOLVED}), replace(RULES, resolved_status="resolved"))
    assert isinstance(change, ChangeCase)
    assert (change.values, change.only_if) == ({"status": "resolved"}, {"status": "new"})


@pytest.mark.parametrize(
    "why_not",
    [
        {"others_open": True},
        {"case": a_case(state=CaseState.RESOLVED)},
        {"case": a_case(seen={"status": "in progress"})},
        {"case": a_case(seen={"status": "new", "owner": "olga"}, written={"status": "new", "owner": ""})},
    ],
    ids=["another conversation is open on it", "it is resolved", "a person moved it", "a person has it"],
)
def test_when_the_case_does_not_follow(why_not: dict[str, Any]) -> None:
    resolved = filed(conversation={"state": State.RESOLVED}, **why_not)
    assert ask(resolved, replace(RULES, resolved_status="resolved")) is None


# -- attachments


def test_files_come_after_all_else_each_its_row_then_its_bytes() -> None:
    mail = an_entry(1, attachments=(an_attachment(0), an_attachment(1)))
    known = told_mail(1)
    order = []
    while (change := ask(a_dossier(mail, case=a_case(), told=known))) is not None:
        assert isinstance(change, NewFile | FileContent)
        order.append((type(change).__name__, change.name))
        known = known | told(change.id)
    assert order == [(kind, f"photo-{n}.jpg") for n in (0, 1) for kind in ("NewFile", "FileContent")]


@pytest.mark.parametrize(
    ("file", "rules", "tenant", "line"),
    [
        (an_attachment(size=99), replace(RULES, attachments="reference"), {}, "kept in the gateway"),
        (an_attachment(size=99), RULES, {"max_file": 50}, "Creatio takes files up to 50 bytes"),
        (an_attachment(name="a.EXE"), RULES, {"refused_files": frozenset({"exe"})}, "Creatio takes no .exe files"),
    ],
    ids=["by the settings", "too large", "denied"],
)
def test_what_is_not_uploaded_is_a_line_in_the_activity(file: Any, rules: Rules, tenant: Any, line: str) -> None:
    mail = an_entry(1, attachments=(file,))
    activity = ask(a_dossier(mail, case=a_case()), rules, **tenant)
    assert isinstance(activity, NewActivity)
    assert line in activity.html
    assert ask(a_dossier(mail, case=a_case(), told=told_mail(1)), rules, **tenant) is None


def test_a_signatures_logo_is_uploaded_once() -> None:
    logo = an_attachment(inline=True)
    first, second = an_entry(1, attachments=(logo,)), an_entry(2, attachments=(logo,))
    file = row_id(first.key, "file 0")
    known = {**told_mail(1, 2), **told(file, row_id(file, "data"))}
    assert ask(a_dossier(first, second, case=a_case(created=after(5)), told=known)) is None


def test_a_refused_file_becomes_a_note_with_the_link() -> None:
    mail = an_entry(1, attachments=(an_attachment(),))
    file = row_id(mail.key, "file 0")
    known = {**told_mail(1), file: Told(done=False, final=True, why="denied")}
    note = ask(a_dossier(mail, case=a_case(), told=known))
    assert isinstance(note, NewNote)
    assert "photo-0.jpg (2 kB) could not be uploaded: denied" in note.text
    assert RULES.link in note.text
    assert ask(a_dossier(mail, case=a_case(), told={**known, **told(note.id)})) is None


# -- simpler forms


def test_a_refused_case_is_tried_without_what_may_have_been_refused() -> None:
    rules = replace(RULES, owner="owner-id", category="category-id")
    dossier = a_dossier(handoffs=(a_handoff(fields={"Reason": "late"}),))
    tenant = a_tenant(fields=(CaseField("Reason", "Reason", "text"),))
    forms = []
    variant: int | None = 0
    while variant is not None:
        case = next_filing(dossier, rules, tenant)
        assert isinstance(case, NewCase)
        forms.append((case.owner, dict(case.fields), case.category, case.without))
        variant = simpler(dossier, rules, tenant, case)
        dossier = replace(dossier, told={case.id: Told(done=False, variant=variant or 0)})
    assert forms == [
        ("owner-id", {"Reason": "late"}, "category-id", ()),
        ("", {"Reason": "late"}, "category-id", ("owner and group",)),
        ("", {}, "category-id", ("owner and group", "AI fields")),
        ("", {}, "", ("owner and group", "AI fields")),
    ]


def test_forms_that_would_say_the_same_are_left_out() -> None:
    dossier = a_dossier(handoffs=(a_handoff(),))
    case = next_filing(dossier, RULES, a_tenant())
    assert isinstance(case, NewCase)
    assert simpler(dossier, RULES, a_tenant(), case) is None


def test_a_refused_activity_is_tried_as_text_in_html_then_as_cut_plain_text_then_as_one_line() -> None:
    mail = an_entry(1, "word " * 2_000, html=f"<b>{'word ' * 2_000}</b>")
    dossier = a_dossier(mail, case=a_case())
    seen = []
    for _ in range(4):
        change = next_filing(dossier, RULES, a_tenant())
        assert isinstance(change, NewActivity)
        seen.append(
            (
                "<b>" in change.html,
                bool(change.html),
                len(change.text) > 5_000,
                "word" in change.text,
                RULES.link in change.text,
            )
        )
        variant = simpler(dossier, RULES, a_tenant(), change)
        dossier = replace(dossier, told={change.id: Told(done=False, variant=variant or 0)})
    assert seen == [
        (True, True, True, True, True),
        (False, True, True, True, True),
        (False, False, False, True, True),
        (False, False, False, False, True),
    ]
    assert variant is None


def test_other_things_have_one_form_only() -> None:
    note = NewNote(an_id("note"), an_id("case"), "title", "text", after(1))
    assert simpler(a_dossier(case=a_case()), RULES, a_tenant(), note) is None
