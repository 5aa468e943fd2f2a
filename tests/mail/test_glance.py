"""A glance at a head that nobody could read: it never fails, and never takes long."""

import time

from hypothesis import given
from hypothesis import strategies as st

from gateway.mail.glance import first_from, first_id, first_subject

PIECES = (
    b"Subject:", b"From", b":", b"Message-ID: ", b"=?utf-8?b?", b"=?x?q?=?=", b"?=", b"<", b">", b"@", b"\r\n", b"\n ",
    b" ", b"\0", b"\xff\xfe", b"a", b"=?iso-2022-jp?B?GyRC?=", b'"', b"(", b",", b"=?", b"\t",
)  # fmt: skip


@given(st.binary(max_size=300) | st.lists(st.sampled_from(PIECES), max_size=60).map(b"".join))
def test_any_bytes_give_texts(head: bytes) -> None:
    for look in (first_from, first_id, first_subject):
        assert "\n" not in look(head)


def test_a_hostile_head_takes_no_time() -> None:
    began = time.process_time()
    for piece in PIECES:
        head = b"Subject: " + piece * (60_000 // len(piece))
        for look in (first_from, first_id, first_subject):
            look(head)
    assert time.process_time() - began < 2
