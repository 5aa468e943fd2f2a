"""Whose address is it: from any spelling of an address to the mailbox it belongs to, and whom that mailbox believes."""

from collections.abc import Iterable

from gateway.config.settings import Mailbox, Settings
from gateway.mail.automatic import auto_submitted
from gateway.mail.message import Envelope, Message


def plain(address: str) -> str:
    """One spelling for all: lower case, an A-label domain as Unicode, no trailing dot, no quotes that need not be."""
    local, at, domain = address.strip().strip("<>").rpartition("@")
    if not at:
        return address.strip().casefold()
    domain = domain.rstrip(".").casefold()
    if "xn--" in domain:
        try:
            domain = domain.encode("ascii").decode("idna")
        except UnicodeError:
            domain = domain.lower()
    if len(local) > 2 and local[0] == local[-1] == '"' and not set(local[1:-1]) & set(' "\\(),:;<>@[]'):
        local = local[1:-1]
    return f"{local.casefold()}@{domain}"


class Directory:
    """The mailboxes of this installation, found by any of their addresses. Answers from memory."""

    def __init__(self, mailboxes: Iterable[Mailbox]) -> None:
        self.mailboxes = {plain(mailbox.address): mailbox for mailbox in mailboxes}
        self._by_address: dict[str, str] = {}
        for key, mailbox in self.mailboxes.items():
            for address in (mailbox.address, *mailbox.aliases, *mailbox.receives_at):
                self._by_address.setdefault(plain(address), key)
        self._domains = {address.rpartition("@")[2] for address in self._by_address}
        self.ours = frozenset(self._by_address)

    def lookup(self, recipient: str) -> str | None:
        """The mailbox of an address, also for a sub-address (RFC 5233) and for postmaster of one of our domains."""
        wanted = plain(recipient)
        exact = self._by_address.get(wanted)
        if exact is not None:
            return exact
        local, at, domain = wanted.rpartition("@")
        base = local.partition("+")[0]
        if at and base and base != local:
            return self._by_address.get(f"{base}@{domain}")
        return None

    def is_local_domain(self, domain: str) -> bool:
        return plain(f"x@{domain}").rpartition("@")[2] in self._domains

    def find(self, mailbox: str) -> Mailbox | None:
        return self.mailboxes.get(plain(mailbox))

    def is_ours(self, address: str) -> bool:
        return self.lookup(address) is not None


AMONG_US = "it is addressed to mailboxes of the gateway only, where nobody would see it"


def is_among_us(message: Message, envelope: Envelope, settings: Settings) -> bool:
    """Whether it is a rep's mail, sent from Creatio, to mailboxes of ours alone: as any mail of our own it would be
    recorded, and reach nobody."""
    if settings.smtp is None or envelope.login not in settings.smtp.sending or envelope.outside:
        return False
    is_ours = Directory(settings.mailboxes).is_ours
    everybody = (*message.senders, *message.to, *message.cc)
    by_hand = auto_submitted(message) in ("", "no")
    return by_hand and bool(message.senders) and all(is_ours(one.address) for one in everybody)


def believed_servers(settings: Settings, envelope: Envelope) -> tuple[str, ...]:
    """The authserv-ids (RFC 8601) whose findings count for this mail. A mailbox's own provider is believed only in
    what was fetched from there: at port 25 anybody may use its name."""
    listed = settings.smtp.trusted_authserv_ids if settings.smtp else ()
    if envelope.peer:
        return listed
    accounts = (one for one in settings.imap if plain(one.mailbox) == plain(envelope.recipient))
    return tuple(dict.fromkeys((*listed, *(name for one in accounts for name in one.trusted_authserv_ids))))
