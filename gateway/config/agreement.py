"""Settings that are each well and still do not fit together."""

from collections.abc import Iterator
from urllib.parse import urlsplit

from gateway.config.section import Report
from gateway.config.settings import Assistant, Creatio, Mailbox, OAuth, Relay, Secret, Settings
from gateway.config.values import is_loopback, split_endpoint


def check(settings: Settings, report: Report) -> None:
    _check_addresses(settings.mailboxes, report)
    for index, mailbox in enumerate(settings.mailboxes):
        _check_way_out(mailbox, ("mailbox", index), settings, report)
    _check_imap(settings, report)
    for relay in (settings.relay, *settings.relays):
        _check_relay(relay, ("relay", relay.name) if relay.name else ("relay",), report)
    _check_assistant(settings.assistant, report)
    _check_creatio(settings.creatio, report)
    _check_web(settings, report)
    if settings.store.url == "sqlite" and settings.store.blobs.startswith("s3:"):
        report.warn(("store", "blobs"), "one node alone (sqlite) gains nothing by keeping its mails elsewhere")


def _check_addresses(mailboxes: tuple[Mailbox, ...], report: Report) -> None:
    """Each address leads to one mailbox, or nobody could say whose mail it is."""
    if not mailboxes:
        report.fault(("mailbox",), "is missing: write one [[mailbox]] for each support address")
    owners: dict[str, str] = {}
    for path, address in _addresses(mailboxes):
        if address in owners:
            report.fault(path, f"{address} is already {owners[address]}")
        elif address:
            owners[address] = f"in use on line {report.line(path)}"


def _addresses(mailboxes: tuple[Mailbox, ...]) -> Iterator[tuple[tuple[str | int, ...], str]]:
    for index, mailbox in enumerate(mailboxes):
        yield ("mailbox", index, "address"), mailbox.address
        for key in ("aliases", "receives_at"):
            for place, address in enumerate(getattr(mailbox, key)):
                if address != mailbox.address:  # a provider may well forward to the address itself
                    yield ("mailbox", index, key, place), address


def _check_way_out(mailbox: Mailbox, path: tuple[str | int, ...], settings: Settings, report: Report) -> None:
    relays = {relay.name: relay for relay in (settings.relay, *settings.relays)}
    if mailbox.relay not in relays:
        names = ", ".join(sorted(relays)[1:]) or "none"
        report.fault((*path, "relay"), f"there is no [relay.{mailbox.relay}] (known: {names})")
    elif not relays[mailbox.relay].host:
        name = f"relay.{mailbox.relay}" if mailbox.relay else "relay"
        why = f"is missing: nothing can be sent for {mailbox.address}"
        answers = settings.assistant.kind != "none" and mailbox.mode != "people" and mailbox.state == "active"
        (report.fault if answers else report.warn)((*name.split("."), "host"), why)


def _check_imap(settings: Settings, report: Report) -> None:
    known = {mailbox.address for mailbox in settings.mailboxes}
    seen: set[tuple[str, str, str]] = set()
    for index, account in enumerate(settings.imap):
        path = ("intake", "imap", index)
        if account.mailbox and account.mailbox not in known:
            report.fault((*path, "mailbox"), f"{account.mailbox} is no [[mailbox]]")
        _check_login(account.auth, account.user, account.password, account.oauth, report, path)
        if (account.host, account.user, account.folder) in seen:
            report.fault((*path, "folder"), "this folder of this account is already fetched")
        seen.add((account.host, account.user, account.folder))


def _check_relay(relay: Relay, path: tuple[str | int, ...], report: Report) -> None:
    if relay.name and not relay.host:
        report.fault((*path, "host"), "is missing")
    if relay.user or relay.password:
        _check_login(relay.auth, relay.user, relay.password, relay.oauth, report, path)
        if relay.tls == "none" and not is_loopback(relay.host):
            report.fault((*path, "tls"), f"the password would go to {relay.host} in clear: starttls or tls")
    elif relay.auth == "xoauth2":
        report.fault((*path, "user"), "is missing: xoauth2 signs in as somebody")


def _check_login(
    auth: str, user: str, password: Secret, oauth: OAuth, report: Report, path: tuple[str | int, ...]
) -> None:
    if auth == "password" and not password:
        report.fault((*path, "password"), f"is missing for {user or 'this account'}")
    if auth == "password" and not user:
        report.fault((*path, "user"), "is missing: the password has no name with it")
    if auth == "xoauth2":
        for key in ("token_url", "client_id"):
            if not getattr(oauth, key):
                report.fault((*path, "oauth", key), "is missing, and xoauth2 needs it")
        if not oauth.client_secret and not oauth.refresh_token:
            report.fault((*path, "oauth", "refresh_token"), "xoauth2 needs a refresh_token or a client_secret")


def _check_assistant(assistant: Assistant, report: Report) -> None:
    needs = {"openai": ("url", "model"), "anthropic": ("model", "key"), "gemini": ("model", "key"), "http": ("url",)}
    for key in needs.get(assistant.kind, ()):
        if not getattr(assistant, key):
            report.fault(("assistant", key), f'is missing, and kind = "{assistant.kind}" needs it')
    if assistant.kind == "articles" and not assistant.articles:
        report.fault(("assistant", "articles"), 'is missing: kind = "articles" answers from this folder')
    if assistant.key and _in_clear(assistant.url):
        report.warn(("assistant", "url"), "the key and the customers' mails go over the network in clear")


def _check_creatio(creatio: Creatio, report: Report) -> None:
    if not creatio.url:
        return
    if not (creatio.client_id or creatio.user):
        report.fault(("creatio", "client_id"), "is missing (or user and password)")
    if creatio.client_id and not creatio.client_secret:
        report.fault(("creatio", "client_secret"), "is missing")
    if creatio.user and not creatio.client_id and not creatio.password:
        report.fault(("creatio", "password"), "is missing")
    if _in_clear(creatio.url) or _in_clear(creatio.identity_url):
        report.fault(("creatio", "url"), "the sign-in would go over the network in clear: https://")
    if not creatio.hook_token:
        report.warn(("creatio", "hook_token"), "is not set: replies are found by polling only")
    columns: set[str] = set()
    for index, field in enumerate(creatio.fields):
        if field.column in columns:
            report.fault(("creatio", "field", index, "column"), f"{field.column} is already a field")
        columns.add(field.column)


def _check_web(settings: Settings, report: Report) -> None:
    web = settings.web
    if web.hook_listen and not settings.creatio.hook_token:
        report.fault(("creatio", "hook_token"), "is missing, and web.hook_listen opens a door for it")
    if web.hook_listen and web.hook_listen == web.listen:
        report.fault(("web", "hook_listen"), "must not be the door of the inbox (web.listen)")
    if web.identity_header and not web.trusted_proxies:
        report.fault(("web", "trusted_proxies"), "is missing: anybody could send the identity_header")
    if not is_loopback(split_endpoint(web.listen)[0]) and _in_clear(settings.public_url):
        report.warn(("public_url",), "people would sign in to the inbox in clear: put it behind https")


def _in_clear(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme == "http" and not is_loopback(parts.hostname or "")
