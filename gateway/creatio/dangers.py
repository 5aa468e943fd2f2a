"""What in a tenant would work against the gateway: mail registered twice, customers told twice, clocks that lie."""

from datetime import UTC, datetime, timedelta

from gateway.config.settings import Mailbox
from gateway.creatio.columns import TYPE_TASK
from gateway.creatio.looks import Place, bad, good
from gateway.creatio.values import Row, guid, is_guid, text, told
from gateway.health import Finding

RULE_IMMEDIATE = "e34695a7-7d65-45d8-b5a0-7b69ae52be6a"
_REGISTRATION = "System Designer → Lookups → Mailboxes for case registration"
_UTC_ZONES = ("", "UTC", "Etc/UTC", "GMT", "Greenwich Standard Time")
_MOST_AHEAD = timedelta(minutes=5)
_OUR_TITLES = ("Reply sent", "Handed off by the assistant")  # of notes


async def double_registration(place: Place) -> list[Finding]:
    """Creatio must not fetch the mail of our mailboxes as well: every mail would be there twice."""
    ours = {address for one in place.mailboxes if one.state == "active" for address in _addresses(one)}
    select = "Id,SenderEmailAddress,EnableMailSynhronization"
    boxes = await place.odata.offered("MailboxSyncSettings", select=select, top=500)
    registered = await place.odata.offered(
        "MailboxForIncidentRegistration", select="Id,MailboxSyncSettingsId,AliasAddress", top=500
    )
    if boxes is None or registered is None:
        return [
            bad(
                "whether Creatio fetches our mail as well could not be read",
                f"look yourself: {_REGISTRATION}",
                warning=True,
            )
        ]
    used = {told(one.get("MailboxSyncSettingsId")) for one in registered}
    aliases = {told(one.get("AliasAddress")).casefold() for one in registered}
    found: list[Finding] = []
    for box in boxes:
        address = told(box.get("SenderEmailAddress")).casefold()
        if address not in ours:
            continue
        if told(box.get("Id")) in used or address in aliases:
            fix = f"{_REGISTRATION}: delete the row of {address}"
            found.append(bad(f"Creatio makes cases of the mail to {address} too: each would be a case twice", fix))
        elif box.get("EnableMailSynhronization") is True:
            fix = f"the user's profile → E-mail accounts → {address}: switch off “Automatically load emails”"
            found.append(bad(f"Creatio loads the mail of {address} too: every mail would be there twice", fix))
    return found or [good("Creatio does not fetch the mail of our mailboxes")]


async def notification_rules(place: Place) -> list[Finding]:
    """A rule for the category that our cases get mails the customer besides us."""
    rules = await place.odata.offered(
        "CaseNotificationRule",
        filter=f"RuleUsage/Id eq {RULE_IMMEDIATE}",
        select="Id,Name,CaseCategoryId",
        expand="CaseStatus($select=Name),CaseCategory($select=Name)",
        top=200,
    )
    if rules is None:
        return [good("this edition has no case notification rules")]
    found: list[Finding] = []
    for one in place.mailboxes:
        category = one.creatio.category
        mine = [rule for rule in rules if is_guid(category) and told(rule.get("CaseCategoryId")) == guid(category)]
        if mine:
            names = ", ".join(_name(rule, "CaseStatus") for rule in mine)
            fix = (
                f"System Designer → Lookups → Case notification rules → {_name(mine[0], 'CaseCategory')}, status "
                f"{names}: Rule usage “Disabled”; or leave the category of {one.address} empty"
            )
            found.append(
                bad(f"Creatio mails the customer when a case of {one.address} becomes {names}", fix, warning=True)
            )
    return found or [good("no case notification rule is for the cases that we make (they have no category of a rule)")]


async def own_sending(place: Place) -> list[Finding]:
    """Reps who press Send need a mailbox in Creatio, or the gateway has to send for them."""
    boxes = await place.odata.offered("MailboxSyncSettings", select="Id,SendEmailsViaThisAccount", top=500)
    deliver = place.settings.replies.deliver
    if deliver == "gateway" or boxes is None or any(one.get("SendEmailsViaThisAccount") is True for one in boxes):
        return [good("replies of reps: sent by the gateway, or from a mailbox that Creatio has")]
    fix = (
        'reps finish a reply by its status Completed instead of Send ([creatio] replies.deliver = "gateway"), or: '
        "System Designer → E-mail providers, then a shared mailbox with “Send emails via this account”"
    )
    return [bad("this Creatio has no mailbox to send from: a reply that a rep sends there fails", fix, warning=True)]


async def own_user(place: Place) -> list[Finding]:
    """What is written under the gateway's own name is never a rep's reply: no rep may share it."""
    contact = await _own_contact(place)
    people = (
        await place.odata.offered("Contact", filter=f"Id eq {contact}", select="Id,Name,Email") if contact else None
    )
    if not people:
        return [good("nobody but the gateway may sign in as its user: what is written under that name is never mailed")]
    owned = await place.odata.offered("Case", filter=f"Owner/Id eq {contact}", select="Id", top=1)
    if not told(people[0].get("Email")) and not owned:
        return [good(f"the gateway's user is {told(people[0].get('Name'))}, who is no rep")]
    fix = (
        "System Designer → System users → New: a user for the gateway alone, with a new contact that is nobody; then "
        "choose it in OAuth 2.0 integrated applications → the gateway's → System user (or in [creatio] user)"
    )
    name = told(people[0].get("Name"))
    why = "has an e-mail address" if told(people[0].get("Email")) else "owns cases"
    text = f"the gateway's user is {name}, who {why}: if that is a rep, their replies are never mailed to customers"
    return [bad(text, fix, warning=True)]


async def _own_contact(place: Place) -> str:
    """Of a user who signs in by name; else of who wrote a note as only the gateway writes them. Empty: not known."""
    if place.settings.user and not place.settings.client_id:
        units = await place.odata.offered(
            "SysAdminUnit", filter=f"Name eq {text(place.settings.user)}", select="Id,ContactId", top=1
        )
        return told(units[0].get("ContactId")) if units else ""
    titles = " or ".join(f"Title eq {text(title)}" for title in _OUR_TITLES)
    condition = f"Type/Id eq {TYPE_TASK} and ({titles})"
    notes = await place.odata.offered("Activity", filter=condition, select="Id,CreatedById", top=1)
    return told(notes[0].get("CreatedById")) if notes else ""


async def clock(place: Place) -> list[Finding]:
    """Times are labelled UTC whatever they are: that is only true for a technical user who lives in UTC."""
    fix = "sign in to Creatio as the technical user → profile → Time zone: (UTC) Coordinated Universal Time"
    zone = await _zone(place)
    if zone not in _UTC_ZONES:
        return [bad(f"the technical user's time zone is {zone}: times would be read wrongly", fix, warning=True)]
    newest = ""
    for entity in ("Activity", "Case", "Contact"):
        rows = await place.odata.offered(entity, select="Id,ModifiedOn", orderby="ModifiedOn desc", top=1)
        newest = max(newest, *(told(row.get("ModifiedOn")) for row in rows or ()), "")
    ahead = _ahead(newest)
    if ahead > _MOST_AHEAD:
        minutes = int(ahead.total_seconds() // 60)
        return [
            bad(f"Creatio's newest row is of {minutes} minutes ahead: local time labelled as UTC", fix, warning=True)
        ]
    return [good("Creatio's times are not ahead of ours")]


async def _zone(place: Place) -> str:
    """Of a user who signs in by name; an OAuth application does not tell whose it is."""
    if not place.settings.user or place.settings.client_id:
        return ""
    rows = await place.odata.offered(
        "SysAdminUnit", filter=f"Name eq {text(place.settings.user)}", select="Id,TimeZoneId", top=1
    )
    return told(rows[0].get("TimeZoneId")) if rows else ""


def _ahead(newest: str) -> timedelta:
    try:
        return datetime.fromisoformat(newest) - datetime.now(UTC)
    except ValueError:
        return timedelta(0)


def _addresses(one: Mailbox) -> set[str]:
    return {address.casefold() for address in (one.address, *one.aliases, *one.receives_at)}


def _name(rule: Row, lookup: str) -> str:
    row = rule.get(lookup)
    return told(row.get("Name")) if isinstance(row, dict) else ""
