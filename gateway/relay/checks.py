"""check relay: each way out is connected to, encrypted and signed in to as for a mail; no mail is sent."""

import asyncio
from collections.abc import Sequence

from gateway.config.settings import Relay, Settings
from gateway.errors import GiveUp, TryLater
from gateway.health import Finding
from gateway.relay.smtp import Way, own_name

AREA = "relay"
_LONGEST = 30.0
_FIX = "see host, port, tls, user and password of this relay"


async def check(settings: Settings) -> Sequence[Finding]:
    if not settings.relay.host and not settings.relays:
        fix = "set [relay] host"
        return [Finding(AREA, False, "no [relay] host is set: nothing can be sent", fix, warning=True)]
    ways = [one for one in (settings.relay, *settings.relays) if one.host]
    return await asyncio.gather(*(_try(one, own_name(settings)) for one in ways))


async def _try(relay: Relay, hostname: str) -> Finding:
    name = f"relay.{relay.name}" if relay.name else "relay"
    where = f"[{name}] {relay.host}:{relay.port}"
    way = Way(relay, hostname)
    try:
        async with asyncio.timeout(_LONGEST):
            connection = await way.open()
            await connection.close()
    except TimeoutError:
        fix = "is the address right, does a firewall block the port?"
        return Finding(AREA, False, f"{where} does not answer within {_LONGEST:g} seconds", fix)
    except (TryLater, GiveUp) as error:
        why, _, fix = str(error).partition("; ")
        return Finding(AREA, False, f"[{name}] {why}", fix or _FIX)
    finally:
        await way.close()
    return Finding(AREA, True, f"{where} takes our mail: {_told(relay)}")


def _told(relay: Relay) -> str:
    tls = {"starttls": "STARTTLS", "tls": "TLS", "none": "in clear"}[relay.tls]
    return f"{tls}, signed in as {relay.user}" if relay.user else f"{tls}, without a sign-in"
