"""What others did on a case: its mails, tasks, posts and files, read without their bodies until one matters."""

from collections.abc import Sequence

from gateway.creatio.answers import Meaning
from gateway.creatio.columns import ACTIVITY_SELECT, activity_seen
from gateway.creatio.odata import OData
from gateway.creatio.tenant import Known, TenantReader
from gateway.creatio.values import Row, guid, told
from gateway.desk.replies import ActivitySeen, ActivityWhole, FileSeen, Kind
from gateway.errors import TryLater

PAGE = 100
MOST = 1000  # rows of one case, the newest of it


class Activities:
    """`kinds` are those that may be replies at all: others are not even read."""

    def __init__(self, odata: OData, tenant: TenantReader, kinds: Sequence[str]) -> None:
        self._odata = odata
        self._tenant = tenant
        self._kinds = kinds
        self._by_case = True  # some tenants cannot filter activities by their case

    async def of_case(self, case_id: str) -> list[ActivitySeen]:
        """All rows of the case that may concern the customer, oldest first."""
        known = await self._tenant.known()
        rows = {told(row["Id"]): row for row in await self._rows(case_id, known)}  # a new one moves the pages
        found = [activity_seen(row, known.sendings, case_id) for row in rows.values()]
        if Kind.FEED.value in self._kinds:
            found += await self._posts("SocialMessage", Kind.FEED, case_id)
        if Kind.PORTAL.value in self._kinds:
            found += await self._posts("PortalMessage", Kind.PORTAL, case_id)
        return sorted(found, key=lambda one: (one.created, one.id))

    async def whole(self, seen: ActivitySeen) -> ActivityWhole:
        """One row with its body, read alone, and what is attached to it."""
        if seen.kind in (Kind.FEED, Kind.PORTAL):
            entity = "SocialMessage" if seen.kind is Kind.FEED else "PortalMessage"
            row = await self._one(entity, seen.id, ("Message",))
            return ActivityWhole(seen, told(row.get("Message")), is_html=True)
        row = await self._one("Activity", seen.id, ("Body", "IsHtmlBody", "DetailedResult", "Notes", "Title"))
        files = await self._files(seen.id)
        if seen.kind is Kind.TASK:
            text = told(row.get("DetailedResult")) or told(row.get("Notes")) or told(row.get("Title"))
            return ActivityWhole(seen, text, is_html=False, files=files)
        ids = await self._odata.rows(
            "EmailMessageData", filter=f"Activity/Id eq {guid(seen.id)}", select="Id,MessageId,InReplyTo", top=1
        )
        return ActivityWhole(
            seen,
            told(row.get("Body")),
            is_html=row.get("IsHtmlBody") is True,
            files=files,
            message_id=told(ids[0].get("MessageId")) if ids else "",
            in_reply_to=told(ids[0].get("InReplyTo")) if ids else "",
        )

    async def _rows(self, case_id: str, known: Known) -> list[Row]:
        select = ",".join(("Id", *known.select("Activity", ACTIVITY_SELECT)))
        if self._by_case:
            rows: list[Row] = []
            while len(rows) < MOST:
                answer = await self._odata.ask(
                    "Activity",
                    filter=f"Case/Id eq {guid(case_id)}",
                    select=select,
                    orderby="CreatedOn desc,Id",
                    top=PAGE,
                    skip=len(rows),
                )
                page = answer.value.get("value") if answer.is_good and isinstance(answer.value, dict) else None
                if not isinstance(page, list):
                    break
                rows += page
                if len(page) < PAGE:
                    return rows
            else:
                return rows
            if answer.meaning is not Meaning.REFUSED:
                raise answer.trouble()
            self._by_case = not answer.is_about_content and "Column by path" not in answer.why
        cases = await self._odata.rows(
            "Case",
            filter=f"Id eq {guid(case_id)}",
            select="Id",
            expand=f"ActivityCollectionByCase($select={select})",
        )
        found = cases[0].get("ActivityCollectionByCase") if cases else []
        return list(found) if isinstance(found, list) else []

    async def _posts(self, entity: str, kind: Kind, case_id: str) -> list[ActivitySeen]:
        select = "Id,Message,CreatedById,CreatedOn,ModifiedOn"
        rows = await self._odata.offered(
            entity, filter=f"EntityId eq {guid(case_id)}", select=select, orderby="CreatedOn desc", top=PAGE
        )
        return [
            ActivitySeen(
                id=guid(str(row["Id"])),
                case_id=case_id,
                kind=kind,
                incoming=False,
                completed=True,
                author=told(row.get("CreatedById")),
                title=told(row.get("Message"))[:500],
                created=told(row.get("CreatedOn")),
                modified=told(row.get("ModifiedOn")),
            )
            for row in rows or ()
        ]

    async def _files(self, activity_id: str) -> tuple[FileSeen, ...]:
        rows = await self._odata.rows(
            "ActivityFile", filter=f"Activity/Id eq {guid(activity_id)}", select="Id,Name,Size,Inline", top=PAGE
        )
        return tuple(
            FileSeen(guid(str(r["Id"])), told(r.get("Name")), int(r.get("Size") or 0), r.get("Inline") is True)
            for r in rows
        )

    async def _one(self, entity: str, row_id: str, names: Sequence[str]) -> Row:
        known = await self._tenant.known()
        row = await self._odata.find(entity, row_id, known.select(entity, names))
        if row is None:
            raise TryLater(f"the {entity} that a list showed is no longer there", partner_down=False)
        return row
