"""Why a mail did not join a conversation that it nearly joined: for `gateway explain`."""

from collections.abc import Iterator, Sequence

from gateway.conversations.matching import SUBJECT_DAYS, Arriving, Candidate, Evidence
from gateway.conversations.subjects import base_subject, same_subject, says_reply


def near_misses(mail: Arriving, candidates: Sequence[Candidate]) -> tuple[Evidence, ...]:
    """What would have been evidence with one thing more; all of it scores nothing."""
    known = {one.message_id for candidate in candidates for one in candidate.mails}
    missed = [one for candidate in candidates for one in _of(mail, candidate)]
    for reference in mail.references[:5]:
        if reference not in known:
            missed.append(Evidence("unknown_reference", 0, f"refers to {reference}, which is not known here", ""))
    numbers = mail.case_numbers - {candidate.case_number for candidate in candidates}
    for number in sorted(numbers):
        missed.append(Evidence("unknown_case_number", 0, f"{number} is the number of no case that is known here", ""))
    if mail.tokens:
        gone = [one for one in mail.tokens if one not in {candidate.id for candidate in candidates}]
        missed += [Evidence("unknown_token", 0, "our token names a conversation that is not here", one) for one in gone]
    return tuple(missed)


def _of(mail: Arriving, candidate: Candidate) -> Iterator[Evidence]:
    def missed(rule: str, why: str) -> Evidence:
        return Evidence(rule, 0, why, candidate.id)

    same = same_subject(mail.subject, candidate.subject)
    takes_part = mail.sender in candidate.participants
    if candidate.mailbox != mail.mailbox:
        yield missed("other_mailbox", f"that conversation is with {candidate.mailbox}")
    elif same and not takes_part:
        yield missed("same_subject_of_another", f"the same subject, but {mail.sender} takes no part in it")
    elif same and mail.at - candidate.changed > SUBJECT_DAYS:
        yield missed("same_subject_too_old", f"the same subject, but silent for more than {SUBJECT_DAYS.days} days")
    elif same and not says_reply(mail.subject):
        yield missed("same_subject_no_reply", "the same subject, but it does not say that it is a reply")
    elif takes_part and not same:
        yield missed("same_writer", f"the same writer, but another subject: {base_subject(candidate.subject)[:60]}")
    if mail.thread_index and mail.thread_index in candidate.thread_indexes and not takes_part:
        yield missed("thread_index_of_another", "the same Outlook conversation, but its writer takes no part in it")
