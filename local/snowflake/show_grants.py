"""`SHOW GRANTS TO ROLE`: what a role may do, what it owns, and the roles that it inherits.

Grants on future objects are not listed, as in Snowflake; `SHOW FUTURE GRANTS` has those.
https://docs.snowflake.com/en/sql-reference/sql/show-grants
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from fakesnow.expr import normalise_ident

from local.snowflake.account import Session
from local.snowflake.errors import compilation_error
from local.snowflake.grants import ACCOUNTADMIN, PUBLIC
from local.snowflake.sql import escaped

COLUMNS = (
    "created_on", "privilege", "granted_on", "name", "granted_to", "grantee_name", "grant_option",
    "granted_by",
)  # fmt: skip
_SHOW = re.compile(
    r"\s*SHOW\s+GRANTS\s+TO\s+ROLE\s+(?P<role>\"[^\"]+\"|\w+)\s*;?\s*$", re.IGNORECASE
)
_IN_PLURAL = re.compile(r"(?:ALL|FUTURE) SCHEMAS IN DATABASE (\S+)")
_KINDS = re.compile(r"(RESOURCE MONITOR|FILE FORMAT|NETWORK POLICY|INTEGRATION|\w+) (.+)")

# The privilege, the kind of object and its name.
Granted = tuple[str, str, str]


def show(session: Session, command: str) -> str | None:
    """The grants to a role, as a query; `None` for any other statement.

    Raises:
        ProgrammingError: The role does not exist, or the session's role does not inherit it.
    """
    if (found := _SHOW.match(command)) is None:
        return None
    role, grants = normalise_ident(found["role"]), session.account.grants
    own = grants.roles_of(session.identity.role)
    sees_all = session.identity.role == ACCOUNTADMIN or "MANAGE GRANTS" in grants.on(
        session.identity.role, "ACCOUNT"
    )
    if role not in grants.parents or not (sees_all or role in own or role == PUBLIC):
        raise compilation_error(f"Role '{role}' does not exist or not authorized.")
    rows = sorted({*_privileges(session, role), *_owned(session, role), *_inherited(session, role)})
    queries = [_query(role, row) for row in rows]
    nothing = ", ".join(f'NULL::VARCHAR AS "{column}"' for column in COLUMNS)
    return " UNION ALL ".join(queries) or f"SELECT {nothing} LIMIT 0"


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


def _query(role: str, row: Granted) -> str:
    privilege, kind, name = row
    values = (None, privilege, kind, name, "ROLE", role, "false", "")
    return "SELECT " + ", ".join(
        ("NULL" if value is None else f"'{escaped(value)}'") + f'::VARCHAR AS "{column}"'
        for column, value in zip(COLUMNS, values, strict=True)
    )
