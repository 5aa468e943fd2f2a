"""One mail, understood: the values that every other room works with."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Address:
    """A mail address as people use it. `address` is local@domain with the domain in lower case; `name` may be empty."""

    address: str
    name: str = ""

    @property
    def key(self) -> str:
        """The form in which two spellings of one address compare equal."""
        return self.address.casefold()

    @property
    def domain(self) -> str:
        return self.address.rpartition("@")[2].casefold()


@dataclass(frozen=True, slots=True)
class Attachment:
    """A place in a kept mail, cut out when needed, never a copy.

    `index` counts the attachments in the order of the mail; `size` is in bytes after decoding; `sha256` is of those
    bytes. `inline` means the text refers to it (`content_id`, without angle brackets). `warning`: why it is not passed
    on and not to be opened. Where it stands in the mail's bytes, and how it is encoded there, unless it is packed in
    another file: raw[start:end], else `end` is 0.
    """

    index: int
    name: str
    type: str
    size: int
    sha256: str
    inline: bool = False
    content_id: str = ""
    warning: str = ""
    start: int = 0
    end: int = 0
    encoding: str = ""


@dataclass(frozen=True, slots=True)
class Body:
    """The best text of a mail. `html` is the mail's own HTML, untrusted, or empty.

    `text` is never empty when the mail says anything: where only HTML came, it is the visible content.
    `flowed`: `text` is still format=flowed (RFC 3676); `delsp` likewise its DelSp.
    """

    text: str = ""
    html: str = ""
    flowed: bool = False
    delsp: bool = False


class ReportKind(StrEnum):
    BOUNCE = "bounce"  # RFC 3464 failed or delayed, or a bounce in free form
    DELIVERED = "delivered"  # RFC 3464 delivered, relayed, expanded
    READ = "read"  # RFC 8098 disposition notification
    COMPLAINT = "complaint"  # RFC 5965 abuse report


@dataclass(frozen=True, slots=True)
class Report:
    """What a machine reports about a mail sent earlier.

    `permanent`: writing to this address again will not help; a full mailbox or a refused text is not permanent.
    `delayed`: nothing has failed yet, it is still being tried. `reason` is in words, `status` an RFC 3463 code or
    empty. `recipient` is the first of `recipients`. `of` is the Message-ID of the mail that is reported on, with
    angle brackets, or empty.
    """

    kind: ReportKind
    recipient: str = ""
    permanent: bool = False
    reason: str = ""
    of: str = ""
    delayed: bool = False
    status: str = ""
    recipients: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Message:
    """One mail, understood.

    Ids keep their angle brackets. `message_id` is made from the content where the mail has none. `senders` is From.
    `date` is the Date header with a zone, or None when missing or unreadable. `headers` are all header fields in
    order: lower-case name, decoded value on one line. `notes` say what was odd about the mail, for `gateway explain`.
    `nested` are mails attached to this one (they are attachments too). `calendar_method` is a calendar's METHOD.
    `hidden_characters` counts what a person does not see of the text: a signal, never shown to the assistant.
    """

    message_id: str
    subject: str = ""
    senders: tuple[Address, ...] = ()
    reply_to: tuple[Address, ...] = ()
    to: tuple[Address, ...] = ()
    cc: tuple[Address, ...] = ()
    in_reply_to: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    date: datetime | None = None
    body: Body = field(default_factory=Body)
    attachments: tuple[Attachment, ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    report: Report | None = None
    notes: tuple[str, ...] = ()
    nested: tuple["Message", ...] = ()
    calendar_method: str = ""
    hidden_characters: int = 0
    content: str = ""  # hash of what the writer wrote, whatever relays added: two copies of a mail have the same

    def header(self, name: str) -> str:
        """The first field of that name, or an empty string."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key == wanted), "")

    def all_headers(self, name: str) -> tuple[str, ...]:
        wanted = name.lower()
        return tuple(value for key, value in self.headers if key == wanted)


@dataclass(frozen=True, slots=True)
class Envelope:
    """What SMTP (or IMAP, or `gateway feed`) said about a mail before its first header.

    `sender` is the reverse path, empty for the null sender. `recipient` is the address that was accepted. `peer` is
    the IP address of the client, or empty. `trusted` says the peer is one of `trusted_peers`. `outside`: none of ours,
    to whom a user that may do so (`login`) has us send this mail; it is on its way out then, as `recipient`.
    """

    sender: str
    recipient: str
    peer: str = ""
    helo: str = ""
    trusted: bool = False
    tls: bool = False
    login: str = ""
    utf8: bool = False
    outside: tuple[str, ...] = ()
