"""What the scanner says of the files of a mail."""

import asyncio

from gateway.mail.message import Attachment
from gateway.store import arrivals, conversations, installation
from gateway.store.database import Store, Transaction
from tests.store.seeds import SUPPORT, an_entry, begin, take_in

MANY = 12
WAITS = "not looked at for viruses yet: away"


async def test_what_is_said_of_many_files_of_one_mail_at_once_is_all_kept(store: Store) -> None:
    def keep(tx: Transaction) -> int:
        installation.found(tx)
        begin(tx)
        arrival = take_in(tx)
        files = tuple(Attachment(one, f"{one}.pdf", "application/pdf", 5, "", warning=WAITS) for one in range(MANY))
        entry = conversations.add_entry(tx, "c1", an_entry(arrival=arrival, attachments=files), SUPPORT)
        arrivals.record_reading(tx, arrival, "<1@c>", "x", {"warnings": {str(one): WAITS for one in range(MANY)}})
        arrivals.put_in_conversation(tx, arrival, "c1", entry)
        return arrival

    def clean(tx: Transaction, number: int) -> None:
        arrivals.record_warning(tx, arrival, number, "")
        conversations.record_warning(tx, arrival, number, "")

    arrival = await store.write(keep)
    await asyncio.gather(*(store.write(clean, number) for number in range(MANY)))
    found, kept = await store.read(conversations.load, "c1"), await store.read(arrivals.fetch, arrival)
    assert found is not None
    assert kept is not None
    assert [one.warning for one in found.entries[0].attachments] == [""] * MANY
    assert arrivals.warnings_of(kept) == {}
