"""The queries' SQL on a few rows, at the edges of their conditions."""

from unittest.mock import Mock

import pandas as pd
import pytest
from snowflake.connector.errors import ProgrammingError

from include.dashboard import queries
from include.dashboard.analyses.queries import last_loads
from include.sources import LOADED, SOURCES
from tests.dashboard.in_memory import BEFORE, DAY, ENDED, FIRST, LAST, NOON, Fill, values


def test_a_week_that_ends_after_the_day_has_its_feedback(fill: Fill) -> None:
    connection = fill(
        "feedback_by_page_and_week",
        "page varchar, week_starting date, responses number, helpful_responses number",
        *(f"('{page}', '2026-11-{day}', 2, 1)" for page in "ba" for day in (13, 14, 16)),
    )
    frame = queries.feedback_by_page_and_week(connection, DAY)
    weeks = [(page, pd.Timestamp(f"2026-11-{day}")) for page in "ab" for day in (14, 16)]
    assert values(frame, "page", "week_starting") == weeks


def test_an_incident_has_its_newest_state_and_was_open_since_the_day(fill: Fill) -> None:
    opened = "'k', 'low', 'dag', 'tasks', "
    rest = "'sees', 'error', 'who'"
    early, late = "'2026-11-10 00:00:00'", "'2026-11-11 00:00:00'"
    connection = fill(
        "incident_log",
        "incident varchar, kind varchar, severity varchar, dag varchar, tasks varchar,"
        " opened_at timestamp_ntz, closed_at timestamp_ntz, public_sees varchar, error varchar,"
        " responder varchar, happened_at timestamp_ntz",
        f"('open', {opened} {early}, null, {rest}, {early})",
        f"('closed', {opened} {early}, null, {rest}, {early})",
        f"('closed', {opened} {early}, '{NOON}', {rest}, '{NOON}')",
        f"('reopened', {opened} {late}, '{FIRST}', {rest}, {early})",
        f"('reopened', {opened} {late}, null, {rest}, {late})",
        f"('tie', {opened} {late}, null, {rest}, {late})",
        f"('tie', {opened} {late}, '{FIRST}', {rest}, {late})",
        f"('tie', {opened} {late}, '{BEFORE}', {rest}, {late})",
        f"('before', {opened} {late}, '{BEFORE}', {rest}, {late})",
    )
    frame = queries.incidents(connection, DAY)
    assert values(frame, "incident", "hours") == [
        ("reopened", None),
        ("tie", 9 * 24 + 8.0),
        ("closed", 10 * 24 + 20.0),
        ("open", None),
    ]


LOADS = (
    "source varchar, table_name varchar, loaded_at timestamp_ntz, outcome varchar, seconds float,"
    " byte_count number, row_count number, source_edited_at timestamp_ntz, reason varchar"
)


def load(table: str, at: str, outcome: str = "loaded", rows: int = 5, seconds: float = 2) -> str:
    """A row of the load log; its reason is its time."""
    return f"('s', '{table}', '{at}', '{outcome}', {seconds}, 10, {rows}, null, '{at}')"


def test_loads_are_counted_by_californias_days(fill: Fill) -> None:
    connection = fill(
        "load_log",
        LOADS,
        load("B", BEFORE),
        load("B", FIRST, seconds=1),
        load("B", LAST, "transient failure", seconds=2),
        load("B", NOON, "permanent failure", seconds=6),
        load("A", NOON, "unchanged"),
        load("A", ENDED),
    )
    frame = queries.loads_by_day(connection, DAY)
    numbers = ("loads", "failures", "median_seconds", "longest_seconds", "bytes")
    assert values(frame, "day", "source", "table_name", *numbers) == [
        (pd.Timestamp("2026-11-20"), "s", "A", 1, 0, 2.0, 2.0, 10),
        (pd.Timestamp("2026-11-20"), "s", "B", 1, 2, 1.0, 1.0, 30),
        (pd.Timestamp("2026-11-21"), "s", "A", 1, 0, 2.0, 2.0, 10),
    ]


def test_the_newest_good_load_is_compared_with_the_good_one_before(fill: Fill) -> None:
    connection = fill(
        "load_log",
        LOADS,
        load("good", BEFORE, rows=1),
        load("good", FIRST, rows=5),
        load("good", "2026-11-20 09:00:00", "transient failure", rows=0),
        load("good", NOON, rows=7),
        # At the same moment, so not after it.
        load("good", NOON, "transient failure", rows=0),
        load("failed", FIRST, rows=3),
        load("failed", "2026-11-20 09:00:00", "transient failure", rows=0),
        load("failed", NOON, "permanent failure", rows=0),
        load("never", NOON, "permanent failure", rows=0),
        load("once", FIRST, "unchanged", rows=2),
        load("old", "2024-01-01 00:00:00"),
        load("old", BEFORE, "permanent failure", rows=0),
    )
    frame = queries.newest_loads(connection)
    columns = ("table_name", "loaded_at", "row_count", "rows_before", "failures_since", "reason")
    first, noon = pd.Timestamp(FIRST, tz="UTC"), pd.Timestamp(NOON, tz="UTC")
    long_ago = pd.Timestamp("2024-01-01", tz="UTC")
    assert values(frame, *columns) == [
        ("failed", first, 3, None, 2, NOON),
        ("good", noon, 7, 5, 0, None),
        ("never", None, None, None, 1, NOON),
        ("old", long_ago, 5, None, 1, BEFORE),
        ("once", first, 2, None, 0, None),
    ]


def test_each_part_of_a_source_is_logged_under_its_name_and_shown_under_the_sources(
    fill: Fill,
) -> None:
    parts = {
        f"RAW_DDRC_PRD.{part.table.schema}.{part.table.name}": (part.name, source.name)
        for source in (SOURCES[name] for name in LOADED)
        for part in source.parts
    }
    logged = [
        f"('{part}', '{table}', '{NOON}', 'loaded', 2, 10, 5, null, '')"
        for table, (part, _) in parts.items()
    ]
    connection = fill("load_log", LOADS, *logged)
    expected = {(source, table) for table, (_, source) in parts.items()}
    for frame in (queries.loads_by_day(connection, DAY), queries.newest_loads(connection)):
        assert set(values(frame, "source", "table_name")) == expected
    assert sorted(last_loads(connection).index) == sorted(LOADED)


def test_before_the_first_incident_there_is_no_log_and_no_row(fill: Fill) -> None:
    connection = fill("anything", "n number", "(1)")
    connection.cursor().execute("drop table if exists W.PUBLIC.incident_log")
    frame = queries.incidents(connection, DAY)
    assert frame.empty
    assert isinstance(frame.opened_at.dtype, pd.DatetimeTZDtype)


def test_a_log_that_cannot_be_read_is_not_taken_for_an_empty_one() -> None:
    connection = Mock()
    connection.cursor().execute.side_effect = ProgrammingError("refused", errno=904)
    with pytest.raises(ProgrammingError, match="refused"):
        queries.incidents(connection, DAY)


def test_a_marts_newest_value_is_its_latest(fill: Fill) -> None:
    connection = fill("epa_metrics", "last_updated timestamp_ntz", f"('{FIRST}'), ('{NOON}')")
    frame = queries.newest_value(connection, "epa")
    assert values(frame, "last_updated", "metrics") == [(pd.Timestamp(NOON, tz="UTC"), 2)]


PUBLISHED = (
    "metric_name varchar, metric_value number, metric_unit_label varchar, metric_type varchar,"
    " update_frequency varchar, last_updated timestamp_ntz, published_at timestamp_ntz,"
    " version varchar"
)


def published(name: str, value: int, at: str, version: str = "20261120T080000Z-abc") -> str:
    """A row of the published metrics."""
    return f"('{name}', {value}, 'things', 'count', 'daily', '{at}', '{at}', '{version}')"


def test_the_newest_values_are_compared_with_those_at_the_days_beginning(fill: Fill) -> None:
    connection = fill(
        "published_metrics",
        PUBLISHED,
        published("a", 1, BEFORE),
        published("a", 2, FIRST),
        published("gone", 2, FIRST),
        published("a", 3, "2026-11-20 09:00:00"),
        published("b", 5, NOON),
        published("a", 4, NOON),
    )
    frame = queries.public_now(connection, DAY)
    assert values(frame, "metric_name", "metric_value", "value_before") == [
        ("a", 4.0, 2.0),
        ("b", 5.0, None),
    ]
    assert set(frame.published_at) == {pd.Timestamp(NOON, tz="UTC")}


def test_a_day_has_each_metrics_last_value(fill: Fill) -> None:
    connection = fill(
        "published_metrics",
        PUBLISHED,
        published("b", 1, FIRST),
        published("a", 1, BEFORE),
        published("a", 2, FIRST),
        published("a", 3, LAST),
        published("a", 4, ENDED),
    )
    frame = queries.published_by_day(connection, DAY)
    assert values(frame, "metric_name", "day", "metric_value") == [
        ("a", pd.Timestamp("2026-11-20"), 3.0),
        ("a", pd.Timestamp("2026-11-21"), 4.0),
        ("b", pd.Timestamp("2026-11-20"), 1.0),
    ]


def test_values_of_sample_data_are_marked(fill: Fill) -> None:
    connection = fill(
        "published_metrics",
        PUBLISHED,
        published("a", 1, BEFORE, "made-up-002"),
        published("a", 2, FIRST, "made-up-001"),
        published("a", 3, ENDED),
        published("b", 3, ENDED),
    )
    assert values(queries.published_by_day(connection, DAY), "metric_name", "made_up") == [
        ("a", True),
        ("a", False),
        ("b", False),
    ]
    assert values(queries.public_now(connection, DAY), "value_before", "made_up_before") == [
        (2.0, True),
        (None, False),
    ]


STATEMENTS = (
    "query_tag varchar, warehouse_name varchar, start_time timestamp_tz, execution_status varchar,"
    " total_elapsed_time number, bytes_scanned number"
)
EPA = '{"app":"ddrc","dag":"epa","source":"epa"}'


def statement(
    at: str, tag: str = EPA, status: str = "SUCCESS", ms: int = 1000, warehouse: str = "'L'"
) -> str:
    """A row of the account's history."""
    return f"('{tag}', {warehouse}, '{at}+00:00', '{status}', {ms}, 5)"


def test_the_pipelines_statements_are_summed_by_day_source_dag_and_warehouse(fill: Fill) -> None:
    connection = fill(
        "query_history",
        STATEMENTS,
        statement(BEFORE),
        statement(FIRST, ms=1500),
        statement(LAST, status="FAIL", ms=500),
        statement(ENDED),
        statement(NOON, tag='{"app":"ddrc"}', warehouse="null"),
        statement(NOON, tag='{"app":"other","dag":"epa","source":"epa"}'),
        statement(NOON, tag="plain"),
        statement(NOON, tag="{broken"),
    )
    frame = queries.warehouse_cost(connection, DAY)
    day, next_day = pd.Timestamp("2026-11-20"), pd.Timestamp("2026-11-21")
    assert values(frame, *frame.columns) == [
        (day, "epa", "epa", "L", 2, 1, 2.0, 10, 0.5),
        (day, "none", "none", "none", 1, 0, 1.0, 5, 0.25),
        (next_day, "epa", "epa", "L", 1, 0, 1.0, 5, 0.25),
    ]


def test_statements_that_took_no_time_have_no_share(fill: Fill) -> None:
    frame = queries.warehouse_cost(fill("query_history", STATEMENTS, statement(NOON, ms=0)), DAY)
    assert values(frame, "seconds", "share") == [(0.0, None)]
    frame = queries.warehouse_cost(fill("query_history", STATEMENTS, statement(NOON)), DAY)
    assert values(frame, "seconds", "share") == [(1.0, 1.0)]
