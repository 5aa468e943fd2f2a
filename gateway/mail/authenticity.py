"""How sure we are of a mail's sender: what trusted servers found, ARC of known forwarders, own DKIM, SPF and DMARC.

The DNS is not asked here. `prove` says which names it needs; whoever can ask gives the answers and calls again.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gateway.mail.authentication_results import read_results, weigh_results
from gateway.mail.dmarc import Policy, policy_names, read_policy, speaks_for
from gateway.mail.message import Envelope, Message
from gateway.mail.sealing import Missing, arc_sealer, signers
from gateway.mail.spf import check_spf
from gateway.mail.trust import Trust

Question = tuple[str, str]  # a name and a kind of record
Answers = Mapping[Question, Sequence[str] | None]  # None: no answer could be had
KNOWN_SEALERS = frozenset(
    ("google.com", "microsoft.com", "outlook.com", "yahoo.com", "messagingengine.com", "icloud.com", "zoho.com",
     "zohomail.com", "mimecast.com", "protonmail.ch", "mailbox.org", "gmx.net", "forwardemail.net",
     "cloudflare-email.net")
)  # fmt: skip
_SELECTOR = re.compile(r"(?:^|;)\s*([sd])\s*=\s*([A-Za-z0-9._-]{1,200})")
_SRS = re.compile(r"SRS[01][=+-]", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Ask:
    questions: tuple[Question, ...]


@dataclass(frozen=True, slots=True)
class Proof:
    trust: Trust
    reasons: tuple[str, ...]


def prove(
    raw: bytes, message: Message, envelope: Envelope, *, servers: Collection[str], answers: Answers | None
) -> Proof | Ask:
    """How far the mail proves its From. `servers` are authserv-ids that count; `answers` None: the DNS is not asked."""
    domain = message.senders[0].domain if message.senders else ""
    if not domain:
        return Proof(Trust.UNVERIFIED, ("it names no sender",))
    told = _told(message, envelope, servers, domain)
    if told is not None and told.trust is not Trust.UNVERIFIED:
        return _about_one_author(told, message)
    before = told.reasons if told else ()
    if answers is None:
        return Proof(Trust.UNVERIFIED, (*before, "the DNS was not asked, so nothing proves the sender"))
    wanted = tuple(one for one in _first_questions(message, envelope, domain) if one not in answers)
    if wanted:
        return Ask(wanted)
    try:
        found = _Examination(raw, message, envelope, domain, answers).run()
    except Missing as missing:
        return Ask((missing.question,))
    return _about_one_author(Proof(found.trust, (*before, *found.reasons)), message)


def prove_bytes(
    raw: bytes, message: Message, envelope: Envelope, servers: Sequence[str], answers: Answers
) -> Proof | Ask:
    """The same for a process of its own."""
    return prove(raw, message, envelope, servers=servers, answers=answers)


def prove_file(
    path: str, message: Message, envelope: Envelope, servers: Sequence[str], answers: Answers
) -> Proof | Ask:
    """The same of a kept mail on disk."""
    return prove_bytes(Path(path).read_bytes(), message, envelope, servers, answers)


def answers_as_rows(answers: Answers | None) -> list[list[Any]] | None:
    """As they are kept beside an arrival; None: the DNS was not asked."""
    if answers is None:
        return None
    return [[name, kind, None if said is None else list(said)] for (name, kind), said in answers.items()]


def answers_from_rows(rows: Sequence[Sequence[Any]] | None) -> Answers | None:
    return None if rows is None else {(name, kind): said for name, kind, said in rows}


def _about_one_author(found: Proof, message: Message) -> Proof:
    """RFC 7489 §6.6.1: with authors of several domains, or without a From of its own, it may be about another."""
    fields = message.all_headers("from")
    if found.trust is Trust.FAILED or (
        len(fields) == 1 and "@" in fields[0] and len({one.domain for one in message.senders}) == 1
    ):
        return found
    return Proof(Trust.UNVERIFIED, (*found.reasons, "its From is not one author's, so that proves nobody"))


def _told(message: Message, envelope: Envelope, servers: Collection[str], domain: str) -> Proof | None:
    """RFC 8601 §5: anyone can write such a field, so only the topmost counts, and only of a server that is trusted."""
    received = 0
    for name, value in message.headers:
        if name == "received":
            received += 1
        if name == "authentication-results":
            results = read_results(value)
            # The peer's own finding stands above the peer's own Received line, which stands below ours.
            on_top = envelope.trusted and bool(envelope.peer) and received <= 1
            listed = results.server in servers and (envelope.trusted or not envelope.peer)
            if listed or (on_top and not servers):
                trust, why = weigh_results(results, domain)
                return Proof(trust, (why,))
            return None
    return None


def _first_questions(message: Message, envelope: Envelope, domain: str) -> list[Question]:
    """What is needed in any case, so that it can be asked at once. Without a signature or a peer, nothing is."""
    signatures = message.all_headers("dkim-signature")[:5]
    direct = bool(envelope.peer) and not envelope.trusted
    wanted: list[Question] = []
    for value in signatures:
        tags = dict(_SELECTOR.findall(value))
        if len(tags) == 2:
            wanted.append((f"{tags['s']}._domainkey.{tags['d']}".casefold(), "TXT"))
    if signatures or direct:
        wanted += [(f"_dmarc.{name}", "TXT") for name in policy_names(domain)]
    return list(dict.fromkeys(wanted))


@dataclass(slots=True)
class _Examination:
    raw: bytes
    message: Message
    envelope: Envelope
    domain: str
    answers: Answers

    def run(self) -> Proof:
        direct = bool(self.envelope.peer) and not self.envelope.trusted
        signed = bool(self.message.header("dkim-signature"))
        policy = read_policy(self.domain, self.lookup) if signed or direct else None
        good, broken = signers(self.raw, self.lookup) if signed else ((), ())
        for signer in good:
            if speaks_for(signer, self.domain, policy, strict=policy is not None and policy.strict_dkim):
                return Proof(Trust.VERIFIED, (f"signed by {signer} (DKIM)",))
        spf, sender = self._spf() if direct else ("none", "")
        if spf == "pass" and speaks_for(sender, self.domain, policy, strict=policy is not None and policy.strict_spf):
            return Proof(Trust.VERIFIED, (f"sent by a server of {sender} (SPF)",))
        sealed = self._sealed()
        if sealed is not None:
            return sealed
        reasons = (*(f"the signature is broken ({one})" for one in broken), *((f"SPF: {spf}",) if direct else ()))
        return self._unproven(policy, direct, spf, sender, reasons)

    def lookup(self, name: str, kind: str) -> Sequence[str]:
        question = (name.casefold().rstrip("."), kind)
        if question not in self.answers:
            raise Missing(question)
        return self.answers[question] or ()

    def _spf(self) -> tuple[str, str]:
        asked = self.envelope.sender or f"postmaster@{self.envelope.helo}"
        result = check_spf(self.envelope.peer, self.envelope.sender, self.envelope.helo, self.lookup)
        return result, asked.rpartition("@")[2].casefold()

    def _sealed(self) -> Proof | None:
        """RFC 8617: the newest set counts, when the chain is whole and a known forwarder closed it."""
        if not self.message.header("arc-seal"):
            return None
        sealer, results = arc_sealer(self.raw, self.lookup)
        if sealer not in KNOWN_SEALERS:
            return None
        trust, why = weigh_results(read_results(results), self.domain)
        if trust is Trust.VERIFIED:
            return Proof(Trust.FORWARDER_VERIFIED, (f"forwarded and sealed by {sealer} (ARC): {why}",))
        return Proof(trust, (f"sealed by {sealer} (ARC): {why}",))

    def _unproven(self, policy: Policy | None, direct: bool, spf: str, sender: str, reasons: tuple[str, ...]) -> Proof:
        """Failed only when the owner asks for it and no forwarder that we know explains it."""
        if policy is None or not policy.strict:
            return Proof(Trust.UNVERIFIED, (*reasons, f"nothing proves {self.domain}, and it asks for no proof"))
        if not direct:
            return Proof(Trust.UNVERIFIED, (*reasons, f"nothing proves {self.domain} any more on the way it came"))
        if spf == "pass" and _SRS.match(self.envelope.sender):
            return Proof(Trust.UNVERIFIED, (*reasons, f"forwarded by {sender}, which leaves nothing that proves it"))
        if any(self.answers.get((f"_dmarc.{name}", "TXT"), ()) is None for name in policy_names(self.domain)):
            return Proof(Trust.UNVERIFIED, (*reasons, "the DNS gave no answer"))
        return Proof(Trust.FAILED, (*reasons, f"{policy.domain} asks to refuse what it has not signed (DMARC)"))
