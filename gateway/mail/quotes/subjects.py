"""Reads the prefixes of a Subject: does it say the mail is a forward, or a reply?"""

from gateway.mail.quotes.prefixes import FORWARD_PREFIXES, REPLY_PREFIXES

_FORWARDS = frozenset(name.replace("_", " ") for _, names in FORWARD_PREFIXES for name in names.split())
_REPLIES = frozenset(name for _, names in REPLY_PREFIXES for name in names.split())


def says_forward(subject: str) -> bool:
    """The first prefix of the Subject is a forward's, as in `Fwd: Re: hello`; a list's [tag] may stand before it."""
    return _first_prefix(subject) in _FORWARDS


def says_reply(subject: str) -> bool:
    """The first prefix of the Subject is a reply's, as in `Re: Fwd: hello`."""
    return _first_prefix(subject) in _REPLIES


def _first_prefix(subject: str) -> str:
    rest = subject[:200].strip()
    while rest.startswith("[") and "]" in rest:
        rest = rest.partition("]")[2].strip()
    prefix, colon, _ = rest.replace("：", ":").partition(":")
    return prefix.strip(" .").casefold().partition("[")[0].strip() if colon else ""
