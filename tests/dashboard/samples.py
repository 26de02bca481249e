"""Single parcels, permits and incidents of the year of history."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import shapely

from include import warehouse
from include.incidents.incident import Event
from include.incidents.incident_file import Entry
from include.incidents.severity import HIGH, Assessment, Impact
from tests.incidents.sample_incidents import failed, incident, over, rated

HISTORIES = {
    "epa_parcels_history": "fire_name, public_status, address, geometry",
    "usace_parcels_history": "fire_name, roe_status, address, roe_approved_at, roe_withdrawn_at,"
    " roe_submitted_at, fso_package_approved_at, geometry",
    "pasadena_permits_history": "permit_status, address, geometry",
    "malibu_applications_history": "application_stage, project_number, longitude, latitude",
}


TYPES = {"geometry": "binary", "longitude": "float", "latitude": "float"}


def places() -> list[tuple[str, tuple[str, list[tuple[object, ...]]]]]:
    """For each layer's history, the statement that creates it and the one that fills it."""
    square = shapely.box(-118.2, 34.1, -118.1, 34.3).wkb
    since, ended = "2026-01-01 00:00:00", "2026-06-01 00:00:00"
    # In the result on every day.
    always = "2000-01-01 00:00:00"
    done = ("Eaton", "approved", "1 A St", since, None, since, since, square)
    rows: dict[str, list[tuple[object, ...]]] = {
        "epa_parcels_history": [
            ("Eaton", "Phase 1 In Progress", "1 A St", square, since, ended),
            ("Eaton", "Phase 1 Complete", "1 A St", square, ended, None),
            ("Palisades", None, "<script>alert(1)</script>", None, since, None),
        ],
        "usace_parcels_history": [
            (*done, always, None),
            ("Eaton", "approved", "2 A St", since, None, since, None, square, always, None),
            (
                "Palisades",
                "returned_withdrawn",
                "3 A St",
                since,
                None,
                since,
                None,
                square,
                always,
                None,
            ),
            ("Palisades", None, "4 A St", None, None, since, None, square, always, None),
            (None, None, "5 A St", None, None, None, None, square, always, None),
        ],
        "pasadena_permits_history": [("Issued", "1 A St", square, since, None)],
        "malibu_applications_history": [("InPlanning", "P-1", -118.7, 34.0, since, None)],
    }
    statements = []
    for name, listed in HISTORIES.items():
        columns = [*listed.split(", "), "dbt_valid_from", "dbt_valid_to"]
        typed = ", ".join(f"{name} {_type_of(name)}" for name in columns)
        table = f"{warehouse.history_schema()}.{name}"
        marks = ", ".join(["%s"] * len(columns))
        statements.append(
            (
                f"create table {table} ({typed})",
                (f"insert into {table} values ({marks})", rows[name]),
            )
        )
    return statements


def _type_of(column: str) -> str:
    if column.endswith("_at") or column.startswith("dbt_"):
        return "timestamp_ntz"
    return TYPES.get(column, "varchar")


def entries(now: datetime) -> list[Entry]:
    """A closed incident, an open one, and one that closed long ago."""
    opened = now - timedelta(days=20)
    sees = "what it saw before"
    problem = failed(
        error="it is down <b>", at=opened, assessment=Assessment(Impact.NONE, "", sees, ("a",))
    )
    first = replace(incident(problem), responder="Ana")
    one = replace(first, id="one")
    two = replace(rated(first, HIGH), id="two")
    at = datetime(2025, 12, 1, tzinfo=UTC)
    old = replace(first, id="old", opened_at=at)
    return [
        Entry(opened, Event.OPENED, one),
        Entry(opened + timedelta(hours=3), Event.RECOVERED, over(one, timedelta(hours=3))),
        Entry(opened, Event.OPENED, two),
        Entry(at, Event.OPENED, old),
        Entry(at + timedelta(days=1), Event.RECOVERED, over(old, timedelta(days=1))),
    ]
