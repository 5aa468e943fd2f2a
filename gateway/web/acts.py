"""What can be done at the windows: one table of acts, for the pages and the API alike."""

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any

from gateway.pipeline import aside, merging, people, splitting
from gateway.pipeline.parts import Parts
from gateway.pipeline.people import NotDone, Result
from gateway.store.pauses import What

Said = Mapping[str, Any]
Act = Callable[[Parts, str, Said, str], Awaitable[Result]]
LONGEST_TEXT = 200_000
_LONGEST_REASON = 500


async def on_conversation(act: str, parts: Parts, conversation_id: str, said: Said, by: str) -> Result:
    """hand-off, resolve, reopen, resume, discard: with a reason; reply and approve: a text; confirm: an address;
    send-here: an activity; merge: the other conversation, or its address here; split: an entry."""
    plain = {
        "hand-off": people.hand_off,
        "resolve": people.resolve,
        "reopen": people.reopen,
        "resume": people.resume,
        "discard": people.discard_draft,
    }
    if act in plain:
        return await people.act(parts.store, plain[act], conversation_id, by=by, reason=reason_in(said))
    if act == "confirm":
        address = str(said.get("address") or "")
        return await people.act(parts.store, people.confirm_address, conversation_id, address, by=by)
    if act == "send-here":
        activity = str(said.get("activity") or "")
        return await people.act(parts.store, people.send_from_here, conversation_id, activity, by=by)
    if act == "merge":
        into = str(said.get("into") or "").strip().rstrip("/").rsplit("/", 1)[-1][:100]
        url = parts.settings.public_url
        return await people.act(parts.store, merging.merge, conversation_id, into, by=by, url=url)
    if act == "split":
        entry, url = str(said.get("entry") or ""), parts.settings.public_url
        number = int(entry) if entry.isdecimal() and len(entry) < 19 else 0
        return await people.act(parts.store, splitting.split, conversation_id, number, by=by, url=url)
    text = str(said.get("text") or "")
    if len(text) > LONGEST_TEXT:
        return NotDone(f"the text is longer than {LONGEST_TEXT} characters")
    if act == "approve":
        return await people.approve_draft(parts, conversation_id, by=by, text=text, seen=_seen(said))
    once = str(said.get("once") or "")[:100]
    return await people.reply(parts, conversation_id, text, by=by, seen=_seen(said), once=once)


CONVERSATION_ACTS = (
    "hand-off", "resolve", "reopen", "resume", "discard", "approve", "reply", "confirm", "send-here", "merge",
    "split",
)  # fmt: skip
ON_CONVERSATION: Mapping[str, Act] = {name: partial(on_conversation, name) for name in CONVERSATION_ACTS}


async def pause(parts: Parts, what: str, said: Said, by: str) -> Result:
    meant, mailbox = _pausable(parts, what, said)
    if isinstance(meant, NotDone):
        return meant
    return await people.pause(parts.store, meant, mailbox, by=by)


async def unpause(parts: Parts, what: str, said: Said, by: str) -> Result:
    meant, mailbox = _pausable(parts, what, said, known=False)
    if isinstance(meant, NotDone):
        return meant
    return await people.act(parts.store, people.unpause, meant, mailbox, by=by)


async def retry(parts: Parts, written: str, said: Said, by: str) -> Result:
    thing = aside.find(written)
    return aside.GONE if thing is None else await people.act(parts.store, aside.retry, thing, by=by)


async def retry_all(parts: Parts, said: Said, by: str) -> Result:
    return await people.act(parts.store, aside.retry_all, by=by)


async def drop(parts: Parts, written: str, said: Said, by: str) -> Result:
    thing = aside.find(written)
    if thing is None:
        return aside.GONE
    return await people.act(parts.store, aside.drop, thing, by=by, reason=reason_in(said))


async def release(parts: Parts, written: str, said: Said, by: str) -> Result:
    thing = aside.find(written)
    if thing is None or thing.kind not in ("arrival", "job"):  # a bare number is the arrival's here
        return NotDone("there is no such mail", missing=True)
    return await people.act(parts.store, aside.release, int(thing.id), by=by)


def reason_in(said: Said) -> str:
    return " ".join(str(said.get("reason") or "").split())[:_LONGEST_REASON]


def _seen(said: Said) -> int | None:
    written = str(said.get("seen") or "")
    return int(written) if written.isdecimal() and len(written) < 19 else None


def _pausable(parts: Parts, what: str, said: Said, *, known: bool = True) -> tuple[What | NotDone, str]:
    mailbox = str(said.get("mailbox") or "").strip().lower()
    if what not in set(What):
        return NotDone(f"{what} cannot be paused", missing=True), ""
    if known and mailbox and mailbox not in {one.address for one in parts.settings.mailboxes}:
        return NotDone(f"{mailbox} is no mailbox here", missing=True), ""
    return What(what), mailbox
