"""Authentication-Results (RFC 8601): what a server says it found out about a mail."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from gateway.mail.trust import Trust

_COMMENT = re.compile(r"\(([^()]{0,1000})\)")
_RESULT = re.compile(r"\s*([a-z0-9-]{1,40})\s*(?:/\s*\d+\s*)?=\s*([a-z]{1,20})", re.IGNORECASE)
_PROPERTY = re.compile(
    r"([a-z0-9-]{1,40}(?:\.[a-z0-9-]{1,60})?)\s*=\s*(\"[^\"]{0,400}\"|[^\s;\"]{1,400})", re.IGNORECASE
)
_STRICT = re.compile(r"\bp=(?:reject|quarantine)\b|\baction=\"?(?:o?reject|o?quarantine)\b", re.IGNORECASE)
_STRICTLY = re.compile(r"\bpolicy\.(?:dmarc|published-domain-policy)=\"?(?:reject|quarantine)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Found:
    """One method's result. `said` is the whole clause, comments included."""

    method: str
    result: str
    properties: Mapping[str, str]
    said: str


@dataclass(frozen=True, slots=True)
class Results:
    server: str
    found: tuple[Found, ...]


def read_results(value: str) -> Results:
    """One field's value; whatever it is, never raises. ARC's leading `i=1;` is passed over."""
    clauses = _split(re.sub(r"^\s*i\s*=\s*\d+\s*;", "", value[:8_000]))
    server = _COMMENT.sub(" ", clauses[0]).split()[:1] if clauses else []
    found = [one for clause in clauses[1:40] if (one := _read_clause(clause)) is not None]
    return Results(server[0].casefold() if server else "", tuple(found))


def weigh_results(results: Results, domain: str) -> tuple[Trust, str]:
    """What they mean for a mail that says it is from `domain`."""
    for one in results.found:
        if (
            one.method == "dmarc"
            and one.result == "pass"
            and _is_for(one.properties.get("header.from", domain), domain)
        ):
            return Trust.VERIFIED, f"{results.server} says dmarc=pass for {domain}"
    for one in results.found:
        signer = _signer(one)
        if one.result == "pass" and signer and covers(signer, domain):
            return Trust.VERIFIED, f"{results.server} says {one.method}=pass for {signer}"
    for one in results.found:
        if one.method == "dmarc" and one.result == "fail":
            if _STRICT.search(one.said) or _STRICTLY.search(one.said):
                return Trust.FAILED, f"{results.server} says dmarc=fail, and {domain} asks to refuse such mail"
            return Trust.UNVERIFIED, f"{results.server} says dmarc=fail, but {domain} does not ask to refuse such mail"
    return Trust.UNVERIFIED, f"{results.server or 'a server'} says nothing that proves {domain}"


def covers(signer: str, domain: str) -> bool:
    """Without a DMARC record: the domain itself or one above it may speak for it, never one below."""
    return bool(signer) and "." in signer and (domain == signer or domain.endswith("." + signer))


def _split(value: str) -> list[str]:
    """At semicolons outside of comments and quotes."""
    pieces, depth, quoted = [""], 0, False
    for mark in value:
        if mark == '"' and not depth:
            quoted = not quoted
        elif mark in "()" and not quoted:
            depth = max(0, depth + (1 if mark == "(" else -1))
        if mark == ";" and not depth and not quoted:
            pieces.append("")
        else:
            pieces[-1] += mark
    return pieces


def _read_clause(clause: str) -> Found | None:
    bare = _COMMENT.sub(" ", clause)
    match = _RESULT.match(bare)
    if match is None:
        return None
    properties = {
        name.casefold(): value.strip('"').casefold() for name, value in _PROPERTY.findall(bare[match.end() :])
    }
    return Found(match.group(1).casefold(), match.group(2).casefold(), properties, clause)


def _signer(one: Found) -> str:
    """Whose word a passed DKIM or SPF check is."""
    if one.method == "dkim":
        return one.properties.get("header.d", "") or one.properties.get("header.i", "").rpartition("@")[2]
    if one.method == "spf":
        return one.properties.get("smtp.mailfrom", "").rpartition("@")[2]
    return ""


def _is_for(checked: str, domain: str) -> bool:
    checked = checked.rpartition("@")[2]
    return checked == domain or covers(checked, domain)
