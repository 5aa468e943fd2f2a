"""check imap: each account is signed in to and its folder opened; nothing is fetched or marked."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

from gateway.config.settings import Imap, Settings
from gateway.errors import SignInRefused, TryLater
from gateway.health import Finding
from gateway.intake.imap.pickup import ImapPickup

AREA = "imap"
_LONGEST = 60.0


async def check(settings: Settings) -> Sequence[Finding]:
    return await asyncio.gather(*(_try(one, settings.data_dir) for one in settings.imap))


async def _try(account: Imap, data_dir: Path) -> Finding:
    where = f"{account.user} at {account.host}:{account.port}, {account.folder}"
    pickup = ImapPickup(account, data_dir / "incoming", max_size=0)
    try:
        async with asyncio.timeout(_LONGEST), pickup.visit() as folder:
            waiting = len(await folder.search(1))
    except TimeoutError:
        fix = "is the address right, does a firewall block the port?"
        return Finding(AREA, False, f"{where}: no answer within {_LONGEST:g} seconds", fix)
    except SignInRefused as refused:
        fix = "see user, password, auth and oauth; many providers want an app password or have IMAP switched off"
        return Finding(AREA, False, str(refused), fix)
    except TryLater as error:
        return Finding(AREA, False, str(error), "see host, port, folder and ca_file of this account")
    finally:
        await pickup.close()
    return Finding(AREA, True, f"{where}: open, {waiting} mail{'' if waiting == 1 else 's'} in it")
