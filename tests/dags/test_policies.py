"""Every DAG keeps the policies, and each policy refuses a DAG that breaks only that policy."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.sdk import DAG, task

from include.pipeline.defaults import HOURLY, MANUAL
from tests.dags.policies import RULES, breaches

BEGIN = datetime(2026, 11, 1, tzinfo=UTC)
DOC = """
### What it loads
A sample.
### What breaks
Nothing.
### What to do
Nothing.
"""


def a_dag(task_settings: dict[str, Any] | None = None, **changes: Any) -> DAG:
    """A DAG that keeps every rule, apart from the changes."""
    settings = {"doc_md": DOC, "tags": ["source", "json"], **HOURLY, **changes}
    with DAG("test_policies", **settings) as dag:
        EmptyOperator(task_id="load", **(task_settings or {}))
    return dag


def renamed(dag_id: str) -> DAG:
    dag = a_dag()
    dag.dag_id = dag_id
    return dag


def with_function_of_another_name() -> DAG:
    dag = a_dag()
    with dag:

        @task(task_id="load_all")
        def load_everything() -> None:
            """Do nothing."""

        load_everything()
    return dag


def with_a_dictionary_as_result() -> DAG:
    dag = a_dag()
    with dag:

        @task
        def count() -> dict[str, int]:
            """Count nothing."""
            return {}

        count()
    return dag


# A rule, a DAG that breaks only this rule, and a part of the advice.
BAD: list[tuple[str, Callable[[], DAG], str]] = [
    ("owner", lambda: a_dag({"owner": "airflow"}), "include/pipeline/defaults.py"),
    ("tags", lambda: a_dag(tags=[]), "give it one of arcgis, fivetran"),
    ("tags", lambda: a_dag(tags=["source", "csv"]), "has the tag 'csv': use one of"),
    ("headings", lambda: a_dag(doc_md=None), "### What to do"),
    ("headings", lambda: a_dag(doc_md=DOC.replace("### What to do", "")), "'### What to do'"),
    ("headings", lambda: a_dag(doc_md=f"A sample.\n{DOC}"), "does not begin with a heading"),
    ("retries", lambda: a_dag({"retries": 0}), "at least 2"),
    ("retries", lambda: a_dag({"retry_exponential_backoff": False}), "retry_exponential_backoff"),
    ("time_limit", lambda: a_dag({"execution_timeout": None}), "may run for ever"),
    ("time_limit", lambda: a_dag({"execution_timeout": timedelta(hours=2)}), "at most 0:40:00"),
    ("callbacks", lambda: a_dag({"on_failure_callback": None}), "notify_failure"),
    ("callbacks", lambda: a_dag({"on_success_callback": print}), "the watch finds what is over"),
    ("one_active_run", lambda: a_dag(max_active_runs=2), "max_active_runs=1"),
    ("one_active_run", lambda: a_dag(**MANUAL), "only for DAGs that wait for a person"),
    ("no_catch_up", lambda: a_dag(catchup=True, start_date=BEGIN), "catchup=False"),
    ("file_name", lambda: renamed("another"), "name the file another.py"),
    ("task_name", with_function_of_another_name, "name the function load_all"),
    ("one_result", with_a_dictionary_as_result, "multiple_outputs=False"),
]  # fmt: skip


def test_every_dag_keeps_every_policy(dags: dict[str, DAG]) -> None:
    broken = [line for dag in dags.values() for lines in breaches(dag).values() for line in lines]
    assert not broken, "\n".join(broken)


def test_a_dag_with_the_defaults_keeps_every_policy() -> None:
    assert breaches(a_dag()) == {}


@pytest.mark.parametrize(("rule", "make", "advice"), BAD, ids=[rule for rule, _, _ in BAD])
def test_a_bad_dag_breaks_only_its_rule_and_the_message_says_how_to_fix_it(
    rule: str, make: Callable[[], DAG], advice: str
) -> None:
    found = breaches(make())
    assert set(found) == {rule}, found
    assert any(advice in line for line in found[rule]), found


def test_every_policy_has_a_dag_that_breaks_it() -> None:
    assert {rule for rule, _, _ in BAD} == {rule.__name__ for rule in RULES}
