"""Mistakes of fakesnow 0.12.1, mended in place; each has a test that shows when one is gone."""

from string import Template
from typing import Any

import fakesnow.arrow
import fakesnow.transforms.transforms
import pyarrow as pa
import pyarrow.compute as pc
from fakesnow import info_schema, transforms
from sqlglot import Expr, exp

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
) -> Any:  # noqa: ANN401
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
