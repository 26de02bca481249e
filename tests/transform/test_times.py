"""Times of each kind that Fivetran may write, read in sessions of several time zones."""

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import jinja2
import pytest

from include.sources import RawTable
from include.transform_project import PROJECT
from tests.transform.conftest import METRICS, Build
from tests.transform.project import NO_UNIT_TESTS, Project
from tests.transform.raw_tables import Row, statements
from tests.transform.rows import TABLES, WORLD, airtable

ZONES: Final = ("UTC", "America/Los_Angeles", "Asia/Tokyo")
FEEDBACK: Final = TABLES["page_feedback"]
AIRTABLE: Final = TABLES["airtable"]

SQL_FILES: Final = sorted(
    file for file in PROJECT.parent.rglob("*.sql") if PROJECT / "target" not in file.parents
)

# One moment, 2026-11-09 07:30:00 in UTC, on Sunday night in California.
SECONDS: Final = 1_794_209_400
MOMENT: Final = "2026-11-09T07:30:00"
FORMS: Final[list[tuple[str, object]]] = [
    ("TIMESTAMP_TZ", "2026-11-09 07:30:00 +00:00"),
    ("TIMESTAMP_TZ", "2026-11-08 23:30:00 -08:00"),
    ("TIMESTAMP_LTZ", "2026-11-08 23:30:00 -08:00"),
    ("TIMESTAMP_NTZ", "2026-11-09 07:30:00"),
    ("VARCHAR", "2026-11-09T07:30:00.000Z"),
    ("VARCHAR", "2026-11-09T07:30:00"),
    ("VARCHAR", "2026-11-08T23:30:00.000-08:00"),
    ("VARCHAR", "2026-11-08 23:30:00.000 -0800"),
    ("VARCHAR", str(SECONDS)),
    ("VARIANT", "2026-11-09T07:30:00Z"),
    ("NUMBER(38,0)", SECONDS),
    ("NUMBER(38,0)", SECONDS * 1_000),
    ("FLOAT", SECONDS * 1_000),
]


def is_number(form: tuple[str, object]) -> bool:
    type_, value = form
    return type_.startswith(("NUMBER", "FLOAT")) or value == str(SECONDS)


@pytest.fixture
def compiled(first_build: Build) -> dict[str, str]:
    """The compiled SQL of each model, test and snapshot that was built."""
    nodes = [each.node for each in first_build.outcome.result.results]
    return {node.name: node.compiled_code for node in nodes if node.compiled_code}


@pytest.fixture
def raw(project: Project, first_build: Build) -> Iterator[Project]:
    """The project, whose raw tables are put back afterwards."""
    yield project
    project.load({FEEDBACK: WORLD[FEEDBACK], AIRTABLE: WORLD[AIRTABLE]})


def in_zone(project: Project, zone: str, sql: str) -> list[dict[str, Any]]:
    """A query's rows, in a session of a time zone; in any order."""
    return sorted(project.execute(f"ALTER SESSION SET TIMEZONE = '{zone}'", sql), key=repr)


def replace_rows(
    project: Project, table: RawTable, rows: Sequence[Row], types: dict[str, str]
) -> None:
    with project.environment():
        sql = statements(table, rows, types)
    project.execute(*sql)


@pytest.mark.parametrize(("type_", "value"), FORMS)
def test_a_time_is_read_from_each_form_in_each_time_zone(
    type_: str, value: object, raw: Project, compiled: dict[str, str]
) -> None:
    replace_rows(raw, FEEDBACK, [{"FEEDBACK_KEY": "a", "TIME": value}], {"TIME": type_})
    for zone in ZONES:
        [row] = in_zone(raw, zone, compiled["stg_page_feedback__responses"])
        assert row["SUBMITTED_AT"].isoformat() == MOMENT, zone


def test_milliseconds_are_kept(raw: Project, compiled: dict[str, str]) -> None:
    row = {"FEEDBACK_KEY": "a", "TIME": SECONDS * 1_000 + 123}
    replace_rows(raw, FEEDBACK, [row], {})
    [found] = in_zone(raw, "UTC", compiled["stg_page_feedback__responses"])
    assert found["SUBMITTED_AT"].isoformat() == f"{MOMENT}.123000"


def test_no_model_depends_on_the_sessions_time_zone(
    all_marts: Project, compiled: dict[str, str]
) -> None:
    models = [name for name in compiled if name.endswith("_metrics") or name.startswith("stg_")]
    models.append("feedback_by_page_and_week")
    assert len(models) > 12
    for name in models:
        in_utc = in_zone(all_marts, "UTC", compiled[name])
        assert in_utc
        for zone in ZONES[1:]:
            assert in_zone(all_marts, zone, compiled[name]) == in_utc, (name, zone)


def test_the_unloaded_times_do_not_depend_on_the_session(all_marts: Project) -> None:
    file = PROJECT.parent / "publishing" / "unload_metrics.sql"
    copy = jinja2.Template(file.read_text()).render(
        params={"location": "@stage", "table": f"{METRICS}.epa_metrics"}, run_id="run"
    )
    found = re.search(r"from \((.*)\)\s*file_format", copy, re.DOTALL)
    assert found
    formats = "TIMESTAMP_NTZ_OUTPUT_FORMAT = 'YYYY' TIMESTAMP_OUTPUT_FORMAT = 'DD'"
    rows = all_marts.execute(
        "ALTER SESSION SET TIMEZONE = 'Asia/Tokyo'", f"ALTER SESSION SET {formats}", found[1]
    )
    [metric] = json.loads(next(iter(rows[0].values())))
    assert metric["LAST_UPDATED"] == "2026-11-22T06:30:12.345Z"


@pytest.mark.parametrize("file", SQL_FILES, ids=lambda file: file.name)
def test_no_sql_depends_on_the_sessions_time_zone(file: Path) -> None:
    """`CONVERT_TIMEZONE` needs its source zone; `SYSDATE` is in UTC, other clocks are not."""
    sql = re.sub(r"{#.*?#}|--[^\n]*", "", file.read_text(), flags=re.DOTALL).lower()
    assert not re.search(r"current_timestamp|current_date|getdate\(|localtimestamp", sql)
    for call in re.finditer(r"convert_timezone\(\s*", sql):
        assert re.match(r"'[^']+',\s*'[^']+',", sql[call.end() :]), file


@pytest.mark.parametrize(
    ("type_", "value"),
    [
        ("NUMBER(38,0)", SECONDS * 1_000),
        ("FLOAT", SECONDS),
        ("VARCHAR", str(SECONDS)),
        ("BOOLEAN", "true"),
        ("DATE", "2026-11-09"),
        ("VARCHAR", "9 November"),
        ("VARIANT", ["2026-11-09T07:30:00Z"]),
    ],
)
def test_a_column_of_another_type_than_time_or_text_is_reported(
    type_: str, value: object, raw: Project, compiled: dict[str, str]
) -> None:
    replace_rows(raw, AIRTABLE, [entry(value), entry(None)], {"DATE_CREATED": type_})
    [failure] = in_zone(raw, "UTC", created_at_test(compiled))
    assert (failure["RAW_COLUMN"], failure["ROW_COUNT"]) == ("date_created", 1)


@pytest.mark.parametrize(("type_", "value"), [form for form in FORMS if not is_number(form)])
def test_a_time_or_a_text_is_accepted(
    type_: str, value: object, raw: Project, compiled: dict[str, str]
) -> None:
    replace_rows(raw, AIRTABLE, [entry(value), entry(None)], {"DATE_CREATED": type_})
    assert in_zone(raw, "Asia/Tokyo", created_at_test(compiled)) == []


def test_a_mart_is_not_built_from_times_that_cannot_be_read(raw: Project) -> None:
    rows = [{**row, "TIME": f"day {n}"} for n, row in enumerate(WORLD[FEEDBACK])]
    replace_rows(raw, FEEDBACK, rows, {"TIME": "VARCHAR"})
    outcome = raw.dbt("build", "--select", "tag:page_feedback", *NO_UNIT_TESTS)
    [failed] = outcome.named("fail")
    assert failed.startswith("times_are_read_stg_page_feedback__responses_submitted_at")
    assert outcome.statuses["page_feedback_metrics"] == "skipped"
    assert outcome.statuses["feedback_by_page_and_week"] == "skipped"


def entry(created: Any) -> Row:
    return airtable("a1" if created else "a2", "a_metric", 1, created)


def created_at_test(compiled: dict[str, str]) -> str:
    [sql] = [
        sql
        for name, sql in compiled.items()
        if name.startswith("times_are_read_stg_airtable__metrics_created_at")
    ]
    return sql
