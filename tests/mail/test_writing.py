"""What a customer gets is one sound mail, whatever was in the one it answers."""

import email
import re
from base64 import b64encode
from dataclasses import replace
from datetime import UTC, datetime
from email import policy
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.utils import parseaddr
from typing import Literal

from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.mail.message import Address
from gateway.mail.writing import File, Letter, Quoted, references, reply_subject, unlinked, write_notice, write_reply

LETTER = Letter(
    sender=Address("support@example.com", "Example Support"),
    to=(Address("ann@customer.example", "Ann"),),
    subject="Where is my order?",
    text="It left yesterday.",
    message_id="<m1@example.com>",
    anchor="<anchor@example.com>",
    date=datetime(2026, 11, 22, 10, 15, tzinfo=UTC),
    parent="<p1@customer.example>",
)
UNSEEN: tuple[Literal["C"], Literal["Z"]] = ("C", "Z")
anything = st.text(st.characters(codec=None, exclude_categories=()), max_size=300)
addresses = st.builds(Address, anything.map(lambda text: text + "@customer.example"), anything)
FIELDS = {"from", "to", "cc", "reply-to", "subject", "date", "message-id", "in-reply-to", "references"}
FIELDS |= {"auto-submitted", "x-auto-response-suppress", "mime-version", "content-type", "content-transfer-encoding"}
FIELDS |= {"thread-index", "thread-topic"}


def read(raw: bytes) -> EmailMessage:
    message = email.message_from_bytes(raw, policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message


def text_of(raw: bytes, kind: str = "plain") -> str:
    body = read(raw).get_body((kind,))
    assert isinstance(body, EmailMessage)
    return str(body.get_content()).replace("\r\n", "\n")


letters = st.builds(
    Letter,
    sender=st.just(LETTER.sender) | addresses,
    to=st.tuples(st.just(LETTER.to[0])) | st.tuples(addresses, addresses),
    subject=anything,
    text=anything,
    message_id=st.just("<m1@example.com>"),
    anchor=st.just("<anchor@example.com>"),
    date=st.integers(0, 4_000_000_000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC)),
    parent=anything | st.just("<p@x>"),
    references=st.lists(anything | st.just("<q@x>"), max_size=30).map(tuple),
    cc=st.lists(addresses, max_size=3).map(tuple),
    signature=anything,
    disclosure=anything,
    quoted=st.none() | st.builds(Quoted, addresses, st.just(LETTER.date), anything),
    files=st.lists(st.builds(File, anything, anything, st.binary(max_size=50), anything), max_size=2).map(tuple),
    markdown=st.booleans(),
    automatic=st.booleans(),
    thread_index=anything | st.binary(min_size=20, max_size=700).map(lambda some: b64encode(some).decode()),
    thread_topic=anything,
)


@settings(max_examples=60)
@given(letters)
def test_whatever_is_in_it_the_mail_is_sound_and_has_no_field_but_ours(letter: Letter) -> None:
    raw = write_reply(letter)
    head, _, body = raw.partition(b"\r\n\r\n")
    names = re.findall(rb"(?m)^([^\s:]+):", head)
    assert {name.decode().lower() for name in names} <= FIELDS
    assert len(names) == len({name.lower() for name in names})
    assert raw.replace(b"\r\n", b"").count(b"\n") == raw.replace(b"\r\n", b"").count(b"\r") == raw.count(b"\0") == 0
    assert max(len(line) for line in raw.split(b"\r\n")) <= 998
    assert max(len(line) for line in body.split(b"\r\n")) <= 78
    assert body.isascii()
    parsed = read(raw)
    assert not parsed.defects
    assert [part.get_content_type() for part in parsed.walk()].count("text/plain") >= 1
    assert parsed["Message-ID"] == "<m1@example.com>"


@settings(max_examples=60)
@given(letters)
def test_the_same_letter_gives_the_same_bytes(letter: Letter) -> None:
    assert write_reply(letter) == write_reply(replace(letter))


@given(st.text(st.characters(codec="utf-8", exclude_categories=UNSEEN), min_size=1, max_size=120))
def test_a_subject_arrives_as_it_was(subject: str) -> None:
    raw = write_reply(replace(LETTER, subject=subject))
    assert read(raw)["Subject"] == reply_subject(subject)


@given(st.text(st.characters(codec="utf-8", exclude_categories=UNSEEN), min_size=1, max_size=90))
def test_a_name_arrives_as_it_was(name: str) -> None:
    raw = write_reply(replace(LETTER, to=(Address("ann@customer.example", name),)))
    said, address = parseaddr(email.message_from_bytes(raw)["To"])
    assert (str(make_header(decode_header(said))), address) == (name, "ann@customer.example")


@given(st.text(st.characters(codec="utf-8", exclude_categories=UNSEEN[:1]), max_size=2000))
def test_a_text_arrives_as_it_was(text: str) -> None:
    lines = [line.rstrip() for line in text.strip().split("\n")]
    assert [line.rstrip() for line in text_of(write_reply(replace(LETTER, text=text))).strip().split("\n")] == lines


def test_a_hostile_subject_adds_no_recipient() -> None:
    raw = write_reply(replace(LETTER, subject="hi\r\nBcc: everybody@example.com\r\n\r\nbody"))
    assert read(raw)["Bcc"] is None
    assert read(raw)["Subject"] == "Re: hi Bcc: everybody@example.com body"


def test_there_is_one_re_in_whatever_language_the_others_were() -> None:
    for subject in ("Order", "Re: Order", "RE: Re: AW: Order", "Re[2]: Order", "回复：Re: Order", "SV: VS: Order"):
        assert reply_subject(subject) == "Re: Order"
    assert reply_subject("Fwd: Order") == "Re: Fwd: Order"
    assert reply_subject("Research: Order") == "Re: Research: Order"
    assert reply_subject("  ") == "Re: (no subject)"


def test_the_thread_keeps_its_anchor_its_oldest_and_its_newest_twenty() -> None:
    earlier = tuple(f"<{number}@x>" for number in range(60))
    found = references("<anchor@x>", (*earlier, "<anchor@x>"), "<59@x>")
    assert found == ("<anchor@x>", "<0@x>", *(f"<{number}@x>" for number in range(40, 60)))
    assert references("<anchor@x>", (), "<p@x>") == ("<anchor@x>", "<p@x>")
    raw = write_reply(replace(LETTER, references=earlier, parent="<p@x>"))
    assert str(read(raw)["References"]).split()[-1] == "<p@x>"


def test_only_what_nobody_looked_at_says_that_it_is_automatic() -> None:
    by_machine = read(write_reply(replace(LETTER, automatic=True)))
    assert by_machine["Auto-Submitted"] == "auto-replied"
    assert by_machine["X-Auto-Response-Suppress"] == "OOF, AutoReply"
    by_person = read(write_reply(LETTER))
    assert by_person["Auto-Submitted"] is by_person["X-Auto-Response-Suppress"] is None


def test_text_and_html_say_the_same() -> None:
    quoted = Quoted(Address("ann@customer.example", "Ann"), LETTER.date, "Where is it?\nAnn")
    letter = replace(
        LETTER,
        text="Hello **Ann**,\n\n- one\n- two",
        markdown=True,
        signature="Example",
        disclosure="By AI",
        quoted=quoted,
    )
    raw = write_reply(letter)
    assert text_of(raw).split("\n") == [
        *("Hello **Ann**,", "", "- one", "- two", "", "By AI", "", "-- ", "Example", ""),
        *("On Sun, 22 Nov 2026 at 10:15 +0000, Ann <ann@customer.example> wrote:", "> Where is it?", "> Ann", ""),
    ]
    page = text_of(raw, "html")
    for piece in ("<strong>Ann</strong>", "<li>one</li>", "By AI", "-- <br>\nExample", '<blockquote type="cite">Where'):
        assert piece in page


def test_no_markup_and_no_hidden_link_gets_into_the_html() -> None:
    text = "<script>x</script> [bank](https://evil.example/a) ![p](https://evil.example/p.png) [j](javascript:alert(1))"
    for markdown in (True, False):
        page = text_of(write_reply(replace(LETTER, text=text, markdown=markdown)), "html")
        assert "<script" not in page
        assert "<img" not in page
        assert 'href="javascript' not in page
        assert set(re.findall(r'href="([^"]*)"', page)) <= {"https://evil.example/a", "https://evil.example/p.png"}
    assert unlinked("see [our page](https://example.com/a) now") == "see our page (https://example.com/a) now"


def test_files_are_attached_and_pictures_are_shown_in_their_place() -> None:
    files = (File("größe.pdf", "application/pdf", b"%PDF"), File("a.png", "image/png", b"png", "pic1"))
    parsed = read(write_reply(replace(LETTER, html='<p>see <img src="cid:pic1"></p>', files=files)))
    [attached] = list(parsed.iter_attachments())
    assert (attached.get_filename(), attached.get_content()) == ("größe.pdf", b"%PDF")
    [picture] = [part for part in parsed.walk() if part.get_content_type() == "image/png"]
    assert (picture["Content-ID"], picture.get_content()) == ("<pic1>", b"png")


def test_a_file_name_is_never_a_path_and_a_type_never_a_structure() -> None:
    parsed = read(write_reply(replace(LETTER, files=(File("../../etc/passwd", "message/rfc822", b"x"),))))
    [attached] = list(parsed.iter_attachments())
    assert isinstance(attached, EmailMessage)
    assert (attached.get_filename(), attached.get_content_type()) == ("passwd", "application/octet-stream")


def test_a_domain_with_umlauts_is_written_as_every_server_reads_it() -> None:
    raw = write_reply(replace(LETTER, sender=Address("hilfe@bücher.example", "Bücher")))
    assert b"<hilfe@xn--bcher-kva.example>" in raw
    assert raw.isascii()


def test_a_local_part_with_umlauts_stays_as_it_is() -> None:
    raw = write_reply(replace(LETTER, to=(Address("jürgen@example.com"),)))
    assert "To: <jürgen@example.com>".encode() in raw


def test_a_notice_to_the_operator_is_marked_as_made_by_a_machine() -> None:
    raw = write_notice(
        LETTER.sender,
        [Address("ops@example.com")],
        subject="3 set aside",
        text="See the inbox.",
        message_id="<n@example.com>",
        date=LETTER.date,
    )
    assert (read(raw)["Auto-Submitted"], text_of(raw)) == ("auto-generated", "See the inbox.\n")
