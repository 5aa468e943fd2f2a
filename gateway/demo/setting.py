"""The settings of the story: a small shop, written as an operator would."""

from pathlib import Path

from gateway.demo.mails import SUPPORT

SUPPORT_AT = "in-support@gateway.lumen-oak.example"  # where the shop's provider forwards to

_TEXT = """\
public_url = "http://127.0.0.1:{web}"
data_dir = "{folder}/data"

[operator]
notify = ["ops@lumen-oak.example"]
staff = ["@lumen-oak.example"]

[intake.smtp]
listen = ["127.0.0.1:0"]
hostname = "gateway.lumen-oak.example"
min_free = "100MiB"

[[mailbox]]
address = "{support}"
receives_at = ["{receives}"]
name = "Lumen & Oak Support"
signature = "Lumen & Oak Support"
mode = "auto"

[relay]
host = "127.0.0.1"
port = {relay}
tls = "none"
rate = "100/s"

[assistant]
kind = "articles"
articles = "{articles}"
quiet_window = "0s"

[creatio]
url = "{creatio}"
identity_url = "{creatio}"
client_id = "gateway"
client_secret = "a-client-secret"
hook_token = "demo-hook-token-of-the-story"
poll = "5s"

[[creatio.field]]
column = "PriorityId"
title = "Priority"
type = "dropdown"
description = "High: something is broken or dangerous, or the customer is angry"

[web]
listen = "127.0.0.1:{web}"
"""


def write_settings(folder: Path, creatio: str, relay: int, web: int) -> Path:
    path = folder / "config.toml"
    text = _TEXT.format(
        folder=folder,
        support=SUPPORT,
        receives=SUPPORT_AT,
        relay=relay,
        web=web,
        creatio=creatio,
        articles=Path(__file__).parent / "articles",
    )
    path.write_text(text, encoding="utf-8")
    return path
