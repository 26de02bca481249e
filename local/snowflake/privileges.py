"""Access control: a statement runs only if the session's role has the privileges that it needs.

A view is read with its owner's rights: only the view itself is checked. There are no secondary
roles.
https://docs.snowflake.com/en/user-guide/security-access-control-overview
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from fakesnow.expr import normalise_ident
from snowflake.connector.errors import Error, ProgrammingError
from sqlglot import Expr, exp

from local.snowflake.errors import compilation_error
from local.snowflake.future_owners import owner_of
from local.snowflake.grants import ACCOUNTADMIN, Grants
from local.snowflake.needs import ANY, OWNERSHIP, Context, Need, created, is_temporary, needs
from local.snowflake.owners import RELATIONS, Owners

if TYPE_CHECKING:
    from local.snowflake.account import Session

_ABOUT_DATABASE = re.compile(
    r"\s*(?P<verb>CREATE|DROP)\s+(?:OR\s+REPLACE\s+)?(?:TRANSIENT\s+)?DATABASE\s+(?!ROLE\b)"
    r"(?P<exists>IF\s+(?:NOT\s+)?EXISTS\s+)?(?P<name>\"[^\"]+\"|\w+)",
    re.IGNORECASE,
)
_IN_CATALOG = {
    "SCHEMA": "SELECT 1 FROM duckdb_schemas() WHERE database_name = ? AND schema_name = ?",
    "TABLE": (
        "SELECT 1 FROM (SELECT database_name, schema_name, table_name FROM duckdb_tables()"
        " UNION ALL SELECT database_name, schema_name, view_name FROM duckdb_views())"
        " WHERE database_name = ? AND schema_name = ? AND table_name = ?"
    ),
    "STAGE": (
        "SELECT 1 FROM _fs_global._fs_information_schema._fs_stages"
        " WHERE database_name = ? AND schema_name = ? AND name = ?"
    ),
}
# Kinds of objects that are not in a database.
_IN_ACCOUNT = (
    "WAREHOUSE", "RESOURCE MONITOR", "INTEGRATION", "ROLE", "USER", "NETWORK POLICY",
)  # fmt: skip
# What SNOWFLAKE's schemas hold is shared with ACCOUNTADMIN only.
_SHARED = "SNOWFLAKE"


def check(session: Session, command: str, tree: Expr) -> None:
    """Refuse a statement for which the session's role has not the privileges.

    Args:
        session: The session that is to run the statement.
        command: The statement's text.
        tree: The statement, parsed.

    Raises:
        ProgrammingError: An object is invisible to the role, or a privilege on it is missing.
    """
    if session.identity.role == ACCOUNTADMIN:
        return
    for need in needs(command, tree, Context(session.database, session.schema)):
        _check(session, need)


def record(session: Session, command: str, tree: Expr) -> None:
    """Record who owns what a statement has created, renamed or dropped."""
    owners, role = session.account.owners, session.identity.role
    context = Context(session.database, session.schema)
    if found := _ABOUT_DATABASE.match(command):
        name = (normalise_ident(found["name"]),)
        if found["verb"].upper() == "DROP":
            owners.drop("DATABASE", name)
        elif not (found["exists"] and owners.find("DATABASE", name)):
            owners.create("DATABASE", name, role)
            owners.create("SCHEMA", (*name, "PUBLIC"), role)
    elif made := created(tree, context):
        kind, full = made
        if is_temporary(tree):
            session.own.add((_namespace(kind), full))
        elif not (tree.args.get("exists") and owners.find(kind, full)):
            owners.create(kind, full, owner_of(session.account.grants, kind, full, role))
    elif isinstance(tree, exp.Drop):
        for need in needs(command, tree, context):
            own = (_namespace(need.kind), need.name)
            if own in session.own:
                session.own.discard(own)
            else:
                owners.drop(need.kind, need.name)
    elif isinstance(tree, exp.Alter):
        _record_names(session, tree)


def may_use_warehouse(session: Session, name: str) -> bool:
    """True if the session's role may run statements on a warehouse; false if there is none."""
    warehouse = session.account.warehouses.by_name.get(name)
    if warehouse is None:
        return False
    return (
        warehouse.owner in _roles(session)
        or bool(_granted(session, "WAREHOUSE", (name,)) & {"USAGE", "OPERATE"})
        or session.identity.role == ACCOUNTADMIN
    )


def is_visible(session: Session, kind: str, name: tuple[str, ...]) -> bool:
    """True if the session's role has any privilege on an object.

    Args:
        session: The session.
        kind: The object's kind, for example `WAREHOUSE`.
        name: Its full name, by parts.
    """
    if session.identity.role == ACCOUNTADMIN:
        return True
    return _owns(session, kind, name) or bool(_granted(session, kind, name))


def _check(session: Session, need: Need) -> None:
    if need.kind == "ACCOUNT":
        if not session.account.grants.on(session.identity.role, "ACCOUNT") & {*need.privileges}:
            raise _no_privilege("account", session.identity.account)
        return
    # A session without a current database or schema gets the engine's own error.
    if not all(need.name) or (_namespace(need.kind), need.name) in session.own:
        return
    _check_places(session, need)
    # Asked first: another session may create it in between, and this one may share its role.
    may_be_missing = need.creates or need.privileges == (OWNERSHIP,)
    if may_be_missing and not _exists(session, need):
        # Nothing is replaced, or the engine says that there is nothing.
        return
    if "INFORMATION_SCHEMA" in need.name[1:2] or _owns(session, need.kind, need.name):
        return
    granted = _granted(session, need.kind, need.name)
    if (ANY in need.privileges and granted) or granted & {*need.privileges}:
        return
    if granted:
        raise _no_privilege(_word(session, need), need.name[-1])
    raise _taken(need) if need.creates else _invisible(need)


def _check_places(session: Session, need: Need) -> None:
    """Refuse what is in a database or a schema that the role does not see."""
    if need.kind in _IN_ACCOUNT:
        return
    for size, kind in enumerate(("DATABASE", "SCHEMA")[: len(need.name) - 1], start=1):
        place = need.name[:size]
        if place[-1] != "INFORMATION_SCHEMA":
            within = Need(kind, place, ".".join(place), (ANY,), any_error=need.any_error)
            _check_visible(session, within)


def _check_visible(session: Session, need: Need) -> None:
    """Refuse an object within what the role does not see.

    https://docs.snowflake.com/en/sql-reference/sql/create-table#access-control-requirements: one
    privilege at least on the database, and one on the schema.
    """
    if need.name == (_SHARED,):
        if "IMPORTED PRIVILEGES" not in _granted(session, need.kind, need.name):
            raise _invisible(Need("SCHEMA", (), f"{_SHARED}.ACCOUNT_USAGE", ()))
    elif need.name[0] != _SHARED and not is_visible(session, need.kind, need.name):
        raise _invisible(need)


def _granted(session: Session, kind: str, name: tuple[str, ...]) -> set[str]:
    grants: Grants = session.account.grants
    role = session.identity.role
    if kind in _IN_ACCOUNT:
        return grants.on(role, f"{kind} {name[0]}")
    owned = session.account.owners.find(kind, name)
    return grants.on_object(role, owned.kind if owned else kind, name)


def _owns(session: Session, kind: str, name: tuple[str, ...]) -> bool:
    if kind == "WAREHOUSE":
        warehouse = session.account.warehouses.by_name.get(name[0])
        return warehouse is not None and warehouse.owner in _roles(session)
    if kind == "RESOURCE MONITOR":
        monitor = session.account.warehouses.monitors.get(name[0])
        return monitor is not None and monitor.owner in _roles(session)
    if kind in ("ROLE", "USER"):
        return f"CREATE {kind}" in session.account.grants.on(session.identity.role, "ACCOUNT")
    owners: Owners = session.account.owners
    if owned := owners.find(kind, name):
        return owned.role in _roles(session)
    return _may_have_made(session, kind, name)


def _may_have_made(session: Session, kind: str, name: tuple[str, ...]) -> bool:
    """True for an object of an earlier version, which recorded no owner, that the role can make."""
    query = _IN_CATALOG.get("TABLE" if kind in RELATIONS else kind)
    if query is None or not session.connection.execute(query, list(name)).fetchone():
        return False
    place = ("DATABASE" if kind == "SCHEMA" else "SCHEMA", name[:-1])
    return f"CREATE {kind}" in _granted(session, *place) or _owns(session, *place)


def _roles(session: Session) -> frozenset[str]:
    return session.account.grants.roles_of(session.identity.role)


def _exists(session: Session, need: Need) -> bool:
    """True if an object exists; one without an owner was made before owners were recorded."""
    if session.account.owners.find(need.kind, need.name):
        return True
    query = _IN_CATALOG.get("TABLE" if need.kind in RELATIONS else need.kind)
    if query is None:
        return need.kind not in ("FILE FORMAT", "SEQUENCE", "FUNCTION", "DATABASE")
    return session.connection.execute(query, list(need.name)).fetchone() is not None


def _record_names(session: Session, tree: exp.Alter) -> None:
    owners = session.account.owners
    if not isinstance(tree.this, exp.Table):
        return
    kind, old = str(tree.args["kind"]).upper(), session.full_name(tree.this)
    for action in tree.args["actions"]:
        if isinstance(action, exp.SwapTable):
            owners.swap(old, session.full_name(action.this))
        elif isinstance(action, exp.AlterRename) and isinstance(action.this, exp.Table):
            owners.rename(kind, old, session.full_name(action.this))


def _namespace(kind: str) -> str:
    return "TABLE" if kind in RELATIONS else kind


def _word(session: Session, need: Need) -> str:
    """The kind of object in an error: a view is called a view, however it is used."""
    owned = session.account.owners.find(need.kind, need.name)
    return (owned.kind if owned else need.kind).lower().replace("file format", "file_format")


def _invisible(need: Need) -> Error:
    if need.any_error:
        return compilation_error("Object does not exist, or operation cannot be performed.", 2043)
    is_relation = need.kind in RELATIONS
    word = "Object" if is_relation else need.kind.capitalize().replace("format", "format")
    return compilation_error(
        f"{word} '{need.written.upper() if not is_relation else need.written}'"
        " does not exist or not authorized.",
        2003,
        "42S02" if is_relation else "02000",
    )


def _taken(need: Need) -> Error:
    return compilation_error(
        f"Object '{'.'.join(need.name)}' already exists, but current role has no privileges on it."
        " If this is unexpected and you cannot resolve this problem, contact your system"
        " administrator. ACCOUNTADMIN role may be required to manage the privileges on the object.",
        3041,
        "42710",
    )


def _no_privilege(kind: str, name: str) -> Error:
    return ProgrammingError(
        msg=f"SQL access control error:\nInsufficient privileges to operate on {kind} '{name}'",
        errno=3001,
        sqlstate="42501",
    )
