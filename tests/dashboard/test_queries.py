"""Each query on a year of history: its values, its aggregation in the warehouse, its columns."""

from datetime import date, timedelta

import pandas as pd
import pytest
from snowflake.connector import SnowflakeConnection

from include import warehouse
from include.dashboard import queries
from include.dashboard.queries import read
from include.query_tags import query_tag
from local import provision
from local.cloud import Cloud
from tests.dashboard import year

A_YEAR = year.TODAY - timedelta(days=365)
DAYS = 366


def test_public_now_is_the_newest_version_with_the_values_of_an_earlier_day(
    connection: SnowflakeConnection,
) -> None:
    rows = queries.public_now(connection, year.TODAY).set_index("metric_name")

    assert set(rows.index) == set(year.METRICS)
    completed = rows.loc["phase2_parcels_completed"]
    assert completed.metric_value == 1000 + 2 * year.HOURS
    # The day began ten hours before, in California.
    assert completed.metric_value - completed.value_before == 2 * 10
    assert rows.published_at.unique() == [pd.Timestamp(year.NOW)]


def test_a_metric_that_was_not_public_then_has_no_value_before(
    connection: SnowflakeConnection,
) -> None:
    before = queries.public_now(connection, date(2025, 11, 21)).set_index("metric_name")
    never = queries.public_now(connection, date(2020, 1, 1))

    assert before.value_before.notna().all()
    assert never.value_before.isna().all()
    assert len(never) == len(year.METRICS)


def test_a_year_of_hourly_versions_is_one_value_a_day(connection: SnowflakeConnection) -> None:
    rows = queries.published_by_day(connection, A_YEAR)

    assert len(rows) == DAYS * len(year.METRICS)
    completed = rows[rows.metric_name == "phase2_parcels_completed"].set_index("day").metric_value
    # The last hour of the day before the last, in California, is the next day's 07:00 in UTC.
    assert completed["2026-11-19"] == 1000 + 2 * (year.HOURS - 11)
    assert completed["2026-11-20"] == 1000 + 2 * year.HOURS


def test_only_the_period_is_read(connection: SnowflakeConnection) -> None:
    rows = queries.published_by_day(connection, year.TODAY - timedelta(days=6))

    assert rows.day.min() == pd.Timestamp("2026-11-14")
    assert rows.day.nunique() == 7


def test_a_year_of_hourly_loads_is_one_row_a_day_and_table(connection: SnowflakeConnection) -> None:
    rows = queries.loads_by_day(connection, A_YEAR)

    assert len(rows) == DAYS * len(year.SOURCES)
    # The two that failed are not among them.
    assert rows.loads.sum() == year.HOURS * len(year.SOURCES) - 2
    assert rows[rows.failures > 0][["source", "failures"]].values.tolist() == [["usace", 2]]
    assert rows.bytes.sum() == 5000 * year.HOURS * len(year.SOURCES)


def test_the_newest_successful_load_has_the_failures_after_it(
    connection: SnowflakeConnection,
) -> None:
    rows = queries.newest_loads(connection).set_index("source")

    assert rows.loaded_at["epa"] == pd.Timestamp(year.NOW)
    assert rows.loc["epa", ["row_count", "rows_before", "failures_since"]].tolist() == [
        1000,
        999,
        0,
    ]
    assert rows.loaded_at["usace"] == pd.Timestamp(year.NOW) - timedelta(hours=2)
    assert rows.failures_since["usace"] == 2
    assert rows.reason["usace"] == "it is down <b>"


def test_a_table_whose_loads_all_failed_has_a_row(
    connection: SnowflakeConnection, cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    raw = warehouse.database("RAW")
    monkeypatch.setattr(read, "LOADING", f"{year.LOADING}_FAILED")
    schema = f"{raw}.{year.LOADING}_FAILED"
    with provision.connect(cloud) as administrator, administrator.cursor() as cursor:
        for statement in (f"create or replace schema {schema}", *year.readable(schema)):
            cursor.execute(statement)
        cursor.execute(
            f"create table {schema}.load_log as"
            f" select * from {raw}.{year.LOADING}.load_log where outcome <> 'loaded'"
        )

    [row] = queries.newest_loads(connection).itertuples()

    assert (row.source, row.failures_since) == ("usace", 2)
    assert pd.isna(row.loaded_at)


def test_a_marts_newest_value_has_its_time(connection: SnowflakeConnection) -> None:
    [row] = queries.newest_value(connection, "airtable").itertuples()

    assert row.last_updated == pd.Timestamp(year.NOW) - timedelta(hours=5)
    assert row.metrics == 1


def test_an_incident_is_one_row_with_its_newest_state(connection: SnowflakeConnection) -> None:
    rows = queries.incidents(connection, year.TODAY - timedelta(days=30)).set_index("incident")

    assert sorted(rows.index) == ["one", "two"]
    assert rows.hours["one"] == 3
    assert pd.isna(rows.closed_at["two"])
    assert rows.error["one"] == "it is down <b>"


def test_an_open_incident_is_listed_whatever_its_age(connection: SnowflakeConnection) -> None:
    rows = queries.incidents(connection, year.TODAY + timedelta(days=1))

    assert rows.incident.tolist() == ["two"]


def test_feedback_is_a_row_per_page_and_week(connection: SnowflakeConnection) -> None:
    whole = queries.feedback_by_page_and_week(connection, date(2020, 1, 1))
    rows = queries.feedback_by_page_and_week(connection, date(2026, 11, 15))

    assert len(whole) == 52 * len(year.PAGES)
    # The week that ends on that day is included.
    assert rows.week_starting.drop_duplicates().tolist() == [
        pd.Timestamp("2026-11-09"),
        pd.Timestamp("2026-11-16"),
    ]


def test_cost_is_that_of_the_pipeline_by_day_source_and_dag(
    connection: SnowflakeConnection,
) -> None:
    rows = queries.warehouse_cost(connection, A_YEAR)

    assert len(rows) == DAYS * 2
    seconds = rows.groupby(["source", "dag"]).seconds.sum()
    assert seconds.to_dict() == {("epa", "epa"): 2 * year.HOURS, ("usace", "usace"): 6 * year.HOURS}
    assert rows[rows.source == "usace"].share.sum() == pytest.approx(0.75)
    assert rows.statements.sum() == 2 * year.HOURS


def test_columns_are_of_the_declared_kinds_even_without_rows(
    connection: SnowflakeConnection,
) -> None:
    some = queries.published_by_day(connection, A_YEAR).dtypes
    none = queries.published_by_day(connection, date(2030, 1, 1)).dtypes

    assert none.metric_value == some.metric_value == "float64"
    assert str(none.day).startswith("datetime64")
    assert "UTC" in str(queries.incidents(connection, A_YEAR).opened_at.dtype)


@pytest.mark.parametrize("name", ["x; drop table y", "a b", "a'", ""])
def test_text_that_is_not_a_name_never_reaches_the_warehouse(
    name: str, connection: SnowflakeConnection
) -> None:
    with pytest.raises(ValueError, match="not the name of a table"):
        queries.newest_value(connection, f"{name} ")


def test_a_tagged_statement_is_in_the_warehouses_own_history(
    connection: SnowflakeConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(read, "ACCOUNT_USAGE", "{analytics}.PUBLIC")
    cursor = connection.cursor()
    cursor.execute(f"alter session set query_tag = '{query_tag('dashboard_test', 'epa')}'")
    cursor.execute("select 1")
    cursor.execute("alter session unset query_tag")

    rows = queries.warehouse_cost(connection, date(2020, 1, 1))

    [row] = rows[rows.dag == "dashboard_test"].itertuples()
    assert row.source == "epa"
    assert row.statements >= 1
