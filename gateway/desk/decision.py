"""A decision: answer, hand off, or keep silent."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Understanding:
    """What the assistant made of the conversation, whatever it decided. Any of it may be empty."""

    summary: str = ""
    language: str = ""
    sentiment: str = ""
    topic: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answer:
    text: str
    resolved: bool = False
    citations: tuple[str, ...] = ()
    about: Understanding = field(default_factory=Understanding)


@dataclass(frozen=True, slots=True)
class HandOff:
    reason: str
    about: Understanding = field(default_factory=Understanding)


@dataclass(frozen=True, slots=True)
class KeepSilent:
    reason: str
    about: Understanding = field(default_factory=Understanding)


Decision = Answer | HandOff | KeepSilent
