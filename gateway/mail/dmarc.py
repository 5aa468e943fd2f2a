"""DMARC: what a domain's owner asks for, and whose word counts for it."""

from dataclasses import dataclass

from gateway.mail.authentication_results import covers
from gateway.mail.spf import Lookup

_HIGHEST = 5  # labels of the longest name that is asked above the domain itself


@dataclass(frozen=True, slots=True)
class Policy:
    """`domain` is where the record was found. `strict`: mail that fails is to be refused or put aside."""

    domain: str
    strict: bool
    strict_dkim: bool = False
    strict_spf: bool = False


def read_policy(domain: str, lookup: Lookup) -> Policy | None:
    """The record of the domain, else of the nearest one above it, or None."""
    for name in policy_names(domain):
        for record in lookup(f"_dmarc.{name}", "TXT"):
            tags = _tags(record)
            if tags.get("v", "").casefold() == "dmarc1":
                below = name != domain
                asked = (tags.get("sp") if below else None) or tags.get("p", "none")
                strict = asked.casefold() in ("reject", "quarantine")
                return Policy(name, strict, tags.get("adkim", "r") == "s", tags.get("aspf", "r") == "s")
    return None


def policy_names(domain: str) -> list[str]:
    """The domain and those above it, never a top-level one."""
    labels = domain.split(".")
    above = [".".join(labels[at:]) for at in range(1, len(labels) - 1)]
    return [domain, *(name for name in above if name.count(".") < _HIGHEST)]


def speaks_for(signer: str, domain: str, policy: Policy | None, *, strict: bool) -> bool:
    """Alignment: whether a proof for `signer` proves a From of `domain`."""
    signer = signer.casefold().rstrip(".")
    if policy is None:
        return covers(signer, domain)
    if strict:
        return signer == domain
    return signer == policy.domain or signer.endswith("." + policy.domain) or covers(signer, domain)


def _tags(record: str) -> dict[str, str]:
    pairs = (piece.partition("=") for piece in record.split(";"))
    return {name.strip().casefold(): value.strip() for name, mark, value in pairs if mark}
