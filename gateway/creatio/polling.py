"""What changed in Creatio since the last look: by its own times, oldest first, with an overlap."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from gateway.creatio.columns import CASE_SCHEMA, OUTGOING, TYPE_EMAIL, TYPE_TASK
from gateway.creatio.odata import OData
from gateway.creatio.tenant import TenantReader
from gateway.creatio.values import Row, guid, moment, told
from gateway.desk.replies import Kind
from gateway.ports import Changes

PAGE = 200
MOST = 20_000  # rows of one look; the next look goes on where this one stopped
OVERLAP = timedelta(minutes=10)


class Poller:
    """The cursor holds, for each entity, the ModifiedOn of the newest row seen, exactly as Creatio wrote it."""

    def __init__(self, odata: OData, tenant: TenantReader, kinds: Sequence[str]) -> None:
        self._odata = odata
        self._tenant = tenant
        self._kinds = kinds

    async def changes(self, cursor: Mapping[str, str]) -> Changes:
        known = await self._tenant.known()
        after = dict(cursor)
        activities: list[tuple[str, str, str]] = []
        select = known.select("Activity", ("CaseId", "ModifiedOn", "SendDate", "EmailSendStatusId"))
        for row in await self._look("Activity", self._activities(), select, after):
            activities.append((guid(told(row["Id"])), told(row.get("CaseId")), _version(row, select[1:])))
        for kind, entity in ((Kind.FEED, "SocialMessage"), (Kind.PORTAL, "PortalMessage")):
            if kind.value in self._kinds:
                about_cases = f"EntitySchemaUId eq {CASE_SCHEMA}"
                for row in await self._look(entity, about_cases, ("EntityId", "ModifiedOn"), after):
                    activities.append((guid(told(row["Id"])), told(row.get("EntityId")), _version(row, ["ModifiedOn"])))
        names = known.select("Case", ("ModifiedOn", "StatusId", "OwnerId"))
        cases = await self._look("Case", "", names, after)
        return Changes(activities, [(guid(told(row["Id"])), _version(row, names)) for row in cases], after)

    def _activities(self) -> str:
        mails = f"(Type/Id eq {TYPE_EMAIL} and MessageType/Id eq {OUTGOING})"
        return f"({mails} or Type/Id eq {TYPE_TASK})" if Kind.TASK.value in self._kinds else mails

    async def _look(self, entity: str, condition: str, select: Sequence[str], cursor: dict[str, str]) -> list[Row]:
        """The rows changed since the cursor; it is moved on, or wound back."""
        since = cursor.get(entity, "")
        rows = await self._since(entity, condition, select, since) if since else []
        if not rows:
            # The first look; or not even the row of the cursor is there: a snapshot was restored, or the labels of
            # times have jumped back. Either way the newest rows tell where we are.
            rows = (await self._page(entity, condition, select, "ModifiedOn desc", 0))[::-1]
        if rows:
            cursor[entity] = told(rows[-1].get("ModifiedOn"))
        return rows

    async def _since(self, entity: str, condition: str, select: Sequence[str], since: str) -> list[Row]:
        """Page by page from the time of the last row seen: a row that changes meanwhile comes again at the end."""
        found: dict[str, Row] = {}
        begin, skip = _earlier(since), 0
        while len(found) < MOST:
            both = " and ".join(part for part in (condition, f"ModifiedOn ge {begin}") if part)
            page = await self._page(entity, both, select, "ModifiedOn,Id", skip)
            for row in page:
                found.pop(told(row["Id"]), None)
                found[told(row["Id"])] = row
            if len(page) < PAGE:
                break
            last = told(page[-1].get("ModifiedOn"))
            begin, skip = (begin, skip + PAGE) if last == begin else (last, 0)
        return list(found.values())

    async def _page(self, entity: str, condition: str, select: Sequence[str], order: str, skip: int) -> list[Row]:
        options: dict[str, str | int] = {"filter": condition} if condition else {}
        options |= {"select": ",".join(("Id", *select)), "orderby": order, "top": PAGE}
        return await self._odata.rows(entity, **options, **({"skip": skip} if skip else {}))


def _earlier(since: str) -> str:
    """A little before a time of Creatio's, in its own labelling."""
    try:
        return moment(datetime.fromisoformat(since) - OVERLAP)
    except (ValueError, OverflowError):
        return since


def _version(row: Row, names: Sequence[str]) -> str:
    return " ".join(told(row.get(name)) for name in names)
