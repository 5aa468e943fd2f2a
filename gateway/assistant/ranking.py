"""Which article a question is about: BM25 for the order, and a plain measure of how much of the question it covers."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from gateway.assistant.shelved import Shelved
from gateway.assistant.words import stems, telling

_K1, _B = 1.2, 0.5  # Robertson and Zaragoza, "The Probabilistic Relevance Framework" (2009), section 3
_TITLE, _QUESTION, _HEADING, _BODY = 3, 2, 2, 1
ALIKE = 0.8  # of all words of a question and a sample question: the same question


@dataclass(frozen=True, slots=True)
class Match:
    """`score` orders the articles; `covered` is the share of the question's telling words that the article knows."""

    shelved: Shelved
    score: float
    covered: float


@dataclass(frozen=True, slots=True)
class _Card:
    shelved: Shelved
    counts: Counter[str]
    length: int
    samples: tuple[frozenset[str], ...] = field(default=())


class Index:
    """The words of all articles."""

    def __init__(self, shelved: Sequence[Shelved]) -> None:
        self.shelved = tuple(shelved)
        self._cards = [_card(one) for one in shelved]
        self._spread = Counter(stem for card in self._cards for stem in card.counts)
        self._mean = sum(card.length for card in self._cards) / max(len(self._cards), 1) or 1.0

    def match(self, question: str, context: str = "") -> list[Match]:
        """The articles that know any telling word of it, best first. `context` is the subject: it weighs half."""
        asked = dict.fromkeys(telling(question))
        around = [stem for stem in dict.fromkeys(telling(context)) if stem not in asked]
        whole = frozenset(stems(question))
        found = []
        for card in self._cards:
            same = max((len(whole & one) / len(whole | one) for one in card.samples), default=0.0)
            score = sum(self._weight(card, stem) for stem in asked)
            score += sum(self._weight(card, stem) for stem in around) / 2
            if score > 0:
                found.append(Match(card.shelved, score * (1 + same), self._covered(card, list(asked), same)))
        return sorted(found, key=lambda one: (-one.score, one.shelved.article.id))

    def knows(self, shelved: Shelved, stem: str) -> bool:
        return any(card.counts[stem] for card in self._cards if card.shelved is shelved)

    def _covered(self, card: _Card, asked: Sequence[str], same: float) -> float:
        """One word that many articles have is no evidence; a question that is nearly a sample question is."""
        if same >= ALIKE:
            return 1.0
        known = [stem for stem in asked if card.counts[stem]]
        rare = [stem for stem in known if self._spread[stem] <= max(1, len(self._cards) // 3)]
        if not rare or (len(known) < 2 and len(asked) > 1):
            return 0.0
        return len(known) / len(asked)

    def _weight(self, card: _Card, stem: str) -> float:
        count = card.counts[stem]
        if not count:
            return 0.0
        spread = self._spread[stem]
        rarity = math.log(1 + (len(self._cards) - spread + 0.5) / (spread + 0.5))
        return rarity * count * (_K1 + 1) / (count + _K1 * (1 - _B + _B * card.length / self._mean))


def _card(one: Shelved) -> _Card:
    counts: Counter[str] = Counter()
    for text, times in (
        (one.article.title, _TITLE),
        *((question, _QUESTION) for question in one.questions),
        *((heading, _HEADING) for heading in one.headings),
        (one.article.text, _BODY),
    ):
        for stem in telling(text):
            counts[stem] += times
    samples = tuple(frozenset(stems(text)) for text in (one.article.title, *one.questions))
    return _Card(one, counts, counts.total(), samples)
