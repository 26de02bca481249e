"""What is a time and what is not: numbers, texts, zones and VARIANTs, as Snowflake documents them.

https://docs.snowflake.com/en/sql-reference/functions/to_timestamp
https://docs.snowflake.com/en/sql-reference/functions/convert_timezone
"""

from datetime import datetime
from typing import Any

import pytest
from snowflake.connector.errors import ProgrammingError

from tests.local.snowflake.client import Connect, Run

COLUMNS = (
    "I NUMBER(38,0), D NUMBER(38,2), F FLOAT, B BOOLEAN, S VARCHAR, V VARIANT, N TIMESTAMP_NTZ,"
    " Z TIMESTAMP_TZ"
)
VALUES = (
    "1755793623, 1755793623.50, 1755793623, TRUE, '2025-08-21T16:27:03Z', PARSE_JSON('\"a\"'),"
    " '2025-08-21 16:27:03'::TIMESTAMP_NTZ, '2025-08-21 09:27:03 -07:00'::TIMESTAMP_TZ"
)
NUMBER_IN_ZONE = r"Invalid argument types for function 'CONVERT_TIMEZONE': \(VARCHAR, "


@pytest.fixture
def table(run: Run) -> Run:
    run(f"CREATE TABLE T ({COLUMNS})")
    run(f"INSERT INTO T SELECT {VALUES}")
    return run


def one(run: Run, expression: str) -> Any:
    ((value,),) = run(f"SELECT {expression} FROM T")
    return value


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("CONVERT_TIMEZONE('UTC', I)", NUMBER_IN_ZONE + r"NUMBER\(38,0\)\)"),
        ("CONVERT_TIMEZONE('UTC', D)", NUMBER_IN_ZONE + r"NUMBER\(38,2\)\)"),
        ("CONVERT_TIMEZONE('UTC', F)", NUMBER_IN_ZONE + r"FLOAT\)"),
        ("CONVERT_TIMEZONE('UTC', B)", NUMBER_IN_ZONE + r"BOOLEAN\)"),
        ("CONVERT_TIMEZONE('UTC', 'Asia/Tokyo', I)", NUMBER_IN_ZONE + "VARCHAR, NUMBER"),
        ("CONVERT_TIMEZONE('UTC', 'Asia/Tokyo', Z)", NUMBER_IN_ZONE + "VARCHAR, TIMESTAMP_TZ"),
        ("F::TIMESTAMP_NTZ", r"CAST\(F AS TIMESTAMP_NTZ\(9\)\)\] for parameter 'TO_TIMESTAMP_NTZ'"),
        ("F::TIMESTAMP_TZ", r"invalid type \[CAST\(F AS TIMESTAMP_TZ\(9\)\)\]"),
        ("TO_TIMESTAMP_NTZ(F)", "for parameter 'TO_TIMESTAMP_NTZ'"),
        ("TO_TIMESTAMP_NTZ(F, 3)", "for parameter 'TO_TIMESTAMP_NTZ'"),
        ("TO_TIMESTAMP_TZ(F)", "for parameter 'TO_TIMESTAMP_TZ'"),
        ("B::TIMESTAMP_NTZ", "for parameter 'TO_TIMESTAMP_NTZ'"),
    ],
)
def test_a_number_where_a_time_is_needed_is_refused(
    table: Run, expression: str, message: str
) -> None:
    with pytest.raises(ProgrammingError, match=message):
        one(table, expression)


@pytest.mark.parametrize(
    ("expression", "seconds"),
    [
        ("I::TIMESTAMP_TZ", 1_755_793_623),
        ("TO_TIMESTAMP_TZ(D)", 1_755_793_623.5),
        ("TO_TIMESTAMP_LTZ(I)", 1_755_793_623),
        # Seconds whatever the size: only digits in a text have a unit by their size.
        ("(I * 10)::TIMESTAMP_TZ", 17_557_936_230),
    ],
)
def test_a_whole_or_decimal_number_is_seconds(table: Run, expression: str, seconds: float) -> None:
    assert one(table, expression).timestamp() == seconds


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("AS_TIMESTAMP_NTZ(TO_VARIANT(N))", "2025-08-21T16:27:03"),
        ("AS_TIMESTAMP_NTZ(TO_VARIANT(Z))", None),
        ("AS_TIMESTAMP_TZ(TO_VARIANT(N))", None),
        ("AS_TIMESTAMP_TZ(TO_VARIANT(S))", None),
        ("AS_TIMESTAMP_TZ(TO_VARIANT(I))", None),
        ("AS_TIMESTAMP_NTZ(V)", None),
        ("CONVERT_TIMEZONE('UTC', AS_TIMESTAMP_TZ(TO_VARIANT(Z)))", "2025-08-21T16:27:03"),
    ],
)
def test_a_variant_is_a_time_only_if_its_value_is_one(
    table: Run, expression: str, value: str | None
) -> None:
    found = one(table, expression)
    assert (found and found.isoformat()) == value


def test_a_variant_is_text_only_if_its_value_is_text(table: Run) -> None:
    ((text, json, number),) = table(
        "SELECT AS_VARCHAR(TO_VARIANT(S)), AS_VARCHAR(V), AS_VARCHAR(TO_VARIANT(I)) FROM T"
    )
    assert (text, json, number) == ("2025-08-21T16:27:03Z", "a", None)


def test_an_epoch_is_that_of_the_instant_and_a_time_without_zone_is_in_utc(
    connect: Connect,
) -> None:
    for zone in ("UTC", "Asia/Tokyo"):
        cursor = connect(session_parameters={"TIMEZONE": zone}).cursor()
        cursor.execute(
            "SELECT DATE_PART('epoch_microsecond', '2025-08-21 16:27:03'::TIMESTAMP_NTZ),"
            " DATE_PART('epoch_millisecond', '2025-08-21 09:27:03 -07:00'::TIMESTAMP_TZ)"
        )
        assert cursor.fetchone() == (1_755_793_623_000_000, 1_755_793_623_000)


@pytest.mark.parametrize(
    ("text", "hour"),
    [
        ("2025-08-21T16:27:03Z", 16),
        ("2025-08-21 09:27:03.120 -0700", 16),
        ("2025-08-21 16:27:03", 7),
        ("soon", None),
    ],
)
def test_a_text_without_an_offset_is_a_time_of_the_session(
    connect: Connect, text: str, hour: int | None
) -> None:
    cursor = connect(session_parameters={"TIMEZONE": "Asia/Tokyo"}).cursor()
    cursor.execute(f"CREATE TABLE T AS SELECT '{text}' AS S")
    cursor.execute("SELECT CONVERT_TIMEZONE('UTC', TRY_TO_TIMESTAMP_TZ(S)) FROM T")
    (found,) = cursor.fetchone()
    assert (found and found.hour) == hour


def test_a_text_that_is_not_a_time_is_null_if_it_is_tried(table: Run) -> None:
    assert table("SELECT TRY_TO_TIMESTAMP_NTZ(S || 'x'), TRY_TO_TIMESTAMP(S) IS NULL FROM T") == [
        (None, False)
    ]


def test_sysdate_is_the_time_in_utc_in_every_session(connect: Connect) -> None:
    cursor = connect(session_parameters={"TIMEZONE": "Asia/Tokyo"}).cursor()
    cursor.execute(
        "SELECT ABS(DATEDIFF('minute', SYSDATE(), CURRENT_TIMESTAMP()::TIMESTAMP_NTZ)),"
        " ABS(DATEDIFF('minute', SYSDATE()::TIMESTAMP_NTZ, SYSDATE()))"
    )
    assert cursor.fetchone() == (9 * 60, 0)


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        ("TRIM('\u00a0 a\u00a0 ')", "\u00a0 a\u00a0"),
        ("TRIM(' \t a\n ')", "\t a\n"),
        ("LTRIM('  a  ')", "a  "),
        ("RTRIM('  a  ')", "  a"),
        ("TRIM('\u00a0a ', ' ' || CHR(160))", "a"),
        ("TRIM(12321, '1')", "232"),
    ],
)
def test_trim_removes_blanks_only_unless_it_is_given_other_characters(
    run: Run, expression: str, text: str
) -> None:
    assert run(f"SELECT {expression}") == [(text,)]


@pytest.mark.parametrize(
    ("number", "scale"),
    [("1755793623", 0), ("1755793623123", 3), ("1755793623123456", 6), ("1755793623123456789", 9)],
)
def test_a_number_is_a_time_to_the_microsecond(run: Run, number: str, scale: int) -> None:
    ((shown,),) = run(f"SELECT TO_TIMESTAMP_NTZ({number}, {scale})")

    fraction = number[10:16].ljust(6, "0")
    assert shown == datetime.fromisoformat(f"2025-08-21 16:27:03.{fraction}")
