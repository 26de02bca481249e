"""`SHOW GRANTS TO ROLE`, `SHOW GRANTS ON` an object and `SHOW FUTURE GRANTS`.

The grants to a role are what it may do, what it owns, and the roles that it inherits; not those on
future objects, as in Snowflake.
https://docs.snowflake.com/en/sql-reference/sql/show-grants
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from fakesnow.expr import normalise_ident

from local.snowflake.account import Session
from local.snowflake.described import parts
from local.snowflake.errors import compilation_error
from local.snowflake.grants import ACCOUNTADMIN, PUBLIC
from local.snowflake.show_rows import now, rows_query
from local.snowflake.sql import NAME

COLUMNS = (
    "created_on", "privilege", "granted_on", "name", "granted_to", "grantee_name", "grant_option",
    "granted_by",
)  # fmt: skip
FUTURE_COLUMNS = (
    "created_on", "privilege", "grant_on", "name", "grant_to", "grantee_name", "grant_option",
)  # fmt: skip
_SHOW_TO = re.compile(
    r"\s*SHOW\s+GRANTS\s+TO\s+ROLE\s+(?P<role>\"[^\"]+\"|\w+)\s*;?\s*$", re.IGNORECASE
)
_SHOW_ON = re.compile(
    r"\s*SHOW\s+GRANTS\s+ON\s+(?P<kind>DATABASE|SCHEMA|TABLE|VIEW|STAGE|WAREHOUSE|ROLE|INTEGRATION)"
    rf"\s+(?P<name>{NAME})\s*;?\s*$",
    re.IGNORECASE,
)
_SHOW_FUTURE = re.compile(
    rf"\s*SHOW\s+FUTURE\s+GRANTS\s+IN\s+(?P<kind>DATABASE|SCHEMA)\s+(?P<name>{NAME})\s*;?\s*$",
    re.IGNORECASE,
)
_FUTURE = re.compile(r"FUTURE (?P<plural>.+) IN (?P<place>DATABASE|SCHEMA) (?P<name>\S+)")
_IN_PLURAL = re.compile(r"(?:ALL|FUTURE) SCHEMAS IN DATABASE (\S+)")
_KINDS = re.compile(r"(RESOURCE MONITOR|FILE FORMAT|NETWORK POLICY|INTEGRATION|\w+) (.+)")

# The privilege, the kind of object and its name.
Granted = tuple[str, str, str]


def show(session: Session, command: str) -> str | None:
    """The grants, as a query; `None` for any other statement.

    Raises:
        ProgrammingError: The role does not exist, or the session's role does not inherit it.
    """
    if found := _SHOW_TO.match(command):
        return rows_query(COLUMNS, sorted(_to(session, normalise_ident(found["role"]))))
    if found := _SHOW_ON.match(command):
        rows = sorted(_on(session, found["kind"].upper(), parts(found["name"])))
        return rows_query(COLUMNS, rows)
    if found := _SHOW_FUTURE.match(command):
        name = ".".join(parts(found["name"]))
        return rows_query(FUTURE_COLUMNS, sorted(_future(session, found["kind"].upper(), name)))
    return None


def _to(session: Session, role: str) -> Iterator[tuple[str, ...]]:
    grants, at = session.account.grants, now()
    own = grants.roles_of(session.identity.role)
    sees_all = session.identity.role == ACCOUNTADMIN or "MANAGE GRANTS" in grants.on(
        session.identity.role, "ACCOUNT"
    )
    if role not in grants.parents or not (sees_all or role in own or role == PUBLIC):
        raise compilation_error(f"Role '{role}' does not exist or not authorized.")
    for granted in {
        *_privileges(session, role),
        *_owned(session, role),
        *_inherited(session, role),
    }:
        yield (at, *granted, "ROLE", role, "false", "")


def _privileges(session: Session, role: str) -> Iterator[Granted]:
    for on, privileges in session.account.grants.privileges[role].items():
        for privilege in privileges:
            if found := _IN_PLURAL.match(on):
                for schema in _schemas(session, found[1]):
                    yield privilege, "SCHEMA", f"{found[1]}.{schema}"
            elif not on.startswith(("ALL ", "FUTURE ")) and (named := _KINDS.fullmatch(on)):
                yield privilege, named[1].replace(" ", "_"), named[2]


def _schemas(session: Session, database: str) -> list[str]:
    found = session.connection.execute(
        "SELECT schema_name FROM duckdb_schemas() WHERE database_name = ?"
        " AND schema_name NOT IN ('main', 'information_schema', 'pg_catalog')",
        [database],
    )
    return [str(name) for (name,) in found.fetchall()]


def _owned(session: Session, role: str) -> Iterator[Granted]:
    for kind, name in session.account.owners.of(role):
        yield "OWNERSHIP", kind.replace(" ", "_"), ".".join(name)


def _inherited(session: Session, role: str) -> Iterator[Granted]:
    for one, parents in session.account.grants.parents.items():
        if role in parents:
            yield "USAGE", "ROLE", one


def _future(session: Session, place: str, name: str) -> Iterator[tuple[str, ...]]:
    at = now()
    for role, of in session.account.grants.privileges.items():
        for on, privileges in of.items():
            found = _FUTURE.fullmatch(on)
            if found and (found["place"], found["name"]) == (place, name):
                kind = found["plural"].removesuffix("S").replace(" ", "_")
                for privilege in privileges:
                    yield (at, privilege, kind, f"{name}.<{kind}>", "ROLE", role, "false")


def _on(session: Session, kind: str, name: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    at, written = now(), ".".join(name)
    if owned := session.account.owners.find(kind, name):
        yield (at, "OWNERSHIP", kind, written, "ROLE", owned.role, "true", owned.role)
    for role, of in session.account.grants.privileges.items():
        for privilege in of.get(f"{kind} {written}", ()):
            yield (at, privilege, kind, written, "ROLE", role, "false", "")
