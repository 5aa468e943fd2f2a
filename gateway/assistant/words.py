"""Words as a search compares them: folded, without their endings, and which of them say nothing by themselves."""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from gateway.assistant.small_words import ASKING, SMALL

_TOKEN = re.compile(r"[^\W_]+")
_UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u0e00-\u0e7f]+")  # scripts without word spaces
_LONGEST = 40
_ENDINGS = (
    *("ungen", "ement", "ments", "ment", "ing", "ung", "ada", "ado", "ies", "ed", "es", "er", "en", "em", "as", "os"),
    *("ami", "ями", "ами", "ого", "его", "ому", "ать", "ить", "ов", "ев", "ей", "ам", "ах", "ом", "ой", "ый", "ая"),
    *("é", "s", "e", "n", "a", "o", "i", "y", "ы", "и", "а", "я", "у", "ю", "е", "о", "ь"),
)
_ROOT = 4  # letters that an ending leaves


def stems(text: str) -> list[str]:
    """Every word of the text, in order, small ones too."""
    return [_stem(word) for word in _words(text)]


def telling(text: str) -> list[str]:
    """The words that say what a text is about."""
    return [_stem(word) for word in _words(text) if word not in SMALL_WORDS]


def is_question(sentence: str) -> bool:
    """By its mark, or by its first word."""
    if sentence.rstrip("\"'”»)* ").endswith(("?", "？", "؟")):
        return True
    first = next(iter(_words(sentence)), "")
    return first in ASKING_WORDS


def language_of(text: str) -> str:
    """The language whose small words are the most, by a clear lead; empty when there is none."""
    words = _words(text)
    counts = sorted(((sum(word in small for word in words), name) for name, small in _SMALL.items()), reverse=True)
    (most, name), (second, _) = counts[:2]
    return name if most >= 3 and most > second else ""


def _words(text: str) -> list[str]:
    folded = _fold(text)
    words: list[str] = []
    for word in _TOKEN.findall(folded):
        if _UNSPACED.search(word):
            words += _pairs(word)
        else:
            words.append(word[:_LONGEST])
    return words


def _fold(text: str) -> str:
    """Case and accents make no difference."""
    bare = unicodedata.normalize("NFKD", text.casefold())
    kept = "".join(letter for letter in bare if not "\u0300" <= letter <= "\u036f")
    return unicodedata.normalize("NFC", kept).replace("’", "'").replace("'", "")


def _pairs(word: str) -> list[str]:
    return [word[at : at + 2] for at in range(len(word) - 1)] or [word]


@lru_cache(maxsize=20_000)
def _stem(word: str) -> str:
    """Rough on purpose, and the same for all languages: "lamps" and "Lampen" lose what "lamp" and "Lampe" lose."""
    if any(letter.isdigit() for letter in word):
        return word
    for _ in range(2):
        ending = next((one for one in _ENDINGS if word.endswith(one) and len(word) - len(one) >= _ROOT), "")
        word = word[: len(word) - len(ending)]
    return word


def _set(words: Iterable[str]) -> frozenset[str]:
    return frozenset(_fold(word) for word in words)


_SMALL = {name: _set(text.split()) for name, text in SMALL.items()}
SMALL_WORDS = frozenset().union(*_SMALL.values())
ASKING_WORDS = _set(ASKING.split())
