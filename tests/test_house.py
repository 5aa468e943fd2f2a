"""The house itself: sizes, nameplates, and that the guide tells the truth."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
GATEWAY = ROOT / "gateway"
LONGEST_FUNCTION, LONGEST_MODULE, MOST_PARAMETERS = 50, 300, 6


def modules() -> list[Path]:
    return sorted(GATEWAY.rglob("*.py"))


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def test_no_module_outgrows_its_room() -> None:
    lines = {path.relative_to(ROOT): len(path.read_text().splitlines()) for path in modules()}
    assert {str(path): count for path, count in lines.items() if count > LONGEST_MODULE} == {}


def test_no_function_is_too_long() -> None:
    too_long = [
        f"{path.relative_to(ROOT)}:{node.lineno} {node.name}"
        for path in modules()
        for node in functions(path)
        if (node.end_lineno or node.lineno) - node.lineno + 1 > LONGEST_FUNCTION
    ]
    assert too_long == []


def test_no_function_asks_for_too_much() -> None:
    """Six that must be given; what is rarely given is a keyword with a default."""
    greedy = [
        f"{path.relative_to(ROOT)}:{node.lineno} {node.name}"
        for path in modules()
        for node in functions(path)
        if len(required(node)) > MOST_PARAMETERS
    ]
    assert greedy == []


def required(node: ast.FunctionDef | ast.AsyncFunctionDef) -> list[str]:
    by_place = [one.arg for one in (*node.args.posonlyargs, *node.args.args) if one.arg not in ("self", "cls", "tx")]
    return by_place[: len(by_place) - len(node.args.defaults)] if node.args.defaults else by_place


def test_every_room_has_a_nameplate_and_nothing_else_on_it() -> None:
    for plate in GATEWAY.rglob("__init__.py"):
        body = ast.parse(plate.read_text()).body
        assert len(body) == 1, plate
        assert isinstance(body[0], ast.Expr), plate
    folders = {path.parent for path in modules()}
    assert [folder for folder in folders if not (folder / "__init__.py").exists()] == []


def test_every_module_says_what_it_is_for() -> None:
    silent = [str(path.relative_to(ROOT)) for path in modules() if not ast.get_docstring(ast.parse(path.read_text()))]
    assert silent == []


def test_there_is_no_room_for_odds_and_ends() -> None:
    banned = {"utils", "common", "helpers", "core", "misc"}
    assert [str(path) for path in GATEWAY.rglob("*") if path.stem in banned] == []


def test_only_the_known_things_stand_at_the_top() -> None:
    allowed = {
        "pyproject.toml", "README.md", "gateway", "config.example.toml", "systemd", "tests", "scripts", "docs", ".ci",
        "LICENSE", "requirements.lock", "requirements-dev.lock", ".gitignore",
    }  # fmt: skip
    here = {path.name for path in ROOT.iterdir()}
    kept = {name for name in here if not name.startswith(".") and not name.endswith(".egg-info")}
    assert kept - allowed - {"build", "data", "config.toml"} == set()
