"""Warnings and changed columns reach people once, through a whole DAG, and stop nothing."""

from pathlib import Path
from typing import Any

from include.incidents.data_warnings import read_warnings
from include.publishing.azure_store import AzureStore
from local.azurite import client
from local.cloud import Cloud
from tests.whole_dags.helpers import DBT, edit, messages, run_dag

RECORD = "recNewest"


def test_an_entry_that_is_not_published_is_one_message_until_it_is_corrected(fresh: Cloud) -> None:
    run_dag("airtable")
    before = texts(fresh)
    edit(entries(fresh), lambda rows: rows.append(negative_entry(rows)))

    states = run_dag("airtable")

    assert set(states.values()) == {"success"}
    [message] = texts(fresh)[len(before) :]
    assert message.startswith(":information_source: LOW · *airtable: 1 new data warning*")
    assert f"people_helped_drc (record {RECORD}) is not published:" in message
    assert "; 43,050 counts instead" in message
    assert "For: Airtable staff" in message
    assert known(fresh) >= {f"people_helped_drc (record {RECORD})"}

    edit(entries(fresh), lambda rows: rows[1].update(AS_OF_LABEL="changed"))
    assert set(run_dag("airtable").values()) == {"success"}
    assert len(texts(fresh)) == len(before) + 1, "a standing warning is not posted again"

    edit(entries(fresh), lambda rows: rows[-1].update(METRIC=5.0))
    assert set(run_dag("airtable").values()) == {"success"}
    assert f"people_helped_drc (record {RECORD})" not in known(fresh)


def test_a_changed_column_of_a_layer_is_reported_before_the_load_fails_for_it(
    loaded: Cloud,
) -> None:
    before = texts(loaded)
    layer = loaded.home.data / "arcgis" / "pasadena" / "layer.json"

    def rename(content: dict[str, Any]) -> None:
        field = next(one for one in content["fields"] if one["name"] == "PERMIT_STATUS")
        field["name"] = "Permit_State"

    edit(layer, rename)

    assert run_dag("pasadena", force_full_load=True)["load"] == "failed"
    drift, failure = texts(loaded)[len(before) :]
    assert "pasadena: the layer lost PERMIT_STATUS; gained PERMIT_STATE (text)" in drift
    assert "pasadena" in failure

    run_dag("pasadena", force_full_load=True)
    assert len(texts(loaded)) == len(before) + 2


def test_a_column_that_fivetran_added_is_reported_in_that_hour(fresh: Cloud) -> None:
    run_dag("page_feedback", mark_success=DBT)
    before = texts(fresh)
    schema = fresh.home.data / "fivetran" / "page_feedback" / "schema.json"
    edit(schema, lambda content: content["columns"].update(MOOD="VARCHAR"))

    run_dag("page_feedback", mark_success=DBT)

    [message] = texts(fresh)[len(before) :]
    assert "page_feedback: the table gained MOOD (VARCHAR)" in message
    assert "For: Data engineers" in message


def negative_entry(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """A new entry of the first row's metric, with a negative count."""
    return rows[0] | {"ID": RECORD, "METRIC": -5.0, "DATE_CREATED": "2026-11-23T12:00:00.000Z"}


def known(cloud: Cloud) -> set[str]:
    """The beginning of each stored warning of Airtable."""
    with client(cloud.url("blob")) as service:
        stored = read_warnings(AzureStore(service), "airtable").get("airtable", {})
    return {one.text.split(" is not published")[0] for each in stored.values() for one in each}


def texts(cloud: Cloud) -> list[str]:
    """The text of each message in Slack, oldest first."""
    return [message["text"] for message in messages(cloud)]


def entries(cloud: Cloud) -> Path:
    """The file with Airtable's rows."""
    return cloud.home.data / "fivetran" / "airtable" / "rows.json"
