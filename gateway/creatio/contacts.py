"""Who in Creatio has an address: by their ways of communication and by their e-mail, in any case of letters."""

import unicodedata
from collections.abc import Iterable

from gateway.creatio.answers import Meaning
from gateway.creatio.columns import COMMUNICATION_EMAIL
from gateway.creatio.odata import OData
from gateway.creatio.values import Row, text, told
from gateway.mail.message import Address
from gateway.ports import FoundContact

_MOST = 50
_ACCIDENTS = 3


class ContactFinder:
    """`eq` minds upper and lower case on PostgreSQL; whether `tolower` works is found out once."""

    def __init__(self, odata: OData) -> None:
        self._odata = odata
        self._folds = True
        self._searches = True
        self._refusals = 0

    async def find(self, address: Address) -> FoundContact | None:
        """The contact, none, or a note that several have the address and none is called like the writer."""
        by_number = f"CommunicationType/Id eq {COMMUNICATION_EMAIL}"
        ways = await self._matching("ContactCommunication", "Number", address.address, by_number, "ContactId,NonActual")
        found = [told(row.get("ContactId")) for row in ways if row.get("NonActual") is not True]
        people = await self._matching("Contact", "Email", address.address, "", "Name")
        names = {told(row["Id"]): told(row.get("Name")) for row in people}
        candidates = list(dict.fromkeys(one for one in (*found, *names) if one))
        if len(candidates) <= 1:
            return FoundContact(candidates[0]) if candidates else None
        missing = [one for one in candidates if one not in names][:15]
        if missing:
            condition = " or ".join(f"Id eq {one}" for one in missing)
            rows = await self._odata.rows("Contact", filter=condition, select="Id,Name", top=_MOST)
            names.update({told(row["Id"]): told(row.get("Name")) for row in rows})
        called = [one for one in candidates if names.get(one) and _folded(names[one]) == _folded(address.name)]
        if len(called) == 1 and address.name:
            return FoundContact(called[0])
        return FoundContact("", f"{len(candidates)} contacts in Creatio have the address {address.address}")

    async def _matching(self, entity: str, column: str, address: str, also: str, select: str) -> list[Row]:
        """Rows whose column is the address: folded by the database where it can, else by its likely spellings."""
        if self._folds:
            condition = " and ".join(part for part in (f"tolower({column}) eq {text(address.lower())}", also) if part)
            answer = await self._odata.ask(entity, filter=condition, select=f"Id,{select}", top=_MOST)
            if answer.is_good and isinstance(answer.value, dict) and isinstance(answer.value.get("value"), list):
                return list(answer.value["value"])
            self._refusals += 1
            clear = answer.is_about_content or "unknown function" in answer.why.casefold()
            if answer.meaning is not Meaning.REFUSED or (not clear and self._refusals < _ACCIDENTS):
                raise answer.trouble()
            self._folds = False
        either = " or ".join(f"{column} eq {text(one)}" for one in _spellings(address))
        condition = " and ".join(part for part in (f"({either})", also) if part)
        if entity == "ContactCommunication" and self._searches:
            # A column of its own to search in: where a tenant keeps it in small letters, any spelling is found.
            any_case = f"({either} or SearchNumber eq {text(address.lower())}) and {also}"
            rows = await self._odata.offered(entity, filter=any_case, select=f"Id,{select}", top=_MOST)
            if rows is not None:
                return rows
            self._searches = False
        return await self._odata.rows(entity, filter=condition, select=f"Id,{select}", top=_MOST)


def _spellings(address: str) -> Iterable[str]:
    """How people write an address: as it came, in lower and upper case, with capitals where names have them."""
    local, _, domain = address.partition("@")
    lower = domain.lower()
    every = (
        address,
        address.lower(),
        f"{local}@{lower}",
        f"{local.title()}@{lower}",
        f"{local.capitalize()}@{lower}",
        f"{local.title()}@{lower.capitalize()}",
        address.upper(),
    )
    return dict.fromkeys(every)


def _folded(name: str) -> frozenset[str]:
    """A name whatever its case, accents and order: "Müller, Jörg" is Jörg Muller."""
    bare = "".join(c for c in unicodedata.normalize("NFKD", name.casefold()) if not unicodedata.combining(c))
    return frozenset("".join(c if c.isalnum() else " " for c in bare).split())
