"""init, serve, reload, demo, migrate: how the gateway begins."""

import argparse
import asyncio
import inspect
import os
import secrets
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import Any

from gateway.cli import settled
from gateway.cli.ending import DONE, Stop
from gateway.cli.printing import say
from gateway.config.settings import Settings
from gateway.errors import GiveUp, TryLater

Add = Callable[[str, Callable[[argparse.Namespace], int], str], argparse.ArgumentParser]

_NEXT = """\
Wrote {path}. What comes next:
  1. Open it: your support address, your relay, your Creatio. Nothing is sent unless a person approves it.
  2. gateway check                 says what does not work yet, and how to mend it
  3. gateway serve                 starts it
  4. gateway user add YOUR-NAME    lets you sign in to the inbox"""


def add_to(command: Add) -> None:
    init = command("init", write_settings, "write a safe settings file to begin with")
    init.add_argument("folder", nargs="?", type=Path, default=Path(), metavar="DIR")
    serve = command("serve", start, "run the daemon")
    serve.add_argument("--verbose", action="store_true", help="log more")
    command("reload", reload, "let the daemon read its settings again")
    demo = command("demo", tell_the_story, "tell the whole story on this machine")
    demo.add_argument("--once", action="store_true", help="end after the story")
    command("migrate", migrate, "bring the store up to date without starting the daemon")


def write_settings(asked: argparse.Namespace) -> int:
    path = asked.folder / "config.toml"
    text = files("gateway.config").joinpath("begin.toml").read_text(encoding="utf-8")
    asked.folder.mkdir(parents=True, exist_ok=True)
    try:
        # It will hold secrets: only its owner may read it.
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise Stop(f"{path} is there already, and stays as it is") from None
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text.replace("@HOOK_TOKEN@", secrets.token_urlsafe(24)))
    say(_NEXT.format(path=path))
    return DONE


def start(asked: argparse.Namespace) -> int:
    path = settled.settings_file(asked)
    settled.settings(asked)  # every fault is told before anything starts
    return _finish(settled.built("gateway.daemon.serving", "serve")(path, verbose=asked.verbose))


def reload(asked: argparse.Namespace) -> int:
    for warning in settled.daemon(asked).post("reload").get("warnings", ()):
        say(warning)
    say("The settings were read again.")
    return DONE


def tell_the_story(asked: argparse.Namespace) -> int:
    return _finish(settled.built("gateway.demo.story", "tell")(once=asked.once))


def migrate(asked: argparse.Namespace) -> int:
    settings = settled.settings(asked)
    asyncio.run(_bring_up_to_date(settings))
    say("The store is up to date.")
    return DONE


async def _bring_up_to_date(settings: Settings) -> None:
    from gateway.store.database import Store

    try:
        store = await Store.open(settings.store.url, settings.data_dir, blobs=settings.store.blobs)
    except (GiveUp, TryLater) as error:
        raise Stop(str(error)) from None
    await store.close()


def _finish(value: Any) -> int:
    """Whatever was started runs to its end; its exit status, if it has one."""
    if inspect.iscoroutine(value):
        value = asyncio.run(value)
    return value if isinstance(value, int) else DONE
