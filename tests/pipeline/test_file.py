"""FILE: Creatio is told everything once, in order, whatever goes wrong in between."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from gateway.config.settings import Operator
from gateway.conversations.conversation import Author, Entry, State, Trust
from gateway.desk.case import CaseField, Option
from gateway.desk.records import Change, ChangeCase, FileContent, NewActivity, NewCase, NewContact, NewFile
from gateway.mail.message import Address
from gateway.mail.reading import read_message
from gateway.offload import Readers
from gateway.pipeline import handoff, tend
from gateway.pipeline.file import file
from gateway.pipeline.listen import look_at_case
from gateway.pipeline.parts import Job
from gateway.pipeline.steps import plan_steps
from gateway.store import cases, conversations, customers, history, ledger, notices
from gateway.store.database import Store, Transaction
from gateway.store.deliveries import Kind, Outgoing, add
from gateway.store.schema import arrival, entry
from tests.fakes import status_id
from tests.pipeline.casework import HereReaders, Office
from tests.pipeline.stand import ANNA, SUPPORT

MINUTE = timedelta(minutes=1)


@pytest.fixture
async def office(store: Store, tmp_path: Path) -> Office:
    return await Office.open(store, tmp_path)


async def test_a_handed_off_mail_becomes_contact_case_and_activity(office: Office) -> None:
    here, case = await office.case_for("Where is my parcel?")
    kept = office.crm.cases[case]
    assert kept.columns["subject"] == "Lost key"
    assert kept.columns["description"] == "A parcel is late"
    [contact] = office.crm.contacts.values()
    assert (contact.address, contact.name) == ("anna@customer.example", "Anna")
    assert kept.columns["contact"] == contact.id
    [mail] = office.crm.mails_of(case)
    assert mail.incoming
    assert "Where is my parcel?" in mail.html
    assert f'<a href="https://gateway.example.com/conversations/{here}">View session</a>' in mail.html
    assert "no article answers this" in mail.html
    assert [one.message_id for one in office.crm.ids.values()] == ["<1@customer.example>"]
    assert office.crm.told == ["NewContact", "NewCase", "NewActivity", "NewMessageData"]


async def test_one_job_changes_one_thing_outside(office: Office) -> None:
    here = await office.customer_writes("Where is my parcel?")
    await office.hand_off(here)
    counts = []
    while claims := await office.take("file"):
        before = len(office.crm.told)
        await office.carry_out(claims[0])
        counts.append(len(office.crm.told) - before)
    assert max(counts) == 1


async def test_nothing_is_told_before_a_handoff(office: Office) -> None:
    here = await office.customer_writes("Where is my parcel?")
    await office.store.write(handoff.tell_creatio, here)
    await office.file()
    assert office.crm.told == []


async def test_every_mail_may_get_a_case_at_once_which_the_handoff_completes(office: Office) -> None:
    office.change_creatio(create_case="on_first_message", owner="OWNER")
    here = await office.customer_writes("Where is my parcel?")
    await office.store.write(handoff.tell_creatio, here)
    await office.file()
    [(case, kept)] = office.crm.cases.items()
    assert kept.columns["description"] == "Where is my parcel?"
    assert (await office.conversation(here)).held == "assistant"
    office.crm.set_column(case, "subject", "Renamed by a rep")
    await office.hand_off(here, summary="A parcel is late")
    await office.file()
    assert list(office.crm.cases) == [case]
    assert kept.columns["description"] == "A parcel is late"
    assert kept.columns["subject"] == "Renamed by a rep"
    assert [note.title for note in office.crm.notes_of(case)] == ["Handed off by the assistant"]


async def test_a_handoff_leaves_what_a_person_has_changed(office: Office) -> None:
    office.change_creatio(create_case="on_first_message")
    here = await office.customer_writes("Where is my parcel?")
    await office.store.write(handoff.tell_creatio, here)
    await office.file()
    [(case, kept)] = office.crm.cases.items()
    office.crm.set_column(case, "description", "A rep has written this")
    await office.hand_off(here, summary="A parcel is late")
    await office.file()
    assert kept.columns["description"] == "A rep has written this"


async def test_a_second_mail_is_added_to_the_same_case(office: Office) -> None:
    here, case = await office.case_for("Where is my parcel?")
    await office.goes_on(here, "Hello?")
    await office.file()
    assert list(office.crm.cases) == [case]
    assert [mail.text.count("Hello?") for mail in office.crm.mails_of(case)] == [0, 1]
    assert [post.text for post in office.crm.posts] == ["anna@customer.example wrote again: Lost key"]


async def test_a_customer_who_comes_back_with_another_matter_is_added_to_the_open_case(office: Office) -> None:
    _, case = await office.case_for("Where is my parcel?")
    other = await office.customer_writes("And where is my invoice?")
    await office.hand_off(other, summary="An invoice is missing")
    await office.file()
    assert list(office.crm.cases) == [case]
    assert (await office.conversation(other)).case == case
    assert len(office.crm.mails_of(case)) == 2
    [note] = office.crm.notes_of(case)
    assert "An invoice is missing" in note.text


async def test_a_resolved_case_is_opened_again_by_a_mail_in_its_thread(office: Office) -> None:
    here, case = await office.case_for()
    office.crm.set_status(case, "Resolved")
    await office.listen_to(case)
    assert (await office.conversation(here)).state is State.RESOLVED
    await office.store.write(handoff.reopen, here, by="customer", why="wrote again")
    await office.goes_on(here, "It is still not here")
    await office.file()
    assert office.crm.status_of(case) == "Reopened"
    assert (await office.conversation(here)).state is State.OPEN


async def test_a_bare_thank_you_is_added_and_opens_nothing(office: Office) -> None:
    here, case = await office.case_for()
    office.crm.set_status(case, "Resolved")
    await office.goes_on(here, "Thank you very much!")
    await office.file()
    assert len(office.crm.mails_of(case)) == 2
    assert office.crm.status_of(case) == "Resolved"
    assert (await office.conversation(here)).state is State.RESOLVED


async def test_a_mail_that_the_rep_had_not_seen_when_resolving_opens_the_case_again(office: Office) -> None:
    """Nobody has told us yet that it was resolved: the look before filing finds it."""
    here, case = await office.case_for()
    office.crm.set_status(case, "Resolved")
    await office.goes_on(here, "One more question: may I pay by card?")
    await office.file()
    assert office.crm.status_of(case) == "Reopened"
    assert (await office.conversation(here)).state is State.OPEN


async def test_a_closed_case_takes_nothing_more_and_a_new_one_is_linked_to_it(office: Office) -> None:
    here, case = await office.case_for()
    office.crm.set_status(case, "Closed")
    await office.goes_on(here, "It is broken again")
    await office.file()
    [old, new] = office.crm.cases
    assert (old, office.crm.cases[new].parent) == (case, case)
    assert len(office.crm.mails_of(old)) == 1
    assert ["broken" in mail.html for mail in office.crm.mails_of(new)] == [True]
    assert (await office.conversation(here)).case == new


async def test_a_case_that_is_gone_is_followed_by_another(office: Office) -> None:
    here, case = await office.case_for()
    del office.crm.cases[case]
    await office.goes_on(here, "Hello?")
    await office.file()
    [new] = office.crm.cases
    assert (await office.conversation(here)).case == new != case
    assert office.crm.cases[new].parent == ""


async def test_a_merged_case_is_followed_and_its_customers_share_one_lane(office: Office) -> None:
    here, case = await office.case_for()
    berta = Address("berta@customer.example", "Berta")
    other = await office.customer_writes("My key is lost", sender=berta)
    await office.hand_off(other)
    await office.file()
    theirs = (await office.conversation(other)).case
    assert theirs is not None
    office.crm.merge(case, theirs)
    await office.goes_on(here, "Hello?")
    await office.file()
    assert (await office.conversation(here)).case == theirs
    assert "Hello?" in office.crm.mails_of(theirs)[-1].html
    owner = await office.store.read(customers.find, berta.address)
    assert await office.store.read(cases.lane_of, here) == owner


async def test_a_job_in_the_lane_of_a_customer_whose_case_was_merged_moves_to_the_cases_lane(office: Office) -> None:
    here, case = await office.case_for()
    other = await office.customer_writes("My key is lost", sender=Address("berta@customer.example", "Berta"))
    await office.hand_off(other)
    await office.file()
    theirs = (await office.conversation(other)).case
    assert theirs is not None
    await office.goes_on(here, "Hello?")
    office.crm.merge(case, theirs)
    await office.store.write(look_at_case, case)
    await office.work("listen")
    told = list(office.crm.told)
    [claim] = await office.take("file")
    await office.carry_out(claim)
    assert office.crm.told == told, "one writer per case"
    [moved] = await office.take("file")
    assert claim.lane != moved.lane
    await office.carry_out(moved)
    await office.file()
    assert "Hello?" in office.crm.mails_of(theirs)[-1].html


async def test_a_second_handoff_is_a_note_and_rewrites_nothing(office: Office) -> None:
    office.change_creatio(create_case="on_first_message")
    here = await office.customer_writes("Where is my parcel?")
    await office.store.write(handoff.tell_creatio, here)
    await office.file()
    for summary in ("A parcel is late", "Again"):
        await office.hand_off(here, summary=summary)
        await office.file()
    [(case, kept)] = office.crm.cases.items()
    assert kept.columns["description"] == "A parcel is late"
    assert [note.text.splitlines()[0] for note in office.crm.notes_of(case)] == ["A parcel is late", "Again"]


async def test_cases_merged_in_a_circle_are_not_followed_for_ever(office: Office) -> None:
    here, case = await office.case_for()
    other = office.crm.other_case("Another")
    office.crm.merge(case, other)
    office.crm.merge(other, case)
    await office.goes_on(here, "Hello?")
    await office.file()
    assert len(office.crm.cases) == 3, "both are closed: a new one is begun"


@pytest.mark.parametrize("kept", [True, False], ids=["the row was made", "nothing was made"])
async def test_each_answer_that_is_lost_leads_to_the_same_end(office: Office, kept: bool) -> None:
    """At every single change: the answer is lost once, and there is still one row of each."""
    office.crm.lose_first_answers(kept=kept)
    here = await office.customer_writes("Where is my parcel?")
    await office.hand_off(here, summary="A parcel is late")
    for _ in range(8):
        await office.later("file", by=2 * MINUTE)
    await office.goes_on(here, "Hello?")
    for _ in range(8):
        await office.later("file", by=2 * MINUTE)
    assert len(office.crm.contacts) == len(office.crm.cases) == 1
    [case] = office.crm.cases
    assert [mail.incoming for mail in office.crm.mails_of(case)] == [True, True]
    assert len(office.crm.posts) == 1


async def test_a_daemon_that_dies_between_the_change_and_its_record_makes_one_row(office: Office) -> None:
    here = await office.customer_writes("Where is my parcel?")
    await office.hand_off(here)
    for _ in range(30):
        claims = await office.take("file")
        if not claims:
            break
        [claim] = claims
        await file(office.parts, Job(claim.id, claim.lane, claim.subject))  # told, and the daemon dies
        await office.die()
        [claim] = await office.take("file")
        await office.carry_out(claim)
    assert len(office.crm.contacts) == len(office.crm.cases) == len(office.crm.rows) == len(office.crm.ids) == 1


async def test_creatio_is_away_and_nothing_is_lost(office: Office) -> None:
    office.crm.go_away()
    here = await office.customer_writes("Where is my parcel?")
    await office.hand_off(here)
    await office.file()
    await office.goes_on(here, "Hello?")
    await office.later("file", by=2 * MINUTE)
    office.crm.come_back()
    await office.later("file", by=2 * MINUTE)
    [case] = office.crm.cases
    assert ["Where" in mail.html for mail in office.crm.mails_of(case)] == [True, False]


async def test_somebody_who_is_a_contact_already_is_not_made_again(office: Office) -> None:
    known = office.crm.person_has("Anna@Customer.example", "Anna A.")
    _, case = await office.case_for()
    assert office.crm.cases[case].columns["contact"] == known
    assert "NewContact" not in office.crm.told


async def test_several_contacts_with_the_address_mean_none_and_a_note(office: Office) -> None:
    office.crm.person_has(ANNA.address, "Anna One")
    office.crm.person_has(ANNA.address, "Anna Two")
    _, case = await office.case_for()
    assert office.crm.cases[case].columns["contact"] == ""
    assert "No contact: 2 contacts have the address" in office.crm.mails_of(case)[0].html
    other = await office.customer_writes("Another matter")
    await office.hand_off(other)
    await office.file()
    assert len(office.crm.cases) == 2, "nobody knows whose case it is: nothing is appended by contact"


async def test_a_refused_owner_is_left_out_and_the_case_says_so(office: Office) -> None:
    office.change_creatio(owner="OWNER", group="GROUP")
    office.crm.refuse(lambda change: isinstance(change, NewCase) and change.owner != "", "no such owner")
    _, case = await office.case_for()
    assert office.crm.cases[case].columns["owner"] == ""
    assert "Creatio refused owner and group" in office.crm.mails_of(case)[0].html


async def test_a_case_refused_for_good_waits_for_a_person_and_holds_its_lane(office: Office) -> None:
    office.crm.refuse(lambda change: isinstance(change, NewCase), "a column is mandatory")
    here = await office.customer_writes("Where is my parcel?")
    await office.hand_off(here)
    await office.file()
    assert ["a column is mandatory" in why for why in office.aside] == [True]
    office.crm.relent()
    other = await office.customer_writes("Another matter")
    await office.hand_off(other)
    await office.file()
    assert office.crm.cases == {}, "its lane waits"


async def test_once_it_is_mended_in_creatio_refused_cases_go_on_by_themselves_and_the_operator_hears_once(
    office: Office,
) -> None:
    office.crm.refuse(lambda change: isinstance(change, NewCase), "a column is mandatory")
    office.settings = replace(office.settings, operator=Operator(notify=("ops@example.com",)))
    for name in ("ann", "bob", "cleo", "dan", "eve"):
        here = await office.customer_writes(f"I am {name}", sender=Address(f"{name}@customer.example"))
        await office.hand_off(here)
    await office.file()
    await office.store.write(tend.begin, office.settings)
    for _ in range(30):
        await office.later("tend", "file", "send", by=timedelta(minutes=1))
    assert len([one for one in office.relay.mails if one.recipients == ("ops@example.com",)]) == 1
    office.crm.relent()
    await office.later("tend", "file", by=timedelta(minutes=10))
    assert 0 < len(office.crm.cases) < 5, "a few at a time, in turn"
    await office.later("tend", "file", by=timedelta(minutes=10))
    assert len(office.crm.cases) == 5
    await office.later("tend", by=timedelta(minutes=2))
    assert await office.store.read(notices.standing) == []


async def test_a_refusal_that_may_be_an_accident_is_tried_again_first(office: Office) -> None:
    office.crm.refuse(lambda change: isinstance(change, NewContact), "HTTP 500", sure=False)
    here = await office.customer_writes("Where is my parcel?")
    await office.hand_off(here)
    await office.file()
    assert office.aside == []
    for _ in range(5):
        await office.later("file", by=2 * MINUTE)
    assert len(office.aside) == 1


@pytest.mark.parametrize(
    ("refused", "shown"),
    [
        (lambda one: bool(one.html), "Where is my parcel?"),
        (lambda one: "parcel" in one.text, "Creatio refused the text of this mail"),
    ],
    ids=["as HTML", "in any words"],
)
async def test_a_refused_activity_is_tried_in_simpler_forms(
    office: Office, refused: Callable[[NewActivity], bool], shown: str
) -> None:
    def which(change: Change) -> bool:
        return isinstance(change, NewActivity) and refused(change)

    office.crm.refuse(which, "the firewall")
    here, case = await office.case_for("Where is my parcel?")
    [mail] = office.crm.mails_of(case)
    assert shown in mail.text
    assert f"https://gateway.example.com/conversations/{here}" in mail.text
    assert await office.store.read(ledger.aside) == []


async def test_an_activity_refused_in_every_form_is_set_aside_and_the_lane_goes_on(office: Office) -> None:
    office.crm.refuse(lambda one: isinstance(one, NewActivity) and one.entry_id == 1, "the firewall")
    here, case = await office.case_for("Where is my parcel?")
    await office.goes_on(here, "Hello?")
    await office.file()
    assert ["Hello?" in mail.html for mail in office.crm.mails_of(case)] == [True]
    [left] = await office.store.read(ledger.aside)
    assert (left.line.kind, left.why) == ("activity", "the firewall")
    [notice] = await office.store.read(notices.standing)
    assert "the firewall" in notice.text
    office.crm.relent()
    assert await office.store.write(ledger.retry, left.line.id) == here
    await office.store.write(handoff.tell_creatio, here)
    await office.file()
    assert len(office.crm.mails_of(case)) == 2
    assert await office.store.read(notices.standing) == []


async def with_a_file(office: Office, content: bytes, name: str = "photo.jpg") -> str:
    """A conversation whose mail has an attachment, kept as it came."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = ANNA.address, SUPPORT, "Lost key"
    mail.set_content("See the photo")
    mail.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
    raw = mail.as_bytes()
    message = read_message(raw)
    here = await office.customer_writes("See the photo", attachments=message.attachments)
    small = len(raw) <= 64 * 1024
    sha256 = "" if small else await office.store.blobs.keep_bytes(raw)
    await office.store.write(_swap_raw, raw if small else None, sha256)
    await office.hand_off(here)
    return here


def _swap_raw(tx: Transaction, raw: bytes | None, sha256: str) -> None:
    values = {"raw": raw} | ({"sha256": sha256} if sha256 else {})
    tx.execute(sa.update(arrival).values(values))


@pytest.mark.parametrize("size", [500, 200_000], ids=["in its row", "as a blob"])
async def test_attachments_are_cut_out_of_the_kept_mail(office: Office, size: int) -> None:
    content = bytes(range(250)) * (size // 250)
    readers = Readers(processes=1)
    office.readers = readers
    try:
        await with_a_file(office, content)
        await office.file()
    finally:
        await readers.close()
    assert list(office.crm.files.values()) == [content]
    [row] = office.crm.rows.values()
    assert [(file.name, file.size) for file in row.files.values()] == [("photo.jpg", len(content))]
    assert isinstance(row.made, NewActivity)
    assert "photo.jpg" in row.made.html


@dataclass
class WatchedReaders(HereReaders):
    done: list[str] = field(default_factory=list)

    async def run(self, function: Callable[..., Any], *args: Any, timeout: timedelta = timedelta(0)) -> Any:
        self.done.append(function.__name__)
        return await super().run(function, *args, timeout=timeout)


@pytest.mark.parametrize("size", [500, 200_000], ids=["in its row", "as a blob"])
async def test_a_file_is_cut_by_its_place_and_its_mail_is_not_read_again(office: Office, size: int) -> None:
    content = bytes(range(250)) * (size // 250)
    readers = WatchedReaders()
    office.readers = readers
    await with_a_file(office, content)
    await office.file()
    assert list(office.crm.files.values()) == [content]
    assert "decode_body" in readers.done
    assert "save_attachment" not in readers.done


async def test_a_place_with_other_bytes_than_were_read_is_not_believed(office: Office) -> None:
    readers = WatchedReaders()
    office.readers = readers
    here = await with_a_file(office, b"a photo of some length")
    await office.store.write(_move_places, 4)
    await office.hand_off(here)
    await office.file()
    assert list(office.crm.files.values()) == [b"a photo of some length"]
    assert {"decode_body", "save_attachment"} <= set(readers.done)


def _move_places(tx: Transaction, by: int) -> None:
    for row in tx.rows(sa.select(entry.c.id, entry.c.rest)):
        moved = [one | {"start": one["start"] + by} for one in row.rest["attachments"]]
        tx.execute(sa.update(entry).where(entry.c.id == row.id).values(rest={**row.rest, "attachments": moved}))


async def test_a_file_that_creatio_refuses_becomes_a_line_with_the_link(office: Office) -> None:
    office.crm.refuse(lambda change: isinstance(change, FileContent), "this type is denied")
    here = await with_a_file(office, b"MZ", "setup.exe")
    await office.file()
    [case] = office.crm.cases
    [note] = office.crm.notes_of(case)
    assert "setup.exe" in note.text
    assert "this type is denied" in note.text
    assert here in note.text


async def test_a_file_that_the_tenant_denies_is_not_even_tried(office: Office) -> None:
    office.crm.about = replace(office.crm.about, refused_files=frozenset({"exe"}))
    await with_a_file(office, b"MZ", "setup.exe")
    await office.file()
    assert NewFile.__name__ not in office.crm.told
    [case] = office.crm.cases
    assert "Creatio takes no .exe files" in office.crm.mails_of(case)[0].html


async def test_files_whose_mail_is_no_longer_kept_are_told_as_such(office: Office) -> None:
    await with_a_file(office, b"x" * 200_000)
    await office.store.write(_swap_raw, None, "0" * 64)
    await office.file()
    [case] = office.crm.cases
    assert ["could not be uploaded" in note.text for note in office.crm.notes_of(case)] == [True]


async def test_the_assistants_answer_is_noted_once_it_was_delivered(office: Office) -> None:
    office.change_creatio(create_case="on_first_message")
    here = await office.customer_writes("Where is my parcel?")
    await office.store.write(_answer, here)
    await office.store.write(handoff.tell_creatio, here)
    await office.file()
    [case] = office.crm.cases
    assert len(office.crm.mails_of(case)) == 1
    await office.work("send")
    await office.store.write(handoff.tell_creatio, here)
    await office.file()
    [_, answer] = office.crm.mails_of(case)
    assert (answer.incoming, answer.recipients) == (False, "Anna <anna@customer.example>")


def _answer(tx: Transaction, here: str) -> None:
    """As deciding queues it."""
    conversation = conversations.load(tx, here)
    assert conversation is not None
    key, us = "00000000-0000-4000-8000-000000000001", Address(SUPPORT)
    entry = Entry(0, Author.ASSISTANT, tx.now, tx.now, key, "<a@example.com>", "Re: Lost key", "Look here", us)
    entry = replace(entry, to=(conversation.customer,))
    entry_id = conversations.add_entry(tx, here, entry, SUPPORT)
    add(tx, Outgoing(SUPPORT, Kind.ANSWER, "<a@example.com>", SUPPORT, (ANNA.address,), 5, b"hello",
                     conversation_id=here, entry_id=entry_id, seen=1))  # fmt: skip


async def test_history_is_never_filed(office: Office) -> None:
    here = await office.customer_writes("An old mail")
    await office.store.write(_make_history)
    await office.customer_writes("A new mail", here)
    await office.hand_off(here)
    await office.file()
    [case] = office.crm.cases
    assert ["A new mail" in mail.html for mail in office.crm.mails_of(case)] == [True]


def _make_history(tx: Transaction) -> None:
    """As though it had waited before the first look."""
    tx.execute(sa.update(arrival).values(history=True))


async def test_a_failed_sender_gets_a_case_apart(office: Office) -> None:
    here = await office.customer_writes("Pay here", trust=Trust.FAILED)
    await office.hand_off(here)
    await office.file()
    [case] = office.crm.cases.values()
    assert case.columns["subject"] == "Sender not verified: Lost key"
    assert (case.columns["contact"], office.crm.contacts) == ("", {})
    other = await office.customer_writes("The real Anna")
    await office.hand_off(other)
    await office.file()
    assert len(office.crm.cases) == 2


async def test_resolved_here_is_resolved_there_unless_a_person_has_the_case(office: Office) -> None:
    office.change_creatio(create_case="on_first_message", resolved_status=status_id("Resolved"))
    here = await office.customer_writes("Where is my parcel?")
    await office.store.write(handoff.tell_creatio, here)
    await office.file()
    [case] = office.crm.cases
    await office.store.write(handoff.resolve, here, by="assistant", why="72 h of silence")
    await office.file()
    assert office.crm.status_of(case) == "Resolved"
    await office.listen_to(case)
    told = [one.what for one in await office.store.read(history.of_conversation, here)]
    assert told.count("resolved") == 1, "our own write never comes back as closed by the agent"


async def test_a_person_who_changed_the_case_keeps_it_open(office: Office) -> None:
    office.change_creatio(create_case="on_first_message", resolved_status=status_id("Resolved"))
    here = await office.customer_writes("Where is my parcel?")
    await office.store.write(handoff.tell_creatio, here)
    await office.file()
    [case] = office.crm.cases
    office.crm.set_status(case, "In progress")
    await office.store.write(handoff.resolve, here, by="assistant", why="72 h of silence")
    await office.file()
    assert office.crm.status_of(case) == "In progress"


async def test_answers_for_lookups_are_matched_and_what_fits_none_is_named(office: Office) -> None:
    options = (Option("high-id", ("High",)), Option("low-id", ("Low",)))
    fields = (CaseField("PriorityId", "Priority", "dropdown", options=options), CaseField("Tone", "Tone", "dropdown"))
    office.crm.about = replace(office.crm.about, fields=fields)
    here = await office.customer_writes("Where is my parcel?")
    await office.hand_off(here, fields={"PriorityId": " HIGH ", "Tone": "cross"})
    await office.file()
    [(case, kept)] = office.crm.cases.items()
    assert kept.columns["field:PriorityId"] == "high-id"
    assert "Tone was left empty: no option is called “cross”" in office.crm.mails_of(case)[0].html


async def test_without_creatio_there_is_nothing_to_do(office: Office, store: Store) -> None:
    here = await office.customer_writes("Where is my parcel?")
    await office.hand_off(here)
    write = await file(replace(office.parts, crm=None), Job(1, "1", here))
    assert list(await store.write(lambda tx: write(tx) or [])) == []


async def test_a_change_left_to_a_person_is_not_taken_for_ours(office: Office) -> None:
    here, case = await office.case_for()
    office.crm.set_status(case, "Waiting")

    async def rep_is_faster(change: Change) -> None:
        if isinstance(change, ChangeCase):
            office.crm.set_status(case, "In progress")

    office.crm.before_write = rep_is_faster
    await office.goes_on(here, "Hello?")
    await office.file()
    assert office.crm.status_of(case) == "In progress"


async def test_nothing_of_a_file_is_left_on_disk_after_it_was_uploaded_or_refused(office: Office) -> None:
    await with_a_file(office, b"kept", "photo.jpg")
    await office.file()
    office.crm.refuse(lambda change: isinstance(change, FileContent), "this type is denied")
    await with_a_file(office, b"MZ", "setup.exe")
    await office.file()
    assert list(office.crm.files.values()) == [b"kept"]
    spool = office.settings.data_dir / "spool"
    assert spool.is_dir()
    assert list(spool.iterdir()) == []


async def test_neither_a_new_case_nor_the_customers_next_mail_waits_for_files(office: Office) -> None:
    """However many are being uploaded: those hands are the files' own."""
    hands = plan_steps(office.settings)["upload"].hands
    heres = [await with_a_file(office, b"a film", "film.mp4") for _ in range(hands + 1)]
    await office.work("file")
    busy = await office.take("upload", hands=hands)
    assert len(busy) == hands
    await office.goes_on(heres[0], "Have you seen it?")
    new = await office.customer_writes("Something else", sender=Address("bob@customer.example"))
    await office.hand_off(new)
    await office.work("file")
    bodies = [mail.text for case in office.crm.cases for mail in office.crm.mails_of(case)]
    assert any("Have you seen it?" in text for text in bodies)
    assert any("Something else" in text for text in bodies)
    assert office.crm.files == {}
    for claim in busy:
        await office.carry_out(claim)
    await office.file()
    assert list(office.crm.files.values()) == [b"a film"] * len(heres)


@pytest.mark.parametrize("hours", [-7, 5.5], ids=["west", "east"])
async def test_times_of_another_zone_that_are_labelled_utc_are_noticed_on_both_sides(
    office: Office, hours: float
) -> None:
    now = datetime.now(UTC)
    office.crm.labels_now = (now + timedelta(hours=hours)).isoformat()
    await office.case_for()
    [notice] = await office.store.read(notices.standing)
    assert f"{abs(round(hours * 60))} minutes {'ahead of' if hours > 0 else 'behind'} UTC" in notice.text
    office.crm.labels_now = now.isoformat()
    here = await office.customer_writes("Another", sender=Address("bob@customer.example"))
    await office.hand_off(here)
    await office.file()
    assert await office.store.read(notices.standing) == []
