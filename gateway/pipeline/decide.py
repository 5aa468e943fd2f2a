"""DECIDE: answer, hand off, or keep silent. Whatever fails, people get the conversation; never silence by accident."""

import asyncio
from collections.abc import Sequence
from functools import partial

from gateway.config.settings import Settings
from gateway.conversations.conversation import Held
from gateway.desk.brief import AskedField, make_brief
from gateway.desk.decision import Answer, Decision, HandOff, KeepSilent
from gateway.desk.policy import gate_after, gate_before
from gateway.errors import GiveUp, StartOver, TryLater
from gateway.health import Condition
from gateway.log import Event
from gateway.pipeline import answering, handoff, silence
from gateway.pipeline.acknowledging import acknowledge_soon
from gateway.pipeline.answering import Written
from gateway.pipeline.parts import Job, Parts, Write, nothing
from gateway.pipeline.situation import Situation, look
from gateway.store import arrivals, conversations, deliveries, history, jobs, pauses
from gateway.store.arrivals import Fate
from gateway.store.database import Transaction
from gateway.store.pauses import What

GRACE = 2.0  # seconds that an assistant may need beyond its deadline to say that it did not make it
OPTIONS_TIME = 2.0  # what the options of the AI fields may cost when Creatio has not told them yet


async def decide(parts: Parts, job: Job) -> Write:
    """One decision for all mails of the conversation that have none yet."""
    found = await parts.store.read(look, job.subject, parts.settings)
    if found is None:
        return nothing
    if found.conversation.held is Held.PERSON:
        return partial(_leave, found=found, settings=parts.settings)
    gated = gate_before(found.standing, parts.settings.assistant)
    if gated is not None:
        return partial(_record, found=found, decision=gated, by="gate", settings=parts.settings)
    said = await _ask(parts, found)
    decision = gate_after(said, found.standing, parts.settings.assistant)
    if isinstance(decision, Answer):
        written = await answering.write_answer(parts, found.conversation, decision.text, draft=found.draft)
        return partial(_answer, found=found, answer=decision, written=written, settings=parts.settings)
    by = "assistant" if decision is said else "gate"
    return partial(_record, found=found, decision=decision, by=by, settings=parts.settings)


def decide_again(tx: Transaction, conversation_id: str, settings: Settings) -> None:
    """The thought was overtaken. A newer mail has queued DECIDE itself, and that one's time is kept."""
    key = f"decide:{conversation_id}"
    jobs.add(tx, "decide", conversation_id, conversation_id, key=key, after=settings.assistant.quiet_window)


async def _ask(parts: Parts, found: Situation) -> Decision:
    """Any failure is a handoff with its reason, and is shown in the state of the connections."""
    fields = await _fields(parts)
    url = f"{parts.settings.public_url.rstrip('/')}/conversations/{found.conversation.id}"
    rules = parts.settings.assistant
    brief = make_brief(found.conversation, rules, hidden=found.hidden, fields=fields, url=url)
    try:
        async with asyncio.timeout(brief.deadline.total_seconds() + GRACE):
            decision = await parts.assistant.decide(brief)
    except TimeoutError:
        why = f"the assistant did not answer within {brief.deadline.total_seconds():g} s"
    except (TryLater, GiveUp) as error:
        why = f"the assistant gave no decision: {error}"
    else:
        parts.health.note("assistant", Condition.WORKING)
        return decision
    parts.health.note("assistant", Condition.FAILED, why)
    return HandOff(why[:500])


async def _fields(parts: Parts) -> Sequence[AskedField]:
    """The AI fields with the options of their lookups. A Creatio that is away is not waited for: no options then."""
    asked = parts.settings.creatio.fields
    if not asked:
        return ()
    options: dict[str, tuple[str, ...]] = {}
    broken = parts.health.snapshot().get("creatio")
    if parts.crm is not None and (broken is None or broken.condition is not Condition.FAILED):
        try:
            async with asyncio.timeout(OPTIONS_TIME):
                tenant = await parts.crm.tenant()
            options = {one.column: tuple(row.names[0] for row in one.options if row.names) for one in tenant.fields}
        except (TimeoutError, TryLater, GiveUp):
            pass  # the handoff is worth more than its priority
    return [
        AskedField(one.column, one.title, one.type, one.description, options.get(one.column, ()))
        for one in asked
        if one.type == "text" or options.get(one.column)
    ]


def _answer(
    tx: Transaction, *, found: Situation, answer: Answer, written: Written, settings: Settings
) -> Sequence[Event]:
    here = found.conversation.id
    if (instead := _overtaken(tx, found, settings)) is not None:
        return instead
    if pauses.active(tx, What.ASSISTANT, found.conversation.mailbox):
        acknowledge_soon(tx, found.conversation, settings)
        return handoff.hand_off(tx, here, reason="the assistant is paused", by="gate", about=answer.about)
    deliveries.cancel_answers(tx, here, why="the customer wrote again")
    delivery_id = answering.keep(tx, written, draft=found.draft)
    if not found.draft:
        arrivals.settle_seen(tx, here, found.seen, Fate.ANSWERED, [deliveries.reason_of(delivery_id)])
    conversations.remember_understanding(tx, here, answer.about)
    word = "drafted" if found.draft else "answered"
    cited, topic = list(answer.citations), answer.about.topic
    history.note(
        tx, word, conversation=here, delivery=delivery_id, resolved=answer.resolved, citations=cited, topic=topic
    )
    if answer.resolved:
        silence.resolve_later(tx, here, delivery_id, settings)
    handoff.tell_creatio(tx, here)
    return [Event(word, {"conversation": here, "delivery": delivery_id, "resolved": answer.resolved})]


def _record(
    tx: Transaction, *, found: Situation, decision: HandOff | KeepSilent, by: str, settings: Settings
) -> Sequence[Event]:
    here = found.conversation.id
    if (instead := _overtaken(tx, found, settings)) is not None:
        return instead
    match decision:
        case HandOff():
            acknowledge_soon(tx, found.conversation, settings)
            return handoff.hand_off(tx, here, reason=decision.reason, by=by, about=decision.about)
        case KeepSilent():
            deliveries.cancel_answers(tx, here, why="the customer wrote again")
            arrivals.settle_seen(tx, here, found.seen, Fate.KEPT_SILENT, [decision.reason])
            history.note(tx, "kept_silent", conversation=here, reason=decision.reason, by=by)
            handoff.tell_creatio(tx, here)
            return [Event("kept_silent", {"conversation": here, "reason": decision.reason, "by": by})]


def _leave(tx: Transaction, *, found: Situation, settings: Settings) -> Sequence[Event]:
    """A person has it: its mails wait for nobody's decision."""
    instead = _overtaken(tx, found, settings)
    if instead is None:
        raise StartOver("it was given back meanwhile")
    return instead


def _overtaken(tx: Transaction, found: Situation, settings: Settings) -> Sequence[Event] | None:
    """What is done instead when the world has moved on since the thought began; None when it has not."""
    here = found.conversation.id
    conversations.lock(tx, here)
    if not arrivals.undecided(tx, here):
        return []  # a person has settled it
    if not conversations.held_by_assistant(tx, here):
        why = "a person has this conversation"
        arrivals.settle_undecided(tx, here, Fate.APPENDED, [why])
        handoff.tell_creatio(tx, here)
        return [Event("appended", {"conversation": here, "why": why})]
    if conversations.newest_customer_entry(tx, here) != found.seen:
        decide_again(tx, here, settings)
        return [Event("overtaken", {"conversation": here, "why": "the customer wrote again"})]
    return None
