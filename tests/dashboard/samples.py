"""Single parcels, permits and incidents of the year of history."""

from datetime import datetime, timedelta
from typing import Any

import shapely

from include import warehouse

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


def events(now: datetime) -> list[dict[str, Any]]:
    """A closed incident, an open one, and one that closed long ago."""
    opened = now - timedelta(days=20)
    incident = {
        "id": "one", "kind": "load", "severity": "low", "why": "",
        "public_sees": "what it saw before", "dag": "usace", "tasks": ["load"], "run": "r",
        "runs": 1, "error": "it is down <b>",
        "affected": ["a"], "responder": "Ana", "opened_at": opened.isoformat(), "closed_at": None,
        "log_url": "", "issue_url": "",
    }  # fmt: skip
    closed = opened + timedelta(hours=3)
    old = {"id": "old", "opened_at": "2025-12-01T00:00:00+00:00"}
    over = {"closed_at": closed.isoformat(), "at": closed.isoformat(), "event": "recovered"}
    return [
        {**incident, "event_id": "1", "event": "opened", "at": opened.isoformat()},
        {**incident, **over, "event_id": "2"},
        {**incident, "id": "two", "severity": "high", "event_id": "3", "event": "opened",
         "at": opened.isoformat()},
        {**incident, **old, "event_id": "4", "event": "opened", "at": old["opened_at"]},
        {**incident, **old, "event_id": "5", "event": "recovered",
         "at": "2025-12-02T00:00:00+00:00", "closed_at": "2025-12-02T00:00:00+00:00"},
    ]  # fmt: skip
