"""check imap: each account is signed in to and its folder opened; only headers are read, nothing is marked."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

from gateway.config.settings import Imap, Settings
from gateway.errors import SignInRefused, TryLater
from gateway.health import Finding
from gateway.intake.imap.folder import ImapFolder
from gateway.intake.imap.pickup import ImapPickup
from gateway.mail.authentication_results import read_results
from gateway.mail.glance import first_results

AREA = "imap"
_LONGEST = 60.0
_LOOKED_AT = 5  # of the newest mails


async def check(settings: Settings) -> Sequence[Finding]:
    found = await asyncio.gather(*(_try(one, settings.data_dir) for one in settings.imap))
    return [one for some in found for one in some]


async def _try(account: Imap, data_dir: Path) -> Sequence[Finding]:
    where = f"{account.user} at {account.host}:{account.port}, {account.folder}"
    pickup = ImapPickup(account, data_dir / "incoming", max_size=0)
    try:
        async with asyncio.timeout(_LONGEST), pickup.visit() as folder:
            uids = await folder.search(1)
            names = await _names_in(folder, uids[-_LOOKED_AT:])
    except TimeoutError:
        fix = "is the address right, does a firewall block the port?"
        return [Finding(AREA, False, f"{where}: no answer within {_LONGEST:g} seconds", fix)]
    except SignInRefused as refused:
        fix = "see user, password, auth and oauth; many providers want an app password or have IMAP switched off"
        return [Finding(AREA, False, str(refused), fix)]
    except TryLater as error:
        return [Finding(AREA, False, str(error), "see host, port, folder and ca_file of this account")]
    finally:
        await pickup.close()
    well = Finding(AREA, True, f"{where}: open, {len(uids)} mail{'' if len(uids) == 1 else 's'} in it")
    return [well, *_compare(where, names, account.trusted_authserv_ids)]


async def _names_in(folder: ImapFolder, uids: Sequence[int]) -> Sequence[str]:
    """Who says on top of these mails what it found out about their senders. Microsoft 365 leaves its name out."""
    said = [read_results(first_results(await folder.head(uid))).server for uid in uids]
    return sorted({name for name in said if name and "=" not in name})


def _compare(where: str, names: Sequence[str], listed: Sequence[str]) -> Sequence[Finding]:
    if not names or set(names) & set(listed):
        return []
    seen = ", ".join(names)
    fix = (
        f"if that is your provider, and it removes what others write in its name (RFC 8601, section 5): "
        f'trusted_authserv_ids = ["{names[0]}"] in this [[intake.imap]]'
    )
    if listed:
        text = f"{where}: the newest mails are not marked by {', '.join(listed)} but by {seen}, which is not listed"
    else:
        text = f"{where}: what {seen} found out about senders is not believed; only their own signatures prove them"
    return [Finding(AREA, False, text, fix, warning=True)]
