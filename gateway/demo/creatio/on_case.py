"""What a save does around cases: description, timeline, closure codes, terms, reopening, and mails to the customer."""

from datetime import timedelta
from email.utils import parseaddr

from gateway.demo.creatio import ids, refusals
from gateway.demo.creatio.saving import EntityLayer, Saved
from gateway.demo.creatio.schema import Row, id_of
from gateway.demo.creatio.tenant import SUPERVISOR, TECHNICAL, Mailed, Tenant

SOLVE_WITHIN = timedelta(days=2)
_WITH_CLOSURE_CODE = (ids.STATUS_RESOLVED, ids.STATUS_CLOSED, ids.STATUS_CANCELED)


def attach(layer: EntityLayer) -> None:
    layer.before.setdefault("Case", []).extend([_describe, _guard_satisfaction])
    layer.after.setdefault("Case", []).extend([_copy_to_feed, _begin_stage, _notify, _tell_staff, _follow_status])


def _describe(saved: Saved) -> None:
    row, tenant = saved.row, saved.tenant
    if not row["Symptoms"]:
        row["Symptoms"] = row["Subject"]
    if row["SolutionDate"] is None:
        row["SolutionDate"] = tenant.clock() + SOLVE_WITHIN


def _guard_satisfaction(saved: Saved) -> None:
    touched = any(saved.changed(column) for column in ("SatisfactionLevelId", "SatisfactionLevelComment"))
    if touched and saved.actor == TECHNICAL and not saved.tenant.rights.may_change_satisfaction:
        raise refusals.save_failed("Current user has no permission to execute CanChangeCaseSatisfactionLevel")


def _copy_to_feed(saved: Saved) -> None:
    if saved.added and saved.row["OriginId"] not in (ids.ORIGIN_EMAIL, ids.ORIGIN_CHAT):
        post: Row = {"EntitySchemaUId": saved.tenant.entity("Case").uid, "EntityId": saved.row["Id"]}
        saved.layer.insert("SocialMessage", post | {"Message": saved.row["Symptoms"]}, SUPERVISOR)


def _begin_stage(saved: Saved) -> None:
    if not saved.changed("StatusId"):
        return
    tenant, case_id = saved.tenant, saved.row["Id"]
    now = tenant.clock()
    for stage in tenant.rows("CaseLifecycle"):
        if stage["CaseId"] == case_id and stage["EndDate"] is None:
            stage["EndDate"] = now
    stage = {name: saved.row[name] for name in ("StatusId", "PriorityId", "OwnerId", "GroupId")}
    saved.layer.insert(
        "CaseLifecycle", stage | {"CaseId": case_id, "CaseRecordId": case_id, "StartDate": now}, SUPERVISOR
    )


def _follow_status(saved: Saved) -> None:
    if not saved.changed("StatusId"):
        return
    columns = _consequences(saved)
    if columns:
        saved.layer.update("Case", id_of(saved.row), columns, saved.actor)


def _notify(saved: Saved) -> None:
    if not saved.changed("StatusId") or not saved.row["CategoryId"]:
        return
    rule = saved.tenant.find(
        "CaseNotificationRule",
        CaseStatusId=saved.row["StatusId"],
        CaseCategoryId=saved.row["CategoryId"],
        RuleUsageId=ids.RULE_IMMEDIATE,
    )
    to = _customer_address(saved.tenant, saved.row)
    if rule is not None and to:
        send_notice(saved.layer, saved.row, to, why=str(rule["Name"]))


def _tell_staff(saved: Saved) -> None:
    for column, why in (("OwnerId", "case owner"), ("GroupId", "case group")):
        if saved.changed(column) and saved.row[column]:
            subject = f"Case #{saved.row['Number']} is assigned to you"
            saved.tenant.mailed.append(Mailed("staff", subject, "", why, None))


def send_notice(layer: EntityLayer, case: Row, to: str, *, why: str) -> Row:
    """Creatio mails the customer by itself; the mail is an activity like a rep's, told apart by its header alone."""
    tenant = layer.tenant
    subject = f"New message on case #{case['Number']}"
    body = f"<p>Dear customer,</p><p>{why}: case #{case['Number']} “{case['Subject']}”.</p>"
    columns: Row = {
        "Title": subject,
        "Body": body,
        "IsHtmlBody": True,
        "TypeId": ids.TYPE_EMAIL,
        "ActivityCategoryId": ids.CATEGORY_EMAIL,
        "MessageTypeId": ids.OUTGOING,
        "StatusId": ids.ACTIVITY_COMPLETED,
        "EmailSendStatusId": ids.SENDED,
        "SendDate": tenant.clock(),
        "Sender": "Support <support@creatio.example>",
        "Recepient": to,
        "CaseId": case["Id"],
        "ContactId": case["ContactId"],
    }
    if tenant.switches.notice == "header":
        columns["HeaderProperties"] = "Auto-Submitted=auto-replied"
    else:
        columns["IsAutoSubmitted"] = True
    activity = layer.insert("Activity", columns, SUPERVISOR)
    tenant.mailed.append(Mailed(to, subject, body, why, id_of(activity)))
    return activity


def _consequences(saved: Saved) -> Row:
    """Columns that the product's processes set when a case enters its status."""
    tenant, row = saved.tenant, saved.row
    now = tenant.clock()
    status = tenant.get("CaseStatus", row["StatusId"]) or {}
    columns: Row = {}
    if row["StatusId"] == ids.STATUS_IN_PROGRESS:
        columns |= {"RespondedOn": row["RespondedOn"] or now, "OwnerId": row["OwnerId"] or saved.actor}
    if row["StatusId"] == ids.STATUS_REOPENED:
        columns |= {"ClosureCodeId": None, "SolutionProvidedOn": None, "ClosureDate": None}
    if row["StatusId"] in _WITH_CLOSURE_CODE:
        code = status.get("ClosureCodeId") or tenant.setting("CaseClosureCodeDef")
        columns["ClosureCodeId"] = row["ClosureCodeId"] or code
    if status.get("IsResolved"):
        columns |= {"SolutionProvidedOn": now, "FirstSolutionProvidedOn": row["FirstSolutionProvidedOn"] or now}
        if row["ContactId"] and row["ContactId"] == row["OwnerId"]:
            columns["StatusId"] = ids.STATUS_CLOSED
    if status.get("IsFinal"):
        columns["ClosureDate"] = now
    return columns


def _customer_address(tenant: Tenant, case: Row) -> str:
    """The sender of the first mail, else the contact's address."""
    first = tenant.get("Activity", case["ParentActivityId"])
    if first is not None and first["Sender"]:
        return parseaddr(str(first["Sender"]))[1]
    contact = tenant.get("Contact", case["ContactId"])
    return str(contact["Email"] or "") if contact else ""
