"""The privileges that a statement needs, in words, and whether Terraform's grants have them.

`local/snowflake/needs.py` says what a statement needs; the emulated account enforces the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from sqlglot import Expr

from local.snowflake.grants import Grants
from local.snowflake.needs import ANY, OWNERSHIP, Context, Need, needs

# Schemas with grants of their own.
FIXED = ("LOADING", "PUBLIC")
_IN_ACCOUNT = ("WAREHOUSE", "RESOURCE MONITOR", "INTEGRATION", "ROLE", "USER", "ACCOUNT")
_SYSTEM = "INFORMATION_SCHEMA"
_SHOW_MONITOR = re.compile(r"\s*SHOW\s+RESOURCE\s+MONITORS\s+LIKE\s+'(\w+)'", re.IGNORECASE)


def privileges_of(sql: str, tree: Expr) -> frozenset[str]:
    """What a statement needs, for example `SELECT on table in RAW`.

    Names are left out, except those of the database and of Terraform's own schemas: `RAW.LOADING`.

    Args:
        sql: One statement, whose names are complete.
        tree: The same, parsed.
    """
    return frozenset(_words(need) for need in _needs(sql, tree))


def missing_grants(sql: str, tree: Expr, role: str, grants: Grants) -> list[str]:
    """What a statement needs and the role is not granted; an object is its own if it can make it.

    Args:
        sql: One statement, whose names are complete.
        tree: The same, parsed.
        role: The role's full name.
        grants: Terraform's grants.
    """
    return [missing for need in _needs(sql, tree) for missing in _missing(need, role, grants)]


def _needs(sql: str, tree: Expr) -> Iterator[Need]:
    yield from needs(sql, tree, Context(None, None))
    if found := _SHOW_MONITOR.match(sql):
        # SHOW refuses nothing: without the privilege, it answers without a row.
        yield Need("RESOURCE MONITOR", (found[1],), found[1], ("MONITOR",))


def _words(need: Need) -> str:
    if _SYSTEM in need.name:
        return f"USAGE on database {_short(need.name[0])}"
    kind = need.kind.lower()
    wanted = " or ".join("any privilege" if one == ANY else one for one in need.privileges)
    if need.kind in _IN_ACCOUNT:
        return f"{wanted} on {kind}"
    if need.kind == "DATABASE":
        return f"{wanted} on database {_short(need.name[0])}"
    text = f"{wanted} on {kind} in {_place(need)}"
    return f"{text}, if it exists" if need.creates else text


def _place(need: Need) -> str:
    database, *rest = need.name
    schema = rest[0] if rest else ""
    return f"{_short(database)}.{schema}" if schema in FIXED else _short(database)


def _short(database: str) -> str:
    """`RAW` of `RAW_DDRC_DEV`."""
    return database.partition("_DDRC_")[0] or "the current database"


def _missing(need: Need, role: str, grants: Grants) -> Iterator[str]:
    if need.kind in _IN_ACCOUNT:
        held = grants.on(role, " ".join([need.kind, *need.name[:1]]))
        if not held & {*need.privileges}:
            yield f"{_words(need)} ({'.'.join(need.name)})"
        return
    for size, kind in enumerate(("DATABASE", "SCHEMA")[: len(need.name) - 1], start=1):
        place = need.name[:size]
        if place[-1] != _SYSTEM and "USAGE" not in grants.on_object(role, kind, place):
            yield f"USAGE on {kind.lower()} {'.'.join(place)}"
    if _SYSTEM in need.name:
        return
    held = grants.on_object(role, _kind(need), need.name)
    if held & {*need.privileges} or (ANY in need.privileges and held):
        return
    if (OWNERSHIP in need.privileges or need.creates) and _may_make(need, role, grants):
        return
    yield f"{_words(need)} ({'.'.join(need.name)})"


def _kind(need: Need) -> str:
    """`VIEW` for the relations that are views: dbt's staging, and Terraform's own."""
    if need.kind != "TABLE":
        return need.kind
    database, schema, _ = need.name
    is_view = _short(database) == "TRANSFORM" or (_short(database), schema) == (
        "ANALYTICS",
        "PUBLIC",
    )
    return "VIEW" if is_view else "TABLE"


def _may_make(need: Need, role: str, grants: Grants) -> bool:
    if need.kind == "DATABASE":
        # Terraform makes the databases.
        return False
    container = "DATABASE" if need.kind == "SCHEMA" else "SCHEMA"
    return f"CREATE {need.kind}" in grants.on_object(role, container, need.name[:-1])
