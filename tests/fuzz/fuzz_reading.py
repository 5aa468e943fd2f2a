"""Mails that nobody has thought of: atheris makes them out of a corpus, and nothing but Unreadable may come of them.

By hand, not among the tests, after `pip install atheris`:

    python -m tests.fuzz.fuzz_reading CORPUS_FOLDER -max_total_time=3600
"""

import sys

import atheris

with atheris.instrument_imports(include=["gateway.mail"]):
    from gateway.mail.automatic import judge
    from gateway.mail.limits import Unreadable
    from gateway.mail.message import Envelope
    from gateway.mail.quotes.trim import trim
    from gateway.mail.reading import attachment_bytes, read_message


def read_one(raw: bytes) -> None:
    """A mail is read, judged and trimmed, and each of its files cut out."""
    try:
        message = read_message(raw)
    except Unreadable:
        return
    judge(message, Envelope("a@mail.example", "support@shop.example"), ours=frozenset(), sent_by_us=False, spam=())
    trim(message.body, subject=message.subject, thread=(), ours=(), signatures="fold")
    for one in message.attachments:
        assert len(attachment_bytes(raw, one.index)) == one.size, one


if __name__ == "__main__":
    atheris.Setup(sys.argv, read_one)
    atheris.Fuzz()
