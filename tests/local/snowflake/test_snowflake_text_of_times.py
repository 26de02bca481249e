"""Timestamps as text: the session's formats, explicit formats, time zones."""

import json
from typing import Any

import pytest
from snowflake.connector.errors import ProgrammingError

from tests.local.snowflake.client import Connect, Run

MOMENTS = (
    "(SELECT '2025-08-21 16:27:03.120456'::TIMESTAMP_NTZ AS NTZ, "
    "'2025-08-21T09:27:03.120-07:00'::TIMESTAMP_TZ AS TZ)"
)


def one(run: Run, expression: str) -> Any:
    ((value,),) = run(f"SELECT {expression} FROM {MOMENTS}")
    return value


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        ("""TO_VARCHAR(NTZ, 'YYYY-MM-DD"T"HH24:MI:SS.FF3"Z"')""", "2025-08-21T16:27:03.120Z"),
        ("""TO_CHAR(NTZ::TIMESTAMP_NTZ, 'YYYY-MM-DD"T"HH24:MI:SS"Z"')""", "2025-08-21T16:27:03Z"),
        (
            """TO_VARCHAR(CONVERT_TIMEZONE('UTC', TZ), 'YYYY-MM-DD"T"HH24:MI:SS.FF3"Z"')""",
            "2025-08-21T16:27:03.120Z",
        ),
        ("TO_VARCHAR(CONVERT_TIMEZONE('America/Los_Angeles', TZ), 'HH24:MI')", "09:27"),
        ("TO_VARCHAR(CONVERT_TIMEZONE('UTC', 'Asia/Tokyo', NTZ), 'HH24:MI')", "01:27"),
        ("TO_VARCHAR(NTZ, 'MON DD, YYYY HH12:MI AM FF6')", "Aug 21, 2025 04:27 PM 120456"),
        ("NTZ::VARCHAR", "2025-08-21 16:27:03.120"),
        ("TO_VARCHAR(TZ)", "2025-08-21 16:27:03.120 +0000"),
    ],
)
def test_a_time_becomes_the_text_that_snowflake_documents(
    run: Run, expression: str, text: str
) -> None:
    assert one(run, expression) == text


def test_a_format_element_that_is_unknown_is_refused_by_name(run: Run) -> None:
    with pytest.raises(ProgrammingError, match="'Q' at character 5"):
        run("SELECT TO_VARCHAR(CURRENT_DATE(), 'YYYY-Q')")


def test_the_sessions_formats_shape_the_times_inside_objects(run: Run) -> None:
    run("""ALTER SESSION SET TIMESTAMP_NTZ_OUTPUT_FORMAT = 'YYYY"Y"', QUERY_TAG = 'x'""")
    run("ALTER SESSION SET TIMESTAMP_TZ_OUTPUT_FORMAT = 'MM TZHTZM' DATE_OUTPUT_FORMAT = 'DD'")
    run(f"CREATE VIEW MOMENTS AS SELECT * FROM {MOMENTS}")
    ((text,),) = run("SELECT OBJECT_CONSTRUCT('a', NTZ, 'b', TZ, 'c', NTZ::DATE) FROM MOMENTS")
    assert json.loads(text) == {"a": "2025Y", "b": "08 +0000", "c": "21"}
    ((text,),) = run("SELECT OBJECT_CONSTRUCT(*) FROM MOMENTS")
    assert json.loads(text) == {"NTZ": "2025Y", "TZ": "08 +0000"}
    run("ALTER SESSION UNSET TIMESTAMP_NTZ_OUTPUT_FORMAT")
    ((text,),) = run("SELECT NTZ::VARCHAR FROM MOMENTS")
    assert text == "2025-08-21 16:27:03.120"


def test_a_view_shows_times_in_the_readers_formats(connect: Connect) -> None:
    writer = connect(session_parameters={"TIMESTAMP_NTZ_OUTPUT_FORMAT": "YYYY"}).cursor()
    reader = connect(session_parameters={"TIMESTAMP_NTZ_OUTPUT_FORMAT": "DD"}).cursor()
    writer.execute(f"CREATE VIEW V AS SELECT OBJECT_CONSTRUCT('t', NTZ) AS O FROM {MOMENTS}")
    assert json.loads(writer.execute("SELECT O FROM V").fetchone()[0]) == {"t": "2025"}
    assert json.loads(reader.execute("SELECT O FROM V").fetchone()[0]) == {"t": "21"}


def test_a_time_without_zone_is_one_of_the_sessions_time_zone(connect: Connect) -> None:
    """Snowflake's own default is Los Angeles; production must not rely on UTC without saying so."""
    sql = f"SELECT TO_VARCHAR(CONVERT_TIMEZONE('UTC', NTZ::TIMESTAMP_TZ), 'HH24') FROM {MOMENTS}"
    for parameters, hour in (({}, "23"), ({"TIMEZONE": "UTC"}, "16")):
        cursor = connect(session_parameters=parameters).cursor()
        assert cursor.execute(sql).fetchone() == (hour,)


def test_milliseconds_since_the_epoch_are_utc(run: Run) -> None:
    ((ntz, tz),) = run(
        "SELECT TO_TIMESTAMP_NTZ(1755793623120, 3), TO_TIMESTAMP_TZ(1755793623120, 3)"
    )
    assert ntz.isoformat() == "2025-08-21T16:27:03.120000"
    assert tz.utctimetuple()[:6] == (2025, 8, 21, 16, 27, 3)


@pytest.mark.parametrize(
    ("clauses", "message"),
    [
        ("SET NONSENSE = 1", "NONSENSE"),
        ("SET TIMEZONE = 'Mars/Olympus'", "Mars/Olympus"),
        ("SET TIMESTAMP_OUTPUT_FORMAT = 'QQ'", "'Q'"),
        ("SET WEEK_START = 1", "WEEK_START"),
        ("TIMEZONE = 'UTC'", "syntax|Unexpected|unexpected"),
    ],
)
def test_an_invalid_parameter_is_refused_and_nothing_changes(
    run: Run, clauses: str, message: str
) -> None:
    with pytest.raises(ProgrammingError, match=message):
        run(f"ALTER SESSION {clauses}")
    assert one(run, "NTZ::VARCHAR") == "2025-08-21 16:27:03.120"
