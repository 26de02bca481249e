"""Expressions within expressions stay short: DuckDB plans each part once, not once a mention."""

import duckdb
import pytest
from fakesnow import macros
from fakesnow.instance import GLOBAL_DATABASE_NAME

from local.snowflake.duckdb_macros import (
    AS_VARCHAR,
    AT_SESSION_ZONE,
    HOME,
    MACROS,
    NOT_FLOAT,
    NTZ_ONLY,
    TEXT,
    TO_ZONE,
    TRY_TZ,
    VARIANT,
    of_fakesnow,
)
from local.snowflake.engine import DUCKDB_CONFIG


@pytest.fixture(scope="module")
def engine() -> duckdb.DuckDBPyConnection:
    """DuckDB with the macros."""
    connection = duckdb.connect(":memory:", config=DUCKDB_CONFIG)
    connection.execute(f"ATTACH ':memory:' AS {GLOBAL_DATABASE_NAME}")
    connection.execute(MACROS)
    connection.execute(macros.creation_sql("memory"))
    connection.execute(of_fakesnow("memory"))
    return connection


def nested(call: str, depth: int) -> str:
    """A column as the `{}` of a call, and the call as that of the same call, and so on."""
    return call.format(nested(call, depth - 1)) if depth else "a"


def length(engine: duckdb.DuckDBPyConnection, expression: str) -> int:
    """The length of the plan of a statement, as DuckDB has bound it and before it shortens it."""
    engine.execute("SET explain_output = 'all'")
    plans = engine.execute(f"EXPLAIN SELECT {expression} FROM (SELECT 'x' || random() AS a)")
    return len(" ".join(dict(plans.fetchall())["logical_plan"].split()))


@pytest.mark.parametrize(
    "call",
    [
        f"{HOME}.{TEXT}({HOME}.{VARIANT}({{}}))",
        f"{HOME}.{AS_VARCHAR}({HOME}.{VARIANT}({{}}))",
        f"{HOME}.{TRY_TZ}({HOME}.{AS_VARCHAR}({{}}))",
        f"{HOME}.{TO_ZONE}('UTC', {HOME}.{AT_SESSION_ZONE}({{}}))",
        f"_fs_to_timestamp({HOME}.{NOT_FLOAT}({HOME}.{NTZ_ONLY}({{}}), ''), 0)",
    ],
)
def test_a_macro_in_a_macro_adds_to_the_plan_and_does_not_multiply_it(
    call: str, engine: duckdb.DuckDBPyConnection
) -> None:
    once, twice, thrice = (length(engine, nested(call, depth)) for depth in (1, 2, 3))

    assert thrice - twice <= 2 * (twice - once)
