"""`SHOW` of databases, schemas, tables, views, stages, roles, users, policies and integrations.

fakesnow's own list no owners, no row counts and no LIKE. Only the columns that a client here reads
are filled: https://docs.snowflake.com/en/sql-reference/sql/show
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from local.snowflake.account import Session
from local.snowflake.described import Description, parts
from local.snowflake.errors import compilation_error
from local.snowflake.privileges import is_visible
from local.snowflake.show_rows import is_like, now, rows_query
from local.snowflake.sql import NAME, quoted

_SHOW = re.compile(
    r"\s*SHOW\s+(?P<kind>DATABASES|SCHEMAS|TABLES|VIEWS|STAGES|FILE\s+FORMATS|ROLES|USERS|"
    r"NETWORK\s+POLICIES|(?:STORAGE\s+)?INTEGRATIONS)(?:\s+LIKE\s+'(?P<like>[^']*)')?"
    rf"(?:\s+IN\s+(?P<place>DATABASE|SCHEMA)\s+(?P<name>{NAME}))?\s*;?\s*$",
    re.IGNORECASE,
)
_IN_PLACE = ("SCHEMAS", "TABLES", "VIEWS", "STAGES", "FILE FORMATS")
_HIDDEN = ("main", "information_schema", "pg_catalog")
COLUMNS = {
    "DATABASES": ("created_on", "name", "owner", "comment", "retention_time"),
    "SCHEMAS": ("created_on", "name", "database_name", "owner", "comment"),
    "TABLES": (
        "created_on", "name", "database_name", "schema_name", "kind", "comment", "rows", "owner",
    ),
    "VIEWS": ("created_on", "name", "database_name", "schema_name", "owner", "comment", "text"),
    "STAGES": (
        "created_on", "name", "database_name", "schema_name", "url", "owner", "comment", "type",
        "storage_integration",
    ),
    "FILE FORMATS": (
        "created_on", "name", "database_name", "schema_name", "type", "owner", "comment",
    ),
    "ROLES": ("created_on", "name", "owner", "comment"),
    "USERS": ("name", "created_on", "default_warehouse", "default_role", "owner", "comment"),
    "NETWORK POLICIES": ("created_on", "name", "comment"),
    "INTEGRATIONS": ("name", "type", "category", "enabled", "comment", "created_on"),
}  # fmt: skip
Row = tuple[object, ...]


def show(session: Session, command: str) -> str | None:
    """The objects as a query; `None` for any other statement.

    Raises:
        ProgrammingError: The database or the schema does not exist.
    """
    if (found := _SHOW.match(command)) is None:
        return None
    kind = " ".join(found["kind"].upper().split()).removeprefix("STORAGE ")
    if (kind in _IN_PLACE) != bool(found["name"]):
        # Without a place, fakesnow lists those of the current one.
        return None
    place = parts(found["name"] or "")
    if place and place[0] not in session.account.engine.databases():
        name = ".".join(place)
        raise compilation_error(f"Database '{name}' does not exist or not authorized.")
    listed = {
        "DATABASES": _databases, "SCHEMAS": _schemas, "TABLES": _tables, "VIEWS": _views,
        "STAGES": _stages, "FILE FORMATS": _file_formats, "ROLES": _roles, "USERS": _users,
        "NETWORK POLICIES": _policies, "INTEGRATIONS": _integrations,
    }[kind]  # fmt: skip
    columns = COLUMNS[kind]
    at = columns.index("name")
    pattern = found["like"] or "%"
    rows = [row for row in listed(session, place) if is_like(str(row[at]), pattern)]
    return rows_query(columns, sorted(rows, key=lambda row: str(row[at])), {"rows"})


def _databases(session: Session, place: tuple[str, ...]) -> Iterator[Row]:
    for name in session.account.engine.databases():
        if is_visible(session, "DATABASE", (name,)):
            yield now(), name, _owner(session, "DATABASE", (name,)), "", "1"


def _schemas(session: Session, place: tuple[str, ...]) -> Iterator[Row]:
    yield now(), "INFORMATION_SCHEMA", place[0], "", "Views describing the contents of schemas"
    query = "SELECT schema_name FROM duckdb_schemas() WHERE database_name = ?"
    for (name,) in session.connection.execute(query, [place[0]]).fetchall():
        hidden = name in _HIDDEN or name.startswith("_fs")
        if not hidden and is_visible(session, "SCHEMA", (place[0], name)):
            yield now(), name, place[0], _owner(session, "SCHEMA", (place[0], name)), ""


def _tables(session: Session, place: tuple[str, ...]) -> Iterator[Row]:
    for name, comment, temporary in _relations(session, "table", "temporary", place):
        query = f"SELECT COUNT(*) FROM {quoted(*name)}"  # noqa: S608
        (count,) = session.connection.execute(query).fetchone() or (None,)
        owner = _owner(session, "TABLE", name)
        kind = "TEMPORARY" if temporary else "TABLE"
        yield now(), name[2], name[0], name[1], kind, comment, count, owner


def _views(session: Session, place: tuple[str, ...]) -> Iterator[Row]:
    for name, comment, text in _relations(session, "view", "sql", place):
        yield now(), name[2], name[0], name[1], _owner(session, "VIEW", name), comment, text


def _relations(
    session: Session, kind: str, third: str, place: tuple[str, ...]
) -> Iterator[tuple[tuple[str, str, str], str, object]]:
    query = (
        f"SELECT schema_name, {kind}_name, comment, {third} FROM duckdb_{kind}s()"  # noqa: S608
        " WHERE NOT internal AND database_name = ?"
    )
    for schema, name, comment, extra in session.connection.execute(query, [place[0]]).fetchall():
        full = (place[0], schema, name)
        wanted = (
            schema not in _HIDDEN and not schema.startswith("_fs") and full[: len(place)] == place
        )
        if wanted and not name.startswith("_fs") and is_visible(session, "TABLE", full):
            yield full, comment or "", extra


def _stages(session: Session, place: tuple[str, ...]) -> Iterator[Row]:
    query = (
        "SELECT schema_name, name, url, type FROM _fs_global._fs_information_schema._fs_stages"
        " WHERE database_name = ?"
    )
    for schema, name, url, type_ in session.connection.execute(query, [place[0]]).fetchall():
        full = (place[0], schema, name)
        if full[: len(place)] == place and is_visible(session, "STAGE", full):
            found = _description(session, "STAGE", full)
            owner = _owner(session, "STAGE", full)
            yield (
                now(), name, place[0], schema, url, owner, found.comment, type_,
                found.integration or None,
            )  # fmt: skip


def _file_formats(session: Session, place: tuple[str, ...]) -> Iterator[Row]:
    query = (
        "SELECT schema_name, name, type, comment"
        " FROM _fs_global._fs_information_schema._fs_file_formats WHERE database_name = ?"
    )
    for schema, name, type_, comment in session.connection.execute(query, [place[0]]).fetchall():
        full = (place[0], schema, name)
        if full[: len(place)] == place and is_visible(session, "FILE FORMAT", full):
            owner = _owner(session, "FILE FORMAT", full)
            yield now(), name, place[0], schema, type_, owner, comment or ""


def _roles(session: Session, place: tuple[str, ...]) -> Iterator[Row]:
    for name in session.account.grants.parents:
        found = _description(session, "ROLE", (name,))
        yield now(), name, found.owner, found.comment


def _users(session: Session, place: tuple[str, ...]) -> Iterator[Row]:
    for name, user in session.account.grants.users.items():
        found = _description(session, "USER", (name,))
        yield name, now(), user.default_warehouse, user.default_role, found.owner, found.comment


def _policies(session: Session, place: tuple[str, ...]) -> Iterator[Row]:
    for (kind, name), found in session.account.described.items():
        if kind == "NETWORK POLICY":
            yield now(), name[0], found.comment


def _integrations(session: Session, place: tuple[str, ...]) -> Iterator[Row]:
    for (kind, name), found in session.account.described.items():
        if kind == "INTEGRATION" and is_visible(session, kind, name):
            yield name[0], "EXTERNAL_STAGE", "STORAGE", "true", found.comment, now()


def _owner(session: Session, kind: str, name: tuple[str, ...]) -> str:
    owned = session.account.owners.find(kind, name)
    return owned.role if owned else ""


def _description(session: Session, kind: str, name: tuple[str, ...]) -> Description:
    return session.account.described.get((kind, name)) or Description("")
