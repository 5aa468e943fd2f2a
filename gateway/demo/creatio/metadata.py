"""`$metadata`: the model as CSDL, whole or of one entity."""

from collections.abc import Iterable
from xml.sax.saxutils import quoteattr

from gateway.demo.creatio.schema import Entity, Schema

_NAMESPACE = "Terrasoft.Configuration.OData"


def describe(schema: Schema, names: Iterable[str]) -> str:
    """CSDL of these entities, in an Edmx envelope."""
    entities = [schema.entities[name] for name in names]
    types = "".join(_entity_type(schema, entity) for entity in entities)
    sets = "".join(f'<EntitySet Name="{e.name}" EntityType="{_NAMESPACE}.{e.name}" />' for e in entities)
    return (
        '<?xml version="1.0" encoding="utf-8"?>'
        '<edmx:Edmx Version="4.0" xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx"><edmx:DataServices>'
        f'<Schema Namespace="{_NAMESPACE}" xmlns="http://docs.oasis-open.org/odata/ns/edm">{types}</Schema>'
        '<Schema Namespace="Default" xmlns="http://docs.oasis-open.org/odata/ns/edm">'
        f'<EntityContainer Name="Container">{sets}</EntityContainer></Schema>'
        "</edmx:DataServices></edmx:Edmx>"
    )


def _entity_type(schema: Schema, entity: Entity) -> str:
    properties = "".join(
        f'<Property Name={quoteattr(name)} Type="{column.edm}"'
        + (' Nullable="false"' if name == "Id" or column.required else "")
        + (f' MaxLength="{column.length}"' if column.length else "")
        + " />"
        for name, column in entity.properties.items()
    )
    navigations = "".join(
        f'<NavigationProperty Name={quoteattr(name)} Type="{_NAMESPACE}.{column.lookup}" Partner="{column.odata}">'
        f'<ReferentialConstraint Property="{column.odata}" ReferencedProperty="Id" /></NavigationProperty>'
        for name, column in entity.navigations.items()
    )
    children = "".join(
        f'<NavigationProperty Name={quoteattr(name)} Type="Collection({_NAMESPACE}.{child})" />'
        for name, (child, _) in schema.children(entity.name).items()
    )
    key = '<Key><PropertyRef Name="Id" /></Key>'
    return f'<EntityType Name="{entity.name}">{key}{properties}{navigations}{children}</EntityType>'
