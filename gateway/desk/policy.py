"""The deterministic gates: what is decided without asking the assistant, and what it may not decide.

Values in, values out. The step asks `gate_before` (before the assistant is asked; None: ask it), then `gate_after`
with what the assistant said. Whether somebody took over or the customer wrote again is not asked here: the
transaction that records a decision re-reads that.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from gateway.config.settings import Assistant as Rules
from gateway.desk.decision import Answer, Decision, HandOff, KeepSilent
from gateway.desk.wishes import wishes_for_person
from gateway.mail.trust import Trust

# Hidden text in a mail of somebody unproven: from here on it is more than a preheader or a tracking line.
HIDDEN_CHARACTERS = 200


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a conversation stands when its turn has come.

    `texts` are the new texts of the customer's mails that wait for a decision, `oldest` is when the first of them
    arrived (our clock or INTERNALDATE, never Date). `is_person`: the newest is no machine's; `may_answer`: a machine
    may answer it. `answers` were given by the assistant in this conversation, `answers_this_hour` by it in all.
    `mode` and `state` are the mailbox's. `paused`: the assistant is paused here. `hidden_characters` as in Message.
    `loop`: why a machine may be writing that does not say so (`desk.loops`), else empty.
    `unconfirmed`: an address that would get the answer, is new here and is proven by nothing, else empty.
    """

    texts: Sequence[str]
    oldest: datetime
    now: datetime
    is_person: bool = True
    may_answer: bool = True
    trust: Trust = Trust.VERIFIED
    hidden_characters: int = 0
    answers: int = 0
    answers_this_hour: int = 0
    mode: Literal["auto", "draft", "people"] = "auto"
    state: Literal["active", "retired"] = "active"
    paused: bool = False
    loop: str = ""
    unconfirmed: str = ""


def gate_before(standing: Standing, rules: Rules) -> HandOff | KeepSilent | None:
    """What is decided without the assistant, the first that holds; None when it is to be asked."""
    if not standing.is_person:
        # RFC 3834 §2: never answer an automatic answer, or two machines will write to each other for ever.
        return KeepSilent("automatic mail")
    if standing.trust is Trust.FAILED:
        return HandOff("sender not verified")
    if rules.handoff != "ai_only" and any(asks_for_person(text) for text in standing.texts):
        return HandOff("the customer asks for a person")
    for reached, reason in _gates(standing, rules):
        if reached:
            return HandOff(reason)
    return None


def gate_after(decision: Decision, standing: Standing, rules: Rules) -> Decision:
    """What the assistant said, unless it may not say it."""
    named = decision.about.topic.strip()
    if named and not isinstance(decision, HandOff) and is_forbidden(named, rules.topics):
        return HandOff(f"forbidden topic: {named}", decision.about)
    match decision:
        case Answer(text=text) if not text.strip():
            return HandOff("the assistant gave an empty answer", decision.about)
        case Answer() if not standing.may_answer:
            return HandOff("the mail must not be answered by a machine", decision.about)
        case _:
            return decision


def asks_for_person(text: str) -> bool:
    """Whether this asks for a person now. Give it the new text only: a quote says what others said."""
    return wishes_for_person(text)


def is_forbidden(topic: str, topics: Sequence[str]) -> bool:
    """Whether a topic that the assistant names is one of the forbidden ones.

    It is asked to name only such, so any name counts when it stands for none of them in particular.
    """
    return bool(topics) and topic.strip().casefold() not in ("", "none", "null", "no", "n/a", "-")


def _gates(standing: Standing, rules: Rules) -> Sequence[tuple[bool, str]]:
    waited = standing.now - standing.oldest
    unproven = standing.trust is Trust.UNVERIFIED
    return (
        (rules.kind == "none", "no assistant is set up"),
        (standing.mode == "people", "this mailbox is answered by people"),
        (standing.state == "retired", "this mailbox is retired: people answer"),
        (standing.paused, "the assistant is paused"),
        (not standing.may_answer, "the mail must not be answered by a machine"),
        (bool(standing.loop), standing.loop),
        (bool(standing.unconfirmed), f"{standing.unconfirmed} is new here and not verified: confirm the address"),
        (waited > rules.answer_max_age, f"older than {_hours(rules)}: no longer answered by the assistant"),
        (standing.answers >= rules.max_answers, f"{standing.answers} answers without an end"),
        (standing.answers_this_hour >= rules.max_per_hour, f"{rules.max_per_hour} answers within the hour"),
        (
            unproven and standing.hidden_characters >= HIDDEN_CHARACTERS,
            f"{standing.hidden_characters} hidden characters in a mail of an unproven sender",
        ),
        (not any(text.strip() for text in standing.texts), "the mail says nothing in words"),
    )


def _hours(rules: Rules) -> str:
    seconds = int(rules.answer_max_age.total_seconds())
    return f"{seconds // 3600} h" if seconds % 3600 == 0 else f"{seconds // 60} min"
