"""The kept part as HTML that can be shown: a few tags, escaped words, nothing that acts or loads."""

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.mail.message import Body
from gateway.mail.quotes.trim import trim

QUOTE = (
    '<div class="gmail_quote"><div class="gmail_attr">On 3/3/26 14:05, A wrote:</div><blockquote>old</blockquote></div>'
)


def clean(html: str) -> str:
    return trim(Body(text="", html=html + QUOTE)).html


def test_words_lists_tables_and_links_stay_as_they_are() -> None:
    assert clean("<p>One <b>two</b></p><ul><li>three</li></ul>") == "<p>One <b>two</b></p><ul><li>three</li></ul>"
    assert clean("<table><tr><td>a</td><td>b</td></tr></table>").count("<td>") == 2
    assert 'href="https://shop.example/x"' in clean('<a href="https://shop.example/x" onclick="run()">here</a>')


def test_scripts_styles_forms_and_pictures_from_afar_are_gone() -> None:
    html = clean(
        "<p onmouseover='x()'>Hello</p><script>run()</script><style>p{}</style><img src='http://spy.example/1.gif'>"
        "<iframe src='//x'></iframe><a href='javascript:run()'>link</a><svg onload='x()'></svg><input value='y'>"
    )

    assert html == "<p>Hello</p>link"


def test_a_picture_that_came_with_the_mail_stays() -> None:
    assert clean('<p>See <img src="cid:one@customer"></p>') == '<p>See <img src="cid:one@customer" alt=""></p>'
    assert clean('<p>See <img src="cid:1@x"> and</p>') == '<p>See <img src="cid:1@x" alt=""> and</p>'


def test_where_a_mark_stands_inside_a_line_its_beginning_is_shown() -> None:
    poured = "<p>my <b>answer</b>--- On Wed, Apr 4, 2012 at 3:59 PM, a@x.example wrote:</p><p>old</p>"

    trimmed = trim(Body(text="", html=poured))

    assert trimmed.text == "my answer"
    assert trimmed.html == "<p>my <b>answer</b></p>"


PIECES = st.sampled_from(
    [
        "<p>",
        "</p>",
        "<b>",
        "<script>x</script>",
        "<a href='javascript:x'>",
        "</a>",
        "words & more ",
        "&lt;script&gt;",
        "<td>",
        "<img src=x onerror=y>",
        "<div style='x:expression(y)'>",
        "</div>",
        '"',
        "'",
        "<br>",
        "<ul><li>",
        "<!-- c -->",
    ]
)


@given(st.lists(PIECES, max_size=30))
@settings(max_examples=300, deadline=None)
def test_whatever_the_mail_nothing_but_a_few_tags_without_attributes_come_out(pieces: list[str]) -> None:
    html = trim(Body(text="", html="".join(pieces))).html
    tags = re.findall(r"<[^>]*>", html)

    assert all(re.fullmatch(r"</?[a-z0-9]+>", tag) for tag in tags)
    assert not re.search(r"<(script|style|svg|iframe|img|input)", html)
    assert html.count("<p>") == html.count("</p>")
