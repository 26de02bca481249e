"""Patches for faults of fakesnow 0.12.1, in one place so that they can go when fakesnow is fixed.

`apply` replaces fakesnow's functions; the cursor uses the others around a statement. No upstream
issue is known for any of them. `test_snowflake_fakesnow_patches.py` runs fakesnow alone and fails
when a fault is gone. Snowflake's features that fakesnow lacks are in `translate`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from string import Template
from typing import Any

import duckdb
import fakesnow.arrow
import fakesnow.transforms.transforms
import pyarrow as pa
import pyarrow.compute as pc
from fakesnow import info_schema, transforms
from fakesnow.transforms import stage
from sqlglot import Expr, exp

from local.snowflake.account import Session
from local.snowflake.sql import escaped, identifier

_insert_text_lengths_sql = info_schema.insert_text_lengths_sql
_insert_table_comment_sql = info_schema.insert_table_comment_sql
_timestamp_to_sf_struct = fakesnow.arrow.timestamp_to_sf_struct
# A primary key implies it: https://docs.snowflake.com/en/sql-reference/constraints-overview
REQUIRED = (exp.NotNullColumnConstraint, exp.PrimaryKeyColumnConstraint)


def apply(stage_folder: Path) -> None:
    """Replace fakesnow's faulty functions; a second call changes nothing.

    Args:
        stage_folder: The folder for the files of internal stages.
    """
    fakesnow.arrow.timestamp_to_sf_struct = _send_nulls
    transforms.numeric_agg_implicit_cast = _name_aggregate
    info_schema.insert_text_lengths_sql = _text_lengths_sql
    info_schema.insert_table_comment_sql = _table_comment_sql
    module = fakesnow.transforms.transforms
    module.SQL_DESCRIBE_TABLE = _describe_in_every_database(module.SQL_DESCRIBE_TABLE)
    _store_staged_files_in(stage_folder)


def _store_staged_files_in(folder: Path) -> None:
    """Store staged files where they outlive a restart; fakesnow's folder is a temporary one."""
    folder.mkdir(parents=True, exist_ok=True)
    with suppress(OSError):
        Path(stage.LOCAL_BUCKET_PATH).rmdir()
    stage.LOCAL_BUCKET_PATH = str(folder)


def _describe_in_every_database(template: Template) -> Template:
    """Describe tables in any database; fakesnow finds those in the current database only."""
    sql = template.template.replace("FROM _fs_information", "FROM _fs_global._fs_information")
    return Template(sql)


def _text_lengths_sql(
    catalog: str, schema: str, table: str, text_lengths: list[tuple[str, int]]
) -> str:
    """Escape apostrophes in columns' names, which fakesnow does not."""
    lengths = [(escaped(name), size) for name, size in text_lengths]
    return str(_insert_text_lengths_sql(catalog, schema, table, lengths))


def _table_comment_sql(catalog: str, schema: str, table: str, comment: str | None) -> str:
    """Escape apostrophes, which fakesnow does not; it also stores a missing comment as `None`."""
    return str(_insert_table_comment_sql(catalog, schema, table, escaped(comment or "")))


def _send_nulls(timestamps: pa.ChunkedArray | pa.Array) -> pa.StructArray:
    """Send a null timestamp as null; fakesnow sends the first second of 1970."""
    if isinstance(timestamps, pa.ChunkedArray):
        timestamps = timestamps.combine_chunks()
    start = pa.scalar(0, pa.int64()).cast(timestamps.type)
    structs = _timestamp_to_sf_struct(pc.fill_null(timestamps, start))
    return pa.StructArray.from_arrays(
        structs.flatten(), fields=list(structs.type), mask=pc.is_null(timestamps)
    )


def _name_aggregate(node: Expr) -> Expr:
    """Name an aggregate as Snowflake does, and leave its argument's type.

    fakesnow casts every argument to DOUBLE, so that text can be summed as in Snowflake, but sums
    of money lose their cents. Here text must be cast in the statement.
    """
    if isinstance(node, exp.Sum | exp.Avg | exp.Median) and isinstance(node.parent, exp.Select):
        return exp.alias_(node, node.sql(dialect="snowflake").upper(), quoted=True)
    return node


@contextmanager
def load_in_target_database(session: Session, expression: Expr) -> Iterator[None]:
    """Make a COPY's target database the current one while it loads.

    fakesnow records every load in the current database, and a DuckDB transaction can write to one
    database only.
    """
    target = expression.this if isinstance(expression, exp.Copy) else None
    table = target.find(exp.Table) if isinstance(target, Expr) else None
    home = session.full_name(table) if table is not None else None
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
    """Qualify the columns that a MERGE inserts with its source, as Snowflake resolves them.

    dbt does not qualify them, and fakesnow joins target and source, which makes them ambiguous.
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
    """Make a MERGE's target database the current one while it runs.

    fakesnow creates a helper table in the current database, and a DuckDB transaction can write to
    one database only.
    """
    if not isinstance(expression, exp.Merge):
        yield
        return
    before = session.database
    session.database = session.full_name(expression.this)[0] or before
    try:
        yield
    finally:
        session.database = before


@contextmanager
def require_columns(session: Session, expression: Expr, translated: Expr) -> Iterator[None]:
    """Enforce NOT NULL on the table that a `CREATE TABLE … AS SELECT` makes, around its execution.

    Args:
        session: The session that runs the statement.
        expression: The statement as the client sent it.
        translated: The statement in DuckDB's SQL. fakesnow's metadata for the table is removed
            from it and written after the commit, because the metadata is in another database and
            a DuckDB transaction can write to one only.

    Raises:
        duckdb.ConstraintException: A required column has a NULL; the old table is unchanged.
    """
    if session.transaction.begun:
        # Only MERGE's helper table is created here, and nothing reads its metadata.
        _pop_metadata(translated)
        yield
        return
    columns = _required_columns(session, expression)
    if not columns:
        yield
        return
    lengths, comment = _pop_metadata(translated)
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
    name = session.full_name(table)
    if lengths:
        connection.execute(info_schema.insert_text_lengths_sql(*name, lengths))
    if comment:
        connection.execute(info_schema.insert_table_comment_sql(*name, comment[1]))


def _pop_metadata(translated: Expr) -> tuple[Any, Any]:
    return translated.args.pop("text_lengths", None), translated.args.pop("table_comment", None)


def _required_columns(session: Session, expression: Expr) -> list[exp.Identifier]:
    """The NOT NULL columns; empty unless the statement creates a table from a query."""
    if not isinstance(expression, exp.Create) or not isinstance(expression.expression, exp.Query):
        return []
    schema = expression.this
    if not isinstance(schema, exp.Schema) or _exists(session, expression):
        return []
    return [
        exp.to_identifier(identifier(column.this), quoted=True)
        for column in schema.expressions
        if isinstance(column, exp.ColumnDef) and any(map(_is_required, column.constraints))
    ]


def _exists(session: Session, expression: exp.Create) -> bool:
    """True if `IF NOT EXISTS` finds the table and leaves it."""
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
    # The same class represents an explicit `NULL`.
    return isinstance(kind, REQUIRED) and not kind.args.get("allow_null")
