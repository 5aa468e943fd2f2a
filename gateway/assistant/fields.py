"""The case's fields, filled with no more than the customer's words and the fields' own descriptions say."""

import re
from collections.abc import Sequence

from gateway.assistant.words import stems, telling
from gateway.desk.brief import AskedField, Brief

_OTHERWISE = re.compile(r"(?i)\b(?:all else|anything else|everything else|otherwise|default|sonst|alles andere)\b")


def fill(brief: Brief, text: str) -> dict[str, str]:
    """Dropdowns whose description names their options, as "High: outage, data loss. Medium: all else."

    The option whose words the customer uses most is chosen; when none is used, the one described as all else.
    """
    said = frozenset(stems(text))
    chosen = {field.column: _option(field, said) for field in brief.fields if field.type == "dropdown"}
    return {column: option for column, option in chosen.items() if option}


def topic_in(text: str, topics: Sequence[str]) -> str:
    """The first topic of which the text uses at least half of the telling words."""
    said = frozenset(stems(text))
    for topic in topics:
        words = frozenset(telling(topic))
        if words and 2 * len(words & said) >= len(words):
            return topic
    return ""


def _option(field: AskedField, said: frozenset[str]) -> str:
    described = _descriptions(field)
    hits = sorted(
        ((len(said & frozenset(telling(words))), option) for option, words in described.items()), reverse=True
    )
    if hits and hits[0][0] > 0 and (len(hits) == 1 or hits[0][0] > hits[1][0]):
        return hits[0][1]
    if hits and hits[0][0] > 0:
        return ""  # two options fit alike: a person knows better
    return next((option for option, words in described.items() if _OTHERWISE.search(words)), "")


def _descriptions(field: AskedField) -> dict[str, str]:
    """Each option with what the description says behind its name and a colon, up to the next option's."""
    options = {option.casefold(): option for option in field.options}
    if not options:
        return {}
    names = "|".join(re.escape(name) for name in sorted(options, key=len, reverse=True))
    parts = re.split(rf"(?i)(?<!\w)({names})\s*[:：]", field.description)
    return {options[name.casefold()]: words for name, words in zip(parts[1::2], parts[2::2], strict=True)}
