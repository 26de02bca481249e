"""NOT NULL in `CREATE TABLE … AS SELECT`, as dbt writes it for a model with a contract."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal

import pytest
from snowflake.connector.errors import DatabaseError

from tests.local.snowflake.client import Run

NULL_IN_NON_NULLABLE = 100072
OLD = ("old", Decimal("1.50"), datetime.fromisoformat("2025-08-21"), None)
OLD_ROW = "select 'old' as metric_name, 1.5 as amount, '2025-08-21' as edited, null as note"
# dbt-snowflake 1.12 sends this, empty lines included.
CONTRACT = """
  create or replace transient table {table}

  (
    metric_name varchar(40) not null,
    amount number(38,2) not null,
    edited timestamp_ntz not null,
    note varchar

    )



    as (
    select metric_name, amount, edited, note
    from (
        {query}
    ) as model_subq
    )
;
"""


@pytest.fixture
def build(run: Run, database: str) -> Callable[[str], None]:
    """Replace the table FACTS by a query's rows, under the contract."""

    def replace(query: str) -> None:
        table = f"{database}.PUBLIC.FACTS"
        run(CONTRACT.format(table=table, query=query))

    return replace


def test_rows_arrive_with_the_declared_types(run: Run, build: Callable[[str], None]) -> None:
    build(OLD_ROW)
    assert run("SELECT * FROM FACTS") == [OLD]
    assert [(row[0], row[1], row[3]) for row in run("DESCRIBE TABLE FACTS")] == [
        ("METRIC_NAME", "VARCHAR(40)", "N"),
        ("AMOUNT", "NUMBER(38,2)", "N"),
        ("EDITED", "TIMESTAMP_NTZ(9)", "N"),
        ("NOTE", "VARCHAR(16777216)", "Y"),
    ]


@pytest.mark.parametrize("column", ["metric_name", "amount", "edited"])
def test_a_null_in_a_required_column_is_refused_and_the_old_table_stays(
    run: Run, build: Callable[[str], None], column: str
) -> None:
    build(OLD_ROW)
    with pytest.raises(DatabaseError, match="NULL result in a non-nullable column") as refused:
        build(f"{OLD_ROW} union all select * replace (null as {column}) from ({OLD_ROW})")
    assert refused.value.errno == NULL_IN_NON_NULLABLE
    assert run("SELECT * FROM FACTS") == [OLD]
    assert [row[3] for row in run("DESCRIBE TABLE FACTS")] == ["N", "N", "N", "Y"]


def test_a_null_in_a_first_build_leaves_no_table(run: Run, build: Callable[[str], None]) -> None:
    with pytest.raises(DatabaseError, match="NULL result in a non-nullable column"):
        build(f"select * replace (null as edited) from ({OLD_ROW})")
    assert run("SHOW TABLES") == []
    build(OLD_ROW)
    assert run("SELECT * FROM FACTS") == [OLD]


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO FACTS (AMOUNT, EDITED) VALUES (2, '2025-01-01')",
        "INSERT INTO FACTS SELECT NULL, 2, '2025-01-01', NULL",
        "UPDATE FACTS SET METRIC_NAME = NULL",
    ],
)
def test_later_changes_are_refused_a_null_too(
    run: Run, build: Callable[[str], None], statement: str
) -> None:
    build(OLD_ROW)
    with pytest.raises(DatabaseError) as refused:
        run(statement)
    assert refused.value.errno == NULL_IN_NON_NULLABLE
    assert run("SELECT * FROM FACTS") == [OLD]


def test_a_table_may_be_replaced_by_a_query_of_itself(
    run: Run, build: Callable[[str], None]
) -> None:
    build(OLD_ROW)
    build("select metric_name || 'er' as metric_name, amount, edited, note from PUBLIC.FACTS")
    assert run("SELECT METRIC_NAME FROM FACTS") == [("older",)]


def test_an_existing_table_keeps_its_columns(run: Run) -> None:
    run("CREATE TABLE FACTS (N INT)")
    run("CREATE TABLE IF NOT EXISTS FACTS (N INT NOT NULL) AS SELECT 1")
    run("INSERT INTO FACTS VALUES (NULL)")
    assert run("SELECT * FROM FACTS") == [(None,)]


@pytest.mark.parametrize(
    ("definition", "comment"),
    [
        ("TABLE FACTS (N INT PRIMARY KEY) COMMENT = 'It''s so.' AS SELECT 1", "It's so."),
        ("TABLE FACTS (N INT NOT NULL) COMMENT = 'It''s so.'", "It's so."),
        ("TRANSIENT TABLE FACTS (N INT NOT NULL) AS SELECT 1", ""),
        ("TRANSIENT TABLE FACTS (N INT NOT NULL)", ""),
    ],
)
def test_a_table_with_required_columns_keeps_its_comment(
    run: Run, definition: str, comment: str
) -> None:
    run(f"CREATE {definition}")
    comments = "SELECT COMMENT FROM INFORMATION_SCHEMA.TABLES WHERE TABLE_NAME = 'FACTS'"
    assert run(comments) == [(comment,)]
    assert [row[3] for row in run("DESCRIBE TABLE FACTS")] == ["N"]
