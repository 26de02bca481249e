"""The marts for analysts: they count what the public metrics count, from the newest load."""

from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]
from snowflake.connector.errors import ProgrammingError

from include.transform_project import PROJECT
from local import provision
from local.cloud import Cloud
from tests.transform.conftest import Build
from tests.transform.project import ENVIRONMENT, MARTS_DATABASE, STAGING_DATABASE, Project
from tests.transform.rows import EXPECTED, TABLES, WORLD, epa, pasadena

# Each mart, its schema, and the columns of which each combination is one row.
MARTS = {
    "epa_parcels_by_status": ("parcels", ["fire_name", "land_use", "public_status"]),
    "usace_parcels_by_status": (
        "parcels",
        ["fire_name", "roe_status", "latest_step", "is_eligible"],
    ),
    "usace_parcel_steps": ("parcels", ["object_id"]),
    "pasadena_permits_by_stage": ("permits", ["city_status"]),
    "malibu_permits_by_stage": ("permits", ["city_status"]),
}
# Each source has a folder, so that a source is removed with its marts.
DECLARED: dict[str, dict[str, Any]] = {
    model["name"]: {**model, "source": file.parent.name}
    for schema in ("parcels", "permits")
    for file in (PROJECT / "models" / "marts" / schema).glob("*/*.yml")
    for model in yaml.load(file.read_text(), yaml.CSafeLoader)["models"]
}
COUNTED = ("epa", "usace", "pasadena", "malibu")


@pytest.fixture
def loaded(project: Project, first_build: Build) -> Project:
    """The project, with the marts built and the small data in the raw tables that they count."""
    first_build.need(*MARTS)
    project.load({TABLES[name]: WORLD[TABLES[name]] for name in COUNTED})
    return project


def rows(project: Project, mart: str) -> list[dict[str, Any]]:
    return project.mart(mart.upper(), MARTS[mart][0].upper())


def public(source: str, metric: str) -> float:
    """A metric of the small data, as a person counted it."""
    return EXPECTED[f"{source}_metrics"][metric][0]


def test_each_mart_is_declared_here() -> None:
    assert DECLARED.keys() == MARTS.keys()


@pytest.mark.parametrize("mart", MARTS)
def test_a_mart_is_a_view_that_the_hourly_runs_do_not_build(mart: str) -> None:
    schema, _ = MARTS[mart]
    assert mart.startswith(DECLARED[mart]["source"])
    config = DECLARED[mart]["config"]
    assert config == {"schema": schema, "tags": ["history"], "materialized": "view"}


@pytest.mark.parametrize("mart", MARTS)
def test_a_mart_has_one_row_for_each_key_and_only_dates_of_steps_are_null(mart: str) -> None:
    _, key = MARTS[mart]
    columns = {one["name"]: one.get("data_tests", []) for one in DECLARED[mart]["columns"]}
    combinations = [
        test["unique_combination_of_columns"]["arguments"]["combination_of_columns"]
        for test in DECLARED[mart].get("data_tests", [])
    ]

    assert combinations == [key] or [name for name in columns if "unique" in columns[name]] == key
    assert {name for name, tests in columns.items() if "not_null" not in tests} == {
        name for name in columns if name.endswith("_at")
    }


def test_epas_parcels_add_up_to_the_public_metric(loaded: Project) -> None:
    counted = rows(loaded, "epa_parcels_by_status")

    completed = sum(row["PARCELS"] for row in counted if row["IS_COMPLETED_CLEANUP"])
    assert completed == public("epa", "cleanup_phase1_complete")
    assert sum(row["PARCELS"] for row in counted) == len(WORLD[TABLES["epa"]])


@pytest.mark.parametrize(
    ("column", "metric"),
    [
        ("PARCELS_IN_QUEUE", "phase2_parcels_in_queue"),
        ("ROES_ACCEPTED", "phase2_roes_accepted"),
        ("PARCELS_COMPLETED", "phase2_parcels_completed"),
    ],
)
def test_usaces_eligible_parcels_add_up_to_each_public_metric(
    column: str, metric: str, loaded: Project
) -> None:
    eligible = [row for row in rows(loaded, "usace_parcels_by_status") if row["IS_ELIGIBLE"]]

    assert sum(row[column] for row in eligible) == public("usace", metric)


def test_usaces_parcels_are_all_there_once(loaded: Project) -> None:
    ids = [row["OBJECT_ID"] for row in rows(loaded, "usace_parcel_steps")]

    assert sorted(ids) == sorted({row["OBJECTID"] for row in WORLD[TABLES["usace"]]})
    counted = rows(loaded, "usace_parcels_by_status")
    assert sum(row["PARCELS"] for row in counted) == len(ids)


@pytest.mark.parametrize("city", ["Pasadena", "Malibu"])
def test_a_citys_applications_add_up_to_its_three_public_metrics(
    city: str, loaded: Project
) -> None:
    source = city.lower()
    found = rows(loaded, f"{source}_permits_by_stage")

    stages = {"In review": 0, "Issued": 0, "Other": 0}
    for row in found:
        stages[row["PERMIT_STAGE"]] += row["APPLICATIONS"]
    assert {row["CITY"] for row in found} == {city}
    assert {
        "received": sum(stages.values()),
        "in review": stages["In review"],
        "issued": stages["Issued"],
    } == {
        "received": public(source, f"{source}_rebuild_applications_received"),
        "in review": public(source, f"{source}_rebuild_applications_in_review"),
        "issued": public(source, f"{source}_building_permits_issued"),
    }


def test_a_mart_shows_the_next_load_without_being_built_again(loaded: Project) -> None:
    loaded.load({TABLES["epa"]: [epa(1, "Phase 1 Complete"), epa(2, None)]})
    loaded.load({TABLES["pasadena"]: [pasadena("B-1", "Finaled")]})

    parcels = rows(loaded, "epa_parcels_by_status")
    permits = rows(loaded, "pasadena_permits_by_stage")

    assert {(row["PUBLIC_STATUS"], row["PARCELS"]) for row in parcels} == {
        ("Phase 1 Complete", 1),
        ("Not stated", 1),
    }
    assert [row["CITY_STATUS"] for row in permits] == ["Finaled"]


@pytest.mark.parametrize("mart", MARTS)
def test_analysts_read_a_mart_without_access_to_staging(
    mart: str, loaded: Project, cloud: Cloud
) -> None:
    role = f"DASHBOARD_DDRC_{ENVIRONMENT}"
    with provision.connect(cloud, role=role) as connection, connection.cursor() as cursor:
        cursor.execute(f"USE WAREHOUSE REPORTING_XS_DDRC_{ENVIRONMENT}")
        cursor.execute(f"SELECT COUNT(*) FROM {MARTS_DATABASE}.{MARTS[mart][0]}.{mart}")
        [(count,)] = cursor.fetchall()
        with pytest.raises(ProgrammingError, match="does not exist or not authorized"):
            cursor.execute(f"SELECT COUNT(*) FROM {STAGING_DATABASE}.EPA.STG_EPA__PARCELS")

    assert count > 0
