"""One connection is tried, now: what the page Connections calls "test now"."""

from collections.abc import Awaitable, Callable, Sequence

import gateway.assistant.checks as assistant
import gateway.creatio.checks as creatio
import gateway.intake.imap.checks as imap
import gateway.intake.smtp.checks as smtp
import gateway.relay.checks as relay
import gateway.scanner.checks as scanner
from gateway.config.settings import Settings
from gateway.health import Condition, Finding
from gateway.pipeline.parts import Parts

_CHECKS: dict[str, Callable[[Settings], Awaitable[Sequence[Finding]]]] = {
    "assistant": assistant.check,
    "creatio": creatio.check,
    "imap": imap.check,
    "relay": relay.check,
    "scanner": scanner.check,
    "smtp": smtp.check,
}


async def test_connection(area: str, parts: Parts) -> Sequence[Finding]:
    """What a check of that area finds; health follows it."""
    look = _CHECKS.get(area.partition(":")[0])  # imap:USER is one of the accounts
    if look is None:
        return []
    findings = await look(parts.settings)
    wrong = [one.text for one in findings if not one.well and not one.warning]
    known = parts.health.snapshot().get(area)
    if known is None or known.condition is not Condition.OFF:
        parts.health.note(area, Condition.FAILED if wrong else Condition.WORKING, "; ".join(wrong))
    return findings
