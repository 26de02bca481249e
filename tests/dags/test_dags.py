"""What holds for every DAG of the house, seen through Airflow's own parser."""

import os
import subprocess
import sys
from datetime import timedelta

import pytest
from airflow.dag_processing.dagbag import DagBag
from airflow.sdk import DAG, AssetAny, TriggerRule
from airflow.sdk.exceptions import ParamValidationError

from include.incidents.notify import notify_failure, notify_success
from include.pipeline.assets import SOURCE_ASSETS
from include.sources import SOURCES
from local.home import REPOSITORY

DAGS = REPOSITORY / "dags"
OTHERS = {
    "publish_metrics",
    "approve_change",
    "restore_metrics",
    "watch_publication",
    "check_freshness",
    "keep_history",
}
IDS = {*SOURCES, *OTHERS}

PARSE_WITHOUT_A_NETWORK = f"""
import socket
def refuse(*_, **__):
    raise AssertionError("parsing a DAG opened a connection")
socket.socket.connect = refuse
socket.create_connection = refuse
from airflow.dag_processing.dagbag import DagBag
bag = DagBag(dag_folder={str(DAGS)!r})
assert not bag.import_errors, bag.import_errors
print("PARSED", *sorted(bag.dags))
"""


@pytest.fixture(scope="module")
def dags() -> dict[str, DAG]:
    bag = DagBag(dag_folder=str(DAGS))
    assert not bag.import_errors
    return dict(bag.dags)


def test_the_dags_are_exactly_those_of_the_sources_and_of_the_publication(
    dags: dict[str, DAG],
) -> None:
    assert set(dags) == IDS


def test_every_dag_parses_in_an_empty_environment_without_a_network(
    tmp_path: os.PathLike[str],
) -> None:
    environment = {
        "AIRFLOW_HOME": str(tmp_path),
        "PYTHONPATH": str(REPOSITORY),
        "HOME": str(tmp_path),
    }

    done = subprocess.run(
        [sys.executable, "-c", PARSE_WITHOUT_A_NETWORK],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    parsed = next(line for line in done.stdout.splitlines() if line.startswith("PARSED"))
    assert set(parsed.split()[1:]) == IDS


def test_sources_run_hourly_at_minute_27_without_catching_up(dags: dict[str, DAG]) -> None:
    for source in SOURCES:
        assert str(dags[source].schedule) == "27 * * * *", source
        assert dags[source].catchup is False, source
        assert dags[source].max_active_runs == 1, source


def test_the_publication_runs_when_any_source_changed(dags: dict[str, DAG]) -> None:
    condition = dags["publish_metrics"].timetable.asset_condition

    assert isinstance(condition, AssetAny)
    assert set(condition.objects) == set(SOURCE_ASSETS.values())
    assert dags["publish_metrics"].max_active_runs == 1


def test_every_task_has_an_owner_retries_a_time_limit_and_tells_slack(dags: dict[str, DAG]) -> None:
    for dag in dags.values():
        for task in dag.tasks:
            assert task.owner == "ddrc", task
            assert task.retries, task
            assert task.retries >= 2, task
            assert task.retry_exponential_backoff, task
            assert task.execution_timeout is not None, task
            assert task.execution_timeout <= timedelta(minutes=40), task
            assert task.on_failure_callback == [notify_failure], task
            assert task.on_success_callback == [notify_success], task


def test_every_dag_says_what_it_does_what_breaks_and_what_to_do(dags: dict[str, DAG]) -> None:
    for name, dag in dags.items():
        assert dag.tags, name
        for heading in ("### What breaks", "### What to do"):
            assert heading in (dag.doc_md or ""), name


@pytest.mark.parametrize("source", SOURCES)
def test_a_source_unloads_after_its_models_and_only_then_updates_its_asset(
    source: str, dags: dict[str, DAG]
) -> None:
    dag = dags[source]
    release = dag.get_task("release")

    upstream = {task.task_id for task in release.get_flat_relatives(upstream=True)}
    assert upstream == set(dag.task_ids) - {"release"}
    assert release.upstream_task_ids == {"unload"}
    assert any(task.startswith("transform.") for task in upstream)
    assert [asset.name for asset in release.outlets] == [SOURCE_ASSETS[source].name]
    assert all(not task.outlets for task in dag.tasks if task.task_id != "release")


def test_a_layer_with_an_edit_time_is_asked_for_it_before_anything_else(
    dags: dict[str, DAG],
) -> None:
    for source in ("epa", "pasadena"):
        assert [task.task_id for task in dags[source].roots] == ["look_for_edits"], source
        form = {"force_full_load", "accept_drop", "skip_publishing"}
        assert set(dags[source].params) == form, source


def test_a_drop_can_only_be_accepted_with_a_reason(dags: dict[str, DAG]) -> None:
    for source in ("epa", "usace", "pasadena", "malibu"):
        form = dags[source].params
        assert form["accept_drop"] is None, source
        with pytest.raises(ParamValidationError):
            form.get_param("accept_drop").resolve("ok")


def test_nothing_is_served_before_it_was_audited_and_nothing_recorded_before_it_was_seen(
    dags: dict[str, DAG],
) -> None:
    publish = dags["publish_metrics"]
    assert publish.get_task("audit").upstream_task_ids == {"unload"}
    assert publish.get_task("promote").upstream_task_ids == {"audit"}
    assert publish.get_task("ask_a_person").upstream_task_ids == {"audit"}
    for name in ("publish_metrics", "approve_change", "restore_metrics"):
        for task in ("verify", "record"):
            assert dags[name].get_task(task).trigger_rule == TriggerRule.ALL_SUCCESS, name
        assert "verify" in dags[name].get_task("record").upstream_task_ids, name


def test_a_restore_needs_a_reason(dags: dict[str, DAG]) -> None:
    with pytest.raises(ParamValidationError):
        dags["restore_metrics"].params.get_param("reason").resolve("oops")
