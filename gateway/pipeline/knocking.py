"""A lane whose contact or case Creatio refused for good is tried again by itself: somebody may have mended it there."""

from collections.abc import Sequence

from gateway.log import Event
from gateway.pipeline.parts import Parts, Write
from gateway.store import jobs, marks, survey
from gateway.store.database import Transaction
from gateway.store.survey import Shown

KNOCKED = "knocked"
FEW, MANY = 3, 200


async def knock(parts: Parts) -> Write:
    """A few lanes at a time, in turn: what is still refused costs Creatio little. One that goes on opens the others."""
    return _knock


def being_tried(tx: Transaction) -> list[Shown]:
    """Those that are tried just now: no longer set aside, and not yet well."""
    found = [survey.find(tx, job_id) for job_id in marks.get(tx, KNOCKED) or ()]
    return [one for one in found if one is not None and one.state == "todo"]


def _knock(tx: Transaction) -> Sequence[Event]:
    refused = [one for one in survey.aside(tx, limit=5_000) if one.step == "file" and one.holds_lane]
    before = [one for job_id in marks.get(tx, KNOCKED) or () if (one := survey.find(tx, job_id)) is not None]
    if any(one.state == "todo" for one in before):
        return []
    if any(one.state == "done" for one in before):
        chosen = refused[:MANY]
    else:
        last = max((one.id for one in before), default=0)
        chosen = ([one for one in refused if one.id > last] or refused)[:FEW]
    for one in chosen:
        jobs.retry(tx, one.id)
    marks.put(tx, KNOCKED, [one.id for one in chosen])
    return [Event("tried_again", {"step": "file", "jobs": len(chosen)})] if chosen else []
