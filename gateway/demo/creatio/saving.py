"""The entity layer: a row is saved with its defaults, checked, and what the product does on a save happens after it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias
from uuid import UUID

from gateway.demo.creatio import refusals
from gateway.demo.creatio.schema import ZERO, Column, Row, Value, id_of
from gateway.demo.creatio.tenant import Signal, Tenant

Verb: TypeAlias = Literal["INSERT", "UPDATE"]


@dataclass(frozen=True, slots=True)
class Saved:
    """A row that was just saved: by whom, and what its changed columns held before (all None when it is new)."""

    layer: "EntityLayer"
    entity: str
    row: Row
    actor: UUID
    added: bool
    before: Mapping[str, Value] = field(default_factory=dict)

    @property
    def tenant(self) -> Tenant:
        return self.layer.tenant

    def changed(self, column: str) -> bool:
        return self.row.get(column) != self.before.get(column) if column in self.before or self.added else False


Effect: TypeAlias = Callable[[Saved], None]


@dataclass(slots=True)
class EntityLayer:
    """Saves rows of one tenant. `before` runs on a row not yet kept, `after` on one that is; an error there undoes
    nothing, as in the product: the row stays although the caller is told of a failure."""

    tenant: Tenant
    before: dict[str, list[Effect]] = field(default_factory=dict)
    after: dict[str, list[Effect]] = field(default_factory=dict)

    def insert(self, entity: str, columns: Row, actor: UUID) -> Row:
        """A new row, or Refused and nothing kept."""
        tenant = self.tenant
        row: Row = dict.fromkeys(tenant.entity(entity).properties)
        row |= self._defaults(entity, columns, actor) | columns
        row_id = id_of(row)
        if row_id == ZERO:
            row["Id"] = row_id = tenant.new_id()
        saved = Saved(self, entity, row, actor, added=True)
        for effect in self.before.get(entity, ()):
            effect(saved)
        self._check(entity, row, row, "INSERT")
        if row_id in tenant.tables[entity]:
            raise refusals.duplicate(tenant.switches, entity, row_id)
        tenant.tables[entity][row_id] = row
        tenant.signals.append(Signal(entity, row_id, added=True, columns=frozenset(columns)))
        for effect in self.after.get(entity, ()):
            effect(saved)
        return row

    def update(self, entity: str, row_id: UUID, columns: Row, actor: UUID) -> None:
        """Change a row that exists. Columns that keep their value are no change."""
        tenant = self.tenant
        row = tenant.tables[entity][row_id]
        changes = {name: value for name, value in columns.items() if row[name] != value and name != "Id"}
        before = {name: row[name] for name in changes}
        candidate = row | changes
        for effect in self.before.get(entity, ()):
            effect(Saved(self, entity, candidate, actor, added=False, before=before))
        changes = {name: value for name, value in candidate.items() if row[name] != value}
        self._check(entity, candidate, changes, "UPDATE")
        before = {name: row[name] for name in changes}
        row |= changes | {"ModifiedOn": tenant.clock(), "ModifiedById": actor}
        tenant.signals.append(Signal(entity, row_id, added=False, columns=frozenset(changes)))
        for effect in self.after.get(entity, ()):
            effect(Saved(self, entity, row, actor, added=False, before=before))

    def delete(self, entity: str, row_id: UUID) -> None:
        self.tenant.tables[entity].pop(row_id, None)
        for key in [key for key in self.tenant.blobs if key[:2] == (entity, row_id)]:
            del self.tenant.blobs[key]

    def update_by_sql(self, entity: str, row_id: UUID, columns: Row) -> None:
        """A direct UPDATE, as the product's mail sender does: no event, no check, ModifiedOn stays as it was."""
        self.tenant.tables[entity][row_id] |= columns

    def _defaults(self, entity: str, given: Row, actor: UUID) -> Row:
        now = self.tenant.clock()
        row: Row = {}
        for name, column in self.tenant.entity(entity).properties.items():
            if given.get(name) is None and column.default:
                row[name] = self._default(column, actor)
            elif column.edm in ("Edm.Boolean", "Edm.Int32") and given.get(name) is None:
                row[name] = False if column.edm == "Edm.Boolean" else 0
        return row | {"CreatedOn": now, "ModifiedOn": now, "CreatedById": actor, "ModifiedById": actor}

    def _default(self, column: Column, actor: UUID) -> Value:
        tenant = self.tenant
        match dict(column.default):
            case {"const": value}:
                return UUID(str(value)) if column.edm == "Edm.Guid" else value
            case {"setting": code}:
                return tenant.setting(str(code))
            case {"system": "CurrentDateTime" | "CurrentDate"}:
                return tenant.clock()
            case {"system": "CurrentUserContact"}:
                return actor
            case {"system": "AutoNumber"}:
                return self._next_number()
            case {"system": "CurrentUser"}:
                user = tenant.find("SysAdminUnit", ContactId=actor)
                return user["Id"] if user else None
            case _:
                return None

    def _next_number(self) -> str:
        tenant = self.tenant
        last = tenant.setting("CaseLastNumber")
        number = (last if isinstance(last, int) else 0) + 1
        tenant.set_setting("CaseLastNumber", number)
        head, _, rest = str(tenant.setting("CaseCodeMask")).partition("{0:")
        zeros, _, tail = rest.partition("}")
        return f"{head}{number:0{len(zeros)}d}{tail}"

    def _check(self, entity: str, row: Row, written: Row, verb: Verb) -> None:
        """Required columns of the whole row; lengths and look-ups of what is written."""
        switches = self.tenant.switches
        for name, column in self.tenant.entity(entity).properties.items():
            value = row.get(name)
            if column.required and (value is None or value in ("", ZERO)) and name != "Id":
                raise refusals.save_failed(
                    f"{column.name} field must be filled in", status=int(switches.missing_required)
                )
            if name not in written or value is None:
                continue
            if column.length and isinstance(value, str) and len(value) > column.length:
                raise refusals.too_long(switches, column.length)
            if column.lookup and self.tenant.get(column.lookup, value) is None:
                raise refusals.missing_row(switches, entity, column, verb)
