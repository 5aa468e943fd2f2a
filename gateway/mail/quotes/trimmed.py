"""What the trimmer is given and what it returns."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Earlier:
    """An earlier message of the same conversation: what it said (its new text) and who said it when."""

    text: str
    address: str = ""
    name: str = ""
    at: datetime | None = None
    message_id: str = ""
    in_reply_to: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Cut:
    """Lines `first` to `last` of the full text, counted from 1, both included, and the rule that cut them."""

    first: int
    last: int
    rule: str
    confidence: float
    column: int = 0  # so many characters of line `first` are kept: a certain mark stood inside the line


@dataclass(frozen=True, slots=True)
class Trimmed:
    """`full` is the whole visible text; `text` a selection of its lines; `html` the kept part, clean, or empty.

    `fault` says why nothing was trimmed although it was tried: then `text` is the whole.
    """

    text: str
    html: str
    full: str
    cuts: tuple[Cut, ...] = ()
    fault: str = ""
