"""Each error has Snowflake's number, SQLSTATE and words; DuckDB's do not reach a client."""

import re

import pytest
from snowflake.connector.errors import Error

from local.snowflake.error_texts import Words, in_snowflakes_words
from tests.local.snowflake.client import Connect

COMPILATION = "SQL compilation error:\n"
MISSING = "does not exist or not authorized."
# Number, SQLSTATE and text by statement.
ERRORS: dict[str, tuple[int, str, str]] = {
    # Values: https://docs.snowflake.com/en/sql-reference/functions/to_decimal, …/div0, …/to_date.
    "SELECT 'x'::INT": (100038, "22018", "Numeric value 'x' is not recognized"),
    "SELECT ''::INT": (100038, "22018", "Numeric value '' is not recognized"),
    "SELECT 'x'::FLOAT": (100038, "22018", "Numeric value 'x' is not recognized"),
    "SELECT 'x'::NUMBER(10,2)": (100038, "22018", "Numeric value 'x' is not recognized"),
    "SELECT TO_NUMBER('1,5')": (100038, "22018", "Numeric value '1,5' is not recognized"),
    "SELECT B::INT FROM T": (100038, "22018", "Numeric value 'abc' is not recognized"),
    "SELECT V:a::INT FROM T": (100038, "22018", "Numeric value 'x' is not recognized"),
    "INSERT INTO T (A) VALUES ('x')": (100038, "22018", "Numeric value 'x' is not recognized"),
    "SELECT '123456'::NUMBER(4,1)": (100039, "22003", "Numeric value '123456' is out of range"),
    "SELECT 123456::NUMBER(4,1)": (
        100046,
        "22003",
        "Number out of representable range: type FIXED[SB2](4,1){nullable}, value 123456",
    ),
    "SELECT 'x'::DATE": (100040, "22007", "Date 'x' is not recognized"),
    "SELECT '2026-02-30'::DATE": (100040, "22007", "Date '2026-02-30' is not recognized"),
    "SELECT B::DATE FROM T": (100040, "22007", "Date 'abc' is not recognized"),
    "SELECT 'x'::TIMESTAMP_NTZ": (100035, "22007", "Timestamp 'x' is not recognized"),
    "SELECT 'x'::TIMESTAMP_TZ": (100035, "22007", "Timestamp 'x' is not recognized"),
    "SELECT TO_TIMESTAMP('x')": (100035, "22007", "Timestamp 'x' is not recognized"),
    "SELECT TO_TIMESTAMP('x', 'YYYY-MM-DD')": (
        100035, "22007", "Timestamp 'x' is not recognized",
    ),
    "SELECT 'x'::BOOLEAN": (100037, "22018", "Boolean value 'x' is not recognized"),
    "SELECT TO_BOOLEAN('maybe')": (100037, "22018", "Boolean value 'maybe' is not recognized"),
    "SELECT 1/0": (100051, "22012", "Division by zero"),
    "SELECT A/(A-A) FROM T": (100051, "22012", "Division by zero"),
    "SELECT MOD(1, 0)": (100051, "22012", "Division by zero"),
    "SELECT PARSE_JSON('{x')": (100069, "22P02", "Error parsing JSON: unexpected character"),
    "SELECT (SELECT A FROM TWO)": (
        90150, "22000", "Single-row subquery returns more than one row.",
    ),
    "INSERT INTO REQUIRED VALUES (NULL)": (100072, "22000", "NULL result in a non-nullable column"),
    # Names.
    "SELECT * FROM MISSING": (2003, "42S02", f"{COMPILATION}Object 'MISSING' {MISSING}"),
    "DROP TABLE MISSING": (2003, "42S02", f"{COMPILATION}Object 'MISSING' {MISSING}"),
    "USE DATABASE MISSING": (2003, "02000", f"{COMPILATION}Database 'MISSING' {MISSING}"),
    "USE SCHEMA MISSING": (
        2043, "02000", f"{COMPILATION}Object does not exist, or operation cannot be performed.",
    ),
    "SELECT MISSING FROM T": (904, "42000", f"{COMPILATION}invalid identifier 'MISSING'"),
    "INSERT INTO T (MISSING) VALUES (1)": (
        904, "42000", f"{COMPILATION}invalid identifier 'MISSING'",
    ),
    "ALTER TABLE T DROP COLUMN MISSING": (
        904, "42000", f"{COMPILATION}invalid identifier 'MISSING'",
    ),
    "SELECT MISSING(1)": (2140, "42601", f"{COMPILATION}Unknown function MISSING"),
    "SELECT A FROM T, TWO": (2028, "42601", f"{COMPILATION}ambiguous column name 'A'"),
    "CREATE TABLE T (A INT)": (2002, "42710", f"{COMPILATION}Object 'T' already exists."),
    "CREATE SCHEMA PUBLIC": (2002, "42710", f"{COMPILATION}Object 'PUBLIC' already exists."),
    "CREATE VIEW VIEWED AS SELECT 1 AS A": (
        2002, "42710", f"{COMPILATION}Object 'VIEWED' already exists.",
    ),
    "ALTER TABLE T RENAME TO TWO": (2002, "42710", f"{COMPILATION}Object 'TWO' already exists."),
    "CREATE TABLE NEW (A INT, A INT)": (2025, "42S21", f"{COMPILATION}duplicate column name 'A'"),
    # Shapes.
    "INSERT INTO TWO VALUES (1, 2)": (
        2020, "21S01",
        f"{COMPILATION}Insert value list does not match column list expecting 1 but got 2",
    ),
    "SELECT A, COUNT(*) FROM T": (
        979, "42601", f"{COMPILATION}[A] is not a valid group by expression",
    ),
    "SELECT A FROM T UNION ALL SELECT 1, 2": (
        1789, "42601",
        f"{COMPILATION}invalid number of result columns for set operator input branches",
    ),
    "SELECT A + D FROM T WHERE D + TRUE": (
        1044, "42P13", f"{COMPILATION}Invalid argument types for function '+': (DATE, BOOLEAN)",
    ),
    "SELECT FROM WHERE": (1003, "42000", f"{COMPILATION}syntax error line 1 at position 17."),
}  # fmt: skip
# The name of one of DuckDB's or the parser's classes of errors.
FOREIGN = re.compile(r"\b\w+ Error: |duckdb|sqlglot|LINE 1:", re.IGNORECASE)


@pytest.mark.parametrize("sql", ERRORS)
def test_an_error_has_snowflakes_number_sqlstate_and_words(sql: str, connect: Connect) -> None:
    cursor = connect().cursor()
    for statement in (
        "CREATE TABLE T AS SELECT 1 AS A, 'abc' AS B, '2026-01-01'::DATE AS D,"
        """ PARSE_JSON('{"a":"x"}') AS V""",
        "CREATE TABLE TWO AS SELECT 1 AS A UNION ALL SELECT 2",
        "CREATE TABLE REQUIRED (A INT NOT NULL)",
        "CREATE VIEW VIEWED AS SELECT 1 AS A",
    ):
        cursor.execute(statement)

    with pytest.raises(Error) as caught:
        cursor.execute(sql)

    error = caught.value
    assert (error.errno, error.sqlstate, error.raw_msg) == ERRORS[sql]
    assert error.sfqid


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Binder Error: WHERE clause cannot contain aggregates!\n\nLINE 1: x", 1003),
        ("Invalid Input Error: Invalid input for hex digit: z", 100183),
        ("Not implemented Error: this is new", 100183),
        ("INTERNAL Error: Attempted to access index 1", 100183),
    ],
)
def test_an_error_that_is_not_known_keeps_its_sentence_without_its_class(
    text: str, expected: int
) -> None:
    words = in_snowflakes_words(text)

    assert words is not None
    assert words.number == expected
    assert not FOREIGN.search(words.text)
    assert words.text.endswith(text.split("\n", maxsplit=1)[0].split("Error: ")[1])


def test_a_text_that_is_not_duckdbs_is_left_alone() -> None:
    assert in_snowflakes_words("Numeric value 'Binder Error: ' is not recognized") is None


@pytest.mark.parametrize("value", ["it's", "a'b\"c", "{x}", "12x"])
def test_a_value_is_quoted_as_it_is(value: str) -> None:
    assert in_snowflakes_words(
        f'Conversion Error: Could not convert string "{value}" to DECIMAL(38,0)'
    ) == Words(100038, "22018", f"Numeric value '{value}' is not recognized")
