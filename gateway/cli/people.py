"""user: who may sign in to the inbox."""

import argparse
import getpass
import sys

from gateway.cli import settled
from gateway.cli.begin import Add
from gateway.cli.daemon_client import part
from gateway.cli.ending import DONE, USAGE, Stop
from gateway.cli.printing import as_json, say


def add_to(command: Add) -> None:
    user = command("user", manage, "who may sign in to the inbox")
    user.add_argument("what", choices=("add", "list", "remove", "invite"), help="add also changes a password")
    user.add_argument("name", nargs="?", default="")


def manage(asked: argparse.Namespace) -> int:
    daemon = settled.daemon(asked)
    if asked.what == "list":
        found = daemon.get("accounts")
        if asked.json:
            as_json(found)
        else:
            say("\n".join(found["accounts"]) or "Nobody can sign in yet: gateway user add NAME")
        return DONE
    if not asked.name:
        raise Stop(f"gateway user {asked.what} NAME", USAGE)
    if asked.what == "invite":
        link = daemon.post("invitations", {"name": asked.name})
        as_json(link) if asked.json else say(f"Good for one hour and one visit: {link['url']}")
        return DONE
    if asked.what == "add":
        answer = daemon.post("accounts", {"name": asked.name, "password": _ask_password()})
    else:
        answer = daemon.delete(f"accounts/{part(asked.name)}")
    if asked.json:
        as_json(answer)
    else:
        say(answer["done"])
    return DONE


def _ask_password() -> str:
    """Twice at a terminal, else one line of standard input."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    password = getpass.getpass("Password (12 characters or more): ")
    if getpass.getpass("Again: ") != password:
        raise Stop("the two were not the same", USAGE)
    return password
