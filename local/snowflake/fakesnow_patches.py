"""Mistakes of fakesnow 0.12.1, mended in place; each has a test that shows when one is gone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from string import Template
from typing import TYPE_CHECKING, Any

import duckdb
import fakesnow.arrow
import fakesnow.transforms.transforms
import pyarrow as pa
import pyarrow.compute as pc
from fakesnow import info_schema, transforms
from sqlglot import Expr, exp

from local.snowflake.classify import qualified

if TYPE_CHECKING:
    from local.snowflake.account import Session


_insert_text_lengths = info_schema.insert_text_lengths_sql
_struct_of_timestamps = fakesnow.arrow.timestamp_to_sf_struct


def apply() -> None:
    """Put the mended functions in fakesnow's place; applying them twice changes nothing."""
    fakesnow.arrow.timestamp_to_sf_struct = _with_nulls
    transforms.numeric_agg_implicit_cast = _named_aggregate
    info_schema.insert_text_lengths_sql = _with_any_name
    module = fakesnow.transforms.transforms
    module.SQL_DESCRIBE_TABLE = _of_every_database(module.SQL_DESCRIBE_TABLE)


def _of_every_database(template: Template) -> Template:
    """A table is described wherever it is; fakesnow looks in the current database only."""
    sql = template.template.replace("FROM _fs_information", "FROM _fs_global._fs_information")
    return Template(sql)


def _with_any_name(
    catalog: str, schema: str, table: str, text_lengths: list[tuple[str, int]]
) -> Any:
    """A name may hold a quotation mark; fakesnow puts it into its SQL as it is."""
    catalog, schema, table = (name.replace("'", "''") for name in (catalog, schema, table))
    lengths = [(name.replace("'", "''"), size) for name, size in text_lengths]
    return _insert_text_lengths(catalog, schema, table, lengths)


def _with_nulls(timestamps: pa.ChunkedArray | pa.Array) -> pa.StructArray:
    """A null timestamp stays null; fakesnow sends it as the first second of 1970."""
    if isinstance(timestamps, pa.ChunkedArray):
        timestamps = timestamps.combine_chunks()
    start = pa.scalar(0, pa.int64()).cast(timestamps.type)
    structs = _struct_of_timestamps(pc.fill_null(timestamps, start))
    return pa.StructArray.from_arrays(
        structs.flatten(), fields=list(structs.type), mask=pc.is_null(timestamps)
    )


def _named_aggregate(node: Expr) -> Expr:
    """An aggregate is named as Snowflake names it, and keeps its argument's type.

    fakesnow makes every argument a DOUBLE, so that text can be summed as in Snowflake; sums of
    money would lose their cents. Here text has to be cast first.
    """
    if isinstance(node, exp.Sum | exp.Avg | exp.Median) and isinstance(node.parent, exp.Select):
        return exp.alias_(node, node.sql(dialect="snowflake").upper(), quoted=True)
    return node


@contextmanager
def load_in_target_database(session: Session, expression: Expr) -> Iterator[None]:
    """Load from the table's own database.

    fakesnow notes every load in the current database, and a transaction of DuckDB's writes to
    one database only.
    """
    target = expression.this if isinstance(expression, exp.Copy) else None
    table = target.find(exp.Table) if isinstance(target, Expr) else None
    home = qualified(table, session.database, session.schema) if table is not None else None
    if home is None or not home[0] or home[0] == session.database:
        yield
        return
    before = f"{session.database or 'memory'}.{session.schema or 'main'}"
    session.connection.execute(f"SET schema='{home[0]}.{home[1]}'")
    try:
        yield
    finally:
        session.connection.execute(f"SET schema='{before}'")


def name_source_columns(expression: Expr) -> None:
    """Say of every inserted value that it is the source's column, as Snowflake takes it.

    dbt leaves it unsaid, and fakesnow joins the target to the source, where it would be either's.
    """
    if not isinstance(expression, exp.Merge):
        return
    source = expression.args["using"].alias_or_name
    for when in expression.find_all(exp.When):
        inserted = when.args.get("then")
        if not isinstance(inserted, exp.Insert) or not isinstance(inserted.expression, Expr):
            continue
        for column in inserted.expression.find_all(exp.Column):
            if not column.table:
                column.set("table", exp.to_identifier(source))


@contextmanager
def merge_in_target_database(session: Session, expression: Expr) -> Iterator[None]:
    """Merge as if the target's database were the current one.

    fakesnow makes a helper table and notes that in the current database, and a transaction of
    DuckDB's writes to one database only.
    """
    if not isinstance(expression, exp.Merge):
        yield
        return
    before = session.database
    session.database = qualified(expression.this, before, session.schema)[0] or before
    try:
        yield
    finally:
        session.database = before


# A primary key implies it: https://docs.snowflake.com/en/sql-reference/constraints-overview
REQUIRED = (exp.NotNullColumnConstraint, exp.PrimaryKeyColumnConstraint)


@contextmanager
def enforced(session: Session, expression: Expr, translated: Expr) -> Iterator[None]:
    """Around the execution of a statement: require the columns of the table that it makes.

    Args:
        expression: The statement as the client sent it.
        translated: The same in DuckDB's words; what fakesnow would note of the table inside a
            transaction is taken off it, as notes are in a database of their own, and a
            transaction of DuckDB writes to one only.

    Raises:
        duckdb.ConstraintException: A required column has a NULL; the old table is as it was.
    """
    _mend_comment(translated)
    if session.transaction.begun:
        # Only a helper table of MERGE is made here, and nobody asks for its notes.
        _notes(translated)
        yield
        return
    columns = _required_columns(session, expression)
    if not columns:
        yield
        return
    lengths, comment = _notes(translated)
    connection = session.connection
    table = translated.this
    connection.begin()
    try:
        yield
        for column in columns:
            where = f"{table.sql(dialect='duckdb')} ALTER COLUMN {column.sql(dialect='duckdb')}"
            connection.execute(f"ALTER TABLE {where} SET NOT NULL")
    except BaseException:
        connection.rollback()
        raise
    connection.commit()
    name = qualified(table, session.database, session.schema)
    if lengths:
        connection.execute(info_schema.insert_text_lengths_sql(*name, lengths))
    if comment:
        connection.execute(info_schema.insert_table_comment_sql(*name, comment[1]))


def _mend_comment(translated: Expr) -> None:
    """fakesnow writes a comment into its SQL as it is, and a missing one as `None`."""
    if comment := translated.args.get("table_comment"):
        table, text = comment
        translated.args["table_comment"] = (table, str(text or "").replace("'", "''"))


def _notes(translated: Expr) -> tuple[Any, Any]:
    return translated.args.pop("text_lengths", None), translated.args.pop("table_comment", None)


def _required_columns(session: Session, expression: Expr) -> list[exp.Identifier]:
    """None if the statement makes no table from a query, or `IF NOT EXISTS` finds one."""
    if not isinstance(expression, exp.Create) or not isinstance(expression.expression, exp.Query):
        return []
    schema = expression.this
    if not isinstance(schema, exp.Schema) or _stays(session, expression):
        return []
    return [
        _normal(column.this)
        for column in schema.expressions
        if isinstance(column, exp.ColumnDef) and any(map(_is_required, column.constraints))
    ]


def _stays(session: Session, expression: exp.Create) -> bool:
    """Whether `IF NOT EXISTS` leaves a table of this name as it is."""
    if not expression.args.get("exists"):
        return False
    try:
        table = expression.this.this.sql(dialect="duckdb")
        session.connection.execute(f"DESCRIBE {table}")
    except duckdb.CatalogException:
        return False
    return True


def _is_required(constraint: exp.ColumnConstraint) -> bool:
    kind = constraint.args.get("kind")
    # The same class stands for `NULL`, which allows it in words.
    return isinstance(kind, REQUIRED) and not kind.args.get("allow_null")


def _normal(name: exp.Identifier) -> exp.Identifier:
    text = str(name.this)
    return exp.to_identifier(text if name.quoted else text.upper(), quoted=True)
