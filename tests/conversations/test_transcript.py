"""What is new in a mail, whatever the trimmer stumbles over."""

from typing import Any, cast

from gateway.conversations.transcript import new_text
from gateway.mail.message import Body


def test_what_is_quoted_is_left_out() -> None:
    body = Body("Tomorrow.\n\nOn Tue, Nov 24, 2026 at 9:00 AM Ann <ann@mail.example> wrote:\n> When?\n")
    found = new_text(body, "Re: When?", (), (), "own", "fold")
    assert (found.text.strip(), found.fault) == ("Tomorrow.", "")


def test_a_fault_of_the_trimmer_costs_no_word_and_is_told() -> None:
    body = Body("Tomorrow.\n\nOn Tue, Nov 24, 2026 at 9:00 AM Ann <ann@mail.example> wrote:\n> When?\n")
    broken = cast(Any, [1])  # no conversation that a trimmer can know what to do with
    found = new_text(body, "Re: When?", broken, (), "own", "fold")
    assert found.text == body.text
    assert found.fault
