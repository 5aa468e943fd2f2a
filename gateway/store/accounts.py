"""Who may look into the inbox, and who is signed in. Passwords are kept hashed, cookies as their hash."""

from datetime import timedelta

import sqlalchemy as sa

from gateway.store.database import Transaction
from gateway.store.schema import account, login

IDLE = timedelta(hours=12)
LONGEST = timedelta(days=14)
_TOUCH = timedelta(minutes=5)


def set_password(tx: Transaction, name: str, hashed: str) -> bool:
    """Add an account, or change its password, which signs it out everywhere. True when it is new."""
    known = password_of(tx, name) is not None
    if known:
        tx.execute(sa.update(account).where(account.c.name == name).values(password=hashed))
        tx.execute(sa.delete(login).where(login.c.account == name))
    else:
        tx.execute(sa.insert(account).values(name=name, password=hashed, created=tx.now))
    return not known


def password_of(tx: Transaction, name: str) -> str | None:
    """The argon2 hash, or None where nobody has that name."""
    return tx.execute(sa.select(account.c.password).where(account.c.name == name)).scalar()


def renew_hash(tx: Transaction, name: str, before: str, hashed: str) -> None:
    """The same password, hashed the way it is done today."""
    same = (account.c.name == name) & (account.c.password == before)
    tx.execute(sa.update(account).where(same).values(password=hashed))


def names(tx: Transaction) -> list[str]:
    return list(tx.execute(sa.select(account.c.name).order_by(account.c.name)).scalars())


def remove(tx: Transaction, name: str) -> bool:
    tx.execute(sa.delete(login).where(login.c.account == name))
    return tx.execute(sa.delete(account).where(account.c.name == name)).rowcount > 0


def sign_in(tx: Transaction, token: str, name: str) -> None:
    """Remember the hash of a cookie. Cookies too old to be good are forgotten at the same time."""
    tx.execute(sa.delete(login).where((login.c.created < tx.now - LONGEST) | (login.c.seen < tx.now - IDLE)))
    tx.execute(sa.insert(login).values(token=token, account=name, created=tx.now, seen=tx.now))


def signed_in(tx: Transaction, token: str) -> tuple[str, bool] | None:
    """Whose cookie that is and whether `touch` is due, or None: unknown, idle for too long, or too old."""
    row = tx.execute(sa.select(login).where(login.c.token == token)).first()
    if row is None or row.seen < tx.now - IDLE or row.created < tx.now - LONGEST:
        return None
    return row.account, row.seen < tx.now - _TOUCH


def touch(tx: Transaction, token: str) -> None:
    tx.execute(sa.update(login).where(login.c.token == token).values(seen=tx.now))


def sign_out(tx: Transaction, token: str) -> None:
    tx.execute(sa.delete(login).where(login.c.token == token))
