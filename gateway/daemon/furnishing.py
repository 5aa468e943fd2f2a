"""Who plays which part: the settings become the parts that the steps are given."""

from collections.abc import Mapping
from dataclasses import dataclass

from gateway.assistant.choosing import Chosen, choose
from gateway.config.settings import Imap, Settings, Smtp
from gateway.creatio.crm import CreatioCrm
from gateway.health import Condition, Health
from gateway.intake.imap.pickup import ImapPickup
from gateway.offload import Readers
from gateway.pipeline.fetch import name_of
from gateway.pipeline.parts import Parts
from gateway.ports import Names
from gateway.relay.smtp import SmtpRelay
from gateway.scanner.clamd import Clamd
from gateway.store.database import Store


@dataclass(frozen=True, slots=True)
class Furniture:
    """The parts of the day, and the players that have to be closed after them."""

    parts: Parts
    assistant: Chosen
    relay: SmtpRelay
    crm: CreatioCrm | None
    pickups: Mapping[str, ImapPickup]

    async def close(self) -> None:
        await self.relay.close()
        await self.assistant.close()
        if self.crm is not None:
            await self.crm.close()
        for pickup in self.pickups.values():
            await pickup.close()


def furnish(settings: Settings, store: Store, readers: Readers, health: Health, names: Names | None) -> Furniture:
    """New players by these settings; the store, the reading processes and what is known of health stay.

    Without `names` nobody asks the DNS: what it would say counts as not asked.
    """
    assistant = choose(settings)
    relay = SmtpRelay(settings)
    crm = CreatioCrm(settings.creatio, settings.mailboxes) if settings.creatio.url else None
    _note(health, "creatio", bool(settings.creatio.url), "no [creatio] url is set: nothing is filed")
    _note(health, "relay", bool(settings.relay.host), "no [relay] host is set: nothing is sent")
    _note(health, "assistant", settings.assistant.kind != "none", 'assistant.kind is "none": people answer')
    for account in settings.imap:
        _note(health, f"imap:{account.user}", True, "")
    pickups = {name_of(account): _pickup(account, settings) for account in settings.imap}
    scanner = Clamd(settings.mail.scanner) if settings.mail.scanner else None
    if scanner is not None:
        _note(health, "scanner", True, "")
    parts = Parts(store, settings, assistant, relay, readers, health, crm, names, pickups, scanner=scanner)
    return Furniture(parts, assistant, relay, crm, pickups)


def _pickup(account: Imap, settings: Settings) -> ImapPickup:
    """One size is too large at every door."""
    return ImapPickup(account, settings.data_dir / "incoming", (settings.smtp or Smtp()).max_size)


def _note(health: Health, name: str, is_set: bool, why: str) -> None:
    known = health.snapshot().get(name)
    if not is_set:
        health.note(name, Condition.OFF, why)
    elif known is None or known.condition is Condition.OFF:
        health.note(name, Condition.PENDING)
