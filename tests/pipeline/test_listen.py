"""LISTEN: what a rep finished reaches the customer once; nothing else ever does; what they did there is followed."""

import email
import email.policy
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa

from gateway.conversations.conversation import Author, Held, State
from gateway.desk.records import Change, ChangeCase, row_id
from gateway.desk.replies import Kind, Sending
from gateway.mail.message import Address, Attachment
from gateway.offload import Readers
from gateway.pipeline import handoff, people
from gateway.pipeline.listen import look_at_case
from gateway.pipeline.people import Done, NotDone
from gateway.pipeline.send import send
from gateway.ports import Delayed, Parcel, Refused
from gateway.store import history, known_ids, notices, traces
from gateway.store.database import Store
from gateway.store.schema import conversation as conversation_table
from gateway.store.traces import SeenThere
from tests.fakes import US, status_id
from tests.pipeline.casework import STEPS, Office
from tests.pipeline.stand import ANNA, SUPPORT

MINUTE = timedelta(minutes=1)


@pytest.fixture
async def office(store: Store, tmp_path: Path) -> Office:
    return await Office.open(store, tmp_path)


async def sent(office: Office) -> list[Parcel]:
    """What the relay has got once all is worked off."""
    await office.work("listen", "file", "send")
    return office.relay.mails


async def seen(office: Office, case: str) -> dict[str, SeenThere]:
    return {one.id: one for one in await office.store.read(traces.seen_there, case)}


def read(parcel: Parcel) -> EmailMessage:
    mail = email.message_from_bytes(parcel.raw, policy=email.policy.default)
    assert isinstance(mail, EmailMessage)
    return mail


def text_of(mail: EmailMessage, kind: str = "plain") -> str:
    body = mail.get_body((kind,))
    assert body is not None
    return str(body.get_content())


async def test_a_reps_reply_reaches_the_customer_in_their_thread(office: Office) -> None:
    here, case = await office.case_for()
    office.crm.rep_writes(case, "<p>It is <b>on its way</b>.</p>", recipients="Anna <anna@customer.example>")
    await office.listen_to(case)
    [parcel] = await sent(office)
    mail = read(parcel)
    assert (parcel.recipients, parcel.sender) == ((ANNA.address,), SUPPORT)
    assert mail["From"] == "Example Support <support@example.com>"
    assert mail["Subject"] == "Re: Lost key", "Creatio's case number is not for the customer"
    assert mail["In-Reply-To"] == "<1@customer.example>"
    assert mail["Auto-Submitted"] is None
    assert "It is on its way." in text_of(mail)
    assert "<b>" in text_of(mail, "html")
    conversation = await office.conversation(here)
    assert [one.author for one in conversation.entries] == [Author.CUSTOMER, Author.AGENT]
    assert conversation.held is Held.PERSON


async def test_it_is_sent_once_however_often_creatio_rings(office: Office) -> None:
    _, case = await office.case_for()
    office.crm.rep_writes(case)
    for _ in range(3):
        await office.listen_to(case)
    row = office.crm.rep_writes(case, "<p>And another thing.</p>")
    office.crm.rep_changes(row, title="Edited afterwards")
    await office.listen_to(case)
    office.crm.rep_changes(row, title="Edited once more")
    await office.listen_to(case)
    assert len(await sent(office)) == 2


async def test_a_reply_is_not_told_to_creatio_again(office: Office) -> None:
    here, case = await office.case_for()
    office.crm.rep_writes(case)
    await office.listen_to(case)
    await sent(office)
    before = list(office.crm.told)
    await office.store.write(handoff.tell_creatio, here)
    await office.file()
    assert office.crm.told == before


async def test_two_replies_are_sent_in_the_order_they_were_written(office: Office) -> None:
    _, case = await office.case_for()
    office.crm.rep_writes(case, "<p>First.</p>")
    office.crm.rep_writes(case, "<p>Second.</p>")
    await office.listen_to(case)
    mails = [read(parcel) for parcel in await sent(office)]
    assert ["First" in text_of(mail) for mail in mails] == [True, False]
    assert len({mail["Message-ID"] for mail in mails}) == 2


async def test_two_reps_who_answer_the_same_mail_are_told_of_each_other(office: Office) -> None:
    _, case = await office.case_for()
    office.crm.rep_writes(case, "<p>First.</p>", author="olga")
    office.crm.rep_writes(case, "<p>More of mine.</p>", author="olga")
    await office.listen_to(case)
    assert "Two replies were sent" not in titles(office, case)
    office.crm.rep_writes(case, "<p>Second.</p>", author="anna")
    await office.listen_to(case)
    assert titles(office, case).count("Two replies were sent") == 1
    assert len(await sent(office)) == 3


async def test_whom_a_rep_puts_on_copy_in_vain_the_rep_hears_of(office: Office) -> None:
    """A reply from here keeps who is on copy in the customer's newest mail (contract 8), and adds nobody."""
    _, case = await office.case_for()
    named = {"copies": "Lea <lea@partner.example>; support@example.com", "hidden": "boss@example.org"}
    office.crm.rep_writes(case, recipients=ANNA.address, **named)
    await office.listen_to(case)
    [mail] = await sent(office)
    assert mail.recipients == (ANNA.address,)
    [note] = [one for one in office.crm.notes_of(case) if one.title == "Not sent to everybody"]
    assert "lea@partner.example, boss@example.org" in note.text
    assert "support@example.com" not in note.text


def titles(office: Office, case: str) -> list[str]:
    return [note.title for note in office.crm.notes_of(case)]


async def test_the_rep_is_told_once_that_the_reply_was_sent(office: Office) -> None:
    _, case = await office.case_for()
    office.crm.rep_writes(case)
    await office.listen_to(case)
    assert titles(office, case) == []
    await sent(office)
    await office.listen_to(case)
    await sent(office)
    [note] = office.crm.notes_of(case)
    assert note.title == "Reply sent"
    assert ANNA.address in note.text


async def test_the_rep_is_told_that_the_reply_was_refused(office: Office) -> None:
    office.relay.refuse(ANNA.address, Refused(550, "no such user"))
    _, case = await office.case_for()
    office.crm.rep_writes(case)
    await office.listen_to(case)
    await sent(office)
    [note] = office.crm.notes_of(case)
    assert note.title == "Reply not delivered"
    assert "550 no such user" in note.text


async def test_a_reply_that_the_relay_puts_off_for_long_is_told_once(office: Office) -> None:
    office.relay.refuse(ANNA.address, Delayed(451, "try later"))
    _, case = await office.case_for()
    office.crm.rep_writes(case)
    await office.listen_to(case)
    await sent(office)
    assert titles(office, case) == [], "a few minutes are usual"
    for _ in range(8):
        await office.later("send", "file", by=20 * MINUTE)
    assert titles(office, case) == ["Reply delayed"]
    office.relay.take(ANNA.address)
    for _ in range(8):
        await office.later("send", "file", by=20 * MINUTE)
    assert titles(office, case) == ["Reply delayed", "Reply sent"]


NEVER: dict[str, dict[str, Any]] = {
    "an abandoned draft": {"completed": False},
    "a draft without a direction": {"completed": False, "incoming": None},
    "an internal to-do": {"kind": Kind.TASK, "incoming": None, "sending": Sending.UNSET},
    "a feed post": {"kind": Kind.FEED, "incoming": None, "sending": Sending.UNSET},
    "an automatic notification": {"automatic": True},
    "a mail that was canceled": {"canceled": True},
    "a mail that came in": {"incoming": True},
    "a mail to somebody else": {"recipients": "carrier@parcels.example"},
    "a mail that names nobody": {"recipients": ""},
    "a mail to somebody else, hidden": {"recipients": "", "hidden": "carrier@parcels.example"},
    "one that was sent to somebody else, hidden": {
        "recipients": "",
        "hidden": "carrier@parcels.example",
        "sending": Sending.SENT,
    },
    "one that creatio could not send": {"sending": Sending.FAILED, "error": "550 no such user"},
    "one that creatio is sending": {"sending": Sending.IN_PROGRESS, "completed": False},
}


@pytest.mark.parametrize("what", NEVER)
async def test_what_never_reaches_the_customer(office: Office, what: str) -> None:
    here, case = await office.case_for()
    row = office.crm.rep_writes(case, "<p>Secret.</p>", **NEVER[what])
    await office.listen_to(case)
    assert await sent(office) == []
    assert len((await office.conversation(here)).entries) == 1
    assert (await seen(office, case))[row].why != "", "gateway show says why"


async def test_a_draft_that_is_finished_later_is_sent(office: Office) -> None:
    _, case = await office.case_for()
    row = office.crm.rep_writes(case, completed=False)
    await office.listen_to(case)
    office.crm.rep_changes(row, completed=True)
    await office.listen_to(case)
    assert len(await sent(office)) == 1


async def test_a_mail_that_names_nobody_waits_until_it_names_the_customer(office: Office) -> None:
    _, case = await office.case_for()
    row = office.crm.rep_writes(case, recipients="")
    await office.listen_to(case)
    [note] = office.crm.notes_of(case)
    assert "addressed to nobody" in note.text
    office.crm.rep_changes(row, recipients=ANNA.address)
    await office.listen_to(case)
    assert len(await sent(office)) == 1


async def test_only_chosen_people_may_write_to_customers(office: Office) -> None:
    office.change_creatio(replies=replace(office.settings.creatio.replies, authors=("SOMEBODY",)))
    _, case = await office.case_for()
    office.crm.rep_writes(case)
    office.crm.rep_writes(case, "<p>From the chosen one.</p>", author="somebody")
    await office.listen_to(case)
    assert ["chosen one" in text_of(read(parcel)) for parcel in await sent(office)] == [True]


async def test_a_task_with_the_agreed_prefix_is_a_reply_without_it(office: Office) -> None:
    replies = replace(office.settings.creatio.replies, types=("Email", "Task"), task_prefix="To customer")
    office.change_creatio(replies=replies)
    _, case = await office.case_for()
    office.crm.rep_writes(
        case, "To customer: it left today.", kind=Kind.TASK, incoming=None, title="To customer: it left", is_html=False
    )
    await office.listen_to(case)
    assert text_of(read((await sent(office))[0])).startswith("it left today.")


async def test_what_creatio_sent_itself_is_recorded_and_its_answer_finds_home(office: Office) -> None:
    here, case = await office.case_for()
    office.crm.rep_writes(
        case,
        sending=Sending.SENT,
        sent_at="2026-01-01T00:00:00Z",
        recipients=ANNA.address,
        message_id="<made@creatio.example>",
    )
    await office.listen_to(case)
    assert await sent(office) == []
    [_, reply] = (await office.conversation(here)).entries
    assert (reply.author, reply.message_id) == (Author.AGENT, "<made@creatio.example>")
    [known] = await office.store.read(known_ids.find, ["<made@creatio.example>"])
    assert (known.conversation_id, known.ours) == (here, True)


async def test_an_id_that_creatio_gives_later_is_learnt_later(office: Office) -> None:
    here, case = await office.case_for()
    row = office.crm.rep_writes(case, sending=Sending.SENT, sent_at="2026-01-01T00:00:00Z")
    await office.listen_to(case)
    office.crm.rows[row].message_id = "<later@creatio.example>"
    await office.listen_to(case)
    [known] = await office.store.read(known_ids.find, ["<later@creatio.example>"])
    assert known.conversation_id == here
    assert len((await office.conversation(here)).entries) == 2


async def test_a_mail_that_creatio_is_sending_is_waited_for_and_recorded(office: Office) -> None:
    here, case = await office.case_for()
    row = office.crm.rep_writes(case, sending=Sending.IN_PROGRESS, completed=False)
    await office.listen_to(case)
    # The second phase changes the row past all events: nobody rings.
    office.crm.rows[row].seen = replace(
        office.crm.rows[row].seen, sending=Sending.SENT, sent_at="2026-01-01T00:00:00Z", completed=True
    )
    await office.later("listen", "file", by=MINUTE)
    assert await sent(office) == []
    assert len((await office.conversation(here)).entries) == 2


async def test_a_mail_that_hangs_in_creatio_is_told_to_the_rep_after_a_quarter_of_an_hour(office: Office) -> None:
    _, case = await office.case_for()
    office.crm.rep_writes(case, sending=Sending.IN_PROGRESS, completed=False)
    await office.listen_to(case)
    assert office.crm.notes_of(case) == []
    for _ in range(6):
        await office.later("listen", "file", by=5 * MINUTE)
    assert [note.title for note in office.crm.notes_of(case)] == ["Reply still waiting in Creatio"]
    assert await sent(office) == []


async def test_a_reply_sent_from_a_mailbox_that_is_none_of_ours_is_pointed_out(office: Office) -> None:
    _, case = await office.case_for()
    office.crm.rep_writes(
        case, sending=Sending.SENT, sent_at="2026-01-01T00:00:00Z", sender="Rep <rep@elsewhere.example>"
    )
    await office.listen_to(case)
    [note] = office.crm.notes_of(case)
    assert "rep@elsewhere.example" in note.text


async def test_a_reply_that_did_not_leave_creatio_is_told_to_the_rep_and_the_operator(office: Office) -> None:
    _, case = await office.case_for()
    office.crm.rep_writes(case, sending=Sending.FAILED, error="550 no such user")
    await office.listen_to(case)
    await office.listen_to(case)
    [note] = office.crm.notes_of(case)
    assert "550 no such user" in note.text
    assert len(await office.store.read(notices.standing)) == 1


async def test_files_go_along_and_pictures_stand_where_they_were(office: Office) -> None:
    readers = Readers(processes=1)
    office.readers = readers
    _, case = await office.case_for()
    row = office.crm.rep_writes(case, files={"label.pdf": b"%PDF-1.7", "map.png": b"\x89PNG", "old.png": b"\x89PNG"})
    [_, picture, quoted] = office.crm.rows[row].files
    office.crm.rows[row].files[quoted] = replace(office.crm.rows[row].files[quoted], inline=True)
    folder = "../rest/FileService/GetFile/080c9917-7ec9-42e5-86ff-75a683d4f124"
    source = f"{folder}/{picture}"
    office.crm.rows[row].body = (
        f'<p>See <img src="{source}"> and <img src="data:image/png;base64,iVBORw0KGgo="></p>'
        "<br><br>2026-01-01T10:00:00Z, Anna &lt;anna@customer.example&gt;:<br>"
        f'<blockquote><p>Where is my parcel?</p><img src="{folder}/{quoted}"></blockquote>'
    )
    try:
        await office.listen_to(case)
        mail = read((await sent(office))[0])
    finally:
        await readers.close()
    names = [part.get_filename() for part in mail.iter_attachments()]
    assert names == ["label.pdf"]
    html = text_of(mail, "html")
    shown = [part["Content-ID"].strip("<>") for part in mail.walk() if part["Content-ID"]]
    assert len(shown) == 2
    assert all(f"cid:{one}" in html for one in shown)
    assert "Where is my parcel?" not in text_of(mail), "Creatio's quoted history is left out"


async def test_a_picture_of_the_customers_between_the_reps_words_goes_along_and_no_other_matters_does(
    office: Office,
) -> None:
    photo, foreign = Attachment(0, "photo.png", "image/png", 4, "a" * 64, inline=True), str(uuid4())
    here = await office.customer_writes("See the photo", attachments=(photo,))
    await office.hand_off(here)
    await office.work("file")
    [entry] = (await office.conversation(here)).entries
    file, case = row_id(entry.key, "file 0"), (await office.conversation(here)).case
    assert case is not None
    office.crm.files |= {file: b"\x89PNG", foreign: b"secret"}
    folder = "../rest/FileService/GetFile/080c9917-7ec9-42e5-86ff-75a683d4f124"
    office.crm.rep_writes(
        case,
        f'<p>You wrote of this: <img src="{folder}/{file}"> <img src="{folder}/{foreign}"></p><p>It is mended.</p>',
    )
    await office.listen_to(case)
    mail = read((await sent(office))[0])
    [shown] = [part for part in mail.walk() if part["Content-ID"]]
    assert (shown.get_content(), shown["Content-ID"]) == (b"\x89PNG", f"<{file}>")
    assert text_of(mail, "html").count("<img") == 1
    assert b"secret" not in mail.as_bytes()
    assert list(mail.iter_attachments()) == []


async def test_a_reply_over_the_relays_limit_is_neither_tried_nor_cut(office: Office) -> None:
    office.change_relay(max_size=100_000)
    here, case = await office.case_for()
    row = office.crm.rep_writes(case, files={"film.mp4": b"x" * 120_000})
    await office.listen_to(case)
    assert await sent(office) == []
    [note] = office.crm.notes_of(case)
    assert "161 kB, limit 98 kB" in note.text
    assert "98 kB" in (await seen(office, case))[row].why
    assert len(await office.store.read(notices.standing)) == 1
    office.crm.rows[row].files.clear()
    office.crm.rep_changes(row)
    await office.listen_to(case)
    assert len(await sent(office)) == 1, "without the file it goes"
    assert await office.store.read(notices.standing) == []
    assert len((await office.conversation(here)).entries) == 2


@pytest.mark.parametrize("body", ["", "<p>&nbsp;</p>"])
async def test_an_empty_reply_is_not_sent(office: Office, body: str) -> None:
    _, case = await office.case_for()
    office.crm.rep_writes(case, body)
    await office.listen_to(case)
    assert await sent(office) == []
    assert ["it is empty" in note.text for note in office.crm.notes_of(case)] == [True]


async def test_two_conversations_on_one_case_keep_their_own_replies(office: Office) -> None:
    here, case = await office.case_for("Where is my parcel?")
    other = await office.customer_writes("And my invoice?", subject="Invoice 4711")
    await office.store.write(_rename, other)
    await office.hand_off(other)
    await office.file()
    assert (await office.conversation(other)).case == case
    office.crm.rep_writes(case, "<p>About the key.</p>", title="Re: Lost key (Case #SR00000001)")
    office.crm.rep_writes(case, "<p>About the invoice.</p>", title="RE: Invoice 4711 [#SR00000001]")
    office.crm.rep_writes(case, "<p>By its thread.</p>", title="Hello", in_reply_to="<1@customer.example>")
    await office.listen_to(case)
    mails = [read(parcel) for parcel in await sent(office)]
    assert [mail["In-Reply-To"] for mail in mails] == [
        "<1@customer.example>",
        "<2@customer.example>",
        "<1@customer.example>",
    ]
    assert len((await office.conversation(here)).entries) == 3


def _rename(tx: Any, here: str) -> None:
    tx.execute(sa.update(conversation_table).where(conversation_table.c.id == here).values(subject="Invoice 4711"))


async def test_after_a_merger_each_customer_gets_only_their_own_replies(office: Office) -> None:
    here, case = await office.case_for()
    berta = Address("berta@customer.example", "Berta")
    other = await office.customer_writes("My key is lost", sender=berta)
    await office.hand_off(other)
    await office.file()
    theirs = (await office.conversation(other)).case
    assert theirs is not None
    office.crm.rep_writes(theirs, "<p>An old reply that somebody left.</p>", recipients="carol@customer.example")
    office.crm.merge(case, theirs)
    await office.listen_to(case)
    office.crm.rep_writes(theirs, "<p>For Anna.</p>", recipients=ANNA.address)
    office.crm.rep_writes(theirs, "<p>For Berta.</p>", recipients="Berta <BERTA@customer.example>")
    await office.listen_to(theirs)
    assert [(mail.recipients[0], "Anna" in text_of(read(mail))) for mail in await sent(office)] == [
        (ANNA.address, True),
        (berta.address, False),
    ]
    assert (await office.conversation(here)).case == theirs


async def test_what_was_written_on_another_case_before_the_merger_stays_there(office: Office) -> None:
    _, case = await office.case_for()
    other = office.crm.other_case("Somebody's matter")
    office.crm.rep_writes(other, "<p>Never meant for Anna.</p>")
    office.crm.merge(case, other)
    await office.listen_to(case)
    assert await sent(office) == []
    office.crm.rep_writes(other, "<p>For Anna.</p>", recipients=ANNA.address)
    await office.listen_to(other)
    assert ["For Anna" in text_of(read(mail)) for mail in await sent(office)] == [True]


async def test_a_reply_on_a_case_that_was_merged_away_still_goes_to_its_customer(office: Office) -> None:
    _, case = await office.case_for()
    other = office.crm.other_case("Somebody's matter")
    office.crm.merge(case, other)
    for said in ("A last word.", "And one more."):
        await office.listen_to(case)
        office.crm.rep_writes(case, f"<p>{said}</p>", recipients=ANNA.address)
    await office.listen_to(case)
    await office.listen_to(other)
    assert [text_of(read(mail)).split(".")[0] for mail in await sent(office)] == ["A last word", "And one more"]


async def test_a_reply_on_a_case_that_was_closed_still_goes_to_its_customer(office: Office) -> None:
    here, case = await office.case_for()
    office.crm.set_status(case, "Closed")
    await office.goes_on(here, "It is broken again")
    await office.file()
    assert (await office.conversation(here)).case != case
    office.crm.rep_writes(case, "<p>A last word.</p>", recipients=ANNA.address)
    await office.listen_to(case)
    assert len(await sent(office)) == 1


async def test_closing_the_case_resolves_the_conversation_and_reopening_opens_it(office: Office) -> None:
    here, case = await office.case_for()
    office.crm.set_status(case, "Resolved")
    await office.listen_to(case)
    assert (await office.conversation(here)).state is State.RESOLVED
    before = list(office.crm.told)
    await office.file()
    assert office.crm.told == before, "Creatio is not told what it told us"
    office.crm.set_status(case, "In progress")
    await office.listen_to(case)
    assert (await office.conversation(here)).state is State.OPEN


async def test_a_case_is_resolved_from_here_as_often_as_it_was_opened_again(office: Office) -> None:
    office.change_creatio(resolved_status=status_id("Resolved"))
    here, case = await office.case_for()
    for _ in range(3):
        await office.store.write(handoff.resolve, here, by="Rita", why="done")
        await office.file()
        assert office.crm.status_of(case) == "Resolved"
        office.crm.set_status(case, "Reopened")
        await office.listen_to(case)
        assert (await office.conversation(here)).state is State.OPEN


async def first_message_case(office: Office) -> tuple[str, str]:
    """A case that was made at the first message: nobody has it yet."""
    office.change_creatio(create_case="on_first_message")
    here = await office.customer_writes("Where is my parcel?")
    await office.store.write(handoff.tell_creatio, here)
    await office.file()
    [case] = office.crm.cases
    assert (await office.conversation(here)).held is Held.ASSISTANT
    return here, case


@pytest.mark.parametrize(
    ("word", "value", "held"),
    [
        ("owner", "anna-in-creatio", Held.PERSON),
        ("status", status_id("In progress"), Held.PERSON),
        ("subject", "Another subject", Held.ASSISTANT),
    ],
)
async def test_who_changes_owner_or_status_has_the_conversation(
    office: Office, word: str, value: str, held: Held
) -> None:
    here, case = await first_message_case(office)
    await office.listen_to(case)
    assert (await office.conversation(here)).held is Held.ASSISTANT, "a case that merely exists silences nobody"
    office.crm.set_column(case, word, value)
    await office.listen_to(case)
    assert (await office.conversation(here)).held is held


async def test_given_back_to_the_assistant_it_stays_there(office: Office) -> None:
    here, case = await first_message_case(office)
    office.crm.set_column(case, "owner", "anna-in-creatio")
    await office.listen_to(case)
    assert (await office.conversation(here)).held is Held.PERSON, "also when it is the first look"
    await office.store.write(handoff.resume, here, by="Olga")
    office.crm.set_column(case, "subject", "Edited")
    await office.listen_to(case)
    assert (await office.conversation(here)).held is Held.ASSISTANT


async def test_a_ring_that_comes_before_our_own_write_returned_is_no_echo(office: Office) -> None:
    """Creatio shows our change, and rings, before its answer has reached us."""
    office.change_creatio(resolved_status=status_id("Resolved"))
    here, case = await first_message_case(office)
    await office.store.write(handoff.resolve, here, by="assistant", why="silence")
    office.crm.lose_answer(kept=True)
    await office.file()
    assert office.crm.status_of(case) == "Resolved"
    await office.store.write(look_at_case, case)
    await office.work("listen")
    await office.later("file", by=2 * MINUTE)
    conversation = await office.conversation(here)
    assert (conversation.state, conversation.held) == (State.RESOLVED, Held.ASSISTANT)
    told = [one.what for one in await office.store.read(history.of_conversation, here)]
    assert "taken_over" not in told
    assert told.count("resolved") == 1


async def test_a_ring_before_our_own_reopening_was_recorded_is_no_echo(office: Office) -> None:
    office.change_creatio(resolved_status=status_id("Resolved"))
    here, case = await first_message_case(office)
    await office.store.write(handoff.resolve, here, by="assistant", why="silence")
    await office.file()
    await office.store.write(handoff.reopen, here, by="customer", why="wrote again")
    await office.goes_on(here, "It is still not here")
    office.crm.before_write = lose_the_change_of(office)
    await office.file()
    assert office.crm.status_of(case) == "Reopened"
    await office.store.write(look_at_case, case)
    await office.work("listen")
    await office.later("file", by=2 * MINUTE)
    conversation = await office.conversation(here)
    assert (conversation.state, conversation.held) == (State.OPEN, Held.ASSISTANT)


async def test_a_reopening_of_ours_says_nothing_of_the_other_conversation_on_the_case(office: Office) -> None:
    here, case = await office.case_for()
    other = await office.customer_writes("Another matter")
    await office.hand_off(other)
    await office.file()
    office.crm.set_status(case, "Resolved")
    await office.listen_to(case)
    await office.store.write(handoff.reopen, here, by="customer", why="wrote again")
    await office.goes_on(here, "It is still not here")
    office.crm.before_write = lose_the_change_of(office)
    await office.file()
    assert office.crm.status_of(case) == "Reopened"
    await office.store.write(look_at_case, case)
    await office.work("listen")
    await office.later("file", by=2 * MINUTE)
    assert (await office.conversation(here)).state is State.OPEN
    assert (await office.conversation(other)).state is State.RESOLVED


def lose_the_change_of(office: Office) -> Callable[[Change], Awaitable[None]]:
    """The first change of a case is made, and its answer never comes."""

    async def lose(change: Change) -> None:
        if isinstance(change, ChangeCase):
            office.crm.before_write = None
            office.crm.lose_answer(kept=True)

    return lose


async def test_a_row_of_ours_that_shows_before_it_was_recorded_is_ours(office: Office) -> None:
    office.change_creatio(replies=replace(office.settings.creatio.replies, types=("Email", "Task")))
    here, case = await office.case_for()
    office.crm.lose_answer(kept=True)
    await office.goes_on(here, "Hello?")
    await office.file()
    await office.store.write(look_at_case, case)
    await office.work("listen")
    assert {one.verdict for one in (await seen(office, case)).values()} == {"ours"}


async def test_a_look_that_was_overtaken_by_a_write_of_ours_is_made_again(office: Office) -> None:
    office.change_creatio(resolved_status=status_id("Resolved"))
    here, case = await first_message_case(office)
    await office.store.write(look_at_case, case)
    [claim] = await office.take("listen")
    real = office.crm.read_activities

    async def meanwhile(case_id: str) -> Any:
        """After the case was read, the assistant's resolution is written and recorded."""
        office.crm.read_activities = real  # type: ignore[method-assign]  # the fake's turn is over
        await office.store.write(handoff.resolve, here, by="assistant", why="silence")
        await office.file()
        return await real(case_id)

    office.crm.read_activities = meanwhile  # type: ignore[method-assign]  # what happens in between is the point
    await office.carry_out(claim)
    conversation = await office.conversation(here)
    assert (conversation.state, conversation.held) == (State.RESOLVED, Held.ASSISTANT)


async def test_an_answer_on_its_way_is_stopped_by_a_reps_reply(office: Office) -> None:
    assert STEPS["send"] is send
    office.change_assistant(quiet_window=timedelta(0))
    here, case = await first_message_case(office)
    await office.later("decide", by=2 * MINUTE)
    office.crm.rep_writes(case, "<p>From a person.</p>", recipients=ANNA.address)
    await office.store.write(look_at_case, case)
    await office.work("listen")
    assert ["From a person" in text_of(read(mail)) for mail in await sent(office)] == [True]
    assert (await office.conversation(here)).held is Held.PERSON


async def test_a_case_of_somebody_else_is_none_of_our_business(office: Office) -> None:
    other = office.crm.other_case("Not ours")
    assert not await office.store.write(look_at_case, other)
    assert await office.work("listen") == []


async def test_a_case_that_was_deleted_is_noted(office: Office) -> None:
    here, case = await office.case_for()
    del office.crm.cases[case]
    await office.listen_to(case)
    assert "case_gone" in [one.what for one in await office.store.read(history.of_conversation, here)]


async def test_what_creatio_could_not_send_leaves_from_here_once_and_the_case_says_so(office: Office) -> None:
    here, case = await office.case_for()
    row = office.crm.rep_writes(case, "<p>Tomorrow.</p>", sending=Sending.FAILED, error="550 no such user")
    await office.listen_to(case)
    assert await sent(office) == []
    other = await office.customer_writes("Another matter", sender=Address("bob@customer.example"))
    await office.hand_off(other)
    await office.file()
    for wrong in (other, "nowhere"):
        assert isinstance(await office.store.write(people.send_from_here, wrong, row, by="maria"), NotDone)
    assert isinstance(await office.store.write(people.send_from_here, here, row, by="maria"), Done)
    assert len(await sent(office)) == 1
    assert isinstance(await office.store.write(people.send_from_here, here, row, by="maria"), NotDone)
    await office.listen_to(case)
    assert len(await sent(office)) == 1
    titles = [note.title for note in office.crm.notes_of(case)]
    assert titles == ["Reply not sent", "Reply sent from the gateway", "Reply sent"]
    assert "Send from here" in office.crm.notes_of(case)[0].text
    assert await office.store.read(notices.standing) == []


async def test_who_signs_in_as_the_gateways_own_user_is_told_why_nothing_is_mailed(office: Office) -> None:
    _, case = await office.case_for()
    row = office.crm.rep_writes(case, author=US)
    await office.listen_to(case)
    assert await sent(office) == []
    assert "needs a user of its own" in (await seen(office, case))[row].why
    [note] = office.crm.notes_of(case)
    assert "needs a user of its own" in note.text
    [notice] = await office.store.read(notices.standing)
    assert "System users" in notice.text
