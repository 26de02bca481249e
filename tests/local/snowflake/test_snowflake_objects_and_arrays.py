"""JSON that SQL builds: nulls, numbers, order, aggregates."""

import json

import pytest

from tests.local.snowflake.client import Run

ROWS = "(SELECT * FROM VALUES (1, 'a', 1.50), (2, NULL, 2.25) AS V(ID, NAME, AMOUNT))"


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("OBJECT_CONSTRUCT('rows', COUNT(*), 'nothing', NULL)", {"rows": 2}),
        ("OBJECT_CONSTRUCT_KEEP_NULL('n', NULL, 'rows', COUNT(*))", {"n": None, "rows": 2}),
        ("OBJECT_CONSTRUCT('o', OBJECT_CONSTRUCT('n', NULL, 'x', 1))", {"o": {"x": 1}}),
        (
            "ARRAY_AGG(OBJECT_CONSTRUCT('i', ID, 'n', NAME)) WITHIN GROUP (ORDER BY ID DESC)",
            [{"i": 2}, {"i": 1, "n": "a"}],
        ),
        ("ARRAY_AGG(NAME)", ["a"]),
        ("ARRAY_AGG(NAME) WITHIN GROUP (ORDER BY ID DESC)", ["a"]),
        (
            "OBJECT_CONSTRUCT('list', "
            f"(SELECT ARRAY_AGG(ID) WITHIN GROUP (ORDER BY ID) FROM {ROWS}))",
            {"list": [1, 2]},
        ),
        ("OBJECT_CONSTRUCT('quote\"', 'back\\\\slash')", {'quote"': "back\\slash"}),
    ],
)
def test_json_is_what_snowflake_would_build(run: Run, expression: str, value: object) -> None:
    group = "" if "COUNT" in expression or "ARRAY_AGG(" in expression[:10] else " LIMIT 1"
    ((text,),) = run(f"SELECT {expression} FROM {ROWS}{group}")
    assert json.loads(text) == value


def test_an_array_of_no_rows_is_empty_and_not_null(run: Run) -> None:
    ((text,),) = run(f"SELECT ARRAY_AGG(ID) WITHIN GROUP (ORDER BY ID) FROM {ROWS} WHERE ID > 9")
    assert json.loads(text) == []


def test_numbers_stay_exact_numbers(run: Run) -> None:
    ((text,),) = run(
        "SELECT OBJECT_CONSTRUCT('cents', 12345678901234567.89::NUMBER(38,2), 'sum', SUM(ID), "
        f"'amount', SUM(AMOUNT)) FROM {ROWS}"
    )
    assert text == '{"cents":12345678901234567.89,"sum":3,"amount":3.75}'


def test_an_object_of_every_column_has_the_columns_names(run: Run) -> None:
    rows = run(f"SELECT OBJECT_CONSTRUCT(*) FROM {ROWS} ORDER BY ID")
    assert [json.loads(text) for (text,) in rows] == [
        {"ID": 1, "NAME": "a", "AMOUNT": 1.5},
        {"ID": 2, "AMOUNT": 2.25},
    ]


def test_a_list_is_flattened_into_rows(run: Run) -> None:
    rows = run(
        "SELECT F.INDEX, F.VALUE:k::VARCHAR "
        'FROM (SELECT PARSE_JSON(\'[{"k":"a"},{"k":"b"}]\') AS L) T, '
        "LATERAL FLATTEN(INPUT => T.L) F ORDER BY 1"
    )
    assert rows == [(0, "a"), (1, "b")]


@pytest.mark.parametrize(
    ("rows", "differs"),
    [
        ("(2, 'b'), (1, 'a')", False),
        ("(1, 'a'), (2, 'c')", True),
        ("(1, 'a'), (2, NULL)", True),
        ("(1, 'a'), (2, 'b'), (2, 'b')", True),
        ("(1, 'a'), (2, 'b'), (3, 'c'), (3, 'c')", True),
    ],
)
def test_a_hash_of_all_rows_shows_every_change_but_their_order(
    rows: str, differs: bool, run: Run
) -> None:
    def hashed(values: str, what: str) -> object:
        [(found,)] = run(f"SELECT HASH_AGG({what}) FROM VALUES {values} AS V(ID, NAME)")
        return found

    before = "(1, 'a'), (2, 'b')"
    assert (hashed(rows, "*") != hashed(before, "*")) is differs
    assert hashed(rows, "* EXCLUDE NAME") == hashed(rows, "ID")


def test_a_hash_of_no_rows_is_zero(run: Run) -> None:
    assert run(f"SELECT COUNT(*), HASH_AGG(*) FROM {ROWS} WHERE ID > 9") == [(0, 0)]


def test_functions_that_the_models_use_give_snowflakes_answers(run: Run) -> None:
    ((row),) = run(
        "SELECT IFF(ID = 1, 'one', 'more'), NULLIF(ID, 1), TRY_TO_NUMBER('12.5', 38, 2), "
        "TRY_TO_NUMBER('x'), DATEDIFF('day', '2025-01-07'::DATE, '2025-02-07'::DATE), "
        "DATE_TRUNC('month', '2025-08-21 10:00:00'::TIMESTAMP_NTZ)::DATE::VARCHAR "
        f"FROM {ROWS} QUALIFY ROW_NUMBER() OVER (ORDER BY ID) = 1"
    )
    assert [None if value is None else str(value) for value in row] == [
        "one",
        None,
        "12.50",
        None,
        "31",
        "2025-08-01",
    ]
    assert run(f"SELECT COUNT_IF(ID > 1) FROM {ROWS}") == [(1,)]
