"""Finds the header lines that Outlook, Notes and others put above an older mail: From, Sent, To, Subject."""

import re
from dataclasses import dataclass

from gateway.mail.quotes.features import COLONS, has_address, has_date, has_time
from gateway.mail.quotes.labels import LABEL_OF, LONGEST_LABEL, Label, fold_label
from gateway.mail.quotes.lines import Lines

_LONGEST_LIST = 60  # lines that the recipients of one mail may take
_IN_ONE_LINE = re.compile(r"([^\s<>:：;,\"()]+(?: [^\s<>:：;,\"()]+)?) ?[:：]")
_FORM_LABEL = re.compile(r"[^\W\d_][^:：<>@]{1,24}[:：](?!//)")
_WRAPS = {Label.TO, Label.COPY}


@dataclass(frozen=True, slots=True)
class Header:
    """A header block: its lines, both included, and how sure it is one."""

    first: int
    last: int
    rule: str
    confidence: float
    kinds: frozenset[Label] = frozenset()


@dataclass(slots=True)
class _Block:
    """What has been read of a block so far."""

    kinds: set[Label]
    last: int
    address: bool = False
    date: bool = False

    def take(self, names: frozenset[Label], value: str, index: int) -> Label:
        fresh = [name for name in names if name not in self.kinds]
        label = min(fresh or list(names), key=lambda name: name.value)
        self.kinds.add(label)
        self.last = index
        if label is Label.SENT:
            self.date = self.date or has_date(value) or has_time(value)
        elif not self.address:
            self.address = "@" in value and has_address(value)
        return label


def label_of(plain: str) -> tuple[frozenset[Label], str] | None:
    """The label a line begins with and the rest of it, or None. Cheap where the line has no early colon."""
    head = plain[:LONGEST_LABEL]
    for colon in COLONS:
        name, found, _ = head.partition(colon)
        if found:
            labels = LABEL_OF.get(fold_label(name))
            if labels is not None:
                return labels, plain[len(name) + 1 :].strip(" *_|\t")
    return None


def header_at(lines: Lines, first: int, *, ruled: bool = False) -> Header | None:
    """The header block that begins at a line with a label, or None. Below a `ruled` line it need not name addresses."""
    block = _read_block(lines, first)
    kinds = frozenset(block.kinds - {Label.MORE})
    sender = Label.SENDER in kinds
    if len(kinds) < 4 and _in_form(lines, first, block.last):
        return None
    if len(kinds) >= 3 and sender and (Label.SUBJECT in kinds or block.address) and (block.date or block.address):
        return Header(first, block.last, "header", 0.97, kinds)
    spare = ruled and block.date and kinds >= {Label.SENDER, Label.SENT, Label.TO}
    if spare or (len(kinds) >= 4 and sender):
        return Header(first, block.last, "header", 0.95, kinds)
    if len(kinds) == 2 and sender and block.address and block.date:
        return Header(first, block.last, "short-header", 0.85, kinds)
    if len(kinds) >= 3 and block.date and block.address and Label.SUBJECT in kinds:
        return Header(first, block.last, "header", 0.9, kinds)
    lines.barren = max(lines.barren, block.last)
    return None


def _in_form(lines: Lines, first: int, last: int) -> bool:
    """Another label, which no mail program writes, stands right above or below: a form that somebody filled in."""
    beside = [at for at in (first - 1, last + 1) if 0 <= at < len(lines) and lines.depth[at] == lines.depth[first]]
    return any(_FORM_LABEL.match(lines.plain[at]) and label_of(lines.plain[at]) is None for at in beside)


def _read_block(lines: Lines, first: int) -> _Block:
    block = _Block(set(), first)
    depth = lines.depth[first]
    label: Label | None = None
    blanks = wrapped = 0
    index = first
    while index < len(lines) and index - first < _LONGEST_LIST * 3:
        plain = lines.plain[index]
        if not plain:
            blanks += 1
            if blanks > 3 or (blanks > 1 and len(block.kinds) > 2):
                break
            index += 1
            continue
        named = label_of(plain) if lines.depth[index] == depth else None
        if named is not None:
            if named[0] <= block.kinds - {Label.MORE}:
                break  # a second To is a second header
            label = block.take(*named, index)
            blanks = wrapped = 0
        elif label is None or not _continues(lines, index, label, wrapped, blanks):
            break
        else:
            wrapped += 1
            block.last = index
            block.address = block.address or has_address(plain)
            if label is Label.SENT or not block.date:
                block.date = block.date or has_date(plain)
        index += 1
    return block


def _continues(lines: Lines, index: int, label: Label, wrapped: int, blanks: int) -> bool:
    """An unlabelled line still belongs to the header line above it: a long list, or a value on a line of its own."""
    plain = lines.plain[index]
    above = lines.plain[index - 1]
    if blanks:
        return False
    if above[-1:] in COLONS or above.endswith((",", ";", "<", ":*")):
        return wrapped < _LONGEST_LIST
    if label in _WRAPS:
        return wrapped < _LONGEST_LIST and ("@" in plain or "/" in plain or ";" in plain or plain.endswith(","))
    return wrapped < 2 and _label_follows(lines, index)


def _label_follows(lines: Lines, index: int) -> bool:
    following = range(index + 1, min(index + 3, len(lines)))
    return any(lines.plain[at] and label_of(lines.plain[at]) is not None for at in following)


def header_in_one_line(plain: str, *, ruled: bool = False) -> bool:
    """From, To, Subject and the like all run together; below a `ruled` line the sender and the date are enough."""
    if "@" not in plain or sum(map(plain.count, COLONS)) < 2:
        return False
    kinds: set[Label] = set()
    for match in _IN_ONE_LINE.finditer(plain):
        words = match.group(1)
        for name in (words, words.rpartition(" ")[2]):
            labels = LABEL_OF.get(fold_label(name))
            if labels:
                kinds |= labels
                break
    rest = len(kinds & {Label.SENT, Label.TO, Label.SUBJECT})
    if ruled and rest and not (has_date(plain) and has_time(plain)):
        return False
    return Label.SENDER in kinds and rest >= (1 if ruled else 2) and has_address(plain)


def notes_header_at(lines: Lines, index: int) -> Header | None:
    """Lotus Notes: a name, a date, then To, cc and Subject without a From. `index` is the To line."""
    block = _read_block(lines, index)
    if Label.TO not in block.kinds or not block.kinds & {Label.SUBJECT, Label.COPY}:
        return None
    dated = _dated_above(lines, index)
    if dated < 0:
        whole = block.kinds >= {Label.TO, Label.COPY, Label.SUBJECT} and block.address
        return Header(index, block.last, "notes-header", 0.85, frozenset(block.kinds)) if whole else None
    first = _name_above(lines, dated)
    return Header(first, block.last, "notes-header", 0.95, frozenset(block.kinds))


def _dated_above(lines: Lines, index: int) -> int:
    """The line with the date among the three that say something above `index`, or -1; its time may have wrapped."""
    seen = 0
    timed = False
    for at in range(index - 1, max(0, index - 8) - 1, -1):
        plain = lines.plain[at]
        if not plain:
            continue
        seen += 1
        if has_date(plain) and (timed or has_time(plain) or seen == 1):
            return at
        timed = len(plain) < 16 and has_time(plain)
        if seen == 3:
            break
    return -1


def _name_above(lines: Lines, dated: int) -> int:
    """The line that names who wrote, when the date has a line of its own; `Sent by:` may stand between."""
    plain = lines.plain[dated]
    if not plain[:1].isdigit():
        return dated
    first = dated
    for at in range(dated - 1, max(-1, dated - 4), -1):
        above = lines.plain[at]
        if not above:
            break
        first = at
        if not above.casefold().startswith("sent by"):
            break
    return first
