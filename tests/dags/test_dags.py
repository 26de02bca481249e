"""The DAGs' schedules, chains and parameters, as Airflow parses them."""

import json
import re
from importlib import import_module
from pathlib import Path

import pytest
from airflow.sdk import DAG, AssetAny, AssetOrTimeSchedule, CronTriggerTimetable, TriggerRule
from airflow.sdk.exceptions import ParamValidationError
from cosmos import InvocationMode
from cosmos.operators.local import AbstractDbtLocalBase

from include import warehouse
from include.pipeline.defaults import SOURCE_ASSETS
from include.pipeline.monitor import DAILY_DAGS
from include.pipeline.third_party_patches import skip_dbt_lineage
from include.sources import SOURCES
from include.transform_project import MANIFEST, dbt_environment

# The package has a function of the same name.
transform = import_module("include.pipeline.transform")
OTHERS = {
    "publish_metrics",
    "approve_change",
    "release_hold",
    "restore_metrics",
    "set_severity",
    "watch_publication",
    "check_freshness",
    "clean_up",
    "keep_history",
}


def test_the_dags_are_exactly_those_of_the_sources_and_of_the_publication(
    dags: dict[str, DAG],
) -> None:
    assert set(dags) == {*SOURCES, *OTHERS}


def test_sources_run_hourly_at_minute_27(dags: dict[str, DAG]) -> None:
    for source in SOURCES:
        assert str(dags[source].schedule) == "27 * * * *", source


def test_the_daily_dags_start_together_as_they_share_a_warehouse(dags: dict[str, DAG]) -> None:
    for daily in ("check_freshness", "keep_history"):
        assert str(dags[daily].schedule) == "40 12 * * *", daily


def test_the_clean_up_runs_daily_without_a_choice_of_what_goes(dags: dict[str, DAG]) -> None:
    assert str(dags["clean_up"].schedule) == "40 12 * * *"
    assert dags["clean_up"].task_ids == ["delete_old_rows"]
    assert dict(dags["clean_up"].params) == {}
    assert "clean_up" in DAILY_DAGS, "the watch reports a clean-up that is overdue or missing"


def test_the_publication_runs_when_any_source_changed_and_twice_an_hour_by_the_clock(
    dags: dict[str, DAG],
) -> None:
    timetable = dags["publish_metrics"].timetable
    assert isinstance(timetable, AssetOrTimeSchedule)
    assert isinstance(timetable.asset_condition, AssetAny)
    assert set(timetable.asset_condition.objects) == set(SOURCE_ASSETS.values())
    assert isinstance(timetable.timetable, CronTriggerTimetable)
    assert timetable.timetable.expression == "12,42 * * * *"
    assert str(timetable.timetable.timezone) == "UTC"


def test_a_release_of_the_hold_starts_a_publication(dags: dict[str, DAG]) -> None:
    for dag in ("restore_metrics", "release_hold"):
        publish = dags[dag].get_task("publish")
        assert publish.upstream_task_ids == {"release_hold"}
        assert publish.trigger_rule == TriggerRule.ALL_SUCCESS
        assert dags[dag].get_task("release_hold").upstream_task_ids == set(), "nobody is asked"
    assert set(dags["release_hold"].task_ids) == {"release_hold", "publish"}, "none is skipped"


def test_a_version_from_the_list_is_asked_about_once_more_before_it_is_restored(
    dags: dict[str, DAG],
) -> None:
    restore = dags["restore_metrics"]
    assert restore.get_task("confirm").upstream_task_ids == {"choose"}
    assert restore.get_task("promote").upstream_task_ids == {"confirm"}


def test_nothing_is_transformed_before_the_publication_has_settled(dags: dict[str, DAG]) -> None:
    publish = dags["publish_metrics"]
    assert [task.task_id for task in publish.roots] == ["settle"]
    after = {task.task_id for task in publish.get_task("settle").get_flat_relatives(upstream=False)}
    assert after == set(publish.task_ids) - {"settle"}


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


def test_a_source_that_can_be_compared_cheaply_is_compared_first(
    dags: dict[str, DAG],
) -> None:
    first = {"epa": "look_for_edits", "pasadena": "look_for_edits", "malibu": "look_for_changes"}
    for source, check in first.items():
        assert [task.task_id for task in dags[source].roots] == [check], source


def test_a_task_that_may_skip_the_rest_has_the_sources_asset_as_its_inlet(
    dags: dict[str, DAG],
) -> None:
    deciding = {"look_for_edits", "look_for_changes", "wait_for_sync", "load"}
    for source in SOURCES:
        inlets = {task.task_id: task.inlets for task in dags[source].tasks if task.inlets}
        assert inlets.keys() == deciding & set(dags[source].task_ids), source
        assert all(found == [SOURCE_ASSETS[source]] for found in inlets.values()), source


def test_every_source_can_be_forced_and_can_skip_publishing(dags: dict[str, DAG]) -> None:
    for source in SOURCES:
        params = dags[source].params
        assert params["force_full_load"] is False, source
        assert params["skip_publishing"] is False, source


def test_a_drop_can_only_be_accepted_with_a_reason(dags: dict[str, DAG]) -> None:
    for source in ("epa", "usace", "pasadena", "malibu"):
        params = dags[source].params
        assert params["accept_drop"] is None, source
        with pytest.raises(ParamValidationError):
            params.get_param("accept_drop").resolve("ok")


def test_nothing_is_promoted_before_its_audit_or_recorded_before_it_is_verified(
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


def runs_of_dbt(dags: dict[str, DAG]) -> list[AbstractDbtLocalBase]:
    """The tasks that run dbt, of all DAGs."""
    tasks = [task for dag in dags.values() for task in dag.tasks]
    return [task for task in tasks if isinstance(task, AbstractDbtLocalBase)]


def test_each_dag_builds_its_own_models_and_no_others(dags: dict[str, DAG]) -> None:
    nodes = json.loads(MANIFEST.read_text())["nodes"].values()
    tags = {
        node["name"]: node["tags"]
        for node in nodes
        if node["resource_type"] in {"model", "snapshot"}
    }
    built: dict[str, set[str]] = {}
    for task in runs_of_dbt(dags):
        group, _, name = task.task_id.rpartition(".")
        if group != "transform":
            continue
        built.setdefault(task.dag_id, set()).add(re.sub("_(model|snapshot)_build$", "", name))
    # The history is built with the staging models that it reads.
    history = {name for name in built.pop("keep_history") if not name.startswith("stg_")}

    assert built == {
        **{source: {name for name in tags if tags[name] == [source]} for source in SOURCES},
        "publish_metrics": {"ddrc_metrics"},
    }
    assert history == {name for name in tags if tags[name] == ["history"]}


def test_each_model_reports_its_warnings_in_the_dag_that_it_belongs_to(
    dags: dict[str, DAG],
) -> None:
    reporting: dict[str, set[bool]] = {}
    for task in runs_of_dbt(dags):
        if task.task_id.startswith("transform."):
            reporting.setdefault(task.dag_id, set()).add(bool(task.callback))
    # The history is built with the staging models of the sources.
    assert reporting == {
        **{dag: {True} for dag in (*SOURCES, "publish_metrics")},
        "keep_history": {False},
    }


def test_a_dag_without_dbts_manifest_says_how_to_make_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(transform, "MANIFEST", tmp_path / "manifest.json")
    with pytest.raises(
        transform.ManifestMissingError, match="does not exist; make it with: make manifest"
    ):
        transform.transform("usace")


def test_dbt_runs_in_the_tasks_process(dags: dict[str, DAG]) -> None:
    """A process of its own would import dbt once more for each model."""
    runs = runs_of_dbt(dags)
    assert runs
    assert {task.invocation_mode for task in runs} == {InvocationMode.DBT_RUNNER}


def test_no_run_of_dbt_installs_packages_which_the_project_has_not(dags: dict[str, DAG]) -> None:
    assert [task for task in runs_of_dbt(dags) if task.install_deps] == []
    assert not (MANIFEST.parents[1] / "packages.yml").exists()


def test_each_run_of_dbt_has_the_projects_environment(dags: dict[str, DAG]) -> None:
    runs = runs_of_dbt(dags)
    assert dbt_environment()
    for task in runs:
        assert dbt_environment().items() <= (task.env or {}).items(), task


def test_dbts_parsed_project_is_cached_for_one_profile_each(dags: dict[str, DAG]) -> None:
    """With two profiles in one cache, dbt would parse the whole project for each task."""
    tags: dict[Path, set[str]] = {}
    for task in runs_of_dbt(dags):
        assert task.cache_dir is not None, task
        tags.setdefault(task.cache_dir, set()).add(
            f"{task.dag_id} {task.profile_config.profile_mapping.profile_args['query_tag']}"
        )

    assert [folder for folder, found in tags.items() if len(found) > 1] == []


def test_dbts_statements_are_tagged_with_the_dag_that_runs_it(dags: dict[str, DAG]) -> None:
    for task in runs_of_dbt(dags):
        tag = task.profile_config.profile_mapping.profile_args["query_tag"]
        # dbt renders it; Cosmos sets the variable.
        assert json.loads(tag)["dag"] == "{{ env_var('AIRFLOW_CTX_DAG_ID') }}", task


def test_dbt_runs_in_the_schema_of_the_environment(dags: dict[str, DAG]) -> None:
    schema = warehouse.schema_prefix().removesuffix("_")
    assert schema
    for task in runs_of_dbt(dags):
        assert task.profile_config.profile_mapping.profile_args["schema"] == schema, task


def test_in_production_dbt_has_the_schema_of_everybody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DDRC_ENV", "PRD")
    profile = transform.profile_config("usace")
    assert profile.target_name == "prd"
    assert profile.profile_mapping.profile_args["schema"] == "PUBLIC"


def test_each_run_of_dbt_sends_lineage_only_if_it_is_on_and_marks_its_sources_write(
    dags: dict[str, DAG], monkeypatch: pytest.MonkeyPatch
) -> None:
    skipped: list[object] = []
    marked: list[tuple[str, str]] = []
    monkeypatch.setattr(transform, "open_store", lambda: None)
    monkeypatch.setattr(transform, "skip_dbt_lineage", skipped.append)
    monkeypatch.setattr(transform, "mark_write", lambda store, *of: marked.append(of))
    runs = [task for task in runs_of_dbt(dags) if task._pre_execute_hook != skip_dbt_lineage]
    contexts = [{"task": task, "run_id": f"run of {task.task_id}"} for task in runs]
    for task, context in zip(runs, contexts, strict=True):
        assert task._pre_execute_hook is not None, task
        task._pre_execute_hook(context)
    assert skipped == contexts
    of_sources = [task.dag_id for task in runs if task.dag_id in SOURCES]
    assert marked == [
        (task.dag_id, f"run of {task.task_id}") for task in runs if task.dag_id in SOURCES
    ]
    assert set(of_sources) == set(SOURCES)


@pytest.mark.parametrize("dag", ["restore_metrics", "release_hold", "set_severity"])
def test_a_restore_a_release_and_another_severity_need_a_reason(
    dag: str, dags: dict[str, DAG]
) -> None:
    reason = dags[dag].params.get_param("reason")
    with pytest.raises(ParamValidationError):
        reason.resolve()
    for wrong in ("oops", "", None):
        with pytest.raises(ParamValidationError):
            reason.resolve(wrong)
    assert reason.resolve("The county said so") == "The county said so"


def test_a_severity_is_high_or_low_and_of_any_open_incident(dags: dict[str, DAG]) -> None:
    params = dags["set_severity"].params
    assert (params["severity"], params["incident"]) == ("low", None)
    assert params.get_param("severity").resolve("high") == "high"
    for wrong in ("medium", "HIGH", None):
        with pytest.raises(ParamValidationError):
            params.get_param("severity").resolve(wrong)
    assert params.get_param("incident").resolve("20261124T220000Z-load-1a2b3c4d")


def test_the_watch_and_a_severity_wait_for_no_other_task(dags: dict[str, DAG]) -> None:
    for dag, tasks in {
        "watch_publication": {
            "watch_public_file",
            "watch_dags",
            "watch_credits",
            "keep_incident_log",
        },
        "set_severity": {"set_severity"},
    }.items():
        assert {task.task_id for task in dags[dag].roots} == tasks == set(dags[dag].task_ids)
