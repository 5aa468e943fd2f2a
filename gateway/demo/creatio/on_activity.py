"""What a save does around mails: preview, hash, participants, message data, and the line on the case's timeline."""

import hashlib
import re
from email.utils import getaddresses

from gateway.demo.creatio import ids
from gateway.demo.creatio.saving import EntityLayer, Saved
from gateway.demo.creatio.schema import Row, Value, id_of
from gateway.demo.creatio.tenant import Tenant

PREVIEW = 245
_ROLES = (
    ("Sender", ids.ROLE_FROM),
    ("Recepient", ids.ROLE_TO),
    ("CopyRecepient", ids.ROLE_CC),
    ("BlindCopyRecepient", ids.ROLE_BCC),
)


def attach(layer: EntityLayer) -> None:
    layer.before.setdefault("Activity", []).append(_prepare)
    layer.after.setdefault("Activity", []).extend([_add_participants, _add_draft_data, _note_on_timeline, _reopen])


def _prepare(saved: Saved) -> None:
    row = saved.row
    if not _is_mail(row):
        return
    if row["EmailSendStatusId"] is None:
        row["EmailSendStatusId"] = ids.NOT_SEND
    row["IsNeedProcess"] = True
    row["Preview"] = row["Preview"] or plain_text(str(row["Body"] or ""))[:PREVIEW]
    if row["SendDate"] is not None and not row["MailHash"]:
        seen = f"{row['SendDate']}{row['Title']}{row['Body']}"
        row["MailHash"] = hashlib.sha256(seen.encode()).hexdigest()[:32]


def _add_participants(saved: Saved) -> None:
    if not saved.added or not _is_mail(saved.row):
        return
    for column, role in _ROLES:
        for contact_id in _contacts(saved.tenant, str(saved.row[column] or "")):
            participant: Row = {"ActivityId": saved.row["Id"], "ParticipantId": contact_id, "RoleId": role}
            saved.layer.insert("ActivityParticipant", participant, saved.actor)


def _add_draft_data(saved: Saved) -> None:
    if saved.added and _is_mail(saved.row) and saved.row["SendDate"] is None:
        saved.layer.insert("EmailMessageData", {"ActivityId": saved.row["Id"]}, saved.actor)


def _note_on_timeline(saved: Saved) -> None:
    row = saved.row
    if not _is_mail(row) or not row["CaseId"] or not saved.changed("CaseId"):
        return
    author = row["ContactId"] if row["MessageTypeId"] == ids.INCOMING else row["CreatedById"]
    line: Row = {"CaseId": row["CaseId"], "RecordId": row["Id"], "MessageNotifierId": ids.NOTIFIER_EMAIL}
    line |= {"Message": row["Body"]}
    history = saved.layer.insert("CaseMessageHistory", line, saved.actor)
    history |= {"CreatedById": author, "CreatedOn": row["SendDate"]}


def _reopen(saved: Saved) -> None:
    """Only for a mail to a mailbox that Creatio itself makes cases from."""
    row, tenant = saved.row, saved.tenant
    case = tenant.get("Case", row["CaseId"])
    if case is None or row["MessageTypeId"] != ids.INCOMING or not saved.changed("CaseId"):
        return
    status = tenant.get("CaseStatus", case["StatusId"]) or {}
    dormant = (status.get("IsResolved") or status.get("IsPaused")) and not status.get("IsFinal")
    if not dormant or not _for_registration(tenant, row):
        return
    changes: Row = {"StatusId": ids.STATUS_REOPENED}
    if tenant.setting("ClearAssigneeOnCaseReopening"):
        changes["OwnerId"] = None
    saved.layer.update("Case", id_of(case), changes, saved.actor)


def plain_text(html: str) -> str:
    """The text of a body, for a preview."""
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def _is_mail(row: Row) -> bool:
    return row["TypeId"] == ids.TYPE_EMAIL


def _contacts(tenant: Tenant, addresses: str) -> list[Value]:
    found = {address.lower() for _, address in getaddresses(addresses.replace(";", ",").split(",")) if address}
    ways = [row for row in tenant.tables["ContactCommunication"].values() if str(row["Number"]).lower() in found]
    return list(dict.fromkeys(row["ContactId"] for row in ways))


def _for_registration(tenant: Tenant, row: Row) -> bool:
    to = f"{row['Recepient']} {row['CopyRecepient']} {row['BlindCopyRecepient']}".lower()
    boxes = [tenant.get("MailboxSyncSettings", box["MailboxSyncSettingsId"]) for box in _registered(tenant)]
    return any(box and str(box["SenderEmailAddress"]).lower() in to for box in boxes)


def _registered(tenant: Tenant) -> list[Row]:
    return tenant.rows("MailboxForIncidentRegistration")
