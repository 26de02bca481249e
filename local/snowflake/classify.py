"""What a statement does to tables, found before it runs: reads, changes rows, or changes names."""

from dataclasses import dataclass
from enum import Enum, auto

from sqlglot import Expr, exp

Name = tuple[str, str, str]

ROW_CHANGES = (exp.Insert, exp.Update, exp.Delete, exp.Merge, exp.TruncateTable, exp.Copy)
# Several of these may run at once on one table; the other row changes run alone.
# https://docs.snowflake.com/en/sql-reference/transactions#resource-locking
APPENDS = (exp.Insert, exp.Copy)
DEFINITIONS = (exp.Create, exp.Drop, exp.Alter, exp.Comment, exp.Grant, exp.Revoke)
DEFINING_COMMANDS = {"CREATE", "ALTER", "DROP", "GRANT", "REVOKE", "COMMENT", "UNDROP"}


class Kind(Enum):
    """What a statement is to a transaction."""

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
class Plan:
    """A statement's kind, and the tables (database, schema, name) that it changes."""

    kind: Kind
    tables: frozenset[Name] = frozenset()
    exclusive: bool = True


def plan(expression: Expr, database: str | None, schema: str | None) -> Plan:
    """The plan of a parsed statement; the session's database and schema complete names."""
    kind = _kind(expression)
    if kind not in (Kind.ROWS, Kind.DEFINITION):
        return Plan(kind)
    tables = frozenset(qualified(table, database, schema) for table in _targets(expression))
    append = isinstance(expression, APPENDS) and not expression.args.get("overwrite")
    return Plan(kind, tables, exclusive=not append)


def qualified(table: exp.Table, database: str | None, schema: str | None) -> Name:
    """A table's full name, with upper-case parts unless they are quoted."""
    return (
        _name(table.args.get("catalog")) or database or "",
        _name(table.args.get("db")) or schema or "",
        _name(table.this),
    )


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
    """The kind of a statement of which the parser knows the first word only."""
    if word == "ALTER" and rest.lstrip().upper().startswith("SESSION"):
        return Kind.SESSION
    return Kind.DEFINITION if word in DEFINING_COMMANDS else Kind.READ


def is_unload(copy: exp.Copy) -> bool:
    """Whether a COPY writes to a stage rather than to a table."""
    target = copy.this.this if isinstance(copy.this, exp.Table) else copy.this
    text = target.name if isinstance(target, exp.Var | exp.Literal) else ""
    return text.startswith("@")


def _targets(expression: Expr) -> list[exp.Table]:
    if isinstance(expression, exp.TruncateTable):
        return [one for one in expression.expressions if isinstance(one, exp.Table)]
    if isinstance(expression, exp.Drop):
        return [one for one in expression.args.get("tables") or [] if isinstance(one, exp.Table)]
    targets = [expression.this]
    if isinstance(expression, exp.Alter):
        targets += [one.this for one in expression.find_all(exp.SwapTable)]
    tables = (
        target if isinstance(target, exp.Table) else target.find(exp.Table)
        for target in targets
        if isinstance(target, Expr)
    )
    return [table for table in tables if table is not None]


def _name(part: object) -> str:
    if not isinstance(part, exp.Identifier):
        return str(part.name) if isinstance(part, Expr) else ""
    return str(part.this) if part.quoted else str(part.this).upper()


def quoted(name: str) -> str:
    """A name as DuckDB takes it literally, in quotation marks."""
    return '"' + name.replace('"', '""') + '"'
