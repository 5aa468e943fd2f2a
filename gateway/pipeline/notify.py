"""The operator is told what needs somebody: by mail, and by the webhook when mail cannot be the way."""

import json
from collections.abc import Sequence
from datetime import timedelta
from functools import partial

from gateway.config.settings import Mailbox, Settings
from gateway.errors import GiveUp, TryLater
from gateway.health import Condition
from gateway.http_client.client import HttpClient
from gateway.log import Event
from gateway.mail import tokens
from gateway.mail.message import Address
from gateway.mail.writing import write_notice
from gateway.pipeline.answering import way_out
from gateway.pipeline.parts import Parts, Write, nothing
from gateway.store import deliveries, installation, notices, pauses
from gateway.store.database import Transaction
from gateway.store.deliveries import Kind, Outgoing
from gateway.store.notices import Notice
from gateway.store.pauses import EVERYWHERE, What

MOST = 40  # in one mail; the rest is counted
PATIENCE = timedelta(seconds=20)


async def tell_operator(parts: Parts) -> Write:
    """Tell what was not told yet, or a day ago. The webhook is called first: what it has heard is written down."""
    due = await parts.store.read(notices.untold)
    if not due:
        return nothing
    relay_away = await _relay_is_away(parts)
    hook, addresses = parts.settings.operator.webhook, parts.settings.operator.notify
    sender = next((one for one in parts.settings.mailboxes if way_out(parts.settings, one).host), None)
    if hook and (relay_away or not addresses or sender is None):
        why = await _call(hook, due, parts.settings)
        if not why:
            return partial(_record_told, due=due, by="webhook")
        if not addresses or sender is None:
            return partial(_could_not, due=due, why=why)
    if not addresses or sender is None:
        return partial(_could_not, due=due, why="operator.notify and operator.webhook name nobody who could be told")
    return partial(_queue, due=due, settings=parts.settings, mailbox=sender)


def digest(due: Sequence[Notice], public_url: str) -> tuple[str, str]:
    """Subject and text of one mail about all of them. The oldest come first, the newest of too many are counted."""
    subject = f"[gateway] {due[0].text}" if len(due) == 1 else f"[gateway] {len(due)} things need somebody"
    lines = [f"- {one.text} (since {one.since:%F %H:%M} UTC)" for one in due[:MOST]]
    if len(due) > MOST:
        lines.append(f"- and {len(due) - MOST} more")
    where = f"{public_url.rstrip('/')}/" if public_url else "the inbox, or: gateway status"
    text = "\n".join([*lines, "", f"Where to look: {where}", "You are told again every day until it is gone."])
    return subject[:200], text


async def _relay_is_away(parts: Parts) -> bool:
    known = [one for name, one in parts.health.snapshot().items() if name == "relay" or name.startswith("relay:")]
    if any(one.condition is Condition.FAILED for one in known):
        return True
    return await parts.store.read(pauses.active, What.SENDING, EVERYWHERE)


async def _call(hook: str, due: Sequence[Notice], settings: Settings) -> str:
    """Post them as JSON (`text` is what chat services show); why it did not work, or nothing."""
    subject, text = digest(due, settings.public_url)
    told = [{"key": one.key, "text": one.text, "since": one.since.isoformat()} for one in due[:MOST]]
    body = json.dumps({"text": f"{subject}\n{text}", "count": len(due), "notices": told}).encode()
    client = HttpClient(connections=1)
    try:
        reply = await client.call(
            "POST", hook, headers={"Content-Type": "application/json"}, content=body, timeout=PATIENCE
        )
    except (TryLater, GiveUp) as error:
        return f"the webhook could not be called: {error}"
    finally:
        await client.close()
    return "" if 200 <= reply.status < 300 else f"the webhook answers {reply.status}"


def _queue(tx: Transaction, *, due: Sequence[Notice], settings: Settings, mailbox: Mailbox) -> Sequence[Event]:
    """One mail to all of them, queued in the transaction that says they are told."""
    ours = installation.identity(tx)
    still = {one.key for one in notices.untold(tx)}
    due = [one for one in due if one.key in still]
    if not due:
        return []
    subject, text = digest(due, settings.public_url)
    key = "\n".join((tx.now.isoformat(), *(one.key for one in due)))
    message_id = tokens.notice_id(ours.secret, mailbox.address, key)
    to = settings.operator.notify
    raw = write_notice(
        Address(mailbox.address, "Mail gateway"),
        [Address(one) for one in to],
        subject=subject,
        text=text,
        message_id=message_id,
        date=tx.now,
    )
    out = Outgoing(mailbox.address, Kind.NOTICE, message_id, mailbox.address, to, len(raw), raw=raw)
    deliveries.add(tx, out)
    return _record_told(tx, due=due, by="mail")


def _record_told(tx: Transaction, *, due: Sequence[Notice], by: str) -> list[Event]:
    notices.record_told(tx, [one.key for one in due])
    return [Event("operator_told", {"notices": len(due), "by": by})]


def _could_not(tx: Transaction, *, due: Sequence[Notice], why: str) -> list[Event]:
    return [Event("operator_not_told", {"notices": len(due), "oldest": due[0].text, "why": why})]
