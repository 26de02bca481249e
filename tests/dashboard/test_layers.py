"""The layers' SQL on a few rows: which are valid at a day's end, and what is shown of each."""

import pandas as pd
import pytest

from include.dashboard import queries
from tests.dashboard.in_memory import DAY, ENDED, FIRST, LAST, NOON, Fill, values

HISTORY = "dbt_valid_from timestamp_ntz, dbt_valid_to timestamp_ntz"
# For each layer: its table, its columns, a row's values before its times, and the same without.
LAYERS = {
    "epa": (
        "epa_parcels_history",
        "fire_name varchar, public_status varchar, address varchar, geometry binary",
        ("'Eaton', 'Done', '{}', null", ("Eaton", "Done")),
        ("null, null, '{}', null", ("Unknown", "Unknown")),
    ),
    "pasadena": (
        "pasadena_permits_history",
        "permit_status varchar, address varchar, geometry binary",
        ("'Done', '{}', null", ("Eaton", "Done")),
        ("null, '{}', null", ("Eaton", "Unknown")),
    ),
    "malibu": (
        "malibu_applications_history",
        "application_stage varchar, project_number varchar, longitude float, latitude float",
        ("'Done', '{}', 1, 2", ("Palisades", "Done")),
        ("null, '{}', 1, 2", ("Palisades", "Unknown")),
    ),
    "usace": (
        "usace_parcels_history",
        "fire_name varchar, address varchar, geometry binary, roe_status varchar,"
        " fso_package_approved_at timestamp_ntz, roe_withdrawn_at timestamp_ntz,"
        " roe_approved_at timestamp_ntz, roe_submitted_at timestamp_ntz",
        (f"'Eaton', '{{}}', null, 'a', '{NOON}', null, null, null",
         ("Eaton", "Debris removal completed")),
        ("null, '{}', null, null, null, null, null, null", ("Unknown", "No right of entry yet")),
    ),
}  # fmt: skip


@pytest.mark.parametrize("layer", LAYERS)
def test_a_layer_has_the_rows_that_were_valid_at_the_days_end(layer: str, fill: Fill) -> None:
    table, columns, (known, names), (unknown, without) = LAYERS[layer]
    rows = {
        "until then": f"'{FIRST}', '{ENDED}'",
        "still": f"'{LAST}', null",
        "later": f"'{ENDED}', null",
        "before": f"'{FIRST}', '{LAST}'",
    }
    connection = fill(
        table,
        f"{columns}, {HISTORY}",
        *(f"({known.format(place)}, {times})" for place, times in rows.items()),
        f"({unknown.format('unknown')}, '{FIRST}', null)",
    )
    frame = queries.places(connection, layer, DAY)
    assert sorted(values(frame, "place", "fire_name", "status")) == [
        ("still", *names),
        ("unknown", *without),
        ("until then", *names),
    ]
    recorded = frame.set_index("place").recorded_at
    assert recorded["until then"] == pd.Timestamp(FIRST, tz="UTC")
    assert recorded["still"] == pd.Timestamp(LAST, tz="UTC")


@pytest.mark.parametrize(
    ("status", "reached", "shown"),
    [
        ("'returned_x'", "null, null, null, null", "Right of entry returned"),
        ("null", f"null, '{NOON}', '{NOON}', '{NOON}'", "Right of entry returned"),
        ("'x'", f"null, null, '{NOON}', '{NOON}'", "Right of entry accepted"),
        ("'x'", f"null, null, null, '{NOON}'", "In the queue"),
        ("'returned'", f"'{NOON}', '{NOON}', null, null", "Debris removal completed"),
    ],
)
def test_a_parcel_is_at_its_latest_step(status: str, reached: str, shown: str, fill: Fill) -> None:
    table, columns, *_ = LAYERS["usace"]
    row = f"('Eaton', 'x', null, {status}, {reached}, '{FIRST}', null)"
    frame = queries.places(fill(table, f"{columns}, {HISTORY}", row), "usace", DAY)
    assert frame.status.tolist() == [shown]
