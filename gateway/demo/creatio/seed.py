"""The rows a tenant starts with: shipped lookups and settings, people, one team, the technical user."""

from typing import Any
from uuid import UUID

from gateway.demo.creatio import ids
from gateway.demo.creatio.schema import Column, Row, Value
from gateway.demo.creatio.tenant import ANNA, BEN, FIRST_LINE, SUPERVISOR, TECHNICAL, Tenant

ALL_EMPLOYEES = UUID("a29a3ba5-4b0d-de11-9a51-005056c00008")

GERMAN = {
    "New": "Neu",
    "In progress": "In Bearbeitung",
    "Waiting for response": "Wartet auf Antwort",
    "Resolved": "Gelöst",
    "Reopened": "Wieder geöffnet",
    "Closed": "Geschlossen",
    "Canceled": "Abgebrochen",
    "Critical": "Kritisch",
    "High": "Hoch",
    "Medium": "Mittel",
    "Low": "Niedrig",
    "Call": "Anruf",
    "Email": "E-Mail",
    "Incident": "Störung",
    "Service request": "Serviceanfrage",
    "Completed": "Abgeschlossen",
    "Not started": "Nicht begonnen",
    "Incoming": "Eingehend",
    "Outgoing": "Ausgehend",
    "Task": "Aufgabe",
    "File": "Datei",
    "Bicycle": "Fahrrad",
    "Helmet": "Helm",
    "Lamp": "Lampe",
    "Subscription": "Abonnement",
}
# A tenant that renamed what it was shipped and added its own: nothing may be decided by a status's name.
CHANGED = {"Reopened": "Re-opened", "Resolved": "Solution provided", "New": "Registered", "Closed": "Done"}
ADDED_STATUSES: tuple[dict[str, Value], ...] = (
    {"Name": "On Hold", "IsPaused": True},
    {"Name": "Escalated", "IsPaused": False},
    {"Name": "Resolved by partner", "IsResolved": True},
    {"Name": "Rejected", "IsFinal": True},
)


def seed(tenant: Tenant) -> None:
    """Fill an empty tenant. The order is fixed, so the same switches give the same ids."""
    for entity, rows in tenant.schema.rows.items():
        for row in rows:
            tenant.add_raw(entity, **_typed(tenant, entity, row))
    for lookup, names in tenant.edition.lookups.items():
        for name in names:
            tenant.add_raw(lookup, Name=name)
    _rename(tenant)
    for code, value in tenant.schema.settings.items():
        tenant.set_setting(code, UUID(value["guid"]) if isinstance(value, dict) else value)
    if tenant.switches.notification_rules == "none":
        for rule in tenant.rows("CaseNotificationRule"):
            rule["RuleUsageId"] = ids.RULE_DISABLED
    _people(tenant)


def add_registration_mailbox(tenant: Tenant, address: str) -> Row:
    """Creatio synchronises this mailbox itself and makes cases of what arrives in it."""
    settings = tenant.add_raw("MailboxSyncSettings", UserName=address, SenderEmailAddress=address, MailboxName=address)
    settings |= {"EnableMailSynhronization": True, "SendEmailsViaThisAccount": True, "IsShared": True}
    return tenant.add_raw("MailboxForIncidentRegistration", Name=address, MailboxSyncSettingsId=settings["Id"])


def add_contact(tenant: Tenant, name: str, address: str, *, contact_id: UUID | None = None) -> Row:
    """A contact with an e-mail address, as a person had entered it."""
    contact = tenant.add_raw("Contact", Id=contact_id or tenant.new_id(), Name=name, Email=address)
    columns: Row = {"ContactId": contact["Id"], "CommunicationTypeId": ids.COMMUNICATION_EMAIL, "Number": address}
    tenant.add_raw("ContactCommunication", **columns, SearchNumber=address.lower(), Primary=True)
    return contact


def _typed(tenant: Tenant, entity: str, row: dict[str, Any] | Any) -> Row:
    properties = tenant.entity(entity).properties
    return {name: _value(properties[name], value) for name, value in row.items() if name in properties}


def _value(column: Column, value: Any) -> Value:
    typed: Value = UUID(value) if column.edm == "Edm.Guid" else value
    return typed


def _named(tenant: Tenant, name: str) -> str:
    names = {"german": GERMAN, "changed": CHANGED}.get(tenant.switches.lookups, {})
    return names.get(name, name)


def _rename(tenant: Tenant) -> None:
    for entity in (*tenant.schema.rows, *tenant.edition.lookups):
        if tenant.switches.lookups == "changed" and entity != "CaseStatus":
            continue
        for row in tenant.rows(entity):
            row["Name"] = _named(tenant, str(row["Name"]))
    if tenant.switches.lookups == "changed":
        for status in ADDED_STATUSES:
            flags: Row = {"IsFinal": False, "IsResolved": False, "IsPaused": False, "IsDisplayed": True}
            tenant.add_raw("CaseStatus", **(flags | status))


def _people(tenant: Tenant) -> None:
    everyone = tenant.add_raw("SysAdminUnit", Id=ALL_EMPLOYEES, Name="All employees", SysAdminUnitTypeValue=0)
    team: Row = {"Id": FIRST_LINE, "Name": "1st-line support", "SysAdminUnitTypeValue": 3}
    tenant.add_raw("SysAdminUnit", **team, ParentRoleId=everyone["Id"])
    staff = (
        (SUPERVISOR, "Supervisor", "supervisor@creatio.example"),
        (TECHNICAL, "Mail gateway", ""),
        (ANNA, "Anna Berg", "anna.berg@creatio.example"),
        (BEN, "Ben Okafor", "ben.okafor@creatio.example"),
    )
    zone = "UTC" if tenant.switches.times == "utc" else "Turkey Standard Time"
    for contact_id, name, address in staff:
        if address:
            add_contact(tenant, name, address, contact_id=contact_id)
        else:
            tenant.add_raw("Contact", Id=contact_id, Name=name)
        user: Row = {"Name": name, "SysAdminUnitTypeValue": 4, "ContactId": contact_id, "Active": True}
        unit = tenant.add_raw("SysAdminUnit", **user, TimeZoneId=zone)
        tenant.add_raw("SysUserInRole", SysUserId=unit["Id"], SysRoleId=ALL_EMPLOYEES)
        if contact_id in (ANNA, BEN):
            tenant.add_raw("SysUserInRole", SysUserId=unit["Id"], SysRoleId=FIRST_LINE)
