"""Passwords: hashed with argon2 in a thread, one at a time, so that signing in never stops the mail."""

import asyncio

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST, LONGEST = 12, 1024
# The second choice of OWASP's list: 19 MiB and two passes; more memory would not fit the daemon's limit.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
# What a password is compared with where nobody has that name, so that it takes as long.
_NOBODY = "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0c2FsdA$x0p4bLQtmhlNGpDXdVDkPTW7oFM7y6SSM2WCErxb6AY"


async def hash_password(password: str) -> str:
    return await asyncio.to_thread(_HASHER.hash, password)


async def matches(hashed: str | None, password: str) -> bool:
    """True when that is the password. Without a hash it is never true, and takes as long."""
    right = await asyncio.to_thread(_verify, hashed or _NOBODY, password[:LONGEST])
    return right and hashed is not None


def outdated(hashed: str) -> bool:
    return _HASHER.check_needs_rehash(hashed)


def _verify(hashed: str, password: str) -> bool:
    try:
        return _HASHER.verify(hashed, password)
    except (VerificationError, InvalidHashError):
        return False
