"""A rep's words as the customer reads them."""

import pytest

from gateway.desk.reply_text import showing_only, shown_in, tidy

FILE = "11111111-2222-3333-4444-55555555aaaa"
NUMBER = "SR00000086"


def test_what_acts_or_loads_from_afar_is_gone_and_the_look_stays() -> None:
    body = '<p onclick="x()">Hello <b>Ann</b>,<script>alert(1)</script><img src="https://track.example/1.gif"></p>'
    said = tidy(body, True, NUMBER)
    assert said.text == "Hello Ann,"
    assert "<b>" in said.html
    assert not any(word in said.html for word in ("script", "onclick", "track.example"))


@pytest.mark.parametrize(
    "quoted",
    [
        "<br><br>2026-01-01T10:00:00Z, Ann &lt;ann@customer.example&gt;:<br><blockquote>Where is it?</blockquote>",
        "<div>-----Original Message-----<br>From: Ann<br>Sent: Monday<br>Subject: Hi</div><p>Where is it?</p>",
        "<p>On Mon, 2 Nov 2026 at 12:00, Ann &lt;ann@x.example&gt; wrote:</p><blockquote>Where is it?</blockquote>",
    ],
    ids=["creatio", "outlook", "gmail"],
)  # fmt: skip
def test_the_quoted_history_is_left_out(quoted: str) -> None:
    said = tidy(f"<p>It left today.</p>{quoted}", True, NUMBER)
    assert said.text == "It left today."
    assert "Where is it?" not in said.html


def test_a_reps_own_signature_stays() -> None:
    assert tidy("<p>It left.</p><p>-- <br>Anna Rep<br>Example Inc.</p>", True, NUMBER).text.endswith("Example Inc.")


@pytest.mark.parametrize("stamp", ["(Case #SR00000086)", "[#SR00000086]", "(SR00000086)", "[case sr00000086]"])
def test_creatios_stamp_is_left_out(stamp: str) -> None:
    assert tidy(f"<p>It left {stamp} today.</p>", True, NUMBER).text == "It left today."


def test_a_number_that_the_rep_wrote_stays() -> None:
    assert tidy("<p>Please name SR00000086.</p>", True, NUMBER).text == "Please name SR00000086."


def test_a_picture_kept_in_creatio_is_shown_by_its_file() -> None:
    source = f"../rest/FileService/GetFile/080c9917-7ec9-42e5-86ff-75a683d4f124/{FILE.upper()}"
    assert f'src="cid:{FILE}"' in tidy(f'<p>See <img src="{source}"></p>', True, NUMBER).html
    other = f"/0/rest/FileService/Download/ActivityFile/{FILE}?x=1"
    assert f'src="cid:{FILE}"' in tidy(f"<p>See <img src='{other}'></p>", True, NUMBER).html


def test_a_picture_in_the_text_itself_becomes_a_file() -> None:
    said = tidy('<p>See <img alt="" src="data:image/JPG;base64,aGVs\nbG8="></p>', True, NUMBER)
    [picture] = said.pictures
    assert (picture.type, picture.content) == ("image/jpeg", b"hello")
    assert f'src="cid:{picture.content_id}"' in said.html


def test_a_picture_that_is_none_is_left_out() -> None:
    said = tidy('<p>See <img src="data:image/png;base64,!!!"> this</p>', True, NUMBER)
    assert (said.text, said.pictures) == ("See this", ())


def test_a_picture_of_the_quoted_history_is_not_sent_again() -> None:
    quoted = '<p>On Mon, 2 Nov 2026, Ann wrote:</p><blockquote><img src="data:image/png;base64,aGk="></blockquote>'
    assert tidy(f"<p>It left.</p>{quoted}", True, NUMBER).pictures == ()


def test_a_picture_that_does_not_go_along_leaves_no_hole() -> None:
    source = f"../rest/FileService/GetFile/080c9917-7ec9-42e5-86ff-75a683d4f124/{FILE}"
    html = tidy(f'<p>See <img src="{source}"> and <img src="cid:a&amp;b"></p>', True, NUMBER).html
    assert shown_in(html) == {FILE, "a&b"}
    assert showing_only(html, {FILE, "a&b"}) == html
    assert showing_only(html, {FILE}) == f'<p>See <img src="cid:{FILE}" alt=""> and </p>'


def test_plain_text_stays_plain() -> None:
    said = tidy("It <left> today.\n\nOn Mon, 2 Nov 2026, Ann wrote:\n> Where is it?", False, NUMBER)
    assert (said.text, said.html) == ("It <left> today.", "")


def test_nothing_says_nothing() -> None:
    assert tidy("", True, "").text == tidy("<p>&nbsp;</p>", True, "").text == tidy(" \n", False, "").text == ""
