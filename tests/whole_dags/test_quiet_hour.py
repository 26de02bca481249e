"""A quiet hour wakes only the warehouse that Fivetran wakes, and misses no change."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from airflow.models.asset import AssetEvent
from airflow.models.xcom import XComModel
from airflow.utils.session import create_session
from sqlalchemy import func, select

from include.pipeline import change_detection
from include.sources import SOURCES
from include.warehouse import stage
from local import provision
from local.cloud import Cloud
from local.faults import clear_faults, set_fault
from tests.whole_dags.conftest import make_fresh
from tests.whole_dags.helpers import DBT, Run, edit, rows, run_dag, statements

CHECKS = {
    "airtable": {"sync", "wait_for_sync"},
    "page_feedback": {"sync", "wait_for_sync"},
    "epa": {"look_for_edits"},
    "usace": {"load"},
    "pasadena": {"look_for_edits"},
    "malibu": {"look_for_changes"},
}
METRICS = "RAW_DDRC_DEV.ODI_AIRTABLE_LA_RECOVERY_METRICS_APPL6HFEE8UDLUC3G.METRICS"


@pytest.fixture(scope="module")
def refreshed_once(cloud: Cloud, refreshed: dict[str, Run]) -> Iterator[Cloud]:
    """The cloud after the first run of every source."""
    yield cloud
    make_fresh(cloud)


@dataclass(frozen=True)
class Quiet:
    """The second run of every source.

    Attributes:
        runs: Each task's state, by source.
        sent: The statements that were sent to the warehouse, without Fivetran's.
        woken: The warehouses that statements ran on, Fivetran's too.
        reasons: Why the rest was skipped, by source.
        updates: The number of assets that were updated.
    """

    runs: dict[str, Run]
    sent: list[dict[str, Any]]
    woken: set[str]
    reasons: dict[str, str]
    updates: int


@pytest.fixture(scope="module")
def quiet(refreshed_once: Cloud) -> Quiet:
    """Nothing has changed since the first run, but Fivetran has written Airtable's rows again."""
    rows(refreshed_once, f"UPDATE {METRICS} SET _FIVETRAN_SYNCED = '2026-01-01 00:00:00'")
    last, updates = statements(refreshed_once)[-1]["number"], asset_updates()
    runs = {source: run(source) for source in SOURCES}
    everything = statements(refreshed_once, last)
    own = [one for one in everything if not one["user"].startswith("FIVETRAN")]
    woken = {one["used_warehouse"] for one in everything} - {""}
    return Quiet(runs, own, woken, skipped_because(), asset_updates() - updates)


@pytest.fixture
def again(quiet: Quiet, refreshed_once: Cloud) -> Iterator[Cloud]:
    """The same cloud later: every source's last run was skipped or complete."""
    yield refreshed_once
    clear_faults(refreshed_once.home.faults)


def test_an_hour_without_a_change_describes_and_hashes_each_connectors_table_and_no_other(
    quiet: Quiet,
) -> None:
    assert [(one["role"], re.split(r" FROM | \"", one["sql"])[0]) for one in quiet.sent] == [
        ("TRANSFORMER_DDRC_DEV", "DESCRIBE TABLE"),
        ("TRANSFORMER_DDRC_DEV", "SELECT COUNT(*), HASH_AGG(* EXCLUDE _FIVETRAN_SYNCED)"),
    ] * 2
    assert ["METRICS" in one["sql"] for one in quiet.sent] == [True, True, False, False]


def test_such_an_hour_wakes_the_warehouse_that_fivetran_wakes_and_no_other(quiet: Quiet) -> None:
    assert quiet.woken == {"LOADING_XS_DDRC_DEV"}


def test_such_an_hour_is_green_gives_its_reasons_and_starts_no_publication(quiet: Quiet) -> None:
    for source, states in quiet.runs.items():
        ran = {task for task, state in states.items() if state == "success"}
        assert ran == CHECKS[source], source
        assert {states[task] for task in states.keys() - ran} == {"skipped"}, source
        assert source in quiet.reasons[source], source
    assert quiet.updates == 0


@pytest.mark.parametrize("source", ["usace", "malibu", "page_feedback"])
def test_one_changed_row_makes_a_source_run_completely(source: str, again: Cloud) -> None:
    change_a_row(again.home.data, source)

    assert set(run(source).values()) == {"success"}


def test_a_deleted_row_is_a_change(again: Cloud) -> None:
    edit(again.home.data / "fivetran" / "airtable" / "rows.json", lambda rows: rows.pop())

    assert set(run("airtable").values()) == {"success"}


def test_an_unchanged_source_can_be_forced_to_run_completely(again: Cloud) -> None:
    assert set(run("page_feedback", force_full_load=True).values()) == {"success"}


@pytest.mark.parametrize("source", ["usace", "malibu"])
def test_metrics_with_the_time_of_their_load_are_loaded_again_within_a_day(
    source: str, again: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(change_detection, "RELOAD_AFTER", timedelta(0))

    assert set(run(source).values()) == {"success"}


def test_an_unchanged_source_is_not_skipped_after_a_run_that_failed(again: Cloud) -> None:
    rows(again, f"DROP STAGE {stage()}")
    assert run("usace", force_full_load=True)["unload"] == "failed"
    provision.provision(again)

    assert set(run("usace").values()) == {"success"}


def test_a_list_that_cannot_be_read_fails_in_its_own_task(again: Cloud) -> None:
    set_fault(again.home.faults, "malibu", "error-200")

    states = run("malibu")

    assert states["look_for_changes"] == "success"
    assert states["load_fire_rebuild_points"] == "failed"
    assert states["unload"] == "upstream_failed"


def run(source: str, *, force_full_load: bool = False) -> Run:
    """Run a source's DAG without its models."""
    return run_dag(source, mark_success=DBT, force_full_load=force_full_load)


def skipped_because() -> dict[str, str]:
    """The reasons why the rest of each run was skipped, by source."""
    with create_session() as session:
        found = session.scalars(select(XComModel).where(XComModel.key == "skipped_because"))
        return {one.dag_id: str(XComModel.deserialize_value(one)) for one in found}


def asset_updates() -> int:
    """The number of updates of the sources' assets."""
    with create_session() as session:
        return session.scalar(select(func.count()).select_from(AssetEvent)) or 0


def change_a_row(data: Path, source: str) -> None:
    """Change a value in one row of a source."""
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
