"""Which conversation a mail belongs to: evidence is collected and scored, the first hit does not win."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import IntEnum

from gateway.conversations.conversation import State, Trust
from gateway.conversations.subjects import base_subject, same_subject, says_reply

ENOUGH = 60  # from this score on a mail joins; below it, evidence only links
SUBJECT_DAYS = timedelta(days=7)
NEW_SUBJECT_AFTER = timedelta(days=14)


class Score(IntEnum):
    """How much each piece of evidence weighs; the order is that of how hard it is to come by for a stranger."""

    TOKEN = 100  # our signed token, good for the address that uses it
    SENT_TO_SENDER = 90  # answers a mail that went to this very participant
    FROM_SENDER = 85  # refers to a mail this participant wrote
    SENT_TO_OTHER = 70  # answers a mail of the conversation; the writer takes part in it
    THREAD_INDEX = 65  # Outlook's conversation index, and the writer takes part
    CASE_NUMBER = 62  # a case number in the subject, from a verified participant
    SAME_SUBJECT = 60  # a reply by its subject, same writer, within a week
    STRANGER_TOKEN = 40  # a good token in the hands of somebody it was not given to
    STRANGER_REFERENCE = 30  # a known Message-ID from somebody who takes no part


@dataclass(frozen=True, slots=True)
class Evidence:
    rule: str
    score: int
    why: str
    conversation: str


@dataclass(frozen=True, slots=True)
class Arriving:
    """What matching needs to know of a mail.

    `references` are In-Reply-To and References, nearest first. `tokens` are the conversations named by our valid
    signed tokens in it: conversation id -> the case-folded addresses the token is good for. `quotes` says that the
    mail quotes something. `case_numbers` are the Creatio case numbers in its subject.
    """

    sender: str
    trust: Trust
    mailbox: str
    subject: str
    at: datetime
    references: tuple[str, ...] = ()
    tokens: Mapping[str, frozenset[str]] = field(default_factory=dict)
    thread_index: str = ""
    case_numbers: frozenset[str] = frozenset()
    quotes: bool = False


@dataclass(frozen=True, slots=True)
class KnownMail:
    """A Message-ID of the conversation that this mail refers to."""

    message_id: str
    ours: bool
    people: frozenset[str]
    writer: str = ""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A conversation that may be the mail's home. `changed` is its last sign of life.

    `merged_into`: whatever finds it belongs to that one, which is a candidate too. `split_from`: people took its first
    mail out of that one, or out of one that came of it, so what answers it may name both.
    """

    id: str
    mailbox: str
    subject: str
    state: State
    changed: datetime
    participants: Mapping[str, Trust]
    mails: tuple[KnownMail, ...] = ()
    thread_indexes: frozenset[str] = frozenset()
    case_number: str = ""
    merged_into: str = ""
    split_from: str = ""


@dataclass(frozen=True, slots=True)
class Home:
    """`found` is the conversation the mail joins, or None for a new one; `linked` the older one a new one goes on from.

    `hidden`: what was said there must not be shown to whoever writes now (a stranger), nor to the assistant.
    """

    found: str | None
    linked: str | None = None
    hidden: bool = False
    evidence: tuple[Evidence, ...] = ()


def find_home(mail: Arriving, candidates: Sequence[Candidate], *, reopen_window: timedelta) -> Home:
    """Score all evidence and decide. A failed sender is at home nowhere; a stranger's good reference only links."""
    collected = [
        one for candidate in candidates if candidate.mailbox == mail.mailbox for one in _evidence(mail, candidate)
    ]
    evidence = tuple(sorted(collected, key=lambda one: (-one.score, one.conversation)))
    if mail.trust is Trust.FAILED:
        return Home(None, evidence=(*evidence, Evidence("sender_failed", 0, "a failed sender joins nothing", "")))
    if not evidence:
        return Home(None)
    best = _nearest(mail, evidence, candidates)
    if best is not evidence[0]:
        why = f"the nearest mail it refers to stands here, not in {evidence[0].conversation}: people parted the two"
        evidence = (best, Evidence("split", 0, why, best.conversation), *(one for one in evidence if one is not best))
    home = _goes_on_in(best.conversation, candidates)
    if home.id != best.conversation:
        why = f"people merged {best.conversation} into this conversation"
        evidence = (best, Evidence("merged", 0, why, home.id), *evidence[1:])
    if best.score < ENOUGH:
        return Home(None, linked=home.id, hidden=True, evidence=evidence)
    if mail.at - home.changed > reopen_window:
        told = Evidence("too_old", 0, f"silent for more than {reopen_window.days} days: a new one, linked", home.id)
        return Home(None, linked=home.id, hidden=True, evidence=(*evidence, told))
    if _is_new_matter(mail, home):
        told = Evidence("new_subject", 0, "another subject, nothing quoted, after two weeks: a new matter", home.id)
        return Home(None, linked=home.id, evidence=(*evidence, told))
    return Home(home.id, evidence=evidence)


def _nearest(mail: Arriving, evidence: Sequence[Evidence], candidates: Sequence[Candidate]) -> Evidence:
    """The best evidence; among conversations that people parted, the best for the one of the nearest mail.

    A thread that was split names the mails of both: each further mail carries all the ids of before.
    """
    by_id = {candidate.id: candidate for candidate in candidates}

    def root(id: str) -> str:
        seen = {id}
        while id in by_id and (origin := by_id[id].split_from) and origin not in seen:
            seen.add(origin)
            id = origin
        return id

    def distance(one: Evidence) -> int:
        ids = {known.message_id for known in by_id[one.conversation].mails}
        return next((at for at, named in enumerate(mail.references) if named in ids), len(mail.references))

    family = root(evidence[0].conversation)
    parted = [one for one in evidence if one.score >= ENOUGH and root(one.conversation) == family]
    return min(parted, key=distance, default=evidence[0])


def _goes_on_in(found: str, candidates: Sequence[Candidate]) -> Candidate:
    """The conversation that was found, or the one that it was merged into."""
    by_id = {candidate.id: candidate for candidate in candidates}
    return by_id.get(by_id[found].merged_into, by_id[found])


def _evidence(mail: Arriving, candidate: Candidate) -> Iterator[Evidence]:
    def found(rule: str, score: Score, why: str) -> Evidence:
        return Evidence(rule, int(score), why, candidate.id)

    takes_part = candidate.participants.get(mail.sender, Trust.FAILED) is not Trust.FAILED
    good_for = mail.tokens.get(candidate.id)
    if good_for is not None and (mail.sender in good_for or takes_part):
        yield found("token", Score.TOKEN, "carries our signed token, given to this address")
    elif good_for is not None:
        yield found("token_of_another", Score.STRANGER_TOKEN, "our token was given to somebody else")
    yield from _references(mail, candidate, takes_part)
    if mail.thread_index and mail.thread_index in candidate.thread_indexes and takes_part:
        yield found("thread_index", Score.THREAD_INDEX, "the same Outlook conversation")
    if candidate.case_number and candidate.case_number in mail.case_numbers:
        if takes_part and mail.trust in (Trust.VERIFIED, Trust.FORWARDER_VERIFIED):
            yield found("case_number", Score.CASE_NUMBER, f"names case {candidate.case_number}")
        else:
            yield found(
                "case_number_unproven", Score.STRANGER_REFERENCE, "a case number, but not from a verified participant"
            )
    fresh = timedelta(0) <= mail.at - candidate.changed <= SUBJECT_DAYS
    if takes_part and fresh and says_reply(mail.subject) and same_subject(mail.subject, candidate.subject):
        why = "a reply under the same subject by the same writer within a week"
        yield found("same_subject", Score.SAME_SUBJECT, why)


def _references(mail: Arriving, candidate: Candidate, takes_part: bool) -> Iterator[Evidence]:
    """The best that one of the referred mails proves."""
    wanted = set(mail.references)
    best: tuple[Score, str, str] | None = None
    for known in candidate.mails:
        if known.message_id not in wanted:
            continue
        if known.ours and mail.sender in known.people:
            proof = (Score.SENT_TO_SENDER, "answers_ours", f"answers {known.message_id}, which went to this address")
        elif known.writer == mail.sender:
            proof = (Score.FROM_SENDER, "goes_on", f"refers to its writer's own {known.message_id}")
        elif takes_part or mail.sender in known.people:
            proof = (Score.SENT_TO_OTHER, "answers_known", f"answers {known.message_id}; the writer takes part")
        else:
            proof = (Score.STRANGER_REFERENCE, "stranger", f"names {known.message_id}, but its writer takes no part")
        best = proof if best is None or proof[0] > best[0] else best
    if best is not None:
        yield Evidence(best[1], int(best[0]), best[2], candidate.id)


def _is_new_matter(mail: Arriving, home: Candidate) -> bool:
    other = base_subject(mail.subject).casefold() != base_subject(home.subject).casefold()
    return other and bool(base_subject(mail.subject)) and not mail.quotes and mail.at - home.changed > NEW_SUBJECT_AFTER


def nearest_first(in_reply_to: Iterable[str], references: Sequence[str]) -> tuple[str, ...]:
    """The ids a mail refers to, the mail it answers first, each once."""
    return tuple(dict.fromkeys((*in_reply_to, *reversed(references))))
