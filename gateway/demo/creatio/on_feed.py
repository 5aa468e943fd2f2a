"""What a save does around feed and portal posts on a case: a line on its timeline."""

from gateway.demo.creatio import ids
from gateway.demo.creatio.saving import EntityLayer, Saved
from gateway.demo.creatio.schema import Row


def attach(layer: EntityLayer) -> None:
    for entity in ("SocialMessage", "PortalMessage"):
        layer.after.setdefault(entity, []).append(_note_on_timeline)


def _note_on_timeline(saved: Saved) -> None:
    row, tenant = saved.row, saved.tenant
    about_case = row["EntitySchemaUId"] == tenant.entity("Case").uid
    if not saved.added or not about_case or tenant.get("Case", row["EntityId"]) is None:
        return
    notifier = ids.NOTIFIER_SOCIAL if saved.entity == "SocialMessage" else ids.NOTIFIER_PORTAL
    line: Row = {"CaseId": row["EntityId"], "RecordId": row["Id"], "MessageNotifierId": notifier}
    saved.layer.insert("CaseMessageHistory", line | {"Message": row["Message"]}, saved.actor)
