"""Characters that nobody sees: zero-width, bidi controls, the tag block."""

import re

# ZWJ and ZWNJ shape words in Arabic, Persian and Indic scripts and join emoji: there they are part of what is seen.
_JOINED = re.compile("(?<=[\u0600-\u0dff\u1000-\u109f\u2600-\u27bf\ufe0f\U0001f000-\U0001faff])[\u200c\u200d]")
_FLAGS = re.compile("(\U0001f3f4)[\U000e0020-\U000e007e]{2,6}\U000e007f")
_INVISIBLE = re.compile(
    "[\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0"
    "\ufff9-\ufffb\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
_SOFT_HYPHEN = "\u00ad"
_KEPT_JOINERS = {"\u200c": "\uf8f0", "\u200d": "\uf8f1"}


def strip_invisible(text: str) -> tuple[str, int]:
    """The text without them, and how many there were. Soft hyphens go too, but are no sign of anything."""
    if text.isascii():
        return text, 0
    text = text.replace(_SOFT_HYPHEN, "")
    text = _FLAGS.sub(r"\1", text)
    text = _JOINED.sub(lambda joiner: _KEPT_JOINERS[joiner.group()], text)
    text, count = _INVISIBLE.subn("", text)
    for joiner, stand_in in _KEPT_JOINERS.items():
        text = text.replace(stand_in, joiner)
    return text, count
