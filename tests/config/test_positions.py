"""Every key of a TOML file is found on its line."""

import tomllib
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.config.positions import Path, positions

TEXT = '''\
# a comment = with an equals sign
top = 1
"quoted key" = "a # no comment"
a.b.c = """
two lines [not.a.header]
x = 1"""   # after it
[table]   # comment
key = { one = 1, "two" = { three = 'x' } }
list = [
    "a",   # ]
    # between
    ["b", { c = 1 }],
]
[[row]]
name = "first"
[row.inner]
deep = true
[[row]]
name = """"quoted""""
[[row.leaf]]
x = 1
[[row.leaf]]
x = \'\'\'
it's\'\'\'
y = 2026-01-01 10:00:00
'''


def test_tables_arrays_and_dotted_keys_are_found_on_their_lines() -> None:
    found = positions(TEXT)
    expected: dict[Path, int] = {
        ("top",): 2,
        ("quoted key",): 3,
        ("a", "b", "c"): 4,
        ("table",): 7,
        ("table", "key", "two", "three"): 8,
        ("table", "list", 0): 10,
        ("table", "list", 1, 1, "c"): 12,
        ("row", 0): 14,
        ("row", 0, "name"): 15,
        ("row", 0, "inner"): 16,
        ("row", 0, "inner", "deep"): 17,
        ("row", 1): 18,
        ("row", 1, "name"): 19,
        ("row", 1, "leaf", 0, "x"): 21,
        ("row", 1, "leaf", 1, "x"): 23,
        ("row", 1, "leaf", 1, "y"): 25,
    }
    assert {path: found.get(path) for path in expected} == expected


def test_nothing_that_tomllib_finds_is_without_a_line() -> None:
    assert _paths(tomllib.loads(TEXT)) <= set(positions(TEXT))


VALUES = st.recursive(
    st.integers(-9, 9).map(str)
    | st.booleans().map(lambda value: str(value).lower())
    | st.text(alphabet="ab #[]{}=,.'", max_size=6).map(lambda value: f'"{value}"')
    | st.text(alphabet='ab\n#[]{}=,"', max_size=6).map(lambda value: f"'''{value}'''".replace("\n", "\r\n"))
    | st.just('"a \\" b \\\\"'),
    lambda inner: (
        st.lists(inner, max_size=3).map(lambda all_: "[" + ",\n # ]\n ".join(all_) + "]")
        | st.lists(inner, max_size=2).map(
            lambda all_: "{" + ", ".join(f"k{index} = {one}" for index, one in enumerate(all_)) + "}"
        )
    ),
    max_leaves=5,
)


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["[t{}]\n", "[[r]]\n", "[[r.s]]\n", ""]), VALUES), max_size=5))
def test_any_file_has_a_line_for_each_key(parts: list[tuple[str, str]]) -> None:
    text = "[[r]]\n" + "".join(
        head.format(index) + f"key{index}.'x' = {value}\n" for index, (head, value) in enumerate(parts)
    )
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return  # an inline table over several lines, for one
    found = positions(text)
    assert _paths(table) <= set(found)
    rows = text.split("\n")
    for index in range(len(parts)):
        [line] = {line for path, line in found.items() if f"key{index}" in path and path[-1] == f"key{index}"}
        assert rows[line - 1].startswith(f"key{index}")


def _paths(value: Any, path: Path = ()) -> set[Path]:
    found = {path} if path else set()
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        found |= _paths(inner, (*path, key))
    return found
