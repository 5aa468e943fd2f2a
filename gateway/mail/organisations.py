"""To whom a domain belongs: the name below a public suffix, by Mozilla's list as it came with the library."""

from functools import cache

from publicsuffixlist import PublicSuffixList


def organisation_of(domain: str) -> str:
    """RFC 7489 §3.2: the organisational domain, in lower case; empty for a public suffix, which is nobody's own."""
    return _list().privatesuffix(domain.casefold().rstrip(".")) or ""


def same_organisation(one: str, other: str) -> bool:
    found = organisation_of(one)
    return bool(found) and found == organisation_of(other)


@cache
def _list() -> PublicSuffixList:
    """Read at the first question; what is not on it counts as a public suffix of one label, as its rules say."""
    return PublicSuffixList()
