"""The dashboard's queries: the same answer in every time zone of a session."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from include import warehouse
from tools.acceptance import history as written
from tools.acceptance.outcomes import expect
from tools.acceptance.trial import Trial

if TYPE_CHECKING:
    import pandas as pd

ZONES: Final = ("UTC", "America/Los_Angeles")
# The published metrics and incidents that `history` writes are of the day after, in UTC.
SINCE: Final = date(2026, 11, 19)
# The query history of the account changes with each statement; a day's key does not.
_CHANGING: Final = {"warehouse_cost": ["day", "source", "dag", "warehouse"]}
# Tables of sources that the run does not build, with the columns that the dashboard reads.
_SHAPES: Final = "ADDRESS VARCHAR, GEOMETRY BINARY"
_VALID: Final = "DBT_VALID_FROM TIMESTAMP_NTZ, DBT_VALID_TO TIMESTAMP_NTZ"
_DATES: Final = "FSO_PACKAGE_APPROVED_AT, ROE_WITHDRAWN_AT, ROE_APPROVED_AT, ROE_SUBMITTED_AT"
STAND_INS: Final = {
    "HISTORY.EPA_PARCELS_HISTORY": f"FIRE_NAME VARCHAR, PUBLIC_STATUS VARCHAR, {_SHAPES}, {_VALID}",
    "HISTORY.USACE_PARCELS_HISTORY": "FIRE_NAME VARCHAR, ROE_STATUS VARCHAR, "
    + ", ".join(f"{name} TIMESTAMP_NTZ" for name in _DATES.split(", "))
    + f", {_SHAPES}, {_VALID}",
    "HISTORY.MALIBU_APPLICATIONS_HISTORY": "APPLICATION_STAGE VARCHAR, PROJECT_NUMBER VARCHAR,"
    f" LONGITUDE FLOAT, LATITUDE FLOAT, {_VALID}",
    "PAGE_FEEDBACK.FEEDBACK_BY_PAGE_AND_WEEK": "PAGE VARCHAR, WEEK_STARTING DATE,"
    " RESPONSES NUMBER, HELPFUL_RESPONSES NUMBER",
}


def dashboard(trial: Trial) -> str:
    """`dashboard`: every query has the same rows in UTC and in California's time."""
    # Says which login is missing, before anything is made.
    trial.account.run("DASHBOARD", "SELECT CURRENT_ROLE()")
    _make_stand_ins(trial)
    answers = {zone: _ask(trial, zone) for zone in ZONES}
    first, second = (answers[zone] for zone in ZONES)
    different = [
        f"{name}: {_first_difference(first[name], second[name])}"
        for name in first
        if not first[name].equals(second[name])
    ]
    expect(not different, f"Other rows in another time zone: {'; '.join(different)}.")
    empty = [name for name in ("public_now", "published_by_day", "incidents") if first[name].empty]
    expect(not empty, f"No rows: {', '.join(empty)}.")
    [day] = {str(one.date()) for one in first["published_by_day"]["day"]}
    expect(day == "2026-11-19", f"published_by_day puts the evening of 2026-11-19 on {day}.")
    rows = sum(len(frame) for frame in first.values())
    return f"{len(first)} queries with {rows} rows are the same in {' and '.join(ZONES)}."


def _ask(trial: Trial, zone: str) -> dict[str, pd.DataFrame]:
    from include.dashboard import queries

    asked: dict[str, Callable[[Any], pd.DataFrame]] = {
        "public_now": lambda on: queries.public_now(on, SINCE),
        "published_by_day": lambda on: queries.published_by_day(on, SINCE),
        "incidents": lambda on: queries.incidents(on, SINCE),
        "loads_by_day": lambda on: queries.loads_by_day(on, SINCE),
        "newest_loads": queries.newest_loads,
        "newest_value": lambda on: queries.newest_value(on, "pasadena"),
        "warehouse_cost": lambda on: queries.warehouse_cost(on, SINCE),
        "feedback": lambda on: queries.feedback_by_page_and_week(on, SINCE),
    }
    with closing(trial.account.connect("DASHBOARD", TIMEZONE=zone)) as connection:
        found = {name: ask(connection) for name, ask in asked.items()}
        for layer in queries.LAYERS:
            found[f"places {layer}"] = queries.places(connection, layer, SINCE)
    for name, columns in _CHANGING.items():
        found[name] = found[name][columns]
    return found


def _make_stand_ins(trial: Trial) -> None:
    analytics, prefix = warehouse.database("ANALYTICS"), warehouse.schema_prefix()
    for name, columns in STAND_INS.items():
        schema, table = name.split(".")
        within = f"{analytics}.{prefix}{schema}"
        trial.account.run("TRANSFORMER", f"CREATE SCHEMA IF NOT EXISTS {within}")
        trial.account.run("TRANSFORMER", f"CREATE OR REPLACE TABLE {within}.{table} ({columns})")
    at = f"'{written.AT:%Y-%m-%d %H:%M:%S}'"
    history = f"{analytics}.{prefix}HISTORY"
    rows = {
        f"{history}.EPA_PARCELS_HISTORY": f"'Eaton', 'Unknown', '1 Main St', NULL, {at}, NULL",
        f"{history}.USACE_PARCELS_HISTORY": "'Eaton', 'signed', NULL, NULL, NULL, NULL,"
        f" '1 Main St', NULL, {at}, NULL",
        f"{history}.MALIBU_APPLICATIONS_HISTORY": f"'InBPC', 'PR 1', -118.58, 34.03, {at}, NULL",
        f"{analytics}.{prefix}PAGE_FEEDBACK.FEEDBACK_BY_PAGE_AND_WEEK": "'/', '2026-11-16', 2, 1",
    }
    for name, values in rows.items():
        trial.account.run("TRANSFORMER", f"INSERT INTO {name} SELECT {values}")


def _first_difference(one: pd.DataFrame, other: pd.DataFrame) -> str:
    if len(one) != len(other):
        return f"{len(one)} and {len(other)} rows"
    for column in one.columns:
        for at, (left, right) in enumerate(zip(one[column], other[column], strict=True)):
            if str(left) != str(right):
                return f"{column} of row {at + 1} is {left} and {right}"
    return "the same values of another type"
