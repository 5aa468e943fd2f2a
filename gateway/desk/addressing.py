"""To whom a reply goes, and as whom: from the conversation alone."""

from collections.abc import Callable, Collection

from gateway.config.settings import Mailbox
from gateway.conversations.conversation import Author, Conversation, Entry
from gateway.desk.mailboxes import plain
from gateway.mail.message import Address
from gateway.mail.trust import Trust

_TRUSTED = (Trust.VERIFIED, Trust.FORWARDER_VERIFIED)


def replied_to(conversation: Conversation) -> Entry | None:
    """The mail that a reply answers: the customer's newest that a person wrote, else their newest of any kind."""
    theirs = _customers_mails(conversation)
    by_hand = [one for one in theirs if not one.automatic]
    return max(by_hand or theirs, key=lambda one: one.id, default=None)


def recipient_of(conversation: Conversation) -> Address:
    """Whoever wrote the mail that is answered; never anybody that a machine's mail or a false sender names, nor an
    address that is new here, unproven and confirmed by nobody."""
    answered = replied_to(conversation)
    if answered is None or answered.automatic or answered.trust is Trust.FAILED:
        return conversation.customer
    return conversation.customer if _is_unconfirmed(conversation, answered) else _asked_for(answered)


def unconfirmed(conversation: Conversation) -> Address | None:
    """Who would get the reply if a person said that this is right; None where nobody need."""
    answered = replied_to(conversation)
    if answered is None or answered.automatic or not _is_unconfirmed(conversation, answered):
        return None
    return _asked_for(answered)


def is_for_customer(conversation: Conversation, named: Collection[str]) -> bool:
    """Whether a rep's mail that names these case-folded addresses is for whom a reply would go to. One to somebody who
    is only on copy is between others; one that names nobody is for the customer."""
    answered = replied_to(conversation)
    theirs = {recipient_of(conversation).key, conversation.customer.key, *conversation.confirmed}
    theirs |= {answered.sender.key} if answered else set()
    return not named or not theirs.isdisjoint(named)


def address_of(mailbox: Mailbox, conversation: Conversation) -> str:
    """Replies leave from the address that the customer wrote to (contract 8): the mailbox's own, or an alias."""
    answered = replied_to(conversation)
    written_to = {plain(one.address) for one in (*answered.to, *answered.cc)} if answered else set()
    own = (mailbox.address, *mailbox.aliases)
    return next((one for one in own if plain(one) in written_to), mailbox.address)


def copies_of(conversation: Conversation, is_ours: Callable[[str], bool]) -> tuple[Address, ...]:
    """The others on the newest trusted mail (contract 8): a person's reply keeps them, the assistant's never does."""
    trusted = [one for one in _customers_mails(conversation) if one.trust in _TRUSTED]
    if not trusted:
        return ()
    newest, to = max(trusted, key=lambda one: one.id), recipient_of(conversation)
    known = {to.key, newest.sender.key, conversation.customer.key}
    others = [one for one in (*newest.to, *newest.cc) if one.key not in known and not is_ours(one.address)]
    return tuple({one.key: one for one in others}.values())


def _customers_mails(conversation: Conversation) -> list[Entry]:
    return [one for one in conversation.entries if one.author is Author.CUSTOMER]


def _asked_for(answered: Entry) -> Address:
    return answered.reply_to or answered.sender


def _is_unconfirmed(conversation: Conversation, answered: Entry) -> bool:
    """Whoever began it may be written to as they asked; anybody else must be proven, or known."""
    if answered.trust in _TRUSTED:
        return False
    first = min(_customers_mails(conversation), key=lambda one: one.id)
    began = {first.sender.key, _asked_for(first).key} if first.sender.key == conversation.customer.key else set()
    return _asked_for(answered).key not in {conversation.customer.key, *conversation.confirmed, *began}
