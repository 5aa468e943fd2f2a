"""Mails that nobody has thought of: atheris makes them out of a corpus, and nothing but Unreadable may come of them.

By hand, not among the tests, after `pip install atheris`:

    python -m tests.fuzz.fuzz_reading CORPUS_FOLDER -max_total_time=3600
"""

import sys
from datetime import UTC, datetime
from html.parser import HTMLParser

import atheris

with atheris.instrument_imports(include=["gateway.mail", "gateway.desk"]):
    from gateway.desk.markup import set_out
    from gateway.mail.automatic import judge
    from gateway.mail.forwarders import Known, recognise
    from gateway.mail.limits import Unreadable
    from gateway.mail.message import Body, Envelope, Message
    from gateway.mail.passing import authors_of, pass_on
    from gateway.mail.quotes.trim import trim
    from gateway.mail.reading import attachment_bytes, read_message
    from gateway.mail.thread_index import continue_index, time_of
    from gateway.mail.trust import Trust

ENVELOPE = Envelope("a@mail.example", "support@shop.example")
KNOWN = Known(is_ours=lambda address: address.endswith("@shop.example"), is_staff=lambda one: False)
NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)


class Balance(HTMLParser):
    """What a browser would find in the HTML that a case is given."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag not in {"script", "style", "img", "iframe"}, tag
        assert all(name == "href" for name, _ in attrs), attrs
        if tag != "br":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag != "br":
            assert self.open.pop() == tag


def read_one(raw: bytes) -> None:
    """A mail is read, judged, trimmed, shown and passed on, and each of its files cut out."""
    try:
        message = read_message(raw)
    except Unreadable:
        return
    by = recognise(message, ENVELOPE.sender, KNOWN, trust=Trust.VERIFIED, sent_by_us=False)
    judge(message, ENVELOPE, ours=frozenset(), sent_by_us=False, spam=(), by=by)
    show(message.body, message.subject)
    forward(raw, message)
    for one in message.attachments:
        assert len(attachment_bytes(raw, one.index)) == one.size, one


def show(body: Body, subject: str) -> None:
    """The new text as HTML on a case, and the untrimmed HTML, too, which never gets there."""
    trimmed = trim(body, subject=subject, thread=(), ours=(), signatures="fold")
    for html in (trimmed.html, body.html):
        found = Balance()
        found.feed(set_out(html, {}, 2_000, "[cut]"))
        found.close()
        assert found.open == []


def forward(raw: bytes, message: Message) -> None:
    """Passed on under a Message-ID of ours; Outlook's index is continued wherever it says a time."""
    authors_of(raw)
    passed = pass_on(raw, "<new@shop.example>", ["<old@shop.example>"])
    assert b"\r\nMessage-ID: <new@shop.example>\r\n" in b"\r\n" + passed.partition(b"\r\n\r\n")[0] + b"\r\n"
    written = message.header("thread-index")
    time_of(written)
    continue_index(written, NOON, "<new@shop.example>")


if __name__ == "__main__":
    atheris.Setup(sys.argv, read_one)
    atheris.Fuzz()
