"""Is this tenant ready for us? Look after look, each a line, and where it is not well the Creatio setting to change."""

from collections.abc import Sequence

from gateway.config.settings import Creatio
from gateway.creatio import dangers, looks
from gateway.creatio.looks import Place, bad, good
from gateway.errors import TryLater
from gateway.health import Finding

_LOOKS = (
    looks.model,
    looks.statuses,
    looks.assignment,
    looks.fields,
    looks.rights,
    dangers.double_registration,
    dangers.notification_rules,
    dangers.own_sending,
    dangers.own_user,
    dangers.clock,
)


async def survey(place: Place) -> Sequence[Finding]:
    """Every look in turn; when nobody is let in, only that. Never raises for what Creatio answers."""
    try:
        prefix = await place.odata.prefix()
    except TryLater as trouble:
        return [bad(str(trouble), _way_in(str(trouble), place.settings))]
    runtime = ".NET Framework, /0" if prefix.endswith("/0") else ".NET"
    found = [good(f"signed in at {place.odata.site} ({runtime})")]
    place.reader.forget()
    for look in _LOOKS:
        try:
            found += await look(place)
        except TryLater as trouble:
            found.append(bad(str(trouble), "try again; if it stays, Creatio's log for that minute says why"))
    return found


def _way_in(why: str, settings: Creatio) -> str:
    """What to change when a sign-in fails, by what was said."""
    if "identity service" in why or "identity_url" in why:
        return "[creatio] identity_url: the value of Creatio's system setting “Authorization server Url for OAuth 2.0”"
    if "refuses the sign-in" in why and settings.client_id:
        return (
            "System Designer → OAuth 2.0 integrated applications → the gateway's: Active is ticked, the client id is "
            "that of [creatio] client_id; make a new secret there and put it in client_secret"
        )
    if "refuses the sign-in" in why:
        return (
            "System Designer → System users → the gateway's user: active, not locked, no change of password pending; "
            "with single sign-on or two factors use client_id and client_secret instead of user and password"
        )
    if "lacks a right" in why or "permission" in why or "403" in why:
        return (
            "System Designer → Operation permissions → “Access to OData” (CanUseODataService) → add the technical "
            "user; System Designer → Object permissions → Case statuses: may read"
        )
    if "401" in why:
        return (
            "System Designer → OAuth 2.0 integrated applications → the gateway's: Active is ticked, its user is active"
        )
    if "resolved" in why or "reached" in why or "refuses the connection" in why:
        return "[creatio] url and identity_url: addresses as in the browser; a proxy between? [creatio] proxy"
    if "certificate" in why:
        return "[creatio] ca_file: the certificate authority of your Creatio"
    if "404" in why or "page" in why:
        return "[creatio] url: the address of the site itself, as in the browser before /0 or /Login"
    return "wait, and check again; Creatio may be restarting"
