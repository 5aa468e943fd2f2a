"""Every command with its arguments, and which function carries it out."""

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path

from gateway.cli import act, begin, bench, check, explain, feed, look, people
from gateway.cli.ending import MISCONFIGURED, NOT_THERE, Stop
from gateway.cli.printing import complain
from gateway.errors import Misconfigured

Run = Callable[[argparse.Namespace], int]
_UNBUILT = {
    "answers": "list what the assistant sent",
    "erase": "erase a customer",
    "backup": "write a backup",
    "restore": "restore a backup",
}


def run(arguments: Sequence[str]) -> int:
    """Carry out a command line; returns the exit status."""
    parser = build_parser()
    asked = parser.parse_args(arguments)
    try:
        return int(asked.run(asked))
    except Stop as stop:
        complain(f"gateway: {stop}")
        return stop.status
    except Misconfigured as wrong:
        for fault in wrong.faults:
            complain(str(fault))
        return MISCONFIGURED
    except (BrokenPipeError, KeyboardInterrupt):
        return NOT_THERE


def build_parser() -> argparse.ArgumentParser:
    common = argparse.ArgumentParser(add_help=False)
    _add_common(common, argparse.SUPPRESS, argparse.SUPPRESS)
    parser = argparse.ArgumentParser(
        prog="gateway", description="Customers' mail is answered by an assistant or becomes a case in Creatio."
    )
    _add_common(parser, None, False)
    commands = parser.add_subparsers(metavar="COMMAND", required=True)

    def command(name: str, function: Run, about: str) -> argparse.ArgumentParser:
        one = commands.add_parser(name, help=about, description=about, parents=[common])
        one.set_defaults(run=function)
        return one

    begin.add_to(command)
    check.add_to(command)
    explain.add_to(command)
    feed.add_to(command)
    look.add_to(command)
    act.add_to(command)
    people.add_to(command)
    bench.add_to(command)
    for name, about in _UNBUILT.items():
        command(name, _say_unbuilt, f"{about} (not built yet)").add_argument("rest", nargs="*")
    return parser


def _add_common(parser: argparse.ArgumentParser, config: object, as_json: object) -> None:
    parser.add_argument(
        "--config", type=Path, default=config, metavar="FILE", help="default: config.toml, /etc/gateway/config.toml"
    )
    parser.add_argument("--json", action="store_true", default=as_json, help="print JSON")


def _say_unbuilt(asked: argparse.Namespace) -> int:
    raise Stop("this command is not built yet")
