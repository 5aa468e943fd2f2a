"""Cases: read with what the desk wants to know, and changed only where nobody else has changed them."""

from collections.abc import Mapping
from typing import Any

from gateway.creatio.columns import CASE_SELECT, case_seen, change_columns
from gateway.creatio.odata import NotCreated, OData, not_written
from gateway.creatio.tenant import Known, TenantReader
from gateway.creatio.values import Row, agrees, guid, is_guid, told
from gateway.desk.case import CaseSeen, same_text
from gateway.desk.records import ChangeCase

_PAGE, _MOST = 200, 5_000


class Cases:
    def __init__(self, odata: OData, tenant: TenantReader) -> None:
        self._odata = odata
        self._tenant = tenant

    async def read(self, case_id: str) -> CaseSeen | None:
        known = await self._tenant.known()
        row = await self._row(case_id, known)
        return None if row is None else case_seen(row, known.tenant)

    async def made_by(self, author: str) -> Mapping[str, str]:
        """The newest cases that this contact made, at most some thousands: id -> number and subject."""
        found: dict[str, str] = {}
        while len(found) < _MOST:
            rows = await self._odata.rows(
                "Case",
                filter=f"CreatedBy/Id eq {guid(author)}",
                select="Id,Number,Subject",
                orderby="CreatedOn desc,Id",
                top=_PAGE,
                skip=len(found),
            )
            found |= {guid(told(row["Id"])): f"{told(row.get('Number'))} {told(row.get('Subject'))}" for row in rows}
            if len(rows) < _PAGE:
                break
        return found

    async def change(self, change: ChangeCase) -> Mapping[str, Any] | NotCreated:
        """Write what nobody else has touched since, and read it back, for a PATCH can be silently nothing.

        Gives the case as seen after it, and the words that were left as others have set them.
        """
        known = await self._tenant.known()
        row = await self._row(change.case_id, known)
        if row is None:
            return NotCreated("this case is no longer there")
        before = case_seen(row, known.tenant).columns()
        wanted = {word: value for word, value in change.values.items() if not same_text(before.get(word, ""), value)}
        mine = {word: value for word, value in wanted.items() if _is_untouched(word, change, before)}
        facts: dict[str, Any] = {"left": sorted(set(wanted) - set(mine)), "seen": before}
        columns = known.fitting("Case", change_columns(mine))
        if not columns:
            return facts
        answer = await self._odata.write("PATCH", f"odata/Case({guid(change.case_id)})", columns)
        after = await self._row(change.case_id, known)
        if after is None:
            return NotCreated("this case is no longer there")
        # What has neither our value nor its old one, Creatio's own processes have moved on: that counts as written.
        still = [name for name, value in columns.items() if not agrees(after.get(name), value)]
        still = [name for name in still if agrees(after.get(name), row.get(name)) or after.get(name) == row.get(name)]
        if not still:
            return {**facts, "seen": case_seen(after, known.tenant).columns()}
        if answer is not None and answer.is_good:
            return NotCreated(f"Creatio said yes and did not change {', '.join(still)}", sure=False)
        return not_written(answer)

    async def _row(self, case_id: str, known: Known) -> Row | None:
        if not is_guid(case_id):
            return None
        names = known.select("Case", CASE_SELECT)
        fields = [one.column for one in known.tenant.fields]
        rows = await self._odata.rows(
            "Case",
            filter=f"Id eq {guid(case_id)}",
            select=",".join(dict.fromkeys(("Id", *names, *fields))),
            expand="Owner($select=Name)",
            top=1,
        )
        return rows[0] if rows else None


def _is_untouched(word: str, change: ChangeCase, before: Mapping[str, str]) -> bool:
    return word not in change.only_if or same_text(before.get(word, ""), change.only_if[word])
