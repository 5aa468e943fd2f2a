"""Whether the DNS answers, and what it says of our own domains."""

from collections.abc import Sequence

from gateway.config.settings import Settings
from gateway.errors import TryLater
from gateway.health import Finding
from gateway.resolver.dns import Dns


async def check(settings: Settings) -> Sequence[Finding]:
    """For each domain that we send from: SPF and DMARC, without which answers end in spam folders."""
    names = Dns()
    domains = sorted({one.address.rpartition("@")[2] for one in settings.mailboxes if one.state == "active"})
    found: list[Finding] = []
    for domain in domains:
        found += await _look_at(names, domain)
    return found


async def _look_at(names: Dns, domain: str) -> list[Finding]:
    try:
        spf = [one for one in await names.ask(domain, "TXT") if one.lower().startswith("v=spf1")]
        dmarc = [one for one in await names.ask(f"_dmarc.{domain}", "TXT") if one.lower().startswith("v=dmarc1")]
    except TryLater as away:
        fix = "give this machine a resolver (/etc/resolv.conf)"
        return [Finding("dns", False, str(away), fix, warning=True)]
    return [
        _about(domain, "SPF", spf, "publish a TXT record v=spf1 that includes your relay"),
        _about(domain, "DMARC", dmarc, f"publish a TXT record at _dmarc.{domain}, to begin with v=DMARC1; p=none"),
    ]


def _about(domain: str, what: str, records: Sequence[str], fix: str) -> Finding:
    if len(records) == 1:
        return Finding("dns", True, f"{domain}: {what} {records[0]}")
    wrong = "has none" if not records else f"has {len(records)} records, so none counts"
    return Finding("dns", False, f"{domain}: {what} {wrong}", fix, warning=True)
