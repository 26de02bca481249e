"""The privileges that each statement needs, from its tree.

https://docs.snowflake.com/en/user-guide/security-access-control-privileges
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from fakesnow.dialect import parse_one
from fakesnow.expr import normalise_ident
from sqlglot import Expr, exp

from local.snowflake.classify import is_unload
from local.snowflake.owners import RELATIONS
from local.snowflake.sql import NAME, PART, full_name, identifier

OWNERSHIP = "OWNERSHIP"
# Any privilege on the object: it is visible.
ANY = "ANY"
_NAMES = rf"(?P<name>{NAME})"
# Kinds of objects of the account and the privilege that creates one.
_IN_ACCOUNT = {
    "DATABASE": "CREATE DATABASE",
    "WAREHOUSE": "CREATE WAREHOUSE",
    "ROLE": "CREATE ROLE",
    "USER": "CREATE USER",
    "NETWORK POLICY": "CREATE NETWORK POLICY",
    "RESOURCE MONITOR": "CREATE RESOURCE MONITOR",
    "INTEGRATION": "CREATE INTEGRATION",
}
_ABOUT_ACCOUNT = re.compile(
    r"\s*(?P<verb>CREATE|ALTER|DROP|UNDROP)\s+(?P<replace>OR\s+REPLACE\s+)?(?:TRANSIENT\s+)?"
    r"(?:(?:STORAGE|NOTIFICATION|SECURITY|API|CATALOG)\s+)?"
    r"(?P<kind>DATABASE(?!\s+ROLE)|WAREHOUSE|ROLE|USER|NETWORK\s+POLICY|RESOURCE\s+MONITOR|"
    rf"INTEGRATION|ACCOUNT)\s+(?:IF\s+(?:NOT\s+)?EXISTS\s+)?{_NAMES}(?P<rest>.*)$",
    re.IGNORECASE | re.DOTALL,
)
# Statements of which sqlglot parses only the first word.
_ON_OBJECT = re.compile(
    r"\s*(?P<verb>ALTER|DROP|UNDROP|COMMENT\s+ON)\s+(?:IF\s+EXISTS\s+)?(?P<kind>TABLE|VIEW|SCHEMA|"
    rf"STAGE|FILE\s+FORMAT|SEQUENCE)\s+(?:IF\s+EXISTS\s+)?{_NAMES}",
    re.IGNORECASE,
)
_ABOUT_GRANTS = re.compile(r"\s*(?:GRANT|REVOKE)\s", re.IGNORECASE)
_STAGE_COMMAND = re.compile(r"\s*(?P<verb>REMOVE|RM|GET)\s+'?(?P<stage>@[^\s;']+)", re.IGNORECASE)
_EXPLAIN = re.compile(r"\s*EXPLAIN\s+(?:USING\s+\w+\s+)?", re.IGNORECASE)
_INTEGRATION = re.compile(rf"\bSTORAGE_INTEGRATION\s*=\s*({PART})", re.IGNORECASE)
_FORMAT_NAME = re.compile(rf"\bFORMAT_NAME\s*=\s*'?({NAME})", re.IGNORECASE)


@dataclass(frozen=True)
class Need:
    """One object that a statement uses.

    Attributes:
        kind: Its kind; `TABLE` for a view too.
        name: Its full name, by parts.
        written: Its name as the statement has it.
        privileges: One of these is needed; the owner has each.
        creates: The statement creates it, so it need not exist.
        any_error: Snowflake says only that the object does not exist or cannot be used.
    """

    kind: str
    name: tuple[str, ...]
    written: str
    privileges: tuple[str, ...]
    creates: bool = False
    any_error: bool = False


@dataclass(frozen=True)
class Context:
    """The names that a statement leaves out: the current database and schema."""

    database: str | None
    schema: str | None


def needs(command: str, tree: Expr, context: Context) -> Iterator[Need]:  # noqa: PLR0912
    """The objects that a statement uses, and how.

    Args:
        command: The statement's text.
        tree: The statement, parsed.
        context: The session's current database and schema.
    """
    if by_text := list(_needs_by_text(command, tree, context)):
        yield from by_text
        return
    match tree:
        case exp.Create():
            yield from _of_create(command, tree, context)
        case exp.Drop():
            kind = str(tree.args["kind"]).upper()
            for table in tree.args.get("tables") or []:
                yield from _on(kind, table, context, OWNERSHIP)
        case exp.Alter() if tree.args.get("kind") != "SESSION":
            yield from _of_alter(tree, context)
        case exp.Comment():
            yield from _of_comment(tree, context)
        case exp.Describe():
            yield from _of_describe(tree, context)
        case exp.Use():
            yield from _of_use(tree, context)
        case exp.Copy():
            yield from _of_copy(command, tree, context)
        case exp.Put():
            yield from _on_stage(tree.args["target"].name, context, "WRITE")
        case exp.ListStage():
            yield from _on_stage(tree.name, context, "USAGE", "READ")
        case exp.TruncateTable():
            for table in tree.expressions:
                yield from _on("TABLE", table, context, "TRUNCATE", OWNERSHIP)
        case exp.Insert() | exp.Update() | exp.Delete() | exp.Merge():
            yield from _of_change(tree, context)
        case exp.Show():
            if isinstance(scope := tree.args.get("scope"), exp.Table):
                kind = str(tree.args.get("scope_kind") or "")
                if kind in ("DATABASE", "SCHEMA"):
                    yield from _on(kind, _place(kind, scope), context, ANY, any_error=True)
        case exp.Query():
            yield from _reads(tree, context)


def created(tree: Expr, context: Context) -> tuple[str, tuple[str, ...]] | None:
    """The kind and the name of what a CREATE makes; `None` for any other statement."""
    if not isinstance(tree, exp.Create):
        return None
    kind = str(tree.args["kind"]).upper()
    table = tree.this if isinstance(tree.this, exp.Table) else tree.this.find(exp.Table)
    return None if table is None else (kind, _name(kind, table, context))


def is_temporary(tree: Expr) -> bool:
    """True for a CREATE of a temporary object."""
    properties = tree.args.get("properties")
    return isinstance(properties, Expr) and properties.find(exp.TemporaryProperty) is not None


def _needs_by_text(command: str, tree: Expr, context: Context) -> Iterator[Need]:
    if found := _ABOUT_ACCOUNT.match(command):
        kind, verb = " ".join(found["kind"].upper().split()), found["verb"].upper()
        name = (normalise_ident(found["name"]),)
        if verb == "CREATE" or kind == "ACCOUNT":
            yield Need("ACCOUNT", (), "", (_IN_ACCOUNT.get(kind, "MODIFY"),))
            if found["replace"]:
                yield Need(kind, name, found["name"], (OWNERSHIP,))
            return
        word = found["rest"].split()[:1]
        operates = kind == "WAREHOUSE" and word and word[0].upper() in ("RESUME", "SUSPEND")
        yield Need(kind, name, found["name"], ("OPERATE",) if operates else (OWNERSHIP,))
    elif _ABOUT_GRANTS.match(command):
        yield Need("ACCOUNT", (), "", ("MANAGE GRANTS",))
    elif found := _STAGE_COMMAND.match(command):
        yield from _on_stage(
            found["stage"], context, "READ" if found["verb"].upper() == "GET" else "WRITE"
        )
    elif not isinstance(tree, exp.Command | exp.Undrop):
        return
    elif found := _ON_OBJECT.match(command):
        kind = " ".join(found["kind"].upper().split())
        table = _place(kind, exp.to_table(found["name"], dialect="snowflake"))
        yield from _on(kind, table, context, OWNERSHIP)
    elif found := _EXPLAIN.match(command):
        yield from _reads(parse_one(command[found.end() :]), context)


def _of_create(command: str, tree: exp.Create, context: Context) -> Iterator[Need]:
    made = created(tree, context)
    if made is None:
        return
    kind, name = made
    container = "DATABASE" if kind == "SCHEMA" else "SCHEMA"
    # https://docs.snowflake.com/en/sql-reference/sql/create-table#access-control-requirements
    # and create-stage: a temporary table or stage needs no privilege to create one.
    free = is_temporary(tree) and kind in ("TABLE", "STAGE")
    yield Need(
        container, name[:-1], ".".join(name[:-1]), (ANY if free else f"CREATE {kind}", OWNERSHIP)
    )
    privileges = (OWNERSHIP,) if tree.args.get("replace") else (ANY,)
    yield Need(kind, name, name[-1], privileges, creates=True)
    if kind == "STAGE":
        for found in _INTEGRATION.findall(command):
            yield Need("INTEGRATION", (normalise_ident(found),), found, ("USAGE",))
    yield from _formats(command, context)
    if kind in RELATIONS:
        yield from _reads(tree, context, tree.this)


def _of_alter(tree: exp.Alter, context: Context) -> Iterator[Need]:
    kind = str(tree.args["kind"]).upper()
    yield from _on(kind, tree.this, context, OWNERSHIP)
    for action in tree.args["actions"]:
        if isinstance(action, exp.SwapTable):
            yield from _on(kind, action.this, context, OWNERSHIP)
        elif isinstance(action, exp.AlterRename) and isinstance(action.this, exp.Table):
            schema = _name("TABLE", action.this, context)[:-1]
            yield Need("SCHEMA", schema, ".".join(schema), (f"CREATE {kind}", OWNERSHIP))


def _of_comment(tree: exp.Comment, context: Context) -> Iterator[Need]:
    kind = str(tree.args["kind"]).upper()
    target = tree.this
    if kind == "COLUMN":
        parts = {name: target.args.get(name) for name in ("db", "catalog")}
        kind, target = "TABLE", exp.Table(this=target.args.get("table"), **parts)
    else:
        target = _place(kind, target)
    if kind in (*RELATIONS, "SCHEMA", "STAGE"):
        yield from _on(kind, target, context, OWNERSHIP)
    elif isinstance(target, exp.Table):
        yield Need(kind, (identifier(target.this),), target.name, (OWNERSHIP,))


def _of_describe(tree: exp.Describe, context: Context) -> Iterator[Need]:
    if isinstance(tree.this, exp.Query):
        yield from _reads(tree.this, context)
        return
    kind = str(tree.args.get("kind") or "TABLE").upper()
    if isinstance(tree.this, exp.Table) and kind in (*RELATIONS, "STAGE", "FILE FORMAT"):
        yield from _on(kind, tree.this, context, ANY)


def _of_use(tree: exp.Use, context: Context) -> Iterator[Need]:
    kind = tree.args.get("kind")
    word = kind.name.upper() if isinstance(kind, Expr) else ""
    if word in ("ROLE", "WAREHOUSE", "SECONDARY ROLES") or not isinstance(tree.this, exp.Table):
        return
    if not word:
        word = "SCHEMA" if tree.this.args.get("db") else "DATABASE"
    yield from _on(word, _place(word, tree.this), context, ANY, any_error=True)


def _of_copy(command: str, tree: exp.Copy, context: Context) -> Iterator[Need]:
    if is_unload(tree):
        target = tree.this.this if isinstance(tree.this, exp.Table) else tree.this
        yield from _on_stage(target.name, context, "USAGE", "WRITE")
    else:
        table = tree.this.this if isinstance(tree.this, exp.Schema) else tree.this
        yield from _on("TABLE", table, context, "INSERT")
    for source in tree.args.get("files") or []:
        yield from _reads(source, context)
    yield from _formats(command, context)


def _of_change(tree: Expr, context: Context) -> Iterator[Need]:
    target = tree.this.this if isinstance(tree.this, exp.Schema) else tree.this
    if isinstance(tree, exp.Merge):
        # https://docs.snowflake.com/en/sql-reference/sql/merge: one for each kind of change.
        kinds: set[str] = {"SELECT"}
        for when in tree.find_all(exp.When):
            then = when.args.get("then")
            kinds.add("DELETE" if isinstance(then, exp.Var) else type(then).__name__.upper())
    else:
        kinds = {type(tree).__name__.upper()}
        if tree.args.get("overwrite"):
            kinds.add("DELETE")
    for privilege in sorted(kinds):
        yield from _on("TABLE", target, context, privilege)
    yield from _reads(tree, context, tree.this)


def _reads(tree: Expr, context: Context, but: Expr | None = None) -> Iterator[Need]:
    """What a query reads, without the target of a change."""
    targets = set() if but is None else {id(one) for one in but.find_all(exp.Table)}
    for table in tree.find_all(exp.Table):
        if id(table) in targets or isinstance(table.parent, exp.Show | exp.Use):
            continue
        this = table.this
        if isinstance(this, exp.Var | exp.Literal) and this.name.startswith("@"):
            yield from _on_stage(this.name, context, "USAGE", "READ")
            named = table.args.get("format")
            if isinstance(named, exp.Literal | exp.Table):
                text = named.name if isinstance(named, exp.Literal) else named.sql("snowflake")
                yield from _format(text, context)
        elif isinstance(this, exp.Identifier):
            # `FILE_FORMAT => name` is parsed as a table within another.
            if isinstance(table.parent, exp.Table) or _is_cte(table):
                continue
            yield from _on("TABLE", table, context, "SELECT")
        elif type(this).__name__ == "DynamicIdentifier":
            yield from _on("TABLE", exp.to_table(this.name, "snowflake"), context, "SELECT")


def _is_cte(table: exp.Table) -> bool:
    if table.args.get("db"):
        return False
    name, node = identifier(table.this), table.parent
    while node is not None:
        if isinstance(with_ := node.args.get("with_"), exp.With) and any(
            identifier(cte.args["alias"].this) == name for cte in with_.expressions
        ):
            return True
        node = node.parent
    return False


def _formats(command: str, context: Context) -> Iterator[Need]:
    for found in _FORMAT_NAME.findall(command):
        yield from _format(found, context)


def _format(text: str, context: Context) -> Iterator[Need]:
    yield from _on("FILE FORMAT", exp.to_table(text, dialect="snowflake"), context, "USAGE")


def _on_stage(reference: str, context: Context, *privileges: str) -> Iterator[Need]:
    text = reference.removeprefix("@").partition("/")[0]
    if text == "~":
        return
    kind, asked = "STAGE", (*privileges, OWNERSHIP)
    if "%" in text:
        # A table's own stage belongs to the table's owner.
        kind, text, asked = "TABLE", text.replace("%", ""), (OWNERSHIP,)
    table = exp.to_table(text, dialect="snowflake")
    yield Need(kind, full_name(table, context.database, context.schema), text.upper(), asked)


def _place(kind: str, table: exp.Table) -> exp.Table:
    """A schema's name that is parsed as a table's, as the name of a schema."""
    if kind != "SCHEMA":
        return table
    return exp.Table(db=table.this, catalog=table.args.get("db"))


def _on(
    kind: str, table: exp.Table, context: Context, *privileges: str, any_error: bool = False
) -> Iterator[Need]:
    written = ".".join(identifier(part) for part in table.parts if identifier(part))
    yield Need(kind, _name(kind, table, context), written, privileges, any_error=any_error)


def _name(kind: str, table: exp.Table, context: Context) -> tuple[str, ...]:
    if kind == "DATABASE":
        return (identifier(table.this),)
    database, schema, name = full_name(table, context.database, context.schema)
    return (database, schema) if kind == "SCHEMA" else (database, schema, name)
