"""Machines that do not say so are known by what they do."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from gateway.desk.loops import Turn, find_loop, likeness

NOON = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)
Said = tuple[float, str]  # seconds after noon, and what they say; an empty text is ours


def turns(*said: Said, conversation: str = "here") -> list[Turn]:
    """The last of theirs is what waits for a decision."""
    made = [Turn(conversation, NOON + timedelta(seconds=at), not text, text) for at, text in said]
    return [*made[:-1], Turn(conversation, made[-1].at, made[-1].ours, made[-1].text, open=not made[-1].ours)]


def loop(*talks: list[Turn]) -> str:
    every = sorted((one for talk in talks for one in talk), key=lambda one: one.at)
    return find_loop(every, "here", every[-1].at)


AWAY = "I am travelling until the ninth and read no mail."


def test_a_talk_between_people_is_no_loop() -> None:
    assert not loop(turns((0, "Where is my order?"), (60, ""), (400, "It is number 17."), (460, ""), (700, "Thanks!")))


def test_a_first_mail_is_no_loop() -> None:
    assert not loop(turns((0, AWAY)))


def test_the_same_words_after_an_answer_go_to_a_person() -> None:
    assert "the same words" in loop(turns((0, AWAY), (60, ""), (4_000, AWAY)))


def test_the_same_words_before_any_answer_are_only_impatience() -> None:
    assert not loop(turns((0, AWAY), (60, AWAY)))


@pytest.mark.parametrize("said", ["Yes.", "Yes, please.", "Thank you very much for your help!"])
def test_what_people_say_twice_is_no_loop(said: str) -> None:
    assert not loop(turns((0, said), (60, ""), (4_000, said)))


def test_two_questions_about_two_things_are_no_loop() -> None:
    assert not loop(turns((0, "Where is order 17 of May?"), (60, ""), (4_000, "Where is order 18 of May?")))


def test_a_machine_that_only_counts_up_is_known_by_its_haste() -> None:
    assert "s after our answer" in loop(turns((0, "Ticket 17 was noted."), (60, ""), (63, "Ticket 18 was noted.")))


def test_one_quick_word_is_no_loop() -> None:
    assert not loop(turns((0, "Where is my order?"), (60, ""), (68, "Which parcel service?")))


def test_nobody_answers_within_seconds_three_times() -> None:
    quick = turns((0, "One apple"), (9, ""), (12, "Two pears"), (20, ""), (22, "Six plums"), (30, ""), (33, "No figs"))
    assert "3 times within 10 s" in loop(quick)
    assert not loop(quick[:5])


HASTY = (
    "Your request was passed on to our storage department, which will look for the parcel.",
    "We are sorry to hear that. Please see our list of common questions while you wait for us.",
)


def hasty(*replies: Said, refers: bool = True) -> list[Turn]:
    """Each reply so many seconds after an answer of ours."""
    talk: list[Said] = [(0, "Where is my order?")]
    for number, (pause, text) in enumerate(replies, 1):
        talk += [(number * 60, ""), (number * 60 + pause, text)]
    return [replace(one, refers=refers and not one.ours) for one in turns(*talk)]


def test_who_twice_writes_more_than_a_hand_can_since_our_answer_is_a_machine() -> None:
    assert "too much for a hand" in loop(hasty((5, HASTY[0]), (6, HASTY[1])))
    assert not loop(hasty((5, HASTY[0])))
    assert "too much for a hand" in loop(hasty((2, "We have your mail."), (3, "It has number seventeen.")))


@pytest.mark.parametrize(
    "replies",
    [
        ((8, "Yes, on Friday please"), (9, "No, leave it with the neighbour")),
        ((2, "Thank you very much for your help!"), (3, "Thank you very much!")),
        ((2, "Sounds good!"), (2, "Got it.")),
        ((5, HASTY[0]), (60, HASTY[1])),
    ],
)
def test_a_person_in_a_hurry_is_none(replies: tuple[Said, ...]) -> None:
    assert not loop(hasty(*replies))


def test_what_was_written_before_our_answer_came_is_nobodys_haste() -> None:
    assert not loop(hasty((5, HASTY[0]), (6, HASTY[1]), refers=False))


def test_nobody_answers_with_always_the_same_delay() -> None:
    regular = turns((0, "One apple"), (9, ""), (101, "Two pears"), (110, ""), (203, "Plums"), (210, ""), (302, "Figs"))
    assert "always 92 s" in loop(regular)
    assert not loop(turns((0, "One"), (9, ""), (101, "Two"), (110, ""), (203, "Three"), (210, ""), (310, "Four")))


def test_a_mail_that_crosses_ours_says_nothing_about_its_writer() -> None:
    crossing = [
        *turns((0, "Where is my order, please?"), (60, ""))[:1],
        Turn("here", NOON + timedelta(seconds=60), ours=True),
        Turn("here", NOON + timedelta(seconds=61), False, "Forgot to say: it is number 17.", open=True),
    ]
    assert not find_loop(crossing, "here", crossing[-1].at)


def test_a_responder_that_begins_a_new_conversation_each_time_is_known_too() -> None:
    first = turns((0, "Where is my order?"), (60, ""), conversation="one")
    second = turns((62, AWAY), (120, ""), conversation="two")
    assert "much the same words" in loop(first, second, turns((123, AWAY)))


def test_the_same_question_elsewhere_is_answered_twice_and_not_three_times() -> None:
    day = [turns((at, AWAY), (at + 60, ""), conversation=str(at)) for at in (0, 9_000)]
    assert not loop(day[0], turns((9_000, AWAY)))
    assert "third time" in loop(*day, turns((20_000, AWAY)))


@pytest.mark.parametrize(("every", "many", "told"), [(90, 6, "10 minutes"), (350, 9, "an hour"), (5_000, 15, "a day")])
def test_a_conversation_gets_so_many_answers_in_a_while_and_no_more(every: int, many: int, told: str) -> None:
    talk: list[Said] = []
    for number in range(many):
        talk += [(number * every + number**2 / 9, f"word{number}"), (number * every + 50, "")]
    over = turns(*talk, (many * every - every + 70, "once more"))
    assert f"{many} automatic mails in this conversation within {told}" in loop(over)
    assert not loop(turns(*talk[:-2], (many * every - every + 40, "once more")))


def test_an_address_gets_so_many_answers_in_all_its_conversations() -> None:
    talks = [turns((n * 60, f"word{n}"), (n * 60 + 20 + n, ""), conversation=str(n)) for n in range(8)]
    assert "8 automatic mails to this address within 10 minutes" in loop(*talks, turns((560, "another")))
    assert not loop(*talks[1:], turns((560, "another")))


def test_likeness_is_that_of_words() -> None:
    assert likeness("one two three", "Three, two: ONE!") == 1
    assert likeness("one two", "three four") == 0
    assert likeness("", "") == 0
    assert likeness("case 17 noted", "case 18 noted", numbers=False) == 1
