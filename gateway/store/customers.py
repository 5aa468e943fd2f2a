"""Customers: people who write, by their addresses, and the CRM's contact once it is known."""

import sqlalchemy as sa

from gateway.mail.message import Address
from gateway.store.database import Transaction
from gateway.store.schema import customer, customer_address


def find(tx: Transaction, address: str) -> int | None:
    wanted = sa.select(customer_address.c.customer_id).where(customer_address.c.address == address.casefold())
    return tx.execute(wanted).scalar()


def find_or_add(tx: Transaction, address: Address) -> int:
    known = find(tx, address.key)
    if known is not None:
        return known
    fresh = sa.insert(customer).values(name=address.name, created=tx.now)
    customer_id = int(tx.scalar(fresh.returning(customer.c.id)))
    add_address(tx, customer_id, address.key)
    return customer_id


def add_address(tx: Transaction, customer_id: int, address: str) -> None:
    """One more address of a known person; an address already known stays with whom it belongs to."""
    if find(tx, address) is None:
        tx.execute(sa.insert(customer_address).values(address=address.casefold(), customer_id=customer_id))


def addresses(tx: Transaction, customer_id: int) -> list[str]:
    wanted = sa.select(customer_address.c.address).where(customer_address.c.customer_id == customer_id)
    return list(tx.execute(wanted.order_by(customer_address.c.address)).scalars())


def name(tx: Transaction, customer_id: int) -> str:
    return tx.execute(sa.select(customer.c.name).where(customer.c.id == customer_id)).scalar() or ""


def contact(tx: Transaction, customer_id: int) -> str | None:
    """The Creatio contact of this customer, once found or made."""
    return tx.execute(sa.select(customer.c.contact_id).where(customer.c.id == customer_id)).scalar()


def contact_note(tx: Transaction, customer_id: int) -> str:
    """Why no contact could be chosen, or empty while nobody has looked."""
    return tx.execute(sa.select(customer.c.contact_note).where(customer.c.id == customer_id)).scalar() or ""


def set_contact(tx: Transaction, customer_id: int, contact_id: str | None, note: str = "") -> None:
    change = sa.update(customer).where(customer.c.id == customer_id)
    tx.execute(change.values(contact_id=contact_id, contact_note=note))
