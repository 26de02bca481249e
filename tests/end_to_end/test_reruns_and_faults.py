"""Rerunning changes nothing; a fault changes nothing that people see."""

import json

import httpx
import pytest

from local.cloud import Cloud
from local.faults import clear_faults, set_fault
from tests.end_to_end.looking import RunDag, blob, rows

PERMITS = "RAW_DDRC_DEV.PASADENA_AGOL.EATON_FIRE_REBUILD_PERMITS"


def without_times(metrics: list[dict[str, object]]) -> list[dict[str, object]]:
    return [
        {key: value for key, value in each.items() if key != "LAST_UPDATED"} for each in metrics
    ]


def test_a_second_run_over_the_same_data_changes_nothing(fresh: Cloud, run_dag: RunDag) -> None:
    run_dag("pasadena")
    before = blob(fresh, "sources/pasadena.json"), rows(fresh, f"SELECT COUNT(*) FROM {PERMITS}")

    run_dag("pasadena")

    assert before == (
        blob(fresh, "sources/pasadena.json"),
        rows(fresh, f"SELECT COUNT(*) FROM {PERMITS}"),
    )


@pytest.mark.parametrize("fault", ["error-500", "error-200", "cut-off", "empty", "drop-rows"])
def test_a_broken_source_fails_its_load_and_leaves_table_and_file_as_they_were(
    fault: str, fresh: Cloud, run_dag: RunDag
) -> None:
    run_dag("pasadena")
    query = f"SELECT PERMIT_NUMBER, PERMIT_STATUS, _LOAD_ID FROM {PERMITS} ORDER BY 1"
    before = blob(fresh, "sources/pasadena.json"), rows(fresh, query)
    set_fault(fresh.home.faults, "pasadena", fault)

    states = run_dag("pasadena")

    assert states["load"] == "failed"
    assert states["unload"] == "upstream_failed"
    assert before == (blob(fresh, "sources/pasadena.json"), rows(fresh, query))


def test_a_failed_task_tells_slack_which_task_it_was(fresh: Cloud, run_dag: RunDag) -> None:
    httpx.delete(f"{fresh.url('slack')}/messages").raise_for_status()
    set_fault(fresh.home.faults, "malibu", "error-500")

    run_dag("malibu")

    messages = httpx.get(f"{fresh.url('slack')}/messages.json").json()
    texts = json.dumps(messages)
    assert "malibu" in texts
    assert "load_fire_rebuild_points" in texts


def test_a_failed_sync_fails_the_sensor_and_keeps_the_rows(fresh: Cloud, run_dag: RunDag) -> None:
    run_dag("airtable")
    before = blob(fresh, "sources/airtable.json")
    set_fault(fresh.home.faults, "airtable", "sync-failed")

    states = run_dag("airtable")

    assert states["wait_for_sync"] == "failed"
    assert blob(fresh, "sources/airtable.json") == before


def test_after_the_fault_the_next_run_publishes_again(fresh: Cloud, run_dag: RunDag) -> None:
    set_fault(fresh.home.faults, "pasadena", "error-200")
    assert run_dag("pasadena")["load"] == "failed"
    clear_faults(fresh.home.faults)

    assert set(run_dag("pasadena").values()) == {"success"}

    assert len(without_times(list(blob(fresh, "sources/pasadena.json")))) == 3
