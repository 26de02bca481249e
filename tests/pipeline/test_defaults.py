"""The defaults of every DAG: schedules, retries, time limits and callbacks."""

from datetime import timedelta

import pytest
from airflow.sdk import TriggerRule

from include.incidents.failure_log import explain_retry
from include.incidents.notify import notify_failure
from include.pipeline import defaults
from include.pipeline.third_party_patches import skip_dbt_lineage
from include.pipeline.transform import check_freshness

DAGS = {
    "HOURLY": ("27 * * * *", 1),
    "MANUAL": (None, 16),
    "EVERY_15_MINUTES": ("*/15 * * * *", 1),
    "DAILY": ("40 12 * * *", 1),
}


def test_a_task_is_retried_twice_within_its_limit_and_explains_each_failure() -> None:
    assert defaults.HOURLY["default_args"] == {
        "owner": "ddrc",
        "retries": 2,
        "retry_delay": timedelta(seconds=defaults.RETRY_SECONDS),
        "retry_exponential_backoff": True,
        "max_retry_delay": timedelta(minutes=15),
        "execution_timeout": timedelta(minutes=20),
        "trigger_rule": TriggerRule.NONE_FAILED,
        "on_failure_callback": notify_failure,
        "on_retry_callback": explain_retry,
    }


@pytest.mark.parametrize("name", DAGS)
def test_each_kind_of_dag_has_its_schedule_and_its_limit_of_runs(name: str) -> None:
    settings = getattr(defaults, name)
    assert (settings["schedule"], settings["max_active_runs"]) == DAGS[name]
    assert settings["catchup"] is False
    assert settings["default_args"] == defaults.HOURLY["default_args"]


def test_a_freshness_check_looks_at_one_source_and_sends_no_lineage() -> None:
    task = check_freshness("epa")
    assert task.task_id == "epa"
    assert task.select == ["source:epa"]
    assert task._pre_execute_hook is skip_dbt_lineage
    assert task.profile_config.target_name == "dev"
