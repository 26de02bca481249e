"""Lineage costs nothing where it is off, and breaks nothing where it fails."""

from types import SimpleNamespace
from typing import Any, cast

import pytest
from airflow.sdk import Context
from cosmos.operators.local import AbstractDbtLocalBase, DbtBuildLocalOperator

from include.pipeline import lineage
from include.pipeline.lineage import Table, of_every_run, skip_dbts_lineage, tell_lineage
from include.pipeline.transform import profile_config
from include.publishing.names import candidate_file
from include.publishing.store import Place

ON = '{"type": "console"}'


def test_lineage_that_is_off_looks_at_no_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lineage, "datasets", refuse)

    tell_lineage(writes=[Table("A.B.C")])


def test_lineage_that_fails_fails_no_task(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("AIRFLOW__OPENLINEAGE__TRANSPORT", ON)
    monkeypatch.setattr(lineage, "datasets", refuse)

    tell_lineage(writes=[Table("A.B.C")])

    assert "could not be told" in caplog.text


@pytest.mark.parametrize(("transport", "reads"), [("", False), (ON, True)])
def test_a_dbt_task_reads_its_lineage_only_where_it_is_on(
    transport: str, reads: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[bool] = []
    # Cosmos asks for the processor, and then has it read dbt's files.
    monkeypatch.setattr(
        AbstractDbtLocalBase,
        "_get_dbt_local_artifact_processor",
        staticmethod(lambda: asked.append(True)),
    )
    if transport:
        monkeypatch.setenv("AIRFLOW__OPENLINEAGE__TRANSPORT", transport)
    task = DbtBuildLocalOperator(
        task_id="build", project_dir=".", profile_config=profile_config("epa")
    )

    skip_dbts_lineage(cast("Context", {"task": task}))
    task.calculate_openlineage_events_completes({}, SimpleNamespace())

    assert asked == [True] * reads


def test_the_candidates_of_all_runs_are_one_dataset() -> None:
    names = {
        of_every_run(Place("candidates", candidate_file("epa_metrics", run)))
        for run in ("scheduled__2026-11-24T14:27:00+00:00", "manual__1")
    }

    assert names == {Place("candidates", "epa_metrics")}


def refuse(*_: Any) -> Any:
    raise AssertionError("what is not needed was looked at")
