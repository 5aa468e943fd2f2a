"""Subjects without what mail programs put in front of them."""

import re

# Reply and forward prefixes as mail programs write them, by language; one row for each sign.
_REPLY = (
    "re", "aw", "antw", "sv", "vs", "odp", "ref", "rif", "res", "rv", "tr", "ynt", "vá", "va", "ha", "bls", "atb",
    "отв", "отвт", "απ", "σχετ", "回复", "回覆", "答复", "返信", "답장", "회신", "trả lời", "ตอบกลับ", "رد", "תשובה",
)  # fmt: skip
_FORWARD = (
    "fw", "fwd", "wg", "tr", "rv", "enc", "i", "fs", "vl", "vb", "pd", "doorst", "inoltra", "továbbítás", "fyi", "ilt",
    "πρθ", "转发", "轉寄", "転送", "전달", "пересл", "إعادة توجيه", "הועבר", "ส่งต่อ", "chuyển tiếp", "yml", "pfd",
)  # fmt: skip


def _pattern(words: tuple[str, ...]) -> re.Pattern[str]:
    spelled = "|".join(sorted((re.escape(word) for word in words), key=len, reverse=True))
    return re.compile(rf"\s*(?:{spelled})\s?(?:\[\d{{1,3}}\]|\(\d{{1,3}}\)|\d{{1,3}})?\s?[:：]\s*", re.IGNORECASE)


_ANY = _pattern(_REPLY + _FORWARD)
_REPLIES = _pattern(_REPLY)
_FORWARDS = _pattern(_FORWARD)
_TAG = re.compile(r"\s*\[(?:ext|extern|external|externe|spam\??|caution)\]\s*", re.IGNORECASE)
_SPACE = re.compile(r"\s+")


def base_subject(subject: str) -> str:
    """The subject without any reply or forward prefix and without "[EXTERNAL]" tags, on one line."""
    rest = _SPACE.sub(" ", subject[:2000]).strip()
    for _ in range(20):
        match = _ANY.match(rest) or _TAG.match(rest)
        if match is None or not match.end():
            break
        rest = rest[match.end() :]
    return rest.strip()


def same_subject(one: str, other: str) -> bool:
    left, right = base_subject(one).casefold(), base_subject(other).casefold()
    return bool(left) and left == right


def says_reply(subject: str) -> bool:
    return _REPLIES.match(subject[:100]) is not None


def says_forward(subject: str) -> bool:
    return _FORWARDS.match(subject[:100]) is not None and not _REPLIES.match(subject[:100])
