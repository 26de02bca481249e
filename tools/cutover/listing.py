"""Lists what the account has under this project's names, and what it means for the cutover."""

from __future__ import annotations

from collections.abc import Iterator

from tools.cutover.account import Account, Row
from tools.cutover.future_grants import plural
from tools.cutover.names import LEGACY, Names, is_terraforms
from tools.cutover.rename import OWN_COLUMN

_NAMED = ("ROLES", "USERS", "WAREHOUSES", "RESOURCE MONITORS", "NETWORK POLICIES", "INTEGRATIONS")


def lines(account: Account, names: Names) -> Iterator[str]:
    """The list, line by line; read only."""
    databases = account.named("DATABASES", names.suffix)
    yield "DATABASES"
    yield from _rows(databases)
    existing = [one["name"] for one in databases if one["name"] in names.databases.values()]
    for database in existing:
        yield from _database(account, names, database)
    for kind in _NAMED:
        yield kind
        yield from _rows(account.named(kind, names.suffix), marked=kind in ("ROLES", "WAREHOUSES"))
    yield f"{account.count} statements were sent; nothing was changed."


def _database(account: Account, names: Names, database: str) -> Iterator[str]:
    own = account.tables_with(OWN_COLUMN, database)
    relations: dict[str, list[Row]] = {}
    for one in account.relations(database):
        relations.setdefault(one["schema_name"], []).append(one)
    yield f"SCHEMAS AND TABLES of {database}"
    for schema in account.within("SCHEMAS", database):
        yield f"  {schema['name']}, of {schema['owner'] or 'nobody'}"
        for one in sorted(relations.get(schema["name"], []), key=lambda one: str(one["name"])):
            kind = "view" if one.get("rows") is None else f"{one['rows']:,} rows"
            owner = one["owner"] or "nobody"
            yield f"    {one['name']}: {kind}, of {owner}{_state(names, own, one)}"
    for kind in ("STAGES", "FILE FORMATS"):
        found = account.within(kind, database)
        if found:
            yield f"{kind} of {database}"
            yield from _rows(found)
    yield f"FUTURE GRANTS in {database}"
    grants = account.future_grants(database)
    for grant in sorted(grants, key=lambda one: (one["grantee_name"], one["grant_on"])):
        yield f"  {grant['privilege']} on future {plural(grant)} to {grant['grantee_name']}"


def _state(names: Names, own: set[tuple[str, str]], one: Row) -> str:
    schema = str(one["schema_name"])
    if schema in names.synced_schemas:
        return "; Fivetran's"
    if schema in names.loaded_schemas and (schema, one["name"]) not in own:
        return f"; the earlier project's: it has no {OWN_COLUMN}"
    return "; renamed" if schema.endswith(LEGACY) else ""


def _rows(rows: list[Row], *, marked: bool = False) -> Iterator[str]:
    for one in sorted(rows, key=lambda one: str(one["name"])):
        owner = f", of {one['owner']}" if one.get("owner") else ""
        mark = "; Terraform's" if marked and is_terraforms(one.get("comment")) else ""
        yield f"  {one['name']}{owner}{mark}"
    if not rows:
        yield "  none"
