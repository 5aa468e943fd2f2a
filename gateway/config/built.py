"""What is a setting already and not yet a part of the house."""

from importlib.util import find_spec

from gateway.config.section import Report
from gateway.config.settings import Settings

# Accepted and checked, and nothing looks at them yet. `gateway check config` says so.
UNUSED: frozenset[str] = frozenset()

# Values that ask for a part which is not built: they are faults.
_UNBUILT_ASSISTANTS = ("anthropic", "gemini", "plugin")


def check(settings: Settings, report: Report) -> None:
    if settings.assistant.kind in _UNBUILT_ASSISTANTS:
        report.fault(("assistant", "kind"), f"{settings.assistant.kind} is not built yet; openai, http or articles are")
    if settings.store.blobs.startswith("s3://") and find_spec("obstore") is None:
        report.fault(("store", "blobs"), "s3:// needs the package obstore, which is not installed here")
    if settings.mail.quotes == "talon" and find_spec("talon") is None:
        report.fault(("mail", "quotes"), 'talon is not installed: pip install "creatio-mail-gateway[talon]", or "own"')


def unused(report: Report) -> tuple[str, ...]:
    return tuple(sorted(key for key in report.given if key in UNUSED))
