"""DKIM signatures and ARC seals, checked by dkimpy against keys that are given."""

import re
from collections.abc import Callable
from typing import Any

import dkim

from gateway.mail.fields import skip_preamble
from gateway.mail.spf import Lookup

LARGEST = 30_000_000  # bytes: beyond, checking a signature costs more memory than reading has
MOST = 5
_TAG = re.compile(rb"(?:^|;)\s*([a-z]{1,2})\s*=\s*([^;]*)")
# dkimpy meets hostile input with whatever Python raises; a signature that cannot be checked proves nothing.
_STUMBLES = (dkim.DKIMException, ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError)


class Missing(Exception):
    """An answer of the DNS is needed that was not given."""

    def __init__(self, question: tuple[str, str]) -> None:
        super().__init__(question)
        self.question = question


_open: Callable[..., Any] = dkim.DKIM
_open_chain: Callable[..., Any] = dkim.ARC


def signers(raw: bytes, lookup: Lookup) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Domains whose signature holds, and those whose signature does not. Raises Missing for a key not given."""
    raw = raw[skip_preamble(raw) :]
    good: list[str] = []
    broken: list[str] = []
    if len(raw) > LARGEST:
        return (), ("too large to check",)
    for index in range(MOST):
        try:
            checked = _open(raw, minkey=1024)
            fields = [value for name, value in checked.headers if name.lower() == b"dkim-signature"]
            if index >= len(fields):
                break
            tags = _tags(fields[index])
            domain = tags.get("d", "?").casefold()
            holds = checked.verify(index, _key_by(lookup))
            # RFC 6376 §8.2: with l= anybody may write more below what was signed.
            (good if holds and "l" not in tags else broken).append(domain)
        except _STUMBLES:
            broken.append("unreadable")
    return tuple(good), tuple(broken)


def arc_sealer(raw: bytes, lookup: Lookup) -> tuple[str, str]:
    """Who closed a chain that holds, and what that one found (its ARC-Authentication-Results); else empty."""
    raw = raw[skip_preamble(raw) :]
    if len(raw) > LARGEST:
        return "", ""
    try:
        chain = _open_chain(raw)
        outcome, results, _ = chain.verify(_key_by(lookup))
        if outcome != dkim.CV_Pass or not results:
            return "", ""
        newest = max(int(one["instance"]) for one in results)
        return _of_instance(chain.headers, newest)
    except _STUMBLES:
        return "", ""


def _of_instance(fields: list[tuple[bytes, bytes]], newest: int) -> tuple[str, str]:
    sealer, found = "", ""
    for name, value in fields:
        tags = _tags(value)
        if tags.get("i", "").strip() != str(newest):
            continue
        if name.lower() == b"arc-seal":
            sealer = tags.get("d", "").casefold()
        elif name.lower() == b"arc-authentication-results":
            found = " ".join(value.decode("utf-8", "replace").split())
    return sealer, found


def _tags(value: bytes) -> dict[str, str]:
    return {
        name.decode("ascii"): "".join(text.decode("ascii", "replace").split()) for name, text in _TAG.findall(value)
    }


def _key_by(lookup: Lookup) -> Callable[..., bytes | None]:
    def key(name: bytes, timeout: int = 5) -> bytes | None:
        found = lookup(name.decode("ascii", "replace").rstrip("."), "TXT")
        return found[0].encode("utf-8", "replace") if found else None

    return key
