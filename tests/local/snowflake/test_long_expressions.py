"""Expressions within expressions stay short: DuckDB plans each part once, not once a mention."""

import duckdb
import pytest
from fakesnow.instance import GLOBAL_DATABASE_NAME
from sqlglot import exp

from local.snowflake.duckdb_macros import (
    AS_VARCHAR,
    HOME,
    MACROS,
    TEXT,
    TRY_TZ,
    VARIANT,
    call,
)
from local.snowflake.engine import DUCKDB_CONFIG
from local.snowflake.translate import after


@pytest.fixture(scope="module")
def engine() -> duckdb.DuckDBPyConnection:
    """DuckDB with the macros."""
    connection = duckdb.connect(":memory:", config=DUCKDB_CONFIG)
    connection.execute(f"ATTACH ':memory:' AS {GLOBAL_DATABASE_NAME}")
    connection.execute(MACROS)
    return connection


def nested(outer: str, inner: str, depth: int) -> str:
    """A column in two macros, in the same two macros, and so on."""
    return f"{HOME}.{outer}({HOME}.{inner}({nested(outer, inner, depth - 1)}))" if depth else "a"


def length(engine: duckdb.DuckDBPyConnection, expression: str) -> int:
    """The length of the plan of a statement, as DuckDB has bound it and before it shortens it."""
    engine.execute("SET explain_output = 'all'")
    plans = engine.execute(f"EXPLAIN SELECT {expression} FROM (SELECT 'x' || random() AS a)")
    return len(" ".join(dict(plans.fetchall())["logical_plan"].split()))


@pytest.mark.parametrize(
    ("outer", "inner"), [(TEXT, VARIANT), (AS_VARCHAR, VARIANT), (TRY_TZ, AS_VARCHAR)]
)
def test_a_macro_in_a_macro_adds_to_the_plan_and_does_not_multiply_it(
    outer: str, inner: str, engine: duckdb.DuckDBPyConnection
) -> None:
    once, twice, thrice = (length(engine, nested(outer, inner, depth)) for depth in (1, 2, 3))

    assert thrice - twice <= 2 * (twice - once)


def test_a_time_that_is_cast_to_a_timestamp_is_not_repeated() -> None:
    time = call("make_timestamp", exp.column("a"))
    cast = call("_fs_to_timestamp", time, exp.Literal.number(0))

    assert after(cast) is time


def test_a_number_that_is_cast_to_a_timestamp_still_is() -> None:
    cast = call("_fs_to_timestamp", exp.column("a"), exp.Literal.number(0))

    assert after(cast) is cast
