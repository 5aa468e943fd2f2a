"""To whom a reply goes, and as whom: from the conversation alone."""

from collections.abc import Collection

from gateway.config.settings import Mailbox
from gateway.conversations.conversation import Author, Conversation, Entry
from gateway.desk.mailboxes import plain
from gateway.mail.message import Address
from gateway.mail.trust import Trust

_TRUSTED = (Trust.VERIFIED, Trust.FORWARDER_VERIFIED)


def replied_to(conversation: Conversation) -> Entry | None:
    """The mail that a reply answers: the customer's newest that a person wrote, else their newest of any kind."""
    theirs = [one for one in conversation.entries if one.author is Author.CUSTOMER]
    by_hand = [one for one in theirs if not one.automatic]
    return max(by_hand or theirs, key=lambda one: one.id, default=None)


def recipient_of(conversation: Conversation) -> Address:
    """Whoever wrote the mail that is answered; never anybody that a machine's mail or a false sender names."""
    answered = replied_to(conversation)
    if answered is None or answered.automatic or answered.trust is Trust.FAILED:
        return conversation.customer
    return answered.reply_to or answered.sender


def address_of(mailbox: Mailbox, conversation: Conversation) -> str:
    """Replies leave from the address that the customer wrote to (contract 8): the mailbox's own, or an alias."""
    answered = replied_to(conversation)
    written_to = {plain(one.address) for one in (*answered.to, *answered.cc)} if answered else set()
    own = (mailbox.address, *mailbox.aliases)
    return next((one for one in own if plain(one) in written_to), mailbox.address)


def copies_of(conversation: Conversation, ours: Collection[str]) -> tuple[Address, ...]:
    """The others on the newest trusted mail (contract 8): a person's reply keeps them, the assistant's never does."""
    trusted = [one for one in conversation.entries if one.author is Author.CUSTOMER and one.trust in _TRUSTED]
    if not trusted:
        return ()
    newest, to = max(trusted, key=lambda one: one.id), recipient_of(conversation)
    known = {to.key, newest.sender.key, conversation.customer.key}
    others = [one for one in (*newest.to, *newest.cc) if one.key not in known and plain(one.address) not in ours]
    return tuple({one.key: one for one in others}.values())
