"""Parcels and permits as points, on any day of their history, from columns that dbt creates."""

import re
from collections import Counter
from datetime import date

import pytest
from snowflake.connector import SnowflakeConnection
from sqlglot import exp, parse_one

from include.dashboard import queries
from include.dashboard.queries.read import SQL
from local.home import REPOSITORY
from tests.dashboard import year

STAGING = REPOSITORY / "include" / "transform" / "models" / "staging"
VIEWS = {
    "epa": "epa/stg_epa__parcels",
    "usace": "usace/stg_usace__parcels",
    "pasadena": "pasadena/stg_pasadena__permits",
    "malibu": "malibu/stg_malibu__rebuild_points",
}


def test_a_shape_is_its_centre(connection: SnowflakeConnection) -> None:
    [row] = queries.places(connection, "pasadena", year.TODAY).itertuples()

    assert (row.fire_name, row.status, row.place) == ("Eaton", "Issued", "1 A St")
    assert (row.longitude, row.latitude) == (pytest.approx(-118.15), pytest.approx(34.2))


def test_a_row_without_a_shape_has_no_location(connection: SnowflakeConnection) -> None:
    rows = queries.places(connection, "epa", year.TODAY)

    assert rows.set_index("fire_name").longitude.isna().to_dict() == {
        "Eaton": False,
        "Palisades": True,
    }
    assert "shape" not in rows


def test_a_row_with_a_point_has_its_location(connection: SnowflakeConnection) -> None:
    [row] = queries.places(connection, "malibu", year.TODAY).itertuples()

    assert (row.longitude, row.latitude) == (-118.7, 34.0)


@pytest.mark.parametrize(
    ("day", "statuses"),
    [
        (date(2025, 12, 30), []),
        (date(2026, 3, 1), ["Phase 1 In Progress", "Unknown"]),
        (date(2026, 11, 1), ["Phase 1 Complete", "Unknown"]),
    ],
)
def test_a_day_has_the_statuses_of_its_end(
    day: date, statuses: list[str], connection: SnowflakeConnection
) -> None:
    rows = queries.places(connection, "epa", day)

    assert sorted(rows.status) == statuses


def test_a_parcel_has_the_latest_step_that_it_reached(connection: SnowflakeConnection) -> None:
    rows = queries.places(connection, "usace", year.TODAY)

    assert Counter(rows.status) == {
        "Debris removal completed": 1,
        "Right of entry accepted": 1,
        "Right of entry returned": 1,
        "In the queue": 1,
        "No right of entry yet": 1,
    }
    assert sorted(rows.fire_name.unique()) == ["Eaton", "Palisades", "Unknown"]


@pytest.mark.parametrize("layer", queries.LAYERS)
def test_a_layers_query_reads_columns_that_its_history_has(layer: str) -> None:
    sql = re.sub(r"{{ *\w+ *}}", "x", (SQL / f"places_{layer}.sql").read_text())
    model = re.sub(r"{{.*}}", "x", (STAGING / f"{VIEWS[layer]}.sql").read_text())
    read = {column.name for column in parse_one(sql, dialect="snowflake").find_all(exp.Column)}
    made = {column.alias_or_name for column in parse_one(model, dialect="snowflake").expressions}

    assert read - made - {"dbt_valid_from", "dbt_valid_to", "x"} == set()


def test_an_unknown_layer_is_refused(connection: SnowflakeConnection) -> None:
    with pytest.raises(KeyError, match="nowhere"):
        queries.places(connection, "nowhere", year.TODAY)
