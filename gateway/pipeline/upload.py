"""UPLOAD: the files of what Creatio was told, one row or one file at a time, in nobody's way."""

from gateway.desk.filing import next_upload
from gateway.pipeline.file import ANY_TENANT, Desk, tell
from gateway.pipeline.filing_rules import rules_for
from gateway.pipeline.parts import Job, Parts, Write, nothing
from gateway.store import dossiers


async def upload(parts: Parts, job: Job) -> Write:
    """Find the one next file that is missing, upload it, remember it; the job queues itself again.

    Beside FILE, which has hands of its own: neither the customer's next mail nor anybody's case waits for a large file.
    """
    dossier = await parts.store.read(dossiers.gather, job.subject)
    if parts.crm is None or dossier is None:
        return nothing
    rules = rules_for(parts.settings, dossier.conversation)
    if next_upload(dossier, rules, ANY_TENANT) is None:
        return nothing
    desk = Desk(dossier, rules, await parts.crm.tenant())
    change = next_upload(dossier, rules, desk.tenant)
    return nothing if change is None else await tell(parts, parts.crm, job, desk, change)
