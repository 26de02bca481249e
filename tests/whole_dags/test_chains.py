"""Each DAG, run whole on the laptop's cloud, ends with the right rows and the right file."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from include.publishing.history import PUBLISHED_METRICS
from include.sources import SOURCES
from include.transform_project import metric_definitions
from include.warehouse import database, schema_prefix
from local.cloud import Cloud
from tests.small_data import expected_metrics, raw_files, rows_in
from tests.whole_dags.helpers import (
    Run,
    Statements,
    blob,
    headings,
    messages,
    rows,
    run_recorded,
)
from tests.whole_dags.lineage import Node, events_of, reached_from

RAW_ROWS = {source: raw_files(source) for source in SOURCES}
COMPUTED = {
    name: {metric.name for metric in metric_definitions()[name]}
    for name, source in SOURCES.items()
    if source.metrics == "computed"
}
JUST_NOW = timedelta(minutes=10)


@pytest.fixture(scope="module")
def history(refreshed: dict[str, Run], cloud: Cloud, sent: Statements) -> Run:
    """The run of `keep_history`, after every source's run."""
    return run_recorded(cloud, "keep_history", sent, mark_success=r"transform\.stg_.*")


@pytest.fixture(scope="module")
def checked(refreshed: dict[str, Run], cloud: Cloud, sent: Statements) -> Run:
    """The freshness check of Malibu and EPA, after Malibu was not loaded for long."""
    for table in RAW_ROWS["malibu"]:
        rows(cloud, f"UPDATE RAW_DDRC_DEV.{table} SET _LOADED_AT = '2026-01-01 00:00:00'")
    others = "|".join(set(SOURCES) - {"malibu", "epa"})
    return run_recorded(cloud, "check_freshness", sent, mark_success=others)


@pytest.mark.parametrize("dag", RAW_ROWS)
def test_every_task_of_a_chain_succeeds(dag: str, refreshed: dict[str, Run]) -> None:
    assert set(refreshed[dag].values()) == {"success"}


def test_a_valid_publication_asks_nobody(refreshed: dict[str, Run]) -> None:
    assert refreshed["publish_metrics"].pop("ask_a_person") == "skipped"
    assert set(refreshed["publish_metrics"].values()) == {"success"}


@pytest.mark.parametrize("source", RAW_ROWS)
def test_every_row_of_a_source_is_in_its_raw_table(
    source: str, refreshed: dict[str, Run], cloud: Cloud
) -> None:
    for table, file in RAW_ROWS[source].items():
        [(count,)] = rows(cloud, f"SELECT COUNT(*) FROM RAW_DDRC_DEV.{table}")
        assert count == len(rows_in(cloud.home.data / file))


@pytest.mark.parametrize(
    ("table", "file"),
    [
        ("EPA_PARCELS_HISTORY", "arcgis/epa/features.json"),
        ("USACE_PARCELS_HISTORY", "arcgis/usace/features.json"),
        ("PASADENA_PERMITS_HISTORY", "arcgis/pasadena/features.json"),
        ("MALIBU_APPLICATIONS_HISTORY", "malibu/FireRebuildPoints.json"),
    ],
)
def test_every_row_of_a_source_is_in_its_history(
    table: str, file: str, history: Run, cloud: Cloud
) -> None:
    assert set(history.values()) == {"success"}
    full_name = f"{database('ANALYTICS')}.{schema_prefix()}HISTORY.{table}"
    [(count,)] = rows(cloud, f"SELECT COUNT(*) FROM {full_name} WHERE dbt_valid_to IS NULL")
    assert count == len(rows_in(cloud.home.data / file))


@pytest.mark.parametrize("source", COMPUTED)
def test_a_source_unloads_exactly_its_own_metrics(
    source: str, refreshed: dict[str, Run], cloud: Cloud
) -> None:
    unloaded = blob(cloud, f"sources/{source}.json")

    assert {metric["METRIC_NAME"] for metric in unloaded} == COMPUTED[source]
    for metric in unloaded:
        assert_as_counted(metric)


def test_the_published_file_holds_exactly_the_hand_counted_metrics(
    refreshed: dict[str, Run], cloud: Cloud
) -> None:
    published = blob(cloud, "ddrc-metrics.json")

    assert [metric["METRIC_NAME"] for metric in published] == sorted(expected_metrics())
    for metric in published:
        assert_as_counted(metric)


def test_the_published_file_is_public_json_that_any_page_may_read(
    refreshed: dict[str, Run], cloud: Cloud
) -> None:
    response = httpx.get(cloud.published_url, headers={"Origin": "https://recovery.example.gov"})

    assert response.status_code == httpx.codes.OK
    assert response.headers["content-type"] == "application/json"
    assert response.headers["access-control-allow-origin"] == "*"


def test_every_published_metric_is_recorded_in_the_warehouse(
    refreshed: dict[str, Run], cloud: Cloud
) -> None:
    recorded = rows(
        cloud,
        f"SELECT METRIC_NAME, METRIC_VALUE FROM {PUBLISHED_METRICS.full_name} ORDER BY 1",
    )

    expected = expected_metrics()
    assert [(name, float(value)) for name, value in recorded] == [
        (name, expected[name]["value"]) for name in sorted(expected)
    ]


def test_a_source_that_was_not_loaded_for_too_long_fails_only_its_own_task(
    checked: Run, cloud: Cloud
) -> None:
    assert checked["malibu"] == "failed"
    assert {state for source, state in checked.items() if source != "malibu"} == {"success"}
    assert headings(cloud)[-1].endswith("check_freshness: a source's data is too old")
    assert "malibu_building_permits_issued" in json.dumps(messages(cloud)[-1])


@pytest.mark.parametrize("dag", [*RAW_ROWS, "publish_metrics", "keep_history"])
def test_every_statement_is_tagged_with_its_dag_and_source(
    dag: str, refreshed: dict[str, Run], history: Run, sent: Statements
) -> None:
    tags = [json.loads(one["query_tag"] or "{}") for one in sent[dag]]

    source = dag if dag in RAW_ROWS else "all"
    untagged = [one["sql"] for one in sent[dag] if not one["query_tag"]]
    assert not untagged
    assert {(tag["app"], tag["dag"], tag["source"]) for tag in tags} == {("ddrc", dag, source)}
    roles = {one["role"] for one in sent[dag]}
    assert "TRANSFORMER_DDRC_DEV" in roles
    assert ("REPORTER_DDRC_DEV" in roles) == (dag != "keep_history")
    assert ("LOADER_DDRC_DEV" in roles) == (dag in COMPUTED)


def test_statements_that_are_not_dbts_are_tagged_with_task_and_run_too(
    refreshed: dict[str, Run], sent: Statements
) -> None:
    tasks = {
        (tag["task"], bool(tag["run"]))
        for dag in ("malibu", "publish_metrics")
        for tag in (json.loads(one["query_tag"]) for one in sent[dag])
        if "task" in tag
    }

    lists = {task for task in refreshed["malibu"] if task.startswith("load_")}
    # A model's task reads the rows of a test that warned.
    [warned] = {task for task, _ in tasks if task.startswith("transform.")}
    assert warned == "transform.stg_malibu__rebuild_points_model_build"
    assert tasks == {(task, True) for task in (*lists, warned, "unload", "record")}


def test_a_freshness_check_is_tagged_with_its_source(checked: Run, sent: Statements) -> None:
    tags = {one["query_tag"] for one in sent["check_freshness"]}

    assert {(json.loads(tag)["dag"], json.loads(tag)["source"]) for tag in tags} == {
        ("check_freshness", "epa"),
        ("check_freshness", "malibu"),
    }


@pytest.mark.parametrize("source", RAW_ROWS)
def test_the_lineage_leads_from_a_sources_address_to_the_public_file(
    source: str, refreshed: dict[str, Run], lineage: Path, cloud: Cloud
) -> None:
    events = events_of(lineage)

    reached = {one for start in addresses(source, cloud) for one in reached_from(start, events)}

    public = "wasbs://dashboard-data@devstoreaccount1.dfs.core.windows.net"
    files = {name for namespace, name in reached if namespace == public}
    assert f"sources/{source}.json" in files
    assert ("ddrc-metrics.json" in files) == (source != "page_feedback")
    tables = {name for namespace, name in reached if namespace.startswith("snowflake://local")}
    assert {f"RAW_DDRC_DEV.{table}".lower() for table in RAW_ROWS[source]} <= {
        name.lower() for name in tables
    }
    assert f"ANALYTICS_DDRC_DEV.LAPTOP_METRICS.{source}_metrics" in tables


def test_no_contact_and_no_comment_is_in_any_public_file(
    refreshed: dict[str, Run], cloud: Cloud
) -> None:
    files = ["ddrc-metrics.json", *(f"sources/{source}.json" for source in RAW_ROWS)]
    published = "".join(httpx.get(cloud.blob_url(file)).raise_for_status().text for file in files)

    assert "Robin" not in published
    assert "@" not in published


def addresses(source: str, cloud: Cloud) -> list[Node]:
    """The addresses of a source, as its lineage names them."""
    urls = [part.url for part in SOURCES[source].layers]
    urls += [part.url for part in SOURCES[source].lists]
    loaded = [(cloud.url("sources"), urlsplit(url).path) for url in urls]
    return loaded or [("fivetran://connectors", f"/{source}")]


def assert_as_counted(metric: dict[str, Any]) -> None:
    """Assert that a published metric is the hand-counted one, to the millisecond."""
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
