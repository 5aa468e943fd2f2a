"""status, conversations, show, aside: what the gateway knows."""

import argparse
from collections.abc import Mapping
from typing import Any

from gateway.cli import settled
from gateway.cli.begin import Add
from gateway.cli.daemon_client import part
from gateway.cli.ending import DONE, NOT_THERE
from gateway.cli.printing import ago, as_json, local, one_line, pairs, plain, say, table, until


def add_to(command: Add) -> None:
    command("status", show_status, "what is waiting, in work, set aside; each connection; the counters")
    listing = command("conversations", list_conversations, "the conversations, newest first")
    listing.add_argument("query", nargs="*", help="words that must all occur")
    listing.add_argument("--show", default="all", choices=("all", "open", "people", "drafts", "resolved"))
    listing.add_argument("--page", type=int, default=1)
    one = command("show", show_conversation, "one conversation, whole")
    one.add_argument("id")
    command("aside", list_aside, "what needs a person")


def show_status(asked: argparse.Namespace) -> int:
    found = settled.daemon(asked).get("status")
    if asked.json:
        as_json(found)
    else:
        _print_status(found)
    return DONE if found["counters"]["balanced"] else NOT_THERE


def list_conversations(asked: argparse.Namespace) -> int:
    query = " ".join(asked.query)
    found = settled.daemon(asked).get("conversations", query=query, show=asked.show, page=asked.page)
    if asked.json:
        as_json(found)
        return DONE
    rows = [
        (one["id"], ago(one["changed"]), _standing(one), one["customer"]["address"], one["subject"])
        for one in found["conversations"]
    ]
    table(rows, ("ID", "CHANGED", "STATE", "CUSTOMER", "SUBJECT"))
    say(f"{found['total']} in all, page {found['page']} of {found['pages']}" if rows else "None.")
    return DONE


def show_conversation(asked: argparse.Namespace) -> int:
    found = settled.daemon(asked).get(f"conversations/{part(asked.id)}")
    if asked.json:
        as_json(found)
        return DONE
    say(f"{one_line(found['subject'])}   [{_standing(found)}]")
    say(f"{found['customer']['name']} <{found['customer']['address']}> to {found['mailbox']}   {found['url']}")
    if found["case"]:
        say(f"Case {found['case']['number'] or found['case']['id']} ({found['case']['state']})")
    for other in found["merged"]:
        say(f"Merged into it: {other}")
    if found["merged_into"]:
        say(f"Merged into {found['merged_into']}")
    for entry in found["entries"]:
        _print_entry(entry)
    _print_happenings(found)
    return DONE


def list_aside(asked: argparse.Namespace) -> int:
    found = settled.daemon(asked).get("aside")
    if asked.json:
        as_json(found)
        return DONE
    rows = [
        (
            one["id"],
            one["step"],
            ago(one["since"]),
            one["from"] or one["conversation"] or one["subject"],
            one["why"],
        )
        for one in found["aside"]
    ]
    table(rows, ("ID", "STEP", "SINCE", "WHAT", "WHY"))
    say("gateway retry ID   or   gateway drop ID" if rows else "Nothing is set aside.")
    if found["spam"]:
        spam = [(one["id"], ago(one["since"]), one["from"], one["subject"]) for one in found["spam"]]
        say()
        table(spam, ("SPAM", "SINCE", "FROM", "SUBJECT"))
        say("gateway release ID   when it is a customer's")
    return DONE


def _print_status(found: Mapping[str, Any]) -> None:
    for pause in found["pauses"]:
        say(f"PAUSED: {pause['what']} {pause['mailbox'] or 'everywhere'}, by {pause['by']} {ago(pause['since'])}")
    for notice in found["notices"]:
        say(f"NOTICE: {plain(notice['text'])} ({ago(notice['since'])})")
    counters = found["counters"]
    fates = {key: value for key, value in counters.items() if key not in ("accepted", "balanced")}
    sign = "=" if counters["balanced"] else "≠ (NOT IN BALANCE)"
    say(f"Mail: {counters['accepted']} accepted {sign} " + " + ".join(f"{n} {key}" for key, n in fates.items()))
    rows = [
        (step, str(one["waiting"]), str(one["in_work"]), str(one["aside"]), ago(one["oldest"]) if one["oldest"] else "")
        for step, one in found["work"].items()
    ]
    table(rows, ("STEP", "WAITING", "IN WORK", "ASIDE", "OLDEST"))
    if found["backlog_ends"]:
        say(f"The backlog ends about {local(found['backlog_ends'])}.")
    states = [
        (one["name"], one["condition"], ago(one["since"]), until(one["asked_again"]), one["why"])
        for one in found["connections"]
    ]
    table(states, ("CONNECTION", "IS", "SINCE", "ASKED AGAIN", "WHY"))


def _standing(one: Mapping[str, Any]) -> str:
    if one["state"] != "open":
        return str(one["state"])
    return "draft to approve" if one["draft"] else "with people" if one["held"] == "person" else "with the assistant"


def _print_entry(entry: Mapping[str, Any]) -> None:
    sender = entry["sender"]
    say()
    say(f"── {entry['author']} #{entry['id']}  {local(entry['at'])}  {one_line(sender['name'])} <{sender['address']}>")
    for line in plain(entry["text"]).splitlines():
        say(f"   {line}")
    for file in entry["attachments"]:
        say(f"   [{one_line(file['name'])}, {file['type']}, {file['size']} bytes]")
    if entry["arrival"]:
        fate = (entry["arrival"]["fate"] or "waiting", "; ".join(entry["arrival"]["reasons"]))
        say(f"   → {one_line(': '.join(filter(None, fate)), 200)}")
    for delivery in entry["deliveries"]:
        told = "; ".join(f"{who}: {what}" for who, what in delivery["recipients"].items())
        say(f"   → mail {delivery['id']} {delivery['state']} {one_line(delivery['why'] or told, 200)}")
    for row in entry["filed"]:
        say(f"   → Creatio {row['kind']} {row['id']} {row['state']} {one_line(row['note'], 200)}")


def _print_happenings(found: Mapping[str, Any]) -> None:
    say()
    for one in found["history"]:
        say(f"{local(one['at'])}  {one['what'].replace('_', ' ')}  {one_line(pairs(one['facts']), 200)}")
    for one in found["activities"]:
        say(f"Activity {one['id']}: {one['verdict']} — {one_line(one['why'], 200)}")
