"""An expression checked against the model and turned into a question to a row, with a database's idea of unknown."""

from collections.abc import Callable
from typing import Any, TypeAlias

from gateway.demo.creatio import refusals
from gateway.demo.creatio.filters import COMPARISONS, Call, Compare, Expression, Join, Literal, Not, Operand, Path
from gateway.demo.creatio.schema import Column, Row, Value
from gateway.demo.creatio.shapes import shown_time
from gateway.demo.creatio.tenant import Tenant

NODE_LIMIT = 100
FEW = {"contains", "startswith"}
MANY = FEW | {"endswith", "tolower", "toupper", "trim"}

# None is the database's unknown: neither a row that is asked for, nor its opposite.
Test: TypeAlias = Callable[[Row], bool | None]
Read: TypeAlias = Callable[[Row], Value]

_NUMBERS = {"Edm.Int32", "Edm.Decimal"}


def compile_filter(tenant: Tenant, entity: str, expression: Expression) -> Test:
    """The test of a row. Refused as the service would: names and types first, then size, then raw look-ups."""
    nodes = _nodes(expression)
    if nodes > NODE_LIMIT:
        raise refusals.query_refused(
            f"The node count limit of '{NODE_LIMIT}' has been exceeded. To increase the limit, set the 'MaxNodeCount' "
            "property on EnableQueryAttribute or ODataValidationSettings."
        )
    return _test(tenant, entity, expression)


def compile_path(tenant: Tenant, entity: str, path: Path) -> tuple[Read, Column]:
    """How a row gives the value of a path, and the column at its end."""
    current, hops = entity, []
    for name in path.names[:-1]:
        column = tenant.entity(current).navigations.get(name)
        if column is None:
            raise _no_property(name, current)
        hops.append(column)
        current = column.lookup
    last = path.names[-1]
    target = tenant.entity(current).properties.get(last)
    if target is None:
        raise _no_property(last, current)
    if target.lookup:
        raise refusals.raw_lookup(last, current)
    if target.edm == "Edm.Stream":
        raise refusals.answer_failed("Value cannot be null.\r\nParameter name: property")

    def read(row: Row) -> Value:
        here: Row | None = row
        for hop in hops:
            if here is None:
                return None
            key = here[hop.odata]
            here = tenant.get(hop.lookup, key)
        value = here[last] if here is not None else None
        return shown_time(tenant, value) if target.edm == "Edm.DateTimeOffset" else value

    return read, target


def _no_property(name: str, entity: str) -> Exception:
    return refusals.query_refused(
        f"Could not find a property named '{name}' on type 'Terrasoft.Configuration.OData.{entity}'."
    )


def _nodes(expression: Expression) -> int:
    """As the vendor's library counts: a guid or a time costs one more, for its conversion to a nullable."""
    match expression:
        case Join(_, left, right) | Compare(_, left, right):
            return 1 + _nodes(left) + _nodes(right)
        case Not(inner):
            return 1 + _nodes(inner)
        case Call(_, arguments):
            return 1 + sum(_nodes(argument) for argument in arguments)
        case Path(names):
            return 1 + len(names)
        case Literal(_, edm):
            return 1 if edm == "Edm.String" else 2


def _test(tenant: Tenant, entity: str, expression: Expression) -> Test:
    match expression:
        case Join(operator, left, right):
            return _join(operator, _test(tenant, entity, left), _test(tenant, entity, right))
        case Not(inner):
            asked = _test(tenant, entity, inner)
            return lambda row: None if (found := asked(row)) is None else not found
        case Compare():
            return _compare(tenant, entity, expression)
        case Call() | Path() | Literal():
            read, edm = _operand(tenant, entity, expression)
            if edm != "Edm.Boolean":
                raise refusals.query_refused(
                    "The $filter expression must evaluate to a single boolean value, but evaluates to a "
                    f"value of type '{edm}'."
                )
            return lambda row: None if (value := read(row)) is None else bool(value)


def _join(operator: str, left: Test, right: Test) -> Test:
    decisive = operator == "or"

    def joined(row: Row) -> bool | None:
        first = left(row)
        if first is decisive:
            return decisive
        second = right(row)
        if second is decisive:
            return decisive
        return None if first is None or second is None else not decisive

    return joined


def _compare(tenant: Tenant, entity: str, compare: Compare) -> Test:
    left, left_type = _operand(tenant, entity, compare.left)
    right, right_type = _operand(tenant, entity, compare.right)
    if "null" in (left_type, right_type):
        return _against_null(compare.operator, left if right_type == "null" else right)
    if left_type != right_type and not {left_type, right_type} <= _NUMBERS:
        raise refusals.incompatible(left_type, right_type, COMPARISONS[compare.operator])
    fold = left_type == "Edm.String" and tenant.switches.database == "sqlserver"
    relation = _RELATIONS[compare.operator]

    def compared(row: Row) -> bool | None:
        first, second = left(row), right(row)
        if first is None or second is None:
            return None
        if fold:
            return relation(str(first).casefold(), str(second).casefold())
        return relation(first, second)

    return compared


def _against_null(operator: str, read: Read) -> Test:
    if operator == "eq":
        return lambda row: read(row) is None
    if operator == "ne":
        return lambda row: read(row) is not None
    return lambda row: None


_RELATIONS: dict[str, Callable[[Any, Any], bool]] = {
    "eq": lambda a, b: a == b,
    "ne": lambda a, b: a != b,
    "gt": lambda a, b: a > b,
    "ge": lambda a, b: a >= b,
    "lt": lambda a, b: a < b,
    "le": lambda a, b: a <= b,
}


def _operand(tenant: Tenant, entity: str, operand: Operand) -> tuple[Read, str]:
    match operand:
        case Literal(value, edm):
            return (lambda row: value), edm
        case Path():
            read, column = compile_path(tenant, entity, operand)
            return read, column.edm
        case Call():
            return _call(tenant, entity, operand)


def _call(tenant: Tenant, entity: str, call: Call) -> tuple[Read, str]:
    known = MANY if tenant.switches.text_functions == "many" else FEW
    if call.function not in known:
        raise refusals.query_refused(f"An unknown function with name '{call.function}' was found.")
    two = call.function in ("contains", "startswith", "endswith")
    operands = [_operand(tenant, entity, argument) for argument in call.arguments]
    if len(operands) != (2 if two else 1) or any(edm != "Edm.String" for _, edm in operands):
        raise refusals.query_refused(
            f"No function signature for the function with name '{call.function}' matches the specified arguments."
        )
    apply = _FUNCTIONS[call.function]
    fold = two and tenant.switches.database == "sqlserver"

    def called(row: Row) -> Value:
        values = [read(row) for read, _ in operands]
        if any(value is None for value in values):
            return None
        return apply(*[str(value).casefold() if fold else str(value) for value in values])

    return called, "Edm.Boolean" if two else "Edm.String"


_FUNCTIONS: dict[str, Callable[..., Value]] = {
    "contains": lambda text, part: part in text,
    "startswith": lambda text, part: text.startswith(part),
    "endswith": lambda text, part: text.endswith(part),
    "tolower": lambda text: text.lower(),
    "toupper": lambda text: text.upper(),
    "trim": lambda text: text.strip(),
}
