"""Our own mail is written: replies to customers and notices to the operator (contract 8)."""

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime

from markdown_it import MarkdownIt

from gateway.mail import wire
from gateway.mail.message import Address
from gateway.mail.thread_index import continue_index

_AGAIN = (
    "re|aw|antw|antwort|sv|vs|ynt|yan|odp|res|resp|rif|r|bls|vá|atb|ad|ref|"
    "ответ|отв|відп|απ|σχετ|תגובה|השב|رد|回复|答复|回覆|返信|답장|회신|ตอบ"
)
_REPLY_PREFIX = re.compile(rf"^(?:\s*(?:{_AGAIN})\s*(?:[\[(]\d+[\])]|\^\d+)?\s*[:：])+\s*", re.IGNORECASE)
_LINK = re.compile(r"!?\[([^\[\]\n]{0,300})\]\(\s*<?([^()\s<>]{1,2000})>?(?:\s+\"[^\"\n]*\")?\s*\)")
_URL_CHARACTER = r"(?:(?!&(?:quot|lt|gt|#)[^;]{0,5};)[^\s<>\"'()])"
_URL = re.compile(rf"https?://{_URL_CHARACTER}+(?:\({_URL_CHARACTER}*\){_URL_CHARACTER}*)*(?<![.,;:!?\]*_`])")
_RECENT = 20


@dataclass(frozen=True, slots=True)
class File:
    """A file that goes along; `content_id` (no angle brackets) when the HTML shows it in its place."""

    name: str
    type: str
    content: bytes
    content_id: str = ""


@dataclass(frozen=True, slots=True)
class Quoted:
    """The mail that is answered, shown below the answer."""

    author: Address
    at: datetime
    text: str


@dataclass(frozen=True, slots=True)
class Letter:
    """A reply before it is written.

    `text` is plain text, or Markdown; `html` replaces what would be made of it and must be safe already. `parent` is
    the Message-ID that is answered, `references` those of that mail. `anchor` begins our References. `disclosure` is
    empty in all but the first answer. `automatic`: the headers say that a machine wrote it and nobody looked at it.
    `thread_index`, `thread_topic`: Outlook's, of the mail that is answered. None is begun here: where the customer's
    program writes none, References say it all.
    """

    sender: Address
    to: tuple[Address, ...]
    subject: str
    text: str
    message_id: str
    anchor: str
    date: datetime
    parent: str = ""
    references: tuple[str, ...] = ()
    cc: tuple[Address, ...] = ()
    reply_to: tuple[Address, ...] = ()
    html: str = ""
    signature: str = ""
    disclosure: str = ""
    quoted: Quoted | None = None
    files: tuple[File, ...] = ()
    markdown: bool = False
    automatic: bool = False
    thread_index: str = ""
    thread_topic: str = ""


def write_reply(letter: Letter) -> bytes:
    """The whole mail with CRLF line ends. The same letter gives the same bytes; no letter makes it raise."""
    fields = _addresses(letter.sender, letter.to, letter.cc, letter.reply_to)
    fields += wire.text_field("Subject", reply_subject(letter.subject))
    fields += wire.plain_field("Date", format_datetime(letter.date.astimezone(UTC)))
    fields += wire.id_field("Message-ID", [letter.message_id])
    fields += wire.id_field("In-Reply-To", [letter.parent])
    fields += wire.id_field("References", references(letter.anchor, letter.references, letter.parent))
    fields += _thread(letter)
    if letter.automatic:
        # RFC 3834 §5: a machine that reads this does not answer, or two machines write to each other for ever.
        fields += wire.plain_field("Auto-Submitted", "auto-replied")
        fields += wire.plain_field("X-Auto-Response-Suppress", "OOF, AutoReply")
    return fields + wire.plain_field("MIME-Version", "1.0") + _body(letter)


def write_notice(
    sender: Address, to: Sequence[Address], *, subject: str, text: str, message_id: str, date: datetime
) -> bytes:
    """A mail of the gateway itself to the operator."""
    fields = _addresses(sender, to) + wire.text_field("Subject", subject)
    fields += wire.plain_field("Date", format_datetime(date.astimezone(UTC)))
    fields += wire.id_field("Message-ID", [message_id])
    fields += wire.plain_field("Auto-Submitted", "auto-generated")
    fields += wire.plain_field("X-Auto-Response-Suppress", "All")
    return fields + wire.plain_field("MIME-Version", "1.0") + wire.text_part(text, "plain")


def _thread(letter: Letter) -> bytes:
    """Outlook and Exchange sort by these, whatever References say."""
    index = continue_index(letter.thread_index, letter.date, letter.message_id)
    topic = wire.one_line(letter.thread_topic, 250)
    return (wire.plain_field("Thread-Index", index) if index else b"") + (
        wire.text_field("Thread-Topic", topic) if topic else b""
    )


def reply_subject(subject: str) -> str:
    """One "Re:", however many there were, in whatever language."""
    bare = _REPLY_PREFIX.sub("", wire.one_line(subject, 1000))
    return f"Re: {bare[:250] or '(no subject)'}"


def references(anchor: str, earlier: Sequence[str], parent: str) -> tuple[str, ...]:
    """Our anchor, the oldest id of the thread, the newest twenty: what old and new mail programs thread by."""
    thread = [
        one for one in dict.fromkeys((*(one for one in earlier if one != parent), parent)) if one not in ("", anchor)
    ]
    kept = thread if len(thread) <= _RECENT + 1 else [thread[0], *thread[-_RECENT:]]
    return (anchor, *kept)


def unlinked(text: str) -> str:
    """Markdown links as "words (address)": nobody is led to another place than the one they read."""
    return _LINK.sub(lambda link: link[2] if link[1].strip() in ("", link[2]) else f"{link[1]} ({link[2]})", text)


def _addresses(
    sender: Address, to: Sequence[Address], cc: Sequence[Address] = (), reply_to: Sequence[Address] = ()
) -> bytes:
    fields = wire.address_field("From", [sender]) + wire.address_field("To", to)
    if any(wire.mailable(one) for one in cc):
        fields += wire.address_field("Cc", cc)
    if any(wire.mailable(one) for one in reply_to):
        fields += wire.address_field("Reply-To", reply_to)
    return fields


def _body(letter: Letter) -> bytes:
    shown = [file for file in letter.files if file.content_id and f"cid:{file.content_id}" in letter.html]
    page = wire.text_part(_as_html(letter), "html")
    if shown:
        page = wire.multipart("related", [page, *(_file(one, one.content_id) for one in shown)])
    both = wire.multipart("alternative", [wire.text_part(_as_text(letter), "plain"), page])
    rest = [_file(one, "") for one in letter.files if one not in shown]
    return wire.multipart("mixed", [both, *rest]) if rest else both


def _file(file: File, content_id: str) -> bytes:
    return wire.file_part(file.content, file.name, file.type, content_id)


def _as_text(letter: Letter) -> str:
    said = unlinked(letter.text) if letter.markdown else letter.text
    blocks = [said.strip()]
    if letter.disclosure:
        blocks.append(letter.disclosure.strip())
    if letter.signature:
        blocks.append(f"-- \n{letter.signature.strip()}")
    if letter.quoted:
        quoted = "\n".join(f"> {line}".rstrip() for line in letter.quoted.text.strip().splitlines())
        blocks.append(f"{_introduction(letter.quoted)}\n{quoted}")
    return "\n\n".join(blocks) + "\n"


def _as_html(letter: Letter) -> str:
    said = letter.html or (_from_markdown(letter.text) if letter.markdown else _from_text(letter.text))
    blocks = [f"<div>{said}</div>"]
    if letter.disclosure:
        blocks.append(f"<p><small>{_from_text(letter.disclosure)}</small></p>")
    if letter.signature:
        blocks.append(f"<div>-- <br>\n{_from_text(letter.signature)}</div>")
    if letter.quoted:
        quoted = _from_text(letter.quoted.text)
        intro = html.escape(_introduction(letter.quoted))
        blocks.append(
            f'<div class="gmail_quote"><div>{intro}<br></div>\n<blockquote type="cite">{quoted}</blockquote></div>'
        )
    inside = "\n".join(blocks)
    return f'<!DOCTYPE html>\n<html><head><meta charset="utf-8"></head>\n<body dir="auto">\n{inside}\n</body></html>\n'


def _introduction(quoted: Quoted) -> str:
    when = quoted.at.strftime("%a, %d %b %Y at %H:%M %z").strip()
    who = wire.one_line(quoted.author.name, 100)
    return f"On {when}, {who + ' ' if who else ''}<{quoted.author.address}> wrote:"


def _from_markdown(text: str) -> str:
    """Markdown without HTML, pictures or hidden links; an address that is written out can be clicked."""
    reader = MarkdownIt("commonmark", {"html": False, "breaks": True})
    reader.disable(["image", "link", "autolink", "reference", "html_inline", "html_block"])
    return _clickable(reader.render(unlinked(text)))


def _from_text(text: str) -> str:
    return _clickable(html.escape(text.strip(), quote=False)).replace("\r\n", "\n").replace("\n", "<br>\n")


def _clickable(page: str) -> str:
    return _URL.sub(lambda url: f'<a href="{url[0]}">{url[0]}</a>', page)
