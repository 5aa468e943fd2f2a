"""Writes the SQL of revision 0001 anew from the tables: only until the first release, then it never changes again."""

from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.schema import CreateIndex, CreateTable

from gateway.store.schema import metadata

_DIALECTS = ("sqlite", "postgresql+psycopg")


def write_first(folder: Path) -> None:
    for name in _DIALECTS:
        dialect = sa.make_url(f"{name}://").get_dialect()()
        text = "".join(f"{statement};\n" for statement in statements(dialect))
        (folder / f"0001_{dialect.name}.sql").write_text(text, encoding="utf-8")


def statements(dialect: sa.Dialect) -> list[str]:
    """What makes all tables and their indexes in this dialect."""
    made = []
    for table in metadata.sorted_tables:
        made.append(str(CreateTable(table).compile(dialect=dialect)).strip())
        for index in sorted(table.indexes, key=lambda one: str(one.name)):
            made.append(str(CreateIndex(index).compile(dialect=dialect)).strip())
    return made


if __name__ == "__main__":
    write_first(Path(__file__).parent / "versions")
