"""A mail's own HTML on the case: only what is harmless, pictures in their places, cut where nothing breaks."""

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.desk.markup import set_out

MARK = "[… cut]"
MAIL = "<div><p>Please &amp; <b>soon</b></p><ul><li>one<li>two</ul><table><tr><td>3 &lt; 4</td></tr></table></div>"


class Balance(HTMLParser):
    """What a strict reader of the written HTML meets."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag not in ("script", "style", "iframe", "form")
        assert not {name for name, _ in attrs} - {"href", "src", "alt"}
        if tag not in ("br", "img"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def read(html: str) -> str:
    balance = Balance()
    balance.feed(html)
    balance.close()
    assert balance.open == []
    return balance.text


def test_lists_tables_and_emphasis_stay() -> None:
    shown = set_out(MAIL, {}, 10_000, MARK)
    assert "<p>Please &amp; <b>soon</b></p>" in shown
    assert "<td>3 &lt; 4</td>" in shown
    assert read(shown) == "Please & soononetwo3 < 4"


def test_nothing_acts_or_loads() -> None:
    bad = (
        '<p onclick="x()" style="position:fixed">Hi<script>alert(1)</script><style>p{}</style>'
        '<img src="https://spy.example/1.gif"><img src="data:image/png;base64,AAAA"><iframe src="x">y</iframe>'
        '<a href="javascript:x()">a</a> <a href="https://shop.example/?a=1&amp;b=2" target=_top>b</a></p>'
    )
    shown = set_out(bad, {}, 10_000, MARK)
    assert shown == '<p>Hi<a>a</a> <a href="https://shop.example/?a=1&amp;b=2">b</a></p>'


def test_pictures_stand_where_they_stood() -> None:
    html = '<p>Look: <img src="cid:A@x" alt=""> and <IMG SRC="CID:b@x"> and <img src="cid:gone"></p>'
    shown = set_out(html, {"a@x": '<img src="cid:1" alt="a.png" />', "b@x": "[b.png]"}, 10_000, MARK)
    assert shown == '<p>Look: <img src="cid:1" alt="a.png" /> and [b.png] and </p>'


@pytest.mark.parametrize("empty", ["", "<p> </p>", '<p><img src="cid:gone"></p>', "<script>x</script>"])
def test_where_there_is_nothing_to_see_nothing_is_written(empty: str) -> None:
    assert set_out(empty, {}, 10_000, MARK) == ""


@given(limit=st.integers(min_value=1, max_value=400))
def test_wherever_it_is_cut_no_tag_is_broken_and_the_mark_is_seen(limit: int) -> None:
    html = MAIL + f"<p>{'word &amp; ' * 10}</p>"
    shown, whole = set_out(html, {}, limit, MARK), read(set_out(html, {}, 10_000, MARK))
    text = read(shown)
    assert not shown or text.endswith(MARK) != (shown == set_out(html, {}, 10_000, MARK))
    assert text.removesuffix(MARK) == whole[: len(text.removesuffix(MARK))]
    assert len(shown) < limit + 150


def test_long_html_is_the_same_however_it_is_read() -> None:
    html = "".join(f"<p>Please &amp; {number} <b>soon</b></p>" for number in range(5_000))
    assert set_out(html, {}, 10**9, MARK) == html
    assert set_out("word &amp; " * 10_000, {}, 10**9, MARK) == "word &amp; " * 10_000


@pytest.mark.parametrize(
    "hostile",
    ["<" * 20_000, "<a" * 10_000, "<" + "a" * 20_000, "<b " * 6_000, "<!" * 10_000, "<b>" * 6_000, "&" * 20_000],
)
def test_whatever_stands_there_it_is_read_once(hostile: str) -> None:
    assert read(set_out(f"{hostile} end", {}, 10**9, MARK)).endswith(" end")


def test_html_far_beyond_the_limit_is_not_read_to_its_end() -> None:
    shown = set_out("<p>a</p>" * 20_000 + "<![CDATA[" * 1_000_000, {}, 10_000, MARK)
    assert len(shown) < 10_100
