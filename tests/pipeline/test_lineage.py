"""Lineage costs nothing if it is off, and an error in it fails no task."""

import pytest

from include.pipeline import lineage
from include.pipeline.lineage import Address, Table, candidates_of, emit_lineage
from include.publishing.names import candidate_file
from include.publishing.store import Place
from tests.publishing.memory_store import MemoryStore


def test_lineage_that_is_off_opens_no_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    named: list[object] = []
    monkeypatch.setattr(lineage, "datasets", named.append)

    emit_lineage(writes=[Table("A.B.C")])

    assert named == []


def test_lineage_is_sent_with_what_was_read_and_what_was_written(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AIRFLOW__OPENLINEAGE__TRANSPORT", '{"type": "console"}')
    sent: list[dict[str, list[str]]] = []
    monkeypatch.setattr(
        lineage,
        "emit_dataset_lineage",
        lambda **of: sent.append({key: [one.name for one in found] for key, found in of.items()}),
    )

    emit_lineage(reads=[Address("https://example.org/a.json")], writes=[Address("https://b.org/c")])
    emit_lineage(reads=[Address("https://example.org/a.json")])

    assert sent == [
        {"inputs": ["/a.json"], "outputs": ["/c"]},
        {"inputs": ["/a.json"], "outputs": []},
    ]


def test_an_error_in_lineage_fails_no_task(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("AIRFLOW__OPENLINEAGE__TRANSPORT", '{"type": "console"}')
    monkeypatch.setattr(lineage, "datasets", refuse)

    emit_lineage(writes=[Table("A.B.C")])

    assert "could not be sent" in caplog.text


def test_the_candidates_of_all_runs_are_one_dataset() -> None:
    datasets = {
        candidates_of(Place("candidates", candidate_file("epa_metrics", run)))
        for run in ("scheduled__2026-11-24T14:27:00+00:00", "manual__1")
    }

    assert datasets == {Place("candidates", "epa_metrics")}


def test_a_table_is_named_by_its_account_and_in_lower_case_as_in_dbts_events(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(
        "AIRFLOW_CONN_SNOWFLAKE_TRANSFORMER",
        '{"conn_type": "snowflake", "extra": {"account": "org-account"}}',
    )
    [dataset] = lineage.datasets([Table("TRANSFORM.EPA.EPA_METRICS")])

    assert (dataset.namespace, dataset.name) == (
        "snowflake://org-account",
        "TRANSFORM.EPA.epa_metrics",
    )


def test_a_source_is_named_by_its_servers_address_and_its_path() -> None:
    [dataset] = lineage.datasets([Address("https://gis.example.gov/layers/1?f=json")])

    assert (dataset.namespace, dataset.name) == ("https://gis.example.gov", "/layers/1")


def test_a_file_is_named_by_its_account_its_container_and_its_path(store: MemoryStore) -> None:
    [dataset] = lineage.datasets([Place("dashboard-data", "ddrc-metrics.json")])

    assert (dataset.namespace, dataset.name) == (
        f"wasbs://dashboard-data@{store.account}.dfs.core.windows.net",
        "ddrc-metrics.json",
    )


def refuse(*_: object) -> object:
    raise AssertionError("a dataset was named although it was not needed")
