"""Reads the prefixes of a Subject: does it say the mail is a forward?"""

from gateway.mail.quotes.markers import FORWARD_PREFIXES

_FORWARDS = frozenset(name.replace("_", " ") for _, names in FORWARD_PREFIXES for name in names.split())


def says_forward(subject: str) -> bool:
    """The first prefix of the Subject is a forward's, as in `Fwd: Re: hello`; a list's [tag] may stand before it."""
    rest = subject[:200].strip()
    while rest.startswith("[") and "]" in rest:
        rest = rest.partition("]")[2].strip()
    prefix, colon, _ = rest.replace("：", ":").partition(":")
    return bool(colon) and prefix.strip(" .").casefold().partition("[")[0].strip() in _FORWARDS
