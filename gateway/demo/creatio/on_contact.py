"""What a save does around contacts: an e-mail address and its row among the ways to reach a person stay in step."""

from gateway.demo.creatio import ids
from gateway.demo.creatio.saving import EntityLayer, Saved
from gateway.demo.creatio.schema import Row, id_of


def attach(layer: EntityLayer) -> None:
    layer.after.setdefault("Contact", []).append(_synchronise)
    layer.after.setdefault("ContactCommunication", []).append(_take_over)


def _synchronise(saved: Saved) -> None:
    address = saved.row["Email"]
    if not saved.changed("Email") or not address:
        return
    known = saved.tenant.find(
        "ContactCommunication",
        ContactId=saved.row["Id"],
        CommunicationTypeId=ids.COMMUNICATION_EMAIL,
        Number=saved.before.get("Email"),
    )
    columns: Row = {"Number": address, "SearchNumber": str(address).lower()}
    if known is not None:
        saved.layer.update_by_sql("ContactCommunication", id_of(known), columns)
        return
    owner = {"ContactId": saved.row["Id"], "CommunicationTypeId": ids.COMMUNICATION_EMAIL, "Primary": True}
    saved.layer.insert("ContactCommunication", {**owner, **columns, "IsCreatedBySynchronization": True}, saved.actor)


def _take_over(saved: Saved) -> None:
    """A way to reach somebody, entered by itself, becomes the contact's address where there is none yet."""
    if saved.row["CommunicationTypeId"] != ids.COMMUNICATION_EMAIL or saved.row["IsCreatedBySynchronization"]:
        return
    contact = saved.tenant.get("Contact", saved.row["ContactId"])
    if contact is not None and not contact["Email"]:
        contact["Email"] = saved.row["Number"]
