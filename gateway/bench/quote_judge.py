"""The judge: were words lost, was a quote left standing? It counts words, so that spaces do not matter."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from gateway.bench.quote_corpus import Case
from gateway.mail.quotes.lines import read_text
from gateway.mail.quotes.signatures import looks_like_tail

_WORD = re.compile(
    r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uac00-\ud7af]"
    r"|(?:(?![\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uac00-\ud7af_])\w)+|[\U0001f000-\U0001faff\u2600-\u27bf]"
)
_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\ufeff\u00ad"))
_LONGEST_TAIL = 26  # lines


@dataclass(frozen=True, slots=True)
class Verdict:
    """`lost`: words that had to stay are gone; `leaked`: others stayed. A signature alone that is gone is `signed`."""

    lost: bool
    leaked: bool
    exact: bool = False
    signed: bool = False

    @property
    def right(self) -> bool:
        return not self.lost and not self.leaked


def judge(case: Case, output: str | None) -> Verdict:
    """What a trimmer's output is worth; None is a trimmer that failed: all is lost."""
    if output is None:
        return Verdict(lost=True, leaked=True)
    if case.core is None:
        seen = _squeezed(output)
        lost = any(_squeezed(snippet) not in seen for snippet in case.must)
        leaked = any(_squeezed(snippet) in seen for snippet in case.must_not)
        return Verdict(lost, leaked, exact=not lost and not leaked)
    missing = not _contains(output, case.core)
    signed = missing and _only_tail_missing(case.core, output)
    exact = _squeezed(output) in {_squeezed(text) for text in (case.core, case.expected, case.most)}
    return Verdict(missing and not signed, bool(output.strip()) and not _contains(case.most, output), exact, signed)


def words(text: str) -> list[str]:
    return _WORD.findall(_normal(text).lower())


def _normal(text: str) -> str:
    return unicodedata.normalize("NFKC", text).translate(_INVISIBLE)


def _squeezed(text: str) -> str:
    return "".join(_normal(text).split())


def _contains(text: str, part: str) -> bool:
    """The words of `part` stand in `text` in the same order; or its letters do, whatever the breaks between them."""
    return _in_order(words(part), words(text)) or (bool(_squeezed(part)) and _squeezed(part) in _squeezed(text))


def _in_order(some: Sequence[str], others: Iterable[str]) -> bool:
    rest = iter(others)
    return all(any(word == other for other in rest) for word in some)


def _only_tail_missing(core: str, output: str) -> bool:
    """All that is gone is the end, from a line on that looks like a signature, or a name of one or two lines."""
    lines = read_text(core.rstrip())
    kept = words(output)
    for at in range(len(lines) - 1, max(-1, len(lines) - _LONGEST_TAIL), -1):
        if lines.plain[at] and _begins_tail(lines.plain[at], looks_like_tail(lines, at, len(lines) - 1)):
            above = words("\n".join(lines.shown[:at]))
            if above and _in_order(above, kept):
                return True
    said = [at for at in range(len(lines)) if lines.plain[at]]
    if len(said) > 2 and len(lines.plain[said[-1]].split()) <= 3:
        above = words("\n".join(lines.shown[: said[-1]]))
        return bool(above) and _in_order(above, kept)
    return False


def _begins_tail(plain: str, known: bool) -> bool:
    framed = plain[0] in "-—–<[" or not plain[:2].strip("-_=*~#")
    return known or framed or plain.casefold().startswith(_BEGINNINGS)


# Weaker than what the trimmer folds: here it only excuses, for every trimmer alike.
_BEGINNINGS = (
    *("best", "kind", "warm", "with kind", "with best", "regards", "thanks", "thank you", "thx", "cheers", "sincerely"),
    *("yours", "mit freundlich", "viele gr", "beste", "freundliche", "gruß", "gruss", "grüße", "cordialement", "bien "),
    *("salut", "saludos", "atentamente", "un saludo", "cumprimentos", "obrigado", "abra", "med v", "mvh", "hilsen"),
    *("met vriendelijke", "groet", "pozdrawiam", "z pow", "с уважением", "спасибо", "sent ", "get outlook", "gesendet"),
    *("envoy", "enviado", "inviato", "verzonden", "skickat", "sendt", "отправлено", "disclaimer", "confidential"),
)
