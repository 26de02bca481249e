"""An hour in which no source changed costs the warehouse two checks; a change is never missed."""

import json
import os
import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from airflow.models.asset import AssetEvent
from airflow.models.xcom import XComModel
from airflow.utils.session import create_session
from sqlalchemy import func, select

from include.pipeline import change_detection
from include.sources import SOURCES
from include.warehouse import metrics_table, stage
from local import provision
from local.cloud import Cloud
from local.faults import clear_faults, set_fault
from tests.whole_dags.conftest import make_fresh
from tests.whole_dags.helpers import DBT, Run, rows, run_dag

LOOKS = {
    "airtable": {"sync", "wait_for_sync"},
    "page_feedback": {"sync", "wait_for_sync"},
    "epa": {"look_for_edits"},
    "usace": {"load"},
    "pasadena": {"look_for_edits"},
    "malibu": {"look_for_changes"},
}
METRICS = "RAW_DDRC_DEV.ODI_AIRTABLE_LA_RECOVERY_METRICS_APPL6HFEE8UDLUC3G.METRICS"
MART = """
    CREATE TABLE {table} AS SELECT 'a_metric' AS METRIC_NAME, 1 AS METRIC_VALUE,
    'count' AS METRIC_TYPE, 'things' AS METRIC_UNIT_LABEL, 'daily' AS UPDATE_FREQUENCY,
    '2025-08-21 16:27:03'::TIMESTAMP_NTZ AS LAST_UPDATED
"""


@pytest.fixture(scope="module")
def refreshed_once(cloud: Cloud, parsed_project: None) -> Iterator[Cloud]:
    """The cloud after the first run of every source; the marts are made up, not modelled."""
    make_fresh(cloud)
    for source in SOURCES:
        table = metrics_table(f"{source}_metrics")
        rows(cloud, f"CREATE SCHEMA IF NOT EXISTS {table.rpartition('.')[0]}")
        rows(cloud, MART.format(table=table))
    for source in SOURCES:
        assert set(go(source).values()) == {"success"}, source
    yield cloud
    make_fresh(cloud)


@dataclass(frozen=True)
class Quiet:
    """The second run of every source: how its tasks ended, what was sent and what came of it."""

    runs: dict[str, Run]
    sent: list[dict[str, Any]]
    told: dict[str, str]
    updated: int


@pytest.fixture(scope="module")
def quiet(refreshed_once: Cloud) -> Quiet:
    """Nothing changed since the first run, though Fivetran wrote Airtable's rows anew."""
    rows(refreshed_once, f"UPDATE {METRICS} SET _FIVETRAN_SYNCED = '2026-01-01 00:00:00'")
    last, updates = sent(refreshed_once)[-1]["number"], asset_updates()
    runs = {source: go(source) for source in SOURCES}
    statements = sent(refreshed_once, last)
    return Quiet(runs, statements, skipped_because(), asset_updates() - updates)


@pytest.fixture
def again(quiet: Quiet, refreshed_once: Cloud) -> Iterator[Cloud]:
    """The same cloud later: every source's last run was skipped or went all the way."""
    yield refreshed_once
    clear_faults(refreshed_once.home.faults)


def test_an_hour_without_a_change_sends_one_check_for_each_connector_and_nothing_else(
    quiet: Quiet,
) -> None:
    assert [(each["role"], each["sql"].split(" FROM ")[0]) for each in quiet.sent] == [
        ("TRANSFORMER_DDRC_DEV", "SELECT COUNT(*), HASH_AGG(* EXCLUDE _FIVETRAN_SYNCED)")
    ] * 2
    assert ["METRICS" in each["sql"] for each in quiet.sent] == [True, False]


def test_such_an_hour_is_green_says_why_and_starts_no_publication(quiet: Quiet) -> None:
    for source, states in quiet.runs.items():
        looked = {task for task, state in states.items() if state == "success"}
        assert looked == LOOKS[source], source
        assert {states[task] for task in states.keys() - looked} == {"skipped"}, source
        assert source in quiet.told[source], source
    assert quiet.updated == 0


@pytest.mark.parametrize("source", ["usace", "malibu", "page_feedback"])
def test_one_changed_row_makes_a_source_run_all_the_way(source: str, again: Cloud) -> None:
    change_a_row(again.home.data, source)

    assert set(go(source).values()) == {"success"}


def test_a_row_that_is_gone_is_a_change_too(again: Cloud) -> None:
    edit(again.home.data / "fivetran" / "airtable" / "rows.json", lambda rows: rows.pop())

    assert set(go("airtable").values()) == {"success"}


def test_an_unchanged_source_can_be_forced_to_run_all_the_way(again: Cloud) -> None:
    assert set(go("page_feedback", force_full_load=True).values()) == {"success"}


@pytest.mark.parametrize("source", ["usace", "malibu"])
def test_what_carries_the_time_of_its_load_is_loaded_again_within_the_day(
    source: str, again: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(change_detection, "RELOAD_AFTER", timedelta(0))

    assert set(go(source).values()) == {"success"}


def test_an_unchanged_source_is_not_skipped_after_a_run_that_failed(again: Cloud) -> None:
    rows(again, f"DROP STAGE {stage()}")
    assert go("usace", force_full_load=True)["unload"] == "failed"
    provision.provision(again)

    assert set(go("usace").values()) == {"success"}


def test_a_list_that_cannot_be_read_fails_in_its_own_task(again: Cloud) -> None:
    set_fault(again.home.faults, "malibu", "error-200")

    states = go("malibu")

    assert states["look_for_changes"] == "success"
    assert states["load_fire_rebuild_points"] == "failed"
    assert states["unload"] == "upstream_failed"


def go(source: str, *, force_full_load: bool = False) -> Run:
    """Run a source's DAG; its models do not matter here."""
    return run_dag(source, taken_for_done=DBT, force_full_load=force_full_load)


def sent(cloud: Cloud, since: int = 0) -> list[dict[str, Any]]:
    """The statements after one that was sent to the warehouse; those of Fivetran are not ours."""
    trusted = ssl.create_default_context(cafile=os.environ["REQUESTS_CA_BUNDLE"])
    url = f"{cloud.url('snowflake')}/emulator/statements?since={since}"
    found = httpx.get(url, verify=trusted).raise_for_status().json()["statements"]
    return [each for each in found if each["user"] != "FIVETRAN"]


def skipped_because() -> dict[str, str]:
    """Why each source's rest was skipped, by source."""
    with create_session() as session:
        found = session.scalars(select(XComModel).where(XComModel.key == "skipped_because"))
        return {one.dag_id: str(XComModel.deserialize_value(one)) for one in found}


def asset_updates() -> int:
    """How often a source told that its metrics changed."""
    with create_session() as session:
        return session.scalar(select(func.count()).select_from(AssetEvent)) or 0


def change_a_row(data: Path, source: str) -> None:
    """Have a source show another value in one row, among as many rows as before."""
    match source:
        case "usace":
            file = data / "arcgis" / "usace" / "features.json"
            edit(file, lambda layer: layer["features"][0]["attributes"].update(address="1 New St"))
        case "malibu":
            file = data / "malibu" / "PalisadesPermitsIssued_Read.json"
            edit(file, lambda rows: rows[-1].update(PalisadesPermits=77))
        case _:
            file = data / "fivetran" / source / "rows.json"
            edit(file, lambda rows: rows[0].update(COMMENTS="Clear, thank you"))


def edit(file: Path, change: Callable[[Any], object]) -> None:
    """Change a JSON file."""
    content = json.loads(file.read_text())
    change(content)
    file.write_text(json.dumps(content))
