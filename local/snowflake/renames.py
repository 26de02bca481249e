"""`ALTER … RENAME TO` of schemas, stages, roles, users and warehouses, and of tables into a schema.

DuckDB renames no schemas and moves no tables, so what they hold is copied, in one transaction.
https://docs.snowflake.com/en/sql-reference/sql/alter-schema
"""

from __future__ import annotations

import re
from collections.abc import Collection

import duckdb
from snowflake.connector.errors import Error

from local.snowflake.account import Session
from local.snowflake.described import parts
from local.snowflake.errors import compilation_error, unsupported
from local.snowflake.sql import NAME, SUCCESS, quoted

_RENAME = re.compile(
    r"\s*ALTER\s+(?P<kind>SCHEMA|TABLE|STAGE|ROLE|USER|WAREHOUSE)\s+(?P<exists>IF\s+EXISTS\s+)?"
    rf"(?P<old>{NAME})\s+RENAME\s+TO\s+(?P<new>{NAME})\s*;?\s*$",
    re.IGNORECASE,
)
_NAMED = re.compile(r"CREATE (?:TABLE|VIEW) (?:\"(?:[^\"]|\"\")+\"|[\w$.])+")
_EXTRAS = ("_fs_tables_ext", "_fs_columns_ext")
Full = tuple[str, ...]


def rename(session: Session, command: str) -> str | None:
    """Rename an object; `None` for another statement, or for a table within its schema.

    Raises:
        ProgrammingError: The object does not exist, or its new name is taken.
    """
    if (found := _RENAME.match(command)) is None:
        return None
    kind, old, new = found["kind"].upper(), parts(found["old"]), parts(found["new"])
    if kind in ("ROLE", "USER", "WAREHOUSE"):
        _account_object(session, kind, old[0], new[0])
        return SUCCESS
    size = 2 if kind == "SCHEMA" else 3
    place = (session.database or "", session.schema or "")
    old, new = ((*place[: size - len(one)], *one) for one in (old, new))
    if kind == "TABLE" and old[:-1] == new[:-1]:
        return None
    if old[0] != new[0]:
        raise unsupported("a rename into another database")
    _check_names(session, kind, old, new, exists=bool(found["exists"]))
    if kind == "STAGE":
        session.connection.execute(
            "UPDATE _fs_global._fs_information_schema._fs_stages SET schema_name = ?, name = ?"
            " WHERE database_name = ? AND schema_name = ? AND name = ?",
            [*new[1:], *old],
        )
        session.account.owners.rename(kind, old, new)
    elif kind == "TABLE":
        _move(session.connection, [("TABLE", old[-1], new[-1])], old[:2], new[:2])
    else:
        _schema(session, old, new)
    session.account.described.rename(kind, old, new)
    return SUCCESS


def _schema(session: Session, old: Full, new: Full) -> None:
    connection = session.connection
    found = [
        (kind, str(name), str(name))
        for kind in ("TABLE", "VIEW")
        for (name,) in connection.execute(
            f"SELECT {kind.lower()}_name FROM duckdb_{kind.lower()}s()"  # noqa: S608
            " WHERE database_name = ? AND schema_name = ?",
            list(old),
        ).fetchall()
    ]
    _move(connection, found, old, new, whole=True)
    for table in (*_EXTRAS, "_fs_stages", "_fs_file_formats"):
        columns = ("ext_table_schema", "ext_table_catalog") if table in _EXTRAS else (
            "schema_name", "database_name")  # fmt: skip
        connection.execute(
            f"UPDATE _fs_global._fs_information_schema.{table} SET {columns[0]} = ?"  # noqa: S608
            f" WHERE {columns[0]} = ? AND {columns[1]} = ?",
            [new[1], old[1], old[0]],
        )
    session.account.owners.rename("SCHEMA", old, new)
    session.account.grants.rename_object(".".join(old), ".".join(new))


def _move(
    connection: duckdb.DuckDBPyConnection,
    found: list[tuple[str, str, str]],
    old: Full,
    new: Full,
    *,
    whole: bool = False,
) -> None:
    """Copy relations to another schema and drop the originals, or their whole schema."""
    connection.begin()
    try:
        if whole:
            connection.execute(f"CREATE SCHEMA {quoted(*new)}")
        for kind, before, after in found:
            (sql,) = connection.execute(
                f"SELECT sql FROM duckdb_{kind.lower()}s() WHERE database_name = ?"  # noqa: S608
                f" AND schema_name = ? AND {kind.lower()}_name = ?",
                [*old, before],
            ).fetchone() or ("",)
            target = quoted(*new, after)
            definition = f"CREATE {kind} {target}{_NAMED.sub('', sql, count=1)}"
            connection.execute(definition)
            if kind == "TABLE":
                source = quoted(*old, before)
                connection.execute(f"INSERT INTO {target} SELECT * FROM {source}")  # noqa: S608
            if not whole:
                connection.execute(f"DROP {kind} {quoted(*old, before)}")
        if whole:
            connection.execute(f"DROP SCHEMA {quoted(*old)} CASCADE")
    except BaseException:
        connection.rollback()
        raise
    connection.commit()


def _check_names(session: Session, kind: str, old: Full, new: Full, *, exists: bool) -> None:
    if not _is_there(session, kind, old) and not exists:
        raise _missing(kind, ".".join(old))
    if _is_there(session, kind, new):
        raise compilation_error(f"Object '{'.'.join(new)}' already exists.", 2002, "42710")
    if kind != "SCHEMA" and not _is_there(session, "SCHEMA", new[:2]):
        raise _missing("SCHEMA", ".".join(new[:2]))


def _is_there(session: Session, kind: str, name: Full) -> bool:
    where = {
        "SCHEMA": "duckdb_schemas() WHERE database_name = ? AND schema_name = ?",
        "TABLE": "duckdb_tables() WHERE database_name = ? AND schema_name = ? AND table_name = ?",
        "STAGE": "_fs_global._fs_information_schema._fs_stages"
        " WHERE database_name = ? AND schema_name = ? AND name = ?",
    }[kind]
    query = f"SELECT 1 FROM {where}"  # noqa: S608
    return session.connection.execute(query, list(name)).fetchone() is not None


def _account_object(session: Session, kind: str, old: str, new: str) -> None:
    account = session.account
    by_kind: dict[str, Collection[str]] = {
        "ROLE": account.grants.parents,
        "USER": account.grants.users,
        "WAREHOUSE": account.warehouses.by_name,
    }
    known = by_kind[kind]
    if old not in known:
        raise _missing(kind, old)
    if new in known:
        raise compilation_error(f"Object '{new}' already exists.", 2002, "42710")
    if kind == "ROLE":
        account.grants.rename_role(old, new)
        account.owners.rename_role(old, new)
        for session_ in account.sessions.values():
            if session_.identity.role == old:
                session_.identity.role = new
    elif kind == "USER":
        account.grants.users[new] = account.grants.users.pop(old)
    else:
        with account.warehouses.lock:
            moved = account.warehouses.by_name.pop(old)
            moved.name = new
            account.warehouses.by_name[new] = moved
            account.warehouses.save()
        account.grants.rename_object(old, new)
    account.described.rename(kind, (old,), (new,))


def _missing(kind: str, name: str) -> Error:
    return compilation_error(f"{kind.capitalize()} '{name}' does not exist or not authorized.")
