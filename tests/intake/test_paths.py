"""Addresses as clients say them: read, or refused, but never with an accident."""

from contextlib import suppress

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gateway.intake.smtp.paths import NotReadable, Said, read_recipient, read_sender

SIGNS = st.text(alphabet='<>@,:."\\ ab1-_=+[]IPv6:\u00e9\u202e\0\r\n', max_size=60)


@given(st.binary(max_size=600) | SIGNS.map(lambda text: text.encode(errors="surrogatepass")))
@example(b"<" + b"a." * 300 + b"@b>")
@example(b"<" + b'"' * 500 + b"@b>")
@example(b"<@" + b"a," * 250 + b":b@c>")
def test_anything_is_read_or_refused(argument: bytes) -> None:
    for read in (read_sender, read_recipient):
        with suppress(NotReadable):
            said = read(argument)
            assert said.address.isprintable()
            assert "\u202e" not in said.address


@pytest.mark.parametrize(
    ("argument", "said"),
    [
        (b"<a@b.test>", Said("a@b.test")),
        (b" <A.b@B.Test.> SIZE=5 BODY=8BITMIME", Said("A.b@b.test", (("SIZE", "5"), ("BODY", "8BITMIME")))),
        (b'<"a"@b.test>', Said("a@b.test")),
        (b'<"a b\\"c"@b.test>', Said('"a b\\"c"@b.test')),
        (b"<@x.test,@y.test:a@b.test>", Said("a@b.test")),
        (b"<a@[127.0.0.1]>", Said("a@[127.0.0.1]")),
        (b"<a@[IPv6:::1]>", Said("a@[IPv6:::1]")),
        ("<å@bücher.test>".encode(), Said("å@bücher.test")),
    ],
)
def test_a_path_is_read_as_it_was_meant(argument: bytes, said: Said) -> None:
    assert read_sender(argument) == read_recipient(argument) == said


def test_only_a_sender_may_be_nobody() -> None:
    assert read_sender(b"<>") == Said("")
    with pytest.raises(NotReadable):
        read_recipient(b"<>")
    assert read_recipient(b"<PostMaster>") == Said("postmaster")
