"""Whether the virus scanner answers, and finds what every scanner finds."""

from collections.abc import Sequence

from gateway.config.settings import Settings
from gateway.errors import TryLater
from gateway.health import Finding
from gateway.scanner.clamd import Clamd

# The test file of EICAR, in two pieces so that this file is none.
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR" + rb"-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


async def check(settings: Settings) -> Sequence[Finding]:
    if not settings.mail.scanner:
        return [Finding("scanner", True, "no [mail] scanner is set: attachments are not looked at")]
    clamd = Clamd(settings.mail.scanner)
    try:
        version, found = await clamd.greet(), await clamd.scan(EICAR)
    except TryLater as away:
        return [Finding("scanner", False, str(away), "is clamd running, and may this user open its socket?")]
    if not found:
        return [Finding("scanner", False, f"{version} does not find EICAR's test file", "run freshclam")]
    return [Finding("scanner", True, f"{version} finds EICAR's test file as {found}")]
