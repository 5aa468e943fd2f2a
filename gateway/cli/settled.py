"""The settings a command works with, and the daemon they lead to."""

import argparse
import importlib
import importlib.util
from pathlib import Path
from typing import Any

from gateway.cli.daemon_client import Daemon
from gateway.cli.ending import Stop
from gateway.config import load
from gateway.config.settings import Settings


def settings_file(asked: argparse.Namespace) -> Path:
    return asked.config if isinstance(asked.config, Path) else load.find()


def settings(asked: argparse.Namespace) -> Settings:
    return load.load(settings_file(asked))


def daemon(asked: argparse.Namespace) -> Daemon:
    """The daemon of these settings. Its secrets need not be readable by who asks: only `data_dir` is looked at."""
    return Daemon(load.data_dir(settings_file(asked)))


def built(module: str, function: str) -> Any:
    """A function of a part that is only loaded when asked for."""
    if importlib.util.find_spec(module) is None:
        raise Stop(f"this is not built yet ({module})")
    return getattr(importlib.import_module(module), function)
