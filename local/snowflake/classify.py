"""Classify a statement before it runs: it reads, changes rows or changes definitions.

A transaction needs the statement's kind, and its locks need the tables that it changes.
"""

from dataclasses import dataclass
from enum import Enum, auto

from sqlglot import Expr, exp

from local.snowflake.sql import Name, full_name

ROW_CHANGES = (exp.Insert, exp.Update, exp.Delete, exp.Merge, exp.TruncateTable, exp.Copy)
# Several of these may run at once on one table; every other row change runs alone.
# https://docs.snowflake.com/en/sql-reference/transactions#resource-locking
APPENDS = (exp.Insert, exp.Copy)
DEFINITIONS = (exp.Create, exp.Drop, exp.Alter, exp.Comment, exp.Grant, exp.Revoke)
DEFINING_COMMANDS = {"CREATE", "ALTER", "DROP", "GRANT", "REVOKE", "COMMENT", "UNDROP"}


class Kind(Enum):
    """The kinds of statements that a transaction treats differently."""

    READ = auto()
    SESSION = auto()
    ROWS = auto()
    DEFINITION = auto()
    BEGIN = auto()
    COMMIT = auto()
    ROLLBACK = auto()


KINDS: tuple[tuple[type[Expr] | tuple[type[Expr], ...], Kind], ...] = (
    (exp.Transaction, Kind.BEGIN),
    (exp.Commit, Kind.COMMIT),
    (exp.Rollback, Kind.ROLLBACK),
    (ROW_CHANGES, Kind.ROWS),
    (DEFINITIONS, Kind.DEFINITION),
)


@dataclass(frozen=True)
class Effect:
    """The effect of a statement.

    Attributes:
        kind: The statement's kind.
        tables: The tables that it changes.
        exclusive: False if other statements may append to the same tables meanwhile.
    """

    kind: Kind
    tables: frozenset[Name] = frozenset()
    exclusive: bool = True


def classify(expression: Expr, database: str | None, schema: str | None) -> Effect:
    """The effect of a statement.

    Args:
        expression: The parsed statement.
        database: The session's current database, for names without one.
        schema: The session's current schema, likewise.
    """
    kind = _kind(expression)
    if kind not in (Kind.ROWS, Kind.DEFINITION):
        return Effect(kind)
    tables = frozenset(full_name(table, database, schema) for table in _targets(expression))
    append = isinstance(expression, APPENDS) and not expression.args.get("overwrite")
    return Effect(kind, tables, exclusive=not append)


def is_unload(copy: exp.Copy) -> bool:
    """True for a COPY that writes to a stage rather than to a table."""
    target = copy.this.this if isinstance(copy.this, exp.Table) else copy.this
    text = target.name if isinstance(target, exp.Var | exp.Literal) else ""
    return text.startswith("@")


def _kind(expression: Expr) -> Kind:
    if isinstance(expression, exp.Command):
        return _kind_of_command(str(expression.this).upper(), str(expression.expression))
    if isinstance(expression, exp.Copy) and is_unload(expression):
        return Kind.READ
    if isinstance(expression, exp.Alter) and expression.args.get("kind") == "SESSION":
        return Kind.SESSION
    kinds = (kind for types, kind in KINDS if isinstance(expression, types))
    return next(kinds, Kind.READ)


def _kind_of_command(word: str, rest: str) -> Kind:
    """The kind of a statement of which sqlglot parses the first word only."""
    if word == "ALTER" and rest.lstrip().upper().startswith("SESSION"):
        return Kind.SESSION
    return Kind.DEFINITION if word in DEFINING_COMMANDS else Kind.READ


def _targets(expression: Expr) -> list[exp.Table]:
    if isinstance(expression, exp.TruncateTable):
        return [table for table in expression.expressions if isinstance(table, exp.Table)]
    if isinstance(expression, exp.Drop):
        dropped = expression.args.get("tables") or []
        return [table for table in dropped if isinstance(table, exp.Table)]
    targets = [expression.this]
    if isinstance(expression, exp.Alter):
        targets += [swap.this for swap in expression.find_all(exp.SwapTable)]
    tables = (
        target if isinstance(target, exp.Table) else target.find(exp.Table)
        for target in targets
        if isinstance(target, Expr)
    )
    return [table for table in tables if table is not None]
