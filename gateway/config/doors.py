"""The sections about mail coming in: [intake.smtp], [[intake.imap]], [[mailbox]], [spam], [mail]."""

from gateway.config import values
from gateway.config.section import Section
from gateway.config.settings import (
    Imap,
    Mailbox,
    MailboxCase,
    MailSettings,
    ReplyStyle,
    Secret,
    Senders,
    Smtp,
    Spam,
    Tls,
)
from gateway.config.values import Wrong, number, one_of, optional, several

_SMALLEST_MAIL = 64 * 1024


def read_smtp(section: Section) -> Smtp:
    default = Smtp()
    found = Smtp(
        listen=section.read("listen", default.listen, several(values.endpoint)),
        listen_tls=section.read("listen_tls", (), several(values.endpoint)),
        hostname=section.read("hostname", default.hostname, values.domain),
        max_size=section.read("max_size", default.max_size, _mail_size),
        trusted_peers=section.read("trusted_peers", Smtp().trusted_peers, several(values.network)),
        trusted_authserv_ids=section.read("trusted_authserv_ids", (), several(_lower)),
        soft_bounce=section.read("soft_bounce", False, values.flag),
        min_free=section.read("min_free", default.min_free, values.size),
        tls=_read_tls(section.inside("tls")),
        proxy_from=section.read("proxy_from", (), several(values.network)),
        users=tuple(_read_user(one) for one in section.each("users")),
    )
    if found.sending and not found.tls.cert:
        section.fault("users", "who sends signs in inside TLS only: tls with cert and key is needed")
    if found.listen_tls and not found.tls.cert:
        section.fault("listen_tls", "tls with cert and key is needed")
    section.end()
    return found


def read_imap(section: Section) -> Imap:
    found = Imap(
        host=section.require("host", values.domain),
        port=section.read("port", 993, number(1, 65535)),
        user=section.require("user", values.text),
        password=section.secret("password"),
        auth=section.read("auth", "password", one_of("password", "xoauth2")),
        oauth=section.oauth(),
        folder=section.read("folder", "INBOX", values.text),
        mailbox=section.require("mailbox", values.address),
        start=section.read("start", "new", values.start),
        after=section.read("after", "seen", values.after),
        ca_file=section.existing("ca_file"),
        proxy=section.read("proxy", "", optional(values.web_address, "")),
        trusted_authserv_ids=section.read("trusted_authserv_ids", (), several(_lower)),
    )
    section.end()
    return found


def read_mailbox(section: Section) -> Mailbox:
    found = Mailbox(
        address=section.require("address", values.address),
        aliases=section.read("aliases", (), several(values.address)),
        receives_at=section.read("receives_at", (), several(values.address)),
        name=section.read("name", "", _one_line),
        signature=section.read("signature", "", values.text),
        mode=section.read("mode", "auto", one_of("auto", "draft", "people")),
        state=section.read("state", "active", one_of("active", "retired")),
        senders=_read_senders(section.inside("senders")),
        reply=_read_reply(section.inside("reply")),
        creatio=_read_case(section.inside("creatio")),
        relay=section.read("relay", "", values.text),
    )
    section.end()
    return found


def read_spam(section: Section) -> Spam:
    found = Spam(
        flags=section.read("flags", Spam().flags, several(_flag)),
        block=section.read("block", (), several(values.address_or_domain)),
    )
    section.end()
    return found


def read_mail(section: Section) -> MailSettings:
    found = MailSettings(
        quotes=section.read("quotes", "own", one_of("own", "talon")),
        signatures=section.read("signatures", "fold", one_of("fold", "keep")),
        scanner=section.read("scanner", "", optional(_scanner, "")),
        refused_files=section.read("refused_files", (), several(_ending)),
        max_file=section.read("max_file", MailSettings().max_file, values.size),
    )
    section.end()
    return found


def _read_tls(section: Section) -> Tls:
    found = Tls(cert=section.existing("cert"), key=section.existing("key"))
    if bool(section.table.get("cert")) != bool(section.table.get("key")):
        section.fault("key" if section.table.get("cert") else "cert", "certificate and key are needed together")
    section.end()
    return found


def _read_user(section: Section) -> tuple[str, Secret, bool]:
    found = (
        section.require("name", values.text),
        section.secret("password"),
        section.read("sends", False, values.flag),
    )
    if not found[1]:
        section.fault("password", "is missing")
    section.end()
    return found


def _read_senders(section: Section) -> Senders:
    found = Senders(
        forms=section.read("forms", (), several(values.address_or_domain)),
        groups=section.read("groups", (), several(values.address_or_domain)),
    )
    section.end()
    return found


def _read_reply(section: Section) -> ReplyStyle:
    found = ReplyStyle(
        auto_submitted=section.read("auto_submitted", True, values.flag),
        disclosure=section.read("disclosure", "", values.text),
        acknowledge=section.read("acknowledge", False, values.flag),
    )
    section.end()
    return found


def _read_case(section: Section) -> MailboxCase:
    found = MailboxCase(
        owner=section.read("owner", "", optional(values.guid, "")),
        group=section.read("group", "", optional(values.guid, "")),
        category=section.read("category", "", values.text),
    )
    section.end()
    return found


def _mail_size(value: object) -> int:
    found = values.size(value)
    if found < _SMALLEST_MAIL:
        raise Wrong(f"RFC 5321 §4.5.3.1.7 asks for at least 64 KiB, not {value!r}")
    return found


def _scanner(value: object) -> str:
    if values.text(value).startswith("unix:/"):
        return values.text(value)
    try:
        return values.endpoint(value)
    except Wrong:
        raise Wrong(f'must be "unix:/PATH" or "HOST:PORT" of a clamd, not {value!r}') from None


def _ending(value: object) -> str:
    found = _lower(value).lstrip(".")
    if not found or not found.isalnum():
        raise Wrong(f'must be the ending of a file name such as "exe", not {value!r}')
    return found


def _lower(value: object) -> str:
    return values.text(value).strip().lower()


def _one_line(value: object) -> str:
    found = values.text(value).strip()
    if not found.isprintable():
        raise Wrong("must be one line of plain text")
    return found


def _flag(value: object) -> str:
    name, colon, content = values.text(value).partition(":")
    if not colon or not name.strip() or not content.strip():
        raise Wrong(f'must be a header such as "X-Spam-Flag: YES", not {value!r}')
    return f"{name.strip()}: {content.strip()}"
