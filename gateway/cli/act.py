"""What the inbox can do, from the shell."""

import argparse
import sys
from collections.abc import Callable

from gateway.cli import settled
from gateway.cli.begin import Add
from gateway.cli.daemon_client import part
from gateway.cli.ending import DONE, USAGE, Stop
from gateway.cli.printing import as_json, one_line, say

_ON_CONVERSATION = {
    "hand-off": "give a conversation to people",
    "resolve": "nothing more is to be done",
    "reopen": "it is open again",
    "resume": "give it back to the assistant",
}


def add_to(command: Add) -> None:
    for name, about in _ON_CONVERSATION.items():
        one = command(name, _act_on_conversation(name), about)
        one.add_argument("id")
        one.add_argument("--reason", default="", help="shown in the conversation")
    reply = command("reply", write_reply, "answer the customer; the text is read from standard input unless given")
    reply.add_argument("id")
    reply.add_argument("--text", default="")
    approve = command("approve", approve_draft, "send the assistant's draft, with other words if --text is given")
    approve.add_argument("id")
    approve.add_argument("--text", default="")
    discard = command("discard", discard_draft, "drop the assistant's draft: people have the conversation")
    discard.add_argument("id")
    discard.add_argument("--reason", default="", help="shown in the conversation")
    confirm = command("confirm", confirm_address, "replies may go to an address that nothing proves")
    confirm.add_argument("id")
    confirm.add_argument("address", help="as the conversation shows it")
    other = command("merge", merge, "it goes on in another conversation of the same customer")
    other.add_argument("id")
    other.add_argument("into", help="the conversation that goes on")
    parted = command("split", split, "a mail of the customer becomes a conversation of its own")
    parted.add_argument("id")
    parted.add_argument("entry", help="the mail's number, as `gateway show` lists it")
    here = command("send-here", send_from_here, "mail from here a reply that Creatio could not send")
    here.add_argument("id")
    here.add_argument("activity", help="its id in Creatio, as `gateway show` lists it")
    for name, act in (("pause", pause), ("unpause", unpause)):
        one = command(name, act, f"{name} the assistant, or all sending")
        one.add_argument("what", choices=("assistant", "sending"))
        one.add_argument("--mailbox", default="", metavar="ADDRESS", help="default: all of them")
    retry = command("retry", retry_aside, "try again what is set aside")
    retry.add_argument("ids", nargs="*", metavar="ID", help="as `gateway aside` lists it")
    retry.add_argument("--all", action="store_true")
    release = command("release", release_spam, "what was taken for spam is a customer's mail")
    release.add_argument("id", help="as `gateway aside` lists it")
    drop = command("drop", drop_aside, "give up what is set aside")
    drop.add_argument("id", help="as `gateway aside` lists it")
    drop.add_argument("--reason", default="", help="kept beside it")


def write_reply(asked: argparse.Namespace) -> int:
    text = asked.text
    if not text:
        if sys.stdin.isatty():
            say("Write the reply; end with Ctrl-D on a line of its own.")
        text = sys.stdin.read()
    if not text.strip():
        raise Stop("the reply is empty", USAGE)
    return _tell(asked, settled.daemon(asked).post(f"conversations/{part(asked.id)}/reply", {"text": text}))


def approve_draft(asked: argparse.Namespace) -> int:
    return _tell(asked, settled.daemon(asked).post(f"conversations/{part(asked.id)}/approve", {"text": asked.text}))


def discard_draft(asked: argparse.Namespace) -> int:
    path = f"conversations/{part(asked.id)}/discard"
    return _tell(asked, settled.daemon(asked).post(path, {"reason": asked.reason}))


def confirm_address(asked: argparse.Namespace) -> int:
    path = f"conversations/{part(asked.id)}/confirm"
    return _tell(asked, settled.daemon(asked).post(path, {"address": asked.address}))


def merge(asked: argparse.Namespace) -> int:
    path = f"conversations/{part(asked.id)}/merge"
    return _tell(asked, settled.daemon(asked).post(path, {"into": asked.into}))


def split(asked: argparse.Namespace) -> int:
    path = f"conversations/{part(asked.id)}/split"
    return _tell(asked, settled.daemon(asked).post(path, {"entry": asked.entry}))


def send_from_here(asked: argparse.Namespace) -> int:
    path = f"conversations/{part(asked.id)}/send-here"
    return _tell(asked, settled.daemon(asked).post(path, {"activity": asked.activity}))


def pause(asked: argparse.Namespace) -> int:
    return _tell(asked, settled.daemon(asked).post(f"pauses/{asked.what}", {"mailbox": asked.mailbox}))


def unpause(asked: argparse.Namespace) -> int:
    return _tell(asked, settled.daemon(asked).delete(f"pauses/{asked.what}", mailbox=asked.mailbox))


def retry_aside(asked: argparse.Namespace) -> int:
    if bool(asked.ids) == asked.all:
        raise Stop("name what to try again, or --all", USAGE)
    daemon = settled.daemon(asked)
    if asked.all:
        return _tell(asked, daemon.post("aside/retry"))
    for one in asked.ids:
        _tell(asked, daemon.post(f"aside/{part(one)}/retry"))
    return DONE


def release_spam(asked: argparse.Namespace) -> int:
    number = asked.id.removeprefix("arrival-")
    return _tell(asked, settled.daemon(asked).post(f"arrivals/{part(number)}/release"))


def drop_aside(asked: argparse.Namespace) -> int:
    return _tell(asked, settled.daemon(asked).post(f"aside/{part(asked.id)}/drop", {"reason": asked.reason}))


def _act_on_conversation(name: str) -> Callable[[argparse.Namespace], int]:
    def act(asked: argparse.Namespace) -> int:
        path = f"conversations/{part(asked.id)}/{name}"
        return _tell(asked, settled.daemon(asked).post(path, {"reason": asked.reason}))

    return act


def _tell(asked: argparse.Namespace, answer: dict[str, str]) -> int:
    if asked.json:
        as_json(answer)
    else:
        say(one_line(answer["done"], 300))
    return DONE
