"""Weighs the cuts against the conversation: known words confirm a cut, find an unmarked quote, and veto a cut."""

import re
from dataclasses import dataclass, replace
from enum import Enum

from gateway.mail.quotes.boundaries import boundary_at
from gateway.mail.quotes.features import features
from gateway.mail.quotes.headers import label_of
from gateway.mail.quotes.known import Covered, Known
from gateway.mail.quotes.lines import Lines
from gateway.mail.quotes.noted import ANSWERED_BELOW, PASSED
from gateway.mail.quotes.signatures import is_tail_block
from gateway.mail.quotes.trimmed import Cut

_CONTEXT = 6  # known lines that stay above an answer which a cut would have taken
_FEWEST = 8  # known words that make an unmarked quote
# The rules that take a mail for content without a mark (a header that is introduced, a stranger's address, a note above
# it), and how much of it must have been said before to be a quote after all. Answers inside leave less of it known.
_REPEATED = 0.6
_GUESSED = {
    **dict.fromkeys(["header", "short-header", "notes-header", "one-line-header", "stranger", PASSED], _REPEATED),
    ANSWERED_BELOW: 0.2,
}
_MOSTLY, _WHOLLY = 0.5, 0.9  # of a line's words, to be known; wholly where answers are said to stand between the lines
_LONGEST_INTRO = 7  # lines
_COLON = re.compile("[:：﹕]")
_WHOLE = 0.6  # of an earlier message, to be taken for a quote of it without an intro


class _State(Enum):
    KNOWN = "known"
    NEW = "new"


@dataclass(slots=True)
class _Block:
    """Lines of one state; blank lines stand between blocks."""

    state: _State
    first: int
    last: int


def weigh(lines: Lines, cuts: list[Cut], known: Known, covered: Covered, *, end: int, forwarded: str) -> list[Cut]:
    """The cuts as the conversation sees them. Lines from `end` on are content by the rule `forwarded`."""
    if end < len(lines) and covered.share(end, len(lines) - 1) > _GUESSED.get(forwarded, 1):
        cuts, end = [*cuts, Cut(end, len(lines) - 1, f"{forwarded}+known", 0.9)], len(lines)
    weighed = [part for cut in cuts for part in _without_answers(lines, cut, covered, known)]
    found = _unmarked(lines, weighed, covered, known, end)
    if found is not None:
        weighed = sorted([*weighed, found], key=lambda cut: cut.first)
    return [_with_intro(lines, cut, known, weighed) for cut in weighed]


def _blocks(lines: Lines, first: int, last: int, covered: Covered, known_from: float = _MOSTLY) -> list[_Block]:
    blocks: list[_Block] = []
    for at in range(first, last + 1):
        if not covered.words[at]:
            continue
        share = covered.known[at] / covered.words[at]
        plainly = _State.KNOWN if share > known_from else _State.NEW
        unsure = known_from == _MOSTLY and 0.35 < share < 0.75
        state = blocks[-1].state if blocks and unsure else plainly
        if blocks and blocks[-1].state is state:
            blocks[-1].last = at
        else:
            blocks.append(_Block(state, at, at))
    return blocks


def _without_answers(lines: Lines, cut: Cut, covered: Covered, known: Known) -> list[Cut]:
    """The cut, less the lines that nobody said before and that stand between or below known ones: answers."""
    wanted = _WHOLLY if cut.rule.startswith(ANSWERED_BELOW) else _MOSTLY
    blocks = _blocks(lines, cut.first, cut.last, covered, wanted)
    kept: list[tuple[int, int]] = []
    for at, block in enumerate(blocks):
        if block.state is not _State.NEW or at == 0:
            continue
        above = blocks[at - 1]
        if sum(covered.known[above.first : above.last + 1]) < 3:
            continue
        said = _up_to_boundary(lines, block, known)
        if said is not None and _is_answer(lines, said, covered, between=at + 1 < len(blocks)):
            kept.append((_context(lines, above), said.last))
    if not kept:
        share = covered.share(cut.first, cut.last)
        return [replace(cut, rule=f"{cut.rule}+known", confidence=0.99)] if share > 0.5 else [cut]
    return _pieces(cut, kept)


def _up_to_boundary(lines: Lines, block: _Block, known: Known) -> _Block | None:
    """The lines of a block above the header or intro of a still older mail in it."""
    for at in range(block.first, block.last + 1):
        plain = lines.plain[at]
        if not plain:
            continue
        boundary = boundary_at(lines, at)
        first = min(boundary.first, at) if boundary else at
        if boundary or label_of(plain) or _names_writer(plain, known):
            return _Block(block.state, block.first, first - 1) if first > block.first else None
    return block


def _is_answer(lines: Lines, block: _Block, covered: Covered, *, between: bool) -> bool:
    words = sum(covered.words[block.first : block.last + 1])
    if is_tail_block(lines, block.first, block.last):
        return False
    return words >= (2 if between else 3)


def _context(lines: Lines, above: _Block) -> int:
    """Where the lines that an answer speaks of begin: the paragraph above it, or the last lines of it."""
    first = above.last
    while first > above.first and lines.plain[first - 1] and above.last - first + 1 < _CONTEXT:
        first -= 1
    return first


def _pieces(cut: Cut, kept: list[tuple[int, int]]) -> list[Cut]:
    pieces: list[Cut] = []
    first, column = cut.first, cut.column
    for start, last in kept:
        if start > first:
            pieces.append(replace(cut, first=first, last=start - 1, rule=f"{cut.rule}+answered", column=column))
        first, column = max(first, last + 1), 0
    if first <= cut.last:
        pieces.append(replace(cut, first=first, rule=f"{cut.rule}+answered", column=column))
    return pieces


def _unmarked(lines: Lines, cuts: list[Cut], covered: Covered, known: Known, end: int) -> Cut | None:
    """An older mail that nothing marks, at the end of what is kept, with an intro above it or whole."""
    last = min([end, *(cut.first for cut in cuts if cut.last >= end - 1)]) - 1
    first = max([0, *(cut.last + 1 for cut in cuts if cut.last < last)])
    blocks = _blocks(lines, first, last, covered)
    while blocks and blocks[-1].state is _State.NEW and is_tail_block(lines, blocks[-1].first, blocks[-1].last):
        last = blocks.pop().first - 1
    if len(blocks) < 2 or blocks[-1].state is not _State.KNOWN or blocks[0].state is not _State.NEW:
        return None
    block = blocks[-1]
    if sum(covered.known[block.first : block.last + 1]) < _FEWEST:
        return None
    intro = _intro_above(lines, block.first, first, known)
    if intro is not None:
        return Cut(intro, last, "known-intro", 0.9)
    alone = block.first == 0 or not lines.plain[block.first - 1]
    if alone and _reproduces(block, covered, known):
        return Cut(block.first, last, "known", 0.85)
    return None


def _reproduces(block: _Block, covered: Covered, known: Known) -> bool:
    """Most of one message of ours stands in the block: nobody repeats a whole answer but by quoting it."""
    grams = {gram for at, gram in covered.grams if block.first <= at <= block.last}
    ours = [message for message, theirs in zip(known.messages, known.theirs, strict=True) if not theirs]
    return any(message and len(grams & message) >= _WHOLE * len(message) for message in ours)


def _intro_above(lines: Lines, first: int, top: int, known: Known) -> int | None:
    """Where the paragraph begins that tells who wrote the known words below it and when: a line, or one label a line.

    Its words may be of any language, and need not be right above."""
    last = first - 1
    while last >= top and first - last < 4 and not lines.plain[last]:
        last -= 1
    begin = last
    while begin > top and lines.plain[begin - 1] and last - begin < _LONGEST_INTRO - 1:
        begin -= 1
    paragraph = lines.plain[max(begin, top) : last + 1]
    if not paragraph:
        return None
    if len(paragraph) > 2 and all(_COLON.search(plain[:40]) for plain in paragraph):
        joined = " ".join(paragraph)
        return begin if known.mentions(joined) and _names_writer(joined, known) else None
    if _names_writer(paragraph[-1], known):
        return last - 1 if len(paragraph) == 2 and _names_writer(paragraph[0], known) else last
    joined = " ".join(paragraph[-2:])
    return last - 1 if len(paragraph) == 2 and len(joined) < 160 and _names_writer(joined, known) else None


def _names_writer(plain: str, known: Known) -> bool:
    if len(plain) > 200:
        return False
    seen = features(plain)
    named = seen.address or known.words_in(plain)
    return (named and (seen.date or seen.time or seen.verb)) or (seen.date and seen.time and seen.ends)


def _with_intro(lines: Lines, cut: Cut, known: Known, cuts: list[Cut]) -> Cut:
    """A cut takes the line right above it along that names a person who took part, and a date or a verb."""
    if cut.column or cut.rule.endswith("+answered"):
        return cut
    taken = max([-1, *(other.last for other in cuts if other.last < cut.first)])
    blanks = 0
    for at in range(cut.first - 1, max(taken, cut.first - 4), -1):
        plain = lines.plain[at]
        if not plain:
            blanks += 1
            continue
        if blanks > 1 or len(plain) > 200 or lines.depth[at]:
            return cut
        seen = features(plain)
        if known.mentions(plain) and seen.ends and (seen.date or seen.time or seen.verb):
            return replace(cut, first=at)
        return cut
    return cut
