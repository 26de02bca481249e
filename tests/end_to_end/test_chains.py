"""Each DAG, run whole against the laptop's cloud, ends with the right rows and the right file."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from local.cloud import Cloud
from tests.end_to_end.looking import RunDag, blob, expected_metrics, rows

RAW_ROWS = {
    "epa": {"EPA_AGOL_ASSESSMENT.PUBLIC_STATUS_ASSESSMENT": "arcgis/epa/features.json"},
    "usace": {"USACE_AGOL_DEBRIS.PARCEL_DEBRIS_REMOVAL": "arcgis/usace/features.json"},
    "pasadena": {"PASADENA_AGOL.EATON_FIRE_REBUILD_PERMITS": "arcgis/pasadena/features.json"},
    "malibu": {
        "MALIBU_REBUILDS.FIRE_REBUILD_POINTS": "malibu/FireRebuildPoints.json",
        "MALIBU_REBUILDS.FIRE_REBUILD_VISIT_POINTS": "malibu/FireRebuildVisitPoints.json",
        "MALIBU_REBUILDS.OVERALL_REBUILD_STATS_PIE_READ": "malibu/OverallRebuildStatsPie_Read.json",
        "MALIBU_REBUILDS.PALISADES_PERMITS_ISSUED_READ": "malibu/PalisadesPermitsIssued_Read.json",
    },
    "airtable": {
        "ODI_AIRTABLE_LA_RECOVERY_METRICS_APPL6HFEE8UDLUC3G.METRICS": "fivetran/airtable/rows.json"
    },
    "page_feedback": {"ODI_DYNAMODB.LA_FIRES_PAGE_FEEDBACK": "fivetran/page_feedback/rows.json"},
}
COMPUTED = {
    "epa": {"cleanup_phase1_complete"},
    "usace": {"phase2_roes_accepted", "phase2_parcels_in_queue", "phase2_parcels_completed"},
    "pasadena": {
        "pasadena_rebuild_applications_received",
        "pasadena_rebuild_applications_in_review",
        "pasadena_building_permits_issued",
    },
    "malibu": {
        "malibu_rebuild_applications_received",
        "malibu_rebuild_applications_in_review",
        "malibu_building_permits_issued",
    },
}
JUST_NOW = timedelta(minutes=10)


@pytest.mark.parametrize("source", RAW_ROWS)
def test_a_source_ends_with_every_row_loaded_and_its_own_metrics_unloaded(
    source: str, fresh: Cloud, run_dag: RunDag
) -> None:
    states = run_dag(source)

    assert set(states.values()) == {"success"}
    for table, file in RAW_ROWS[source].items():
        [(count,)] = rows(fresh, f"SELECT COUNT(*) FROM RAW_DDRC_DEV.{table}")
        assert count == rows_in(fresh, file)
    unloaded = {metric["METRIC_NAME"]: metric for metric in blob(fresh, f"sources/{source}.json")}
    for name in COMPUTED.get(source, set()):
        assert_as_counted(unloaded[name])
    if source in COMPUTED:
        assert set(unloaded) == COMPUTED[source]


def test_the_published_file_holds_exactly_the_hand_counted_metrics(
    fresh: Cloud, run_dag: RunDag
) -> None:
    for source in RAW_ROWS:
        run_dag(source)

    states = run_dag("publish_metrics")

    assert set(states.values()) == {"success"}
    published = blob(fresh, "ddrc-metrics.json")
    names = [metric["METRIC_NAME"] for metric in published]
    assert names == sorted(expected_metrics())
    for metric in published:
        assert_as_counted(metric)


def test_the_first_source_alone_can_be_published(fresh: Cloud, run_dag: RunDag) -> None:
    run_dag("pasadena")

    states = run_dag("publish_metrics")

    assert set(states.values()) == {"success"}
    published = {metric["METRIC_NAME"] for metric in blob(fresh, "ddrc-metrics.json")}
    assert published == COMPUTED["pasadena"]


def rows_in(cloud: Cloud, file: str) -> int:
    """How many rows a data file serves."""
    content = json.loads((cloud.home.data / file).read_text())
    return len(content["features"] if isinstance(content, dict) else content)


def assert_as_counted(metric: dict[str, Any]) -> None:
    """A published metric is the hand-counted one, to the millisecond."""
    expected = expected_metrics()[metric["METRIC_NAME"]]
    assert set(metric) == {
        "METRIC_NAME",
        "METRIC_VALUE",
        "METRIC_TYPE",
        "METRIC_UNIT_LABEL",
        "UPDATE_FREQUENCY",
        "LAST_UPDATED",
    }
    assert isinstance(metric["METRIC_VALUE"], int | float)
    assert metric["METRIC_VALUE"] == expected["value"]
    assert metric["METRIC_UNIT_LABEL"] == expected["unit"]
    assert metric["METRIC_TYPE"] == expected["type"]
    assert metric["UPDATE_FREQUENCY"] == expected["frequency"]
    updated = datetime.fromisoformat(metric["LAST_UPDATED"])
    if expected["last_updated"]:
        assert updated == datetime.fromisoformat(expected["last_updated"])
    else:
        assert timedelta(0) <= datetime.now(UTC) - updated < JUST_NOW
