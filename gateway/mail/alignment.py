"""What the servers on its way found out about a mail of ours: SPF, DKIM and DMARC, each with what to do when it fails.

It tells the operator how the world sees our own From; it decides nothing, so anybody's finding will do.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from gateway.mail.authentication_results import Found, read_results
from gateway.mail.message import Message
from gateway.mail.organisations import same_organisation

METHODS = ("spf", "dkim", "dmarc")


@dataclass(frozen=True, slots=True)
class Alignment:
    """`result` is the RFC 8601 word, empty when nobody said one. `aligned` (RFC 7489, relaxed): it proves the From."""

    method: str
    result: str
    aligned: bool
    text: str
    fix: str = ""


def alignments(message: Message) -> Sequence[Alignment]:
    """One for each method, by the first server that says anything about it: the one that our relay gave the mail to."""
    domain = message.senders[0].domain if message.senders else ""
    fields = [read_results(value) for value in reversed(message.all_headers("authentication-results"))]
    fields += [read_results(value) for value in reversed(message.all_headers("arc-authentication-results"))]
    found: list[Alignment] = []
    for method in METHODS:
        said = ([(one, results.server) for one in results.found if one.method == method] for results in fields)
        found.append(_weigh(method, domain, next((some for some in said if some), [])))
    return found


def _weigh(method: str, domain: str, said: Sequence[tuple[Found, str]]) -> Alignment:
    """Several signatures: one that passes and speaks for the From is enough."""
    ranked = sorted(said, key=lambda one: (_speaks(one[0], domain), one[0].result == "pass"), reverse=True)
    if not ranked:
        return Alignment(method, "", False, "no server on the way said anything about it", _fix(method, domain))
    best, server = ranked[0]
    aligned, about = _speaks(best, domain), _about(best)
    text = f"{best.result}{f' for {about}' if about else ''}, says {server or 'a server that leaves its name out'}"
    if best.result == "pass" and not aligned:
        text += f"; that does not speak for {domain}"
    return Alignment(method, best.result, aligned, text, "" if aligned else _fix(method, domain))


def _speaks(one: Found, domain: str) -> bool:
    if one.result != "pass":
        return False
    about = _about(one)
    return one.method == "dmarc" or (bool(about) and (about == domain or same_organisation(about, domain)))


def _about(one: Found) -> str:
    """The domain that a finding is about."""
    names = {"spf": ("smtp.mailfrom", "smtp.helo"), "dkim": ("header.d", "header.i"), "dmarc": ("header.from",)}
    value = next((one.properties[name] for name in names[one.method] if name in one.properties), "")
    return value.rpartition("@")[2].rstrip(".").casefold()


def _fix(method: str, domain: str) -> str:
    match method:
        case "spf":
            return f"add the relay's servers to the TXT record of {domain} that begins with v=spf1"
        case "dkim":
            return f"let the relay sign as {domain}, and publish its key at SELECTOR._domainkey.{domain}"
        case _:
            return f"publish a TXT record at _dmarc.{domain}, at least v=DMARC1; p=none; SPF or DKIM must speak for it"
