"""How states, fates and happenings are called on the pages."""

from collections.abc import Mapping, Sequence
from typing import Any

WORDS: Mapping[str, Mapping[str, str]] = {
    "fate": {
        "answered": "Answered",
        "handed_off": "Handed to people",
        "appended": "Added for people",
        "kept_silent": "No answer",
        "recorded": "Recorded",
        "set_aside": "Set aside",
        "dropped": "Dropped",
        "": "Waiting",
    },
    "delivery": {
        "draft": "Draft",
        "queued": "Waiting to be sent",
        "at_data": "Being sent",
        "delivered": "Sent",
        "refused": "Not delivered",
        "unknown": "Outcome unknown",
        "cancelled": "Not sent",
    },
    "author": {"customer": "Customer", "assistant": "Assistant", "agent": "Agent"},
    "ruling": {
        "ours": "written by the gateway",
        "never": "not sent",
        "draft": "not finished",
        "waiting": "Creatio is sending it",
        "record": "sent by Creatio",
        "failed": "failed in Creatio",
        "mail": "sent by the gateway",
    },
    "step": {
        "read": "Reading",
        "decide": "Deciding",
        "file": "Filing in Creatio",
        "upload": "Uploading files to Creatio",
        "scan": "Looking for viruses",
        "listen": "Listening to Creatio",
        "poll": "Asking Creatio",
        "send": "Sending",
        "tend": "Housekeeping",
    },
    "connection": {
        "smtp": "SMTP in",
        "creatio": "Creatio",
        "relay": "Relay",
        "assistant": "Assistant",
        "store": "Store",
        "web": "Inbox",
        "hook": "Hook",
        "socket": "Socket of the commands",
        "dns": "DNS",
        "scanner": "Virus scanner",
    },
    "row": {"done": "written", "doubtful": "being written", "refused": "refused", "lost": "lost in Creatio"},
    "ledger": {
        "contact": "contact",
        "case": "case",
        "activity": "activity",
        "message_data": "mail details",
        "file": "file",
        "data": "file content",
        "change": "change of the case",
        "post": "feed post",
        "note": "note",
    },
}
# What is told between the entries of a conversation; the rest is in its log.
TURNS = frozenset(
    {"handed_off", "taken_over", "given_back", "resolved", "reopened", "goes_on_from", "report_bounce",
     "draft_discarded", "answer_cancelled", "address_confirmed", "sent_from_here", "mail_dropped", "sent_again",
     "kept_silent", "merged_into", "merged_from", "split_into", "split_from"}
)  # fmt: skip
SENTENCES = {
    "handed_off": "Handed to people by {by}: {reason}",
    "taken_over": "People took over: {why}",
    "given_back": "Given back to the assistant by {by}",
    "resolved": "Resolved by {by}: {why}",
    "reopened": "Opened again: {why}",
    "goes_on_from": "Goes on from an older conversation",
    "merged_into": "Merged into another conversation by {by}",
    "merged_from": "Another conversation was merged into this one by {by}",
    "split_into": "{by} made a mail a conversation of its own",
    "split_from": "{by} took this out of another conversation",
    "report_bounce": "A mail came back from {recipient}: {reason}",
    "draft_discarded": "Draft discarded by {by}",
    "address_confirmed": "{by} confirmed {address}: replies may go there",
    "sent_from_here": "{by} has a reply sent from here that Creatio could not send",
    "answer_cancelled": "An answer was not sent: {why}",
    "mail_dropped": "{by} decided that the mail is not sent again",
    "sent_again": "{by} had the same mail sent again",
    "approved": "Approved by {by}",
    "mail_arrived": "Mail arrived",
    "answered": "The assistant answered",
    "delivered": "Our mail was taken by the relay",
    "refused": "Our mail was refused: {why}",
    "unknown": "Nobody knows whether our mail arrived: {why}",
    "delayed": "Our mail has to wait: {why}",
    "reply_queued": "{by} replied",
    "agent_replied": "A reply was written in Creatio",
    "case_opened": "Case {number} opened in Creatio",
    "case_appended": "Added to case {number} in Creatio",
    "contact_gone": "The customer's contact is no longer in Creatio",
    "case_gone": "The case is no longer in Creatio",
    "case_merged": "The case was merged into another",
    "not_filed": "Creatio refuses the {kind}: {why}",
    "retried": "Tried again by {by}",
    "dropped": "Dropped by {by}: {reason}",
    "note": "{by}: {reason}",
    "kept_silent": "The assistant kept silent: {reason}",
    "drafted": "The assistant wrote a draft",
    "acknowledged": "The customer was told that the mail is here",
    "lost_in_creatio": "Rows of it are no longer in Creatio: {by} has them written again",
    "written_again": "Written to Creatio again: {kind}",
    "scanned": "The virus scanner looked at a file: {found}",
    "report_delivered": "{recipient} confirms that our mail arrived",
    "report_read": "{recipient} confirms that our mail was opened",
    "report_complaint": "{recipient} reports our mail as unwanted",
    "recorded": "Recorded: {reasons}",
    "appended": "Added for people: {reasons}",
    "set_aside": "Set aside: {reasons}",
    "released": "Taken for a mail of a person by {by}",
    "paused": "Paused by {by}: {pause} {mailbox}",
    "unpaused": "Goes on, by {by}: {pause} {mailbox}",
}


_WHO = {"gate": "the rules", "system": "the gateway", "assistant": "the assistant", "creatio": "Creatio"}


class _Facts(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return ""


def sentence(happening: Mapping[str, Any]) -> str:
    """What happened, in words."""
    what = str(happening["what"])
    pattern = SENTENCES.get(what)
    if pattern is None:
        return what.replace("_", " ").capitalize()
    facts = _Facts(happening["facts"])
    facts["by"] = _WHO.get(str(facts["by"]), facts["by"])
    facts["kind"] = WORDS["ledger"].get(str(facts["kind"]), facts["kind"])
    facts["reasons"] = "; ".join(facts["reasons"])
    words = pattern.format_map(facts).strip().rstrip(":").strip()
    return words[:1].upper() + words[1:]


def told(reasons: Sequence[str]) -> str:
    """Why a mail has its fate, without what stands beside it anyway."""
    return "; ".join(one for one in reasons if not one.startswith("answered by mail "))
