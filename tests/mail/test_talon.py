"""The other trimmer is an extra: without it the operator is told how to get it, with it nothing is lost."""

from importlib.util import find_spec

import pytest

from gateway.errors import Misconfigured
from gateway.mail.message import Body
from gateway.mail.quotes.with_talon import trim_with_talon

HERE = find_spec("talon") is not None
TEXT = "It has not come.\n\nOn Mon, 2 Nov 2026 at 11:00, Bob <bob@x.example> wrote:\n> It is on its way.\n"
HTML = '<div>It has not come.</div><div class="gmail_quote">On Mon Bob wrote:<blockquote>On its way.</blockquote></div>'


@pytest.mark.skipif(HERE, reason="talon is installed here")
def test_without_talon_the_setting_says_how_to_get_it() -> None:
    with pytest.raises(Misconfigured) as told:
        trim_with_talon(Body(TEXT))
    [fault] = told.value.faults
    assert fault.key == "mail.quotes"
    assert "pip install" in fault.why


@pytest.mark.skipif(not HERE, reason="talon is not installed here")
@pytest.mark.parametrize("body", [Body(TEXT), Body("It has not come.", HTML)])
def test_what_is_shown_and_what_is_cut_are_together_the_whole(body: Body) -> None:
    trimmed = trim_with_talon(body)
    assert trimmed.text == "It has not come."
    lines = trimmed.full.split("\n")
    cut = {at for one in trimmed.cuts for at in range(one.first - 1, one.last)}
    assert " ".join(line for at, line in enumerate(lines) if at not in cut).split() == trimmed.text.split()


@pytest.mark.skipif(not HERE, reason="talon is not installed here")
def test_a_mail_that_is_all_quote_is_shown_whole() -> None:
    assert trim_with_talon(Body("> It is on its way.\n")).text.strip() == "> It is on its way."
