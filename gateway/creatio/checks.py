"""`gateway check creatio`: signs in, looks at everything, and names the Creatio setting to change."""

from collections.abc import Sequence

from gateway.config.settings import Settings
from gateway.creatio.crm import CreatioCrm
from gateway.health import Finding


async def check(settings: Settings) -> Sequence[Finding]:
    """Nothing is written to find out."""
    if not settings.creatio.url:
        return [Finding("creatio", True, "no Creatio is connected ([creatio] url is not set)", warning=True)]
    crm = CreatioCrm(settings.creatio, settings.mailboxes)
    try:
        return await crm.findings()
    finally:
        await crm.close()
