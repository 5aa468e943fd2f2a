"""What an SMTP reply means: their codes become our verdicts, refusals of the relay itself become instructions."""

import re
from dataclasses import dataclass

from gateway.errors import TryLater
from gateway.ports import Delayed, Delivered, Refused, Verdict

_NOT_FOR_US = re.compile(r"relay(?:ing)?\b.{0,40}(?:denied|not permitted|not allowed|prohibited)|unable to relay", re.I)
_SIGN_IN = re.compile(r"authenticat|\bauth\b.{0,20}required|must (?:log|sign) ?in", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Answer:
    """One reply of the relay: its code and its text on one line."""

    code: int
    text: str

    @property
    def good(self) -> bool:
        return 200 <= self.code < 300

    @property
    def for_now(self) -> bool:
        """RFC 5321 §4.5.3.1.10: 552 for a recipient means too many of them, so it counts as 452."""
        return 400 <= self.code < 500

    def __str__(self) -> str:
        return f"{self.code} {self.text}"


def read(code: int, text: str) -> Answer:
    """A reply as it came, its text made fit to be shown and kept."""
    cleaned = text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    return Answer(code, " ".join("".join(mark if mark.isprintable() else " " for mark in cleaned).split())[:500])


def of_recipient(answer: Answer) -> Verdict | None:
    """What a reply to RCPT means for that recipient; None when it was taken."""
    if answer.good:
        return None
    if answer.for_now or answer.code == 552:
        return Delayed(answer.code, answer.text)
    return Refused(answer.code, answer.text)


def of_mail(answer: Answer) -> Verdict:
    """What the reply to DATA, or to the final dot, means for every recipient that was taken."""
    if answer.good:
        return Delivered(answer.text)
    return Delayed(answer.code, answer.text) if answer.for_now else Refused(answer.code, answer.text)


def is_about_us(answer: Answer) -> bool:
    """Whether a reply to RCPT refuses not the recipient but us: nothing would get through (RFC 4954 §6)."""
    return answer.code == 530 or bool(_NOT_FOR_US.search(answer.text) or _SIGN_IN.search(answer.text))


def refusal(relay: str, phase: str, answer: Answer) -> TryLater:
    """The relay does not take mail from us: why, and what to do about it."""
    section = f"[relay.{relay}]" if relay else "[relay]"
    fix = ""
    if answer.code in (530, 535, 538) or _SIGN_IN.search(answer.text):
        fix = f"; check user and password in {section}"
    elif _NOT_FOR_US.search(answer.text):
        fix = f"; it must let this machine send to everybody: check user and password in {section}, or its own settings"
    elif phase == "MAIL" and 500 <= answer.code < 600:
        fix = f"; the account in {section} must be allowed to send as this address"
    return TryLater(f"the relay refuses {phase}: {answer}{fix}")
