"""More than a thousand mails that other projects keep because they broke something once."""

import hashlib
import time

from gateway.desk.foresight import foresee
from gateway.mail.content import decode_body
from gateway.mail.limits import Unreadable
from gateway.mail.message import Message
from gateway.mail.reading import attachment_bytes, read_message
from tests.mail import corpus


def _read(raw: bytes) -> Message | None:
    try:
        return read_message(raw)
    except Unreadable as unreadable:
        assert unreadable.reason  # noqa: PT017 - a reason is the whole promise
        return None


@corpus.there
def test_every_mail_gives_a_message_or_a_reason_in_time() -> None:
    read = 0
    for entry in corpus.entries():
        raw = (corpus.FOLDER / entry["path"]).read_bytes()
        began = time.monotonic()
        read += _read(raw) is not None
        assert time.monotonic() - began < 2, entry["path"]
    assert read >= 0.99 * len(corpus.entries())


@corpus.there
def test_every_attachment_can_be_cut_out_again_and_has_a_safe_name() -> None:
    for entry in corpus.entries():
        raw = (corpus.FOLDER / entry["path"]).read_bytes()
        message = _read(raw)
        for one in message.attachments if message else ():
            assert not set(one.name) & set('/\\\0\n\r\u202e<>:"|?*'), entry["path"]
            assert 0 < len(one.name) <= 200, entry["path"]
            assert len(attachment_bytes(raw, one.index)) == one.size, entry["path"]
            piece = decode_body(raw[one.start : one.end], one.encoding) if one.end else attachment_bytes(raw, one.index)
            assert hashlib.sha256(piece).hexdigest() == one.sha256, entry["path"]


@corpus.there
def test_every_mail_has_a_fate_and_its_reason() -> None:
    for entry in corpus.entries():
        message = _read((corpus.FOLDER / entry["path"]).read_bytes())
        if message is None:
            continue
        foreseen = foresee(message, (), None)
        assert foreseen.way.course, entry["path"]
        assert foreseen.way.reasons, entry["path"]
        if not foreseen.verdict.is_person:
            assert not foreseen.verdict.may_answer, entry["path"]


@corpus.there
def test_the_same_mail_with_other_line_ends_says_the_same() -> None:
    told: dict[str, set[tuple[str, str]]] = {}
    for entry in corpus.entries():
        system, cut, name = entry["path"].rpartition("/")[2].partition("__")
        if entry["path"].startswith("sisimai/") and cut and system in ("bsd", "dos", "mac"):
            message = _read((corpus.FOLDER / entry["path"]).read_bytes())
            if message is not None and message.report is not None:
                told.setdefault(name, set()).add((message.report.recipient, message.report.status))
    assert len(told) > 200
    assert [name for name, said in told.items() if len(said) > 1] == []
