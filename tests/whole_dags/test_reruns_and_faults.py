"""A rerun changes nothing; a fault changes nothing that the public sees."""

import json

import pytest
from airflow.sdk.exceptions import ParamValidationError

from include.publishing.azure_store import AzureStore
from include.publishing.holds import HOLD
from include.publishing.names import PUBLIC_CONTAINER
from include.publishing.public_file import verify
from include.transform_project import metric_definitions
from include.warehouse import stage
from local import provision
from local.azurite import client
from local.cloud import Cloud
from local.faults import clear_faults, set_fault
from tests.whole_dags.helpers import DBT, blob, headings, messages, rows, run_dag

PERMITS = "RAW_DDRC_DEV.PASADENA_AGOL.EATON_FIRE_REBUILD_PERMITS"
KEYS = f"SELECT PERMIT_NUMBER, PERMIT_STATUS, _LOAD_ID FROM {PERMITS} ORDER BY 1"


def test_a_second_run_over_the_same_data_changes_nothing(loaded: Cloud) -> None:
    before = blob(loaded, "sources/pasadena.json")
    [(count,)] = rows(loaded, f"SELECT COUNT(*) FROM {PERMITS}")

    assert set(run_dag("pasadena", force_full_load=True).values()) == {"success"}

    assert blob(loaded, "sources/pasadena.json") == before
    assert rows(loaded, f"SELECT COUNT(*) FROM {PERMITS}") == [(count,)]


@pytest.mark.parametrize("fault", ["error-200", "empty"])
def test_a_broken_source_leaves_table_and_file_as_they_were_until_it_is_fixed(
    fault: str, loaded: Cloud
) -> None:
    before = blob(loaded, "sources/pasadena.json"), rows(loaded, KEYS)
    set_fault(loaded.home.faults, "pasadena", fault)

    broken = run_dag("pasadena", force_full_load=True)

    assert broken["load"] == "failed"
    assert broken["unload"] == "upstream_failed"
    assert (blob(loaded, "sources/pasadena.json"), rows(loaded, KEYS)) == before

    clear_faults(loaded.home.faults)

    assert set(run_dag("pasadena").values()) == {"success"}


def test_lists_that_fail_for_one_cause_are_one_message(fresh: Cloud) -> None:
    set_fault(fresh.home.faults, "malibu", "error-200")
    run_dag("malibu", retries=1)

    [message] = messages(fresh)
    said = json.dumps(message, ensure_ascii=False)
    assert headings(fresh) == ["LOW · malibu: a load failed"]
    assert "The service said" in said
    assert "Nobody has checked the public file" in said
    assert "malibu_building_permits_issued" in said
    assert "docs/runbooks/load.md#act" in said


def test_a_failed_sync_fails_the_sensor_and_keeps_the_rows(fresh: Cloud) -> None:
    run_dag("airtable")
    before = blob(fresh, "sources/airtable.json")
    set_fault(fresh.home.faults, "airtable", "sync-failed")

    states = run_dag("airtable")

    assert states["wait_for_sync"] == "failed"
    assert blob(fresh, "sources/airtable.json") == before
    assert headings(fresh) == ["LOW · airtable: a Fivetran sync failed"]
    said = json.dumps(messages(fresh)[-1])
    assert "The Fivetran sync failed: Reconnect" in said


def test_a_failed_data_test_stops_before_the_metrics_change(loaded: Cloud) -> None:
    before = blob(loaded, "sources/pasadena.json")
    layer = loaded.home.data / "arcgis" / "pasadena" / "features.json"
    content = json.loads(layer.read_text())
    content["features"][1]["attributes"]["PERMIT_NUMBER"] = None
    layer.write_text(json.dumps(content))

    states = run_dag("pasadena", force_full_load=True)

    assert states["load"] == "success"
    assert states["transform.stg_pasadena__permits_model_build"] == "failed"
    assert states["unload"] == "upstream_failed"
    assert blob(loaded, "sources/pasadena.json") == before
    assert headings(loaded) == ["LOW · pasadena: a model or a data test failed"]
    assert "not_null_stg_pasadena__permits_permit_number: 1 row`" in json.dumps(messages(loaded)[0])


def test_a_metric_whose_entries_all_break_the_contract_stays_as_it_was(fresh: Cloud) -> None:
    run_dag("airtable")
    run_dag("publish_metrics")
    files = ("sources/airtable.json", "ddrc-metrics.json")
    before = [blob(fresh, file) for file in files]
    entries = fresh.home.data / "fivetran" / "airtable" / "rows.json"
    entries.write_text(entries.read_text().replace("people helped", "ask pat@example.org"))

    source, published = run_dag("airtable"), run_dag("publish_metrics")

    failed = {task for task, state in source.items() if state == "failed"}
    assert failed == {"transform.airtable_metrics_model_build"}
    assert source["release"] == "upstream_failed"
    assert published.pop("settle") == "success"
    assert set(published.values()) == {"skipped"}
    assert [blob(fresh, file) for file in files] == before
    # The severity depends on the age of these hand-kept values.
    assert [heading.split(" · ")[1] for heading in headings(fresh)] == [
        "airtable: a model or a data test failed"
    ]
    texts = [message["text"] for message in messages(fresh)]
    assert any("still_released_airtable_metrics" in text for text in texts)
    assert any("its unit label must be words" in text for text in texts)


def test_a_failed_unload_leaves_the_file_and_is_reported(loaded: Cloud) -> None:
    before = blob(loaded, "sources/pasadena.json")
    rows(loaded, f"DROP STAGE {stage()}")

    states = run_dag("pasadena", mark_success=DBT, force_full_load=True)

    assert (states["unload"], states["release"]) == ("failed", "upstream_failed")
    assert blob(loaded, "sources/pasadena.json") == before
    assert headings(loaded) == ["LOW · pasadena: an unload failed"]
    assert "AZURE_STAGE_DDRC" in messages(loaded)[0]["text"]

    provision.provision(loaded)
    assert set(run_dag("pasadena", mark_success=DBT).values()) == {"success"}
    assert len(messages(loaded)) == 1, "the watch finds that it is over"


def test_a_promoted_file_that_nobody_can_read_has_high_severity(
    fresh: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(verify.__kwdefaults__ or {}, "patience_seconds", 0.1)
    run_dag("pasadena")
    container = client(fresh.url("blob")).get_container_client(PUBLIC_CONTAINER)
    container.set_container_access_policy({}, public_access=None)
    try:
        states = run_dag("publish_metrics")
    finally:
        container.set_container_access_policy({}, public_access="blob")

    assert (states["promote"], states["verify"]) == ("success", "failed")
    assert headings(fresh) == [
        "HIGH · publish_metrics: the public address does not serve the promoted version"
    ]
    said = json.dumps(messages(fresh)[0])
    assert "did not serve the version that was promoted" in said
    assert "Restore the last good version" in said


def test_a_restore_of_an_unknown_version_changes_nothing_and_is_no_incident(fresh: Cloud) -> None:
    slip = "20250101T000000Z-000000000000"
    states = run_dag("restore_metrics", version=f" {slip} ", reason="A slip of the pen")

    assert states.pop("choose") == "success"
    assert set(states.values()) == {"skipped"}
    with pytest.raises(ParamValidationError, match="does not match"):
        run_dag("restore_metrics", version="the newest", reason="A slip of the pen")
    assert AzureStore(client(fresh.url("blob"))).read(HOLD) is None
    assert messages(fresh) == []


def test_the_first_source_alone_can_be_published(fresh: Cloud) -> None:
    run_dag("pasadena")

    states = run_dag("publish_metrics")

    assert states["record"] == "success"
    published = {metric["METRIC_NAME"] for metric in blob(fresh, "ddrc-metrics.json")}
    assert published == {metric.name for metric in metric_definitions()["pasadena"]}
