"""What the gateway needs of a tenant: columns, statuses, the people it assigns to, the AI fields, rights."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID, uuid5

from gateway.config.settings import Creatio, Mailbox
from gateway.creatio.answers import Meaning
from gateway.creatio.columns import clean_id, columns_of
from gateway.creatio.odata import OData
from gateway.creatio.tenant import MAX_OPTIONS, TenantReader
from gateway.creatio.values import Row, guid, is_guid, told
from gateway.desk.case import CaseState, Status
from gateway.desk.records import NewActivity, NewCase, NewContact, NewFile
from gateway.health import Finding

AREA = "creatio"
READ = ("Case", "Activity", "Contact", "ContactCommunication", "ActivityFile", "EmailMessageData", "SocialMessage")
WRITTEN = ("Case", "Activity", "Contact", "ActivityFile", "EmailMessageData", "SocialMessage")
ROLES = (0, 1, 2, 3)  # SysAdminUnitTypeValue of organisations, divisions, managers and teams; 4 is a user
_NOBODY = UUID("3f0c0a52-55b4-4f59-9d6c-0f5f2f5f0e11")  # only for ids that no row has
_OPERATION = "System Designer → Operation permissions → “Access to OData” (CanUseODataService) → the technical user"


@dataclass(frozen=True, slots=True)
class Place:
    """What a look needs: the service, what is known of the tenant, our settings."""

    odata: OData
    reader: TenantReader
    settings: Creatio
    mailboxes: Sequence[Mailbox] = ()


def good(text: str) -> Finding:
    return Finding(AREA, True, text)


def bad(text: str, fix: str, *, warning: bool = False) -> Finding:
    return Finding(AREA, False, text, fix, warning)


async def model(place: Place) -> list[Finding]:
    """The columns that we use and this edition lacks; those that the tenant made mandatory."""
    known = await place.reader.known()
    if not known.model:
        return [bad("$metadata is not served: columns cannot be checked in advance", _OPERATION, warning=True)]
    found: list[Finding] = []
    for entity, columns in _samples():
        lacking = [name for name in columns if not known.has(entity, name)]
        if lacking:
            found.append(good(f"{entity}: this edition has no {', '.join(lacking)}; left out"))
        for name in known.mandatory(entity, columns):
            fix = (
                f"System Designer → Advanced settings → object {entity} → column {name.removesuffix('Id')}: set a "
                "default value, or make it not required; or fill it with a [[creatio.field]]"
            )
            found.append(bad(f"{entity}.{name} is mandatory and the gateway does not fill it", fix, warning=True))
    found += [_deleted(column) for column in sorted(known.deleted)]
    return found or [good("the columns of cases, activities, contacts and files are as expected")]


async def statuses(place: Place) -> list[Finding]:
    """By their flags, never by their names."""
    tenant = (await place.reader.known()).tenant
    found: list[Finding] = []
    by_state = {state: [one.name for one in tenant.statuses if one.state is state] for state in CaseState}
    lookup = "System Designer → Lookups → Case statuses"
    for state, flag in ((CaseState.FINAL, "Final status"), (CaseState.RESOLVED, "Resolved")):
        if not by_state[state]:
            found.append(bad(f"no case status has the flag “{flag}”", f"{lookup}: tick “{flag}” where it belongs"))
    if not tenant.reopened:
        found.append(bad("no open case status: a case cannot be opened again", f"{lookup}: add one without any flag"))
    else:
        found.append(good(f"a case that the customer writes on again becomes “{tenant.status_name(tenant.reopened)}”"))
    wanted = place.settings.resolved_status
    if not wanted:
        text = "resolved_status is not set: a conversation resolved here leaves the case as it is"
        found.append(bad(text, "[creatio] resolved_status: the id of a status with the flag Resolved", warning=True))
    elif tenant.state_of(clean_id(wanted)) not in (CaseState.RESOLVED, CaseState.FINAL):
        text = f"resolved_status {wanted} is no status with the flag Resolved or Final"
        found.append(bad(text, f"[creatio] resolved_status: one of {_listed(tenant.statuses)}"))
    return found


async def assignment(place: Place) -> list[Finding]:
    """An owner is a contact, a group is a role, a category is a case category: of Creatio and of each mailbox."""
    wanted = [("[creatio]", place.settings.owner, place.settings.group, "")]
    wanted += [(one.address, one.creatio.owner, one.creatio.group, one.creatio.category) for one in place.mailboxes]
    found: list[Finding] = []
    for where, owner, group, category in wanted:
        for what, entity, value in (("owner", "Contact", owner), ("category", "CaseCategory", category)):
            if value and await _row(place, entity, value, "Name") is None:
                fix = f"{where} {what}: the id of a {'contact' if what == 'owner' else 'case category'}, from its page"
                found.append(bad(f"{where}: {what} {value} is not in Creatio", fix))
        if group:
            found += await _group(place, where, group)
    return found or [good("owner, group and category are in Creatio, or not set")]


async def fields(place: Place) -> list[Finding]:
    """The AI fields can be filled."""
    known = await place.reader.known()
    fix = "[[creatio.field]] column: the code of the column as in System Designer → Advanced settings → object Case"
    found = [bad(problem, fix) for problem in known.problems]
    for one in known.tenant.fields:
        if one.type == "dropdown" and not one.options:
            found.append(
                bad(f"{one.column}: its lookup has no rows", "System Designer → Lookups: fill it", warning=True)
            )
        elif len(one.options) >= MAX_OPTIONS:
            text = f"{one.column}: its lookup has over {MAX_OPTIONS} rows; the rest are not offered"
            found.append(bad(text, "choose a column with a shorter lookup", warning=True))
        else:
            kind = f"{len(one.options)} options" if one.type == "dropdown" else f"text{_length(one.length)}"
            found.append(good(f"AI field {one.column}: {kind}"))
    return found


async def rights(place: Place) -> list[Finding]:
    """What the technical user may read, and may certainly not write; nothing is written to find out."""
    lacking: list[str] = []
    for entity in READ:
        answer = await place.odata.ask(entity, select="Id", top=1)
        if answer.meaning in (Meaning.DENIED, Meaning.SIGNED_OUT):
            lacking.append(f"read {entity}")
        elif not answer.is_good and not answer.is_withheld:
            raise answer.trouble()
    for entity in WRITTEN:
        nobody = uuid5(_NOBODY, entity)
        written = await place.odata.write("PATCH", f"odata/{entity}({nobody})", {})
        if written is not None and written.meaning in (Meaning.DENIED, Meaning.SIGNED_OUT):
            lacking.append(f"write {entity}")
    fix = (
        "System Designer → Object permissions → the object → the technical user's role: tick the operation; for "
        "columns and records that are restricted too: the tabs beside it (docs/creatio.md has the table)"
    )
    if lacking:
        return [bad(f"the technical user may not {one}", fix) for one in lacking]
    return [good("the technical user may read and write what the gateway needs")]


async def _group(place: Place, where: str, group: str) -> list[Finding]:
    row = await _row(place, "SysAdminUnit", group, "Name,SysAdminUnitTypeValue")
    fix = (
        f"{where} group: the id of a role (System Designer → Organizational roles → the role, its id is in the address)"
    )
    if row is None:
        return [bad(f"{where}: group {group} is no role in Creatio, or may not be read", fix, warning=True)]
    if int(row.get("SysAdminUnitTypeValue") or 0) not in ROLES:
        return [bad(f"{where}: group {group} is the user {told(row.get('Name'))}, not a role", fix)]
    return []


async def _row(place: Place, entity: str, row_id: str, select: str) -> Row | None:
    if not is_guid(row_id):
        return None
    rows = await place.odata.offered(entity, filter=f"Id eq {guid(row_id)}", select=f"Id,{select}", top=1)
    return rows[0] if rows else None


def _samples() -> Iterator[tuple[str, Iterable[str]]]:
    """The columns that we write to each entity."""
    made, at = str(_NOBODY), datetime(2026, 1, 1, tzinfo=UTC)
    mail = NewActivity(made, made, 0, "-", "-", "-", at, True, "-", "-", contact=made)
    yield "Case", columns_of(NewCase(made, "-", "-", made, made, made, made, made))
    yield "Activity", columns_of(mail)
    yield "Contact", columns_of(NewContact(made, "-", "-"))
    yield "ActivityFile", columns_of(NewFile(made, made, 0, "-", 0, inline=True))


def _deleted(column: str) -> Finding:
    row = {"Case.OriginId": "Case origins → Email", "Contact.TypeId": "Contact types → Customer"}[column]
    text = f"the row {row} has been deleted: {column} is left out"
    return bad(text, "System Designer → Lookups: import the shipped row again, or choose a default", warning=True)


def _listed(statuses: Iterable[Status]) -> str:
    fitting = [one for one in statuses if one.state in (CaseState.RESOLVED, CaseState.FINAL)]
    return ", ".join(f"{one.id} ({one.name})" for one in fitting) or "none yet"


def _length(length: int | None) -> str:
    return f", up to {length} characters" if length else ""
