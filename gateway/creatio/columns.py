"""The only place that knows Creatio's column names: our values as columns, and columns as our values."""

import re
from collections.abc import Mapping
from typing import Any

from gateway.creatio.values import Row, guid, is_guid, moment, told
from gateway.desk.case import CaseSeen, Tenant
from gateway.desk.records import (
    NewActivity,
    NewCase,
    NewContact,
    NewFile,
    NewMessageData,
    NewNote,
    NewPost,
)
from gateway.desk.replies import ActivitySeen, Kind, Sending

# Rows that the vendor ships with the same ids everywhere.
CASE_SCHEMA = "117d32f9-8275-4534-8411-1c66115ce9cd"
FILE_SCHEMA = "080c9917-7ec9-42e5-86ff-75a683d4f124"
ORIGIN_EMAIL = "7f9e1f1e-f46b-1410-3492-0050ba5d6c38"
CLOSED_AS_DOUBLE = "7ce9843e-6855-4412-9282-ec55edf6d05b"
REOPENED = "f063ebbe-fdc6-4982-8431-d8cfa52fedcf"
IN_PROGRESS_CASE = "7e9f1204-f46b-1410-fb9a-0050ba5d6c38"
NEW_CASE = "ae5f2f10-f46b-1410-fd9a-0050ba5d6c38"
CONTACT_CUSTOMER = "00783ef6-f36b-1410-a883-16d83cab0980"
COMMUNICATION_EMAIL = "ee1c85c3-cfcb-df11-9b2a-001d60e938c6"
TYPE_EMAIL = "e2831dec-cfc0-df11-b00f-001d60e938c6"
TYPE_TASK = "fbe0acdc-cfc0-df11-b00f-001d60e938c6"
CATEGORY_EMAIL = "8038a396-7825-e011-8165-00155d043204"
CATEGORY_TO_DO = "f51c4643-58e6-df11-971b-001d60e938c6"
COMPLETED = "4bdbb88f-58e6-df11-971b-001d60e938c6"
CANCELED = "201cfba8-58e6-df11-971b-001d60e938c6"
INCOMING = "7f9d1f86-f36b-1410-068c-20cf30b39373"
OUTGOING = "7f6d3f94-f36b-1410-068c-20cf30b39373"
SENT = "8074ffc0-6107-e011-a646-16d83cab0980"
SENDINGS = {
    SENT: Sending.SENT,
    "20c0c460-6107-e011-a646-16d83cab0980": Sending.NOT_SENT,
    "603ba6af-6107-e011-a646-16d83cab0980": Sending.IN_PROGRESS,
}
FILE = "529bc2f8-0ee0-df11-971b-001d60e938c6"

_PICTURE = re.compile(r'<img src="cid:([0-9a-f-]{36})"')  # of ours, by the id of its file

# The columns by which a row that is found under one of our ids is known to be ours: one that agrees is enough.
SAME = {
    "Contact": ("Email",),
    "Case": ("Subject", "Symptoms", "ContactId"),
    "Activity": ("CaseId",),
    "EmailMessageData": ("ActivityId",),
    "ActivityFile": ("ActivityId",),
    "SocialMessage": ("EntityId",),
}
CASE_WORDS = {
    "subject": "Subject",
    "description": "Symptoms",
    "status": "StatusId",
    "owner": "OwnerId",
    "group": "GroupId",
    "contact": "ContactId",
}
CASE_SELECT = ("Number", *CASE_WORDS.values(), "ParentCaseId", "ClosureCodeId", "ModifiedOn")
ACTIVITY_SELECT = (
    "CaseId",
    "TypeId",
    "MessageTypeId",
    "StatusId",
    "ActivityCategoryId",
    "EmailSendStatusId",
    "SendDate",
    "ErrorOnSend",
    "CreatedById",
    "IsAutoSubmitted",
    "HeaderProperties",
    "Title",
    "Sender",
    "Recepient",
    "CopyRecepient",
    "BlindCopyRecepient",
    "CreatedOn",
    "ModifiedOn",
)


def columns_of(change: NewContact | NewCase | NewActivity | NewMessageData | NewFile | NewNote | NewPost) -> Row:
    """A row to insert. Empty look-ups are left out: a zero guid breaks the insert."""
    match change:
        case NewContact():
            return {"Id": change.id, "Name": change.name, "Email": change.address, "TypeId": CONTACT_CUSTOMER}
        case NewCase():
            return _case(change)
        case NewActivity():
            return _mail(change)
        case NewMessageData():
            return {
                "Id": change.id,
                "ActivityId": change.activity_id,
                "MessageId": change.message_id,
                "InReplyTo": change.in_reply_to,
                "References": change.references,
                "SendDate": moment(change.at),
            }
        case NewFile():
            file = {"Id": change.id, "Name": change.name, "ActivityId": change.activity_id, "TypeId": FILE}
            return {**file, "Inline": True} if change.inline else file
        case NewNote():
            return _note(change)
        case NewPost():
            text = change.text.replace("&", "&amp;").replace("<", "&lt;").replace("\n", "<br>")
            return {"Id": change.id, "EntitySchemaUId": CASE_SCHEMA, "EntityId": change.case_id, "Message": text}


def entity_of(change: object) -> str:
    """The entity set that a change goes to."""
    names = {
        NewContact: "Contact",
        NewCase: "Case",
        NewActivity: "Activity",
        NewMessageData: "EmailMessageData",
        NewFile: "ActivityFile",
        NewNote: "Activity",
        NewPost: "SocialMessage",
    }
    return names[type(change)]


def _case(case: NewCase) -> Row:
    lookups = {
        "ContactId": case.contact,
        "OwnerId": case.owner,
        "GroupId": case.group,
        "CategoryId": case.category,
        "ParentCaseId": case.parent,
        "OriginId": ORIGIN_EMAIL,
    }
    columns = {"Id": case.id, "Subject": case.subject, "Symptoms": case.description}
    return {**columns, **{name: guid(value) for name, value in lookups.items() if value}, **case.fields}


def _mail(mail: NewActivity) -> Row:
    """SendDate is set, so Creatio never sends it; ServiceProcessed, so no process makes a case of it."""
    at = moment(mail.at)
    html = _PICTURE.sub(rf'<img src="../rest/FileService/GetFile/{FILE_SCHEMA}/\1"', mail.html)
    lookups = {"ContactId": mail.contact, "SenderContactId": mail.contact if mail.incoming else ""}
    return {
        "Id": mail.id,
        "Title": mail.title,
        "TypeId": TYPE_EMAIL,
        "ActivityCategoryId": CATEGORY_EMAIL,
        "MessageTypeId": INCOMING if mail.incoming else OUTGOING,
        "StatusId": COMPLETED,
        "EmailSendStatusId": SENT,
        "SendDate": at,
        "StartDate": at,
        "DueDate": at,
        "Sender": mail.sender,
        "Recepient": mail.recipients,
        "CopyRecepient": mail.copies,
        "Body": html or mail.text,
        "IsHtmlBody": bool(mail.html),
        "CaseId": mail.case_id,
        "ServiceProcessed": True,
        **{name: value for name, value in lookups.items() if value},
    }


def _note(note: NewNote) -> Row:
    """A task that is done: in nobody's calendar and overdue for nobody."""
    at = moment(note.at)
    columns = {
        "Id": note.id,
        "Title": note.title[:500],
        "TypeId": TYPE_TASK,
        "ActivityCategoryId": CATEGORY_TO_DO,
        "StatusId": COMPLETED,
        "StartDate": at,
        "DueDate": at,
        "ShowInScheduler": False,
        "DetailedResult": note.text,
        "Notes": note.text,
        "CaseId": note.case_id,
    }
    return {**columns, "ContactId": note.contact} if note.contact else columns


def change_columns(values: Mapping[str, str]) -> dict[str, Any]:
    """A change of a case by our words; an empty look-up is cleared with null, for a zero guid is ignored."""
    columns: dict[str, Any] = {}
    for word, value in values.items():
        name = word.removeprefix("field:") if word.startswith("field:") else CASE_WORDS[word]
        columns[name] = None if name.endswith("Id") and not value else value
    return columns


def case_seen(row: Row, tenant: Tenant) -> CaseSeen:
    status = told(row.get("StatusId"))
    parent, code = told(row.get("ParentCaseId")), told(row.get("ClosureCodeId"))
    owner = row.get("Owner")
    return CaseSeen(
        id=guid(str(row["Id"])),
        state=tenant.state_of(status),
        number=told(row.get("Number")),
        subject=told(row.get("Subject")),
        description=told(row.get("Symptoms")),
        status=status,
        owner=told(row.get("OwnerId")),
        owner_name=told(owner.get("Name")) if isinstance(owner, dict) else "",
        group=told(row.get("GroupId")),
        contact=told(row.get("ContactId")),
        merged_into=parent if parent and code == CLOSED_AS_DOUBLE else "",
        modified=told(row.get("ModifiedOn")),
        fields={one.column: told(row.get(one.column)) for one in tenant.fields if one.column in row},
    )


def activity_seen(row: Row, sendings: Mapping[str, Sending], case_id: str = "") -> ActivitySeen:
    status, kind, message = told(row.get("StatusId")), told(row.get("TypeId")), told(row.get("MessageTypeId"))
    headers = told(row.get("HeaderProperties"))
    automatic = re.search(r"(?i)auto-submitted['\"\s:=]+(?!no\b)", headers) is not None
    return ActivitySeen(
        id=guid(str(row["Id"])),
        case_id=told(row.get("CaseId")) or case_id,
        kind={TYPE_EMAIL: Kind.EMAIL, TYPE_TASK: Kind.TASK}.get(kind, Kind.OTHER),
        incoming={INCOMING: True, OUTGOING: False}.get(message),
        completed=status == COMPLETED,
        canceled=status == CANCELED,
        sending=sendings.get(told(row.get("EmailSendStatusId")), Sending.UNSET),
        sent_at=told(row.get("SendDate")),
        error=told(row.get("ErrorOnSend")),
        author=told(row.get("CreatedById")),
        automatic=automatic or row.get("IsAutoSubmitted") is True,
        title=told(row.get("Title")),
        sender=told(row.get("Sender")),
        recipients=told(row.get("Recepient")),
        copies=told(row.get("CopyRecepient")),
        hidden=told(row.get("BlindCopyRecepient")),
        category=told(row.get("ActivityCategoryId")),
        created=told(row.get("CreatedOn")),
        modified=told(row.get("ModifiedOn")),
    )


def column_name(name: str, known: Mapping[str, object]) -> str:
    """The OData name of a column as an administrator may have written it: `Priority`, `PriorityId`, in any case."""
    spellings = {one.casefold(): one for one in known}
    for wanted in (f"{name}Id", name):
        if wanted.casefold() in spellings:
            return spellings[wanted.casefold()]
    return ""


def clean_id(value: str) -> str:
    """A configured id in the spelling of OData, or empty when it is none."""
    return guid(value) if is_guid(value) else ""
