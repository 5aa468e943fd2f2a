"""Reads config.toml: frozen settings, or every fault with its line and key."""

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from gateway.config import agreement, built, doors, partners, values
from gateway.config.positions import positions
from gateway.config.section import Report, Section
from gateway.config.settings import Operator, Retention, Settings, StoreSettings, Web
from gateway.config.values import Wrong, duration, optional, several
from gateway.errors import Fault, Misconfigured

PLACES = (Path("config.toml"), Path("/etc/gateway/config.toml"))


def find() -> Path:
    """The file that is read when none is named."""
    for place in PLACES:
        if place.is_file():
            return place
    why = f"there is none, nor {PLACES[1]}: `gateway init` writes one, --config names another"
    raise Misconfigured([Fault(str(PLACES[0]), 0, "config", why)])


def load(path: Path, environment: Mapping[str, str] | None = None) -> Settings:
    """The settings in the file. `environment` is where { env = … } and credentials are looked up.

    Raises Misconfigured with every fault that the file has.
    """
    report = Report(file=path, lines={}, environment=os.environ if environment is None else environment)
    settings = read(_parse(path, report), report)
    if report.faults:
        raise Misconfigured(sorted(report.faults, key=lambda fault: fault.line))
    return settings


def data_dir(path: Path) -> Path:
    """Only where the daemon's folder is: whoever asks it something need not be able to read its secrets."""
    report = Report(file=path, lines={}, environment={})
    found = _data_dir(Section(report, (), _parse(path, report)))
    if report.faults:
        raise Misconfigured(report.faults)
    return found


def read(table: Mapping[str, Any], report: Report) -> Settings:
    """The settings of a parsed file. Faults go into the report; what is faulty has its default."""
    root = Section(report, (), table)
    intake = root.inside("intake")
    relay, relays = partners.read_relays(root.inside("relay"))
    settings = Settings(
        path=report.file.absolute(),
        public_url=root.require("public_url", values.web_address),
        data_dir=_data_dir(root),
        mailboxes=tuple(doors.read_mailbox(one) for one in root.each("mailbox")),
        operator=_read_operator(root.inside("operator")),
        store=_read_store(root.inside("store")),
        smtp=doors.read_smtp(intake.inside("smtp")) if "smtp" in intake else None,
        imap=tuple(doors.read_imap(one) for one in intake.each("imap")),
        spam=doors.read_spam(root.inside("spam")),
        relay=relay,
        relays=relays,
        assistant=partners.read_assistant(root.inside("assistant")),
        creatio=partners.read_creatio(root.inside("creatio")),
        mail=doors.read_mail(root.inside("mail")),
        web=_read_web(root.inside("web")),
        retention=_read_retention(root.inside("retention")),
        unused=built.unused(report),
    )
    intake.inside("smtp")
    intake.end()
    root.end()
    agreement.check(settings, report)
    built.check(settings, report)
    return _with_warnings(settings, report)


def _parse(path: Path, report: Report) -> Mapping[str, Any]:
    try:
        text = path.read_text(encoding="utf-8-sig")
        table = tomllib.loads(text)
    except OSError as error:
        raise Misconfigured([Fault(str(path), 0, "config", error.strerror or str(error))]) from None
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise Misconfigured([Fault(str(path), line, "config", "the file is not UTF-8")]) from None
    except tomllib.TOMLDecodeError as error:
        raise Misconfigured([_not_toml(path, str(error), text)]) from None
    report.lines = positions(text)
    return table


def _not_toml(path: Path, why: str, text: str) -> Fault:
    found = re.search(r"at line (\d+)", why)
    line = int(found[1]) if found else text.count("\n") + 1
    rows = text.splitlines()
    key = rows[line - 1].partition("=")[0].strip() if line <= len(rows) else ""
    return Fault(str(path), line, key[:60] or "config", f"this is not TOML: {why}")


def _data_dir(root: Section) -> Path:
    root.require("data_dir", values.text)
    return Path(root.place("data_dir"))


def _read_operator(section: Section) -> Operator:
    found = Operator(
        notify=section.read("notify", (), several(values.address)),
        staff=section.read("staff", (), several(values.address_or_domain)),
        timezone=section.read("timezone", "UTC", values.timezone),
        webhook=section.read("webhook", "", optional(_webhook, "")),
    )
    section.end()
    return found


def _read_store(section: Section) -> StoreSettings:
    url = section.hidden("url", "sqlite")
    if url != "sqlite" and not re.match(r"postgresql(\+psycopg)?://\S+\Z", url):
        section.fault("url", 'must be "sqlite" or postgresql://USER@HOST/DATABASE')
    blobs = section.read("blobs", "", values.text)
    if blobs and not blobs.startswith("s3://"):
        blobs = section.place("blobs")
    section.end()
    return StoreSettings(url=url, blobs=blobs)


def _read_web(section: Section) -> Web:
    found = Web(
        listen=section.read("listen", Web().listen, values.endpoint),
        hook_listen=section.read("hook_listen", "", optional(values.endpoint, "")),
        identity_header=section.read("identity_header", "", optional(_header, "")),
        trusted_proxies=section.read("trusted_proxies", (), several(values.network)),
        metrics_token=section.secret("metrics_token"),
    )
    section.end()
    return found


def _read_retention(section: Section) -> Retention:
    default = Retention()
    found = Retention(
        raw=section.read("raw", default.raw, duration),
        conversations=section.read("conversations", default.conversations, duration),
    )
    section.end()
    return found


def _with_warnings(settings: Settings, report: Report) -> Settings:
    """Adds what is worth a word though it works. A secret in a file that all may read is such a thing."""
    mode = report.file.stat().st_mode if report.file.exists() else 0
    if mode & 0o004:
        for path in report.literal_secrets:
            report.warn(path, f"this secret can be read by everybody on this machine: chmod 640 {report.file}")
    for key in settings.unused:
        report.warn(report.given[key], "is accepted, and nothing uses it yet")
    return replace(settings, warnings=tuple(report.warnings))


def _header(value: object) -> str:
    name = values.text(value)
    if not re.match(r"[A-Za-z0-9-]+\Z", name):
        raise Wrong(f"{name!r} is not the name of a header")
    return name


def _webhook(value: object) -> str:
    """An address to POST to: it may have a query, where many chat systems keep their token."""
    found = values.text(value).strip()
    values.web_address(found.partition("?")[0])
    return found
