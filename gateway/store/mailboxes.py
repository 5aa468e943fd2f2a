"""Mailboxes that were ever in the settings: one taken from the file that has conversations stays, retired."""

from collections.abc import Sequence
from dataclasses import replace

import sqlalchemy as sa

from gateway.config.settings import Mailbox, MailboxCase, ReplyStyle, Senders
from gateway.store.database import Transaction
from gateway.store.schema import conversation, known_mailbox


def remember(tx: Transaction, mailboxes: Sequence[Mailbox]) -> tuple[Mailbox, ...]:
    """Remember today's mailboxes; returns them and the ones that went from the file but have conversations."""
    for mailbox in mailboxes:
        _remember(tx, mailbox)
    return all_known(tx, mailboxes)


def all_known(tx: Transaction, current: Sequence[Mailbox]) -> tuple[Mailbox, ...]:
    """The current ones, then those that went from the file but have conversations."""
    here = {mailbox.address for mailbox in current}
    has_mail = sa.select(conversation.c.id).where(conversation.c.mailbox == known_mailbox.c.address).exists()
    gone = tx.execute(sa.select(known_mailbox).where(has_mail).order_by(known_mailbox.c.address)).all()
    return (*current, *(_from_row(row.settings) for row in gone if row.address not in here))


def _remember(tx: Transaction, mailbox: Mailbox) -> None:
    kept = {
        "address": mailbox.address,
        "aliases": list(mailbox.aliases),
        "receives_at": list(mailbox.receives_at),
        "name": mailbox.name,
        "signature": mailbox.signature,
        "relay": mailbox.relay,
        "creatio": [mailbox.creatio.owner, mailbox.creatio.group, mailbox.creatio.category],
        "forms": list(mailbox.senders.forms),
        "groups": list(mailbox.senders.groups),
    }
    here = known_mailbox.c.address == mailbox.address
    if tx.execute(sa.select(known_mailbox.c.address).where(here)).first() is None:
        tx.execute(sa.insert(known_mailbox).values(address=mailbox.address, settings=kept, last_in_file=tx.now))
    else:
        tx.execute(sa.update(known_mailbox).where(here).values(settings=kept, last_in_file=tx.now))


def _from_row(kept: dict[str, object]) -> Mailbox:
    def texts(key: str) -> tuple[str, ...]:
        value = kept.get(key)
        return tuple(str(one) for one in value) if isinstance(value, list) else ()

    owner, group, category = texts("creatio")
    mailbox = Mailbox(
        address=str(kept["address"]),
        aliases=texts("aliases"),
        receives_at=texts("receives_at"),
        name=str(kept["name"]),
        signature=str(kept["signature"]),
        relay=str(kept["relay"]),
        senders=Senders(texts("forms"), texts("groups")),
        creatio=MailboxCase(owner, group, category),
        reply=ReplyStyle(),
    )
    return replace(mailbox, state="retired", mode="people")
