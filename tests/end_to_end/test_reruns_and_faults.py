"""Rerunning changes nothing; a fault changes nothing that people see."""

import json

import httpx
import pytest

from local.cloud import Cloud
from local.faults import clear_faults, set_fault
from tests.end_to_end.looking import blob, rows, run_dag

PERMITS = "RAW_DDRC_DEV.PASADENA_AGOL.EATON_FIRE_REBUILD_PERMITS"
KEYS = f"SELECT PERMIT_NUMBER, PERMIT_STATUS, _LOAD_ID FROM {PERMITS} ORDER BY 1"


def test_a_second_run_over_the_same_data_changes_nothing(fresh: Cloud) -> None:
    run_dag("pasadena")
    before = blob(fresh, "sources/pasadena.json")
    [(count,)] = rows(fresh, f"SELECT COUNT(*) FROM {PERMITS}")

    assert set(run_dag("pasadena", force_full_load=True).values()) == {"success"}

    assert blob(fresh, "sources/pasadena.json") == before
    assert rows(fresh, f"SELECT COUNT(*) FROM {PERMITS}") == [(count,)]


@pytest.mark.parametrize("fault", ["error-200", "empty"])
def test_a_broken_source_leaves_table_and_file_as_they_were_until_it_is_mended(
    fault: str, fresh: Cloud
) -> None:
    run_dag("pasadena")
    before = blob(fresh, "sources/pasadena.json"), rows(fresh, KEYS)
    set_fault(fresh.home.faults, "pasadena", fault)

    broken = run_dag("pasadena", force_full_load=True)

    assert broken["load"] == "failed"
    assert broken["unload"] == "upstream_failed"
    assert (blob(fresh, "sources/pasadena.json"), rows(fresh, KEYS)) == before

    clear_faults(fresh.home.faults)

    assert set(run_dag("pasadena").values()) == {"success"}


def test_a_failed_task_tells_slack_which_task_it_was_and_why(fresh: Cloud) -> None:
    httpx.delete(f"{fresh.url('slack')}/messages").raise_for_status()
    set_fault(fresh.home.faults, "malibu", "error-200")

    run_dag("malibu", retries=1)

    received = httpx.get(f"{fresh.url('slack')}/messages.json").json()
    texts = [each["message"]["text"] for each in received]
    assert any("*malibu* failed in `load_fire_rebuild_points`" in text for text in texts)
    assert len(texts) == 4, "one message for each list that failed, none for a retry"


def test_a_failed_sync_fails_the_sensor_and_keeps_the_rows(fresh: Cloud) -> None:
    run_dag("airtable")
    before = blob(fresh, "sources/airtable.json")
    set_fault(fresh.home.faults, "airtable", "sync-failed")

    states = run_dag("airtable")

    assert states["wait_for_sync"] == "failed"
    assert blob(fresh, "sources/airtable.json") == before


def test_a_failed_data_test_stops_before_the_metrics_change(fresh: Cloud) -> None:
    run_dag("pasadena")
    before = blob(fresh, "sources/pasadena.json")
    layer = fresh.home.data / "arcgis" / "pasadena" / "features.json"
    content = json.loads(layer.read_text())
    content["features"][1]["attributes"]["PERMIT_NUMBER"] = None
    layer.write_text(json.dumps(content))

    states = run_dag("pasadena", force_full_load=True)

    assert states["load"] == "success"
    assert states["transform.stg_pasadena__permits_model_build"] == "failed"
    assert states["unload"] == "upstream_failed"
    assert blob(fresh, "sources/pasadena.json") == before


def test_what_breaks_the_contract_reaches_neither_public_file(fresh: Cloud) -> None:
    run_dag("airtable")
    run_dag("publish_metrics")
    files = ("sources/airtable.json", "ddrc-metrics.json")
    before = [blob(fresh, file) for file in files]
    entries = fresh.home.data / "fivetran" / "airtable" / "rows.json"
    entries.write_text(entries.read_text().replace("people helped", "ask pat@example.org"))

    source, published = run_dag("airtable"), run_dag("publish_metrics")

    assert (source["unload"], source["release"]) == ("success", "failed")
    assert (published["unload"], published["audit"]) == ("success", "failed")
    assert published["promote"] == "upstream_failed"
    assert [blob(fresh, file) for file in files] == before
