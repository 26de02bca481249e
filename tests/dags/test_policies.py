"""The house's DAGs keep its policies; a bad DAG breaks exactly the one that it is bad by."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.sdk import DAG

from include.pipeline import BY_HAND, HOURLY
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


def a_dag(of_the_task: dict[str, Any] | None = None, **changes: Any) -> DAG:
    """A DAG that keeps every rule, but for the changes."""
    settings = {"doc_md": DOC, "tags": ["source", "json"], **HOURLY, **changes}
    with DAG("test_policies", **settings) as dag:
        EmptyOperator(task_id="load", **(of_the_task or {}))
    return dag


# The rule, the DAG that breaks it and nothing else, and a part of what has to be done.
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
    ("callbacks", lambda: a_dag({"on_success_callback": print}), "notify_success"),
    ("one_active_run", lambda: a_dag(max_active_runs=2), "max_active_runs=1"),
    ("one_active_run", lambda: a_dag(**BY_HAND), "that wait for a person only"),
    ("no_catch_up", lambda: a_dag(catchup=True, start_date=BEGIN), "catchup=False"),
    ("file_name", lambda: renamed("another"), "name the file another.py"),
]  # fmt: skip


def renamed(dag_id: str) -> DAG:
    dag = a_dag()
    dag.dag_id = dag_id
    return dag


def test_every_dag_of_the_house_keeps_every_policy(dags: dict[str, DAG]) -> None:
    broken = [line for dag in dags.values() for said in breaches(dag).values() for line in said]
    assert not broken, "\n".join(broken)


def test_a_dag_that_takes_the_houses_defaults_keeps_every_policy() -> None:
    assert breaches(a_dag()) == {}


@pytest.mark.parametrize(("rule", "make", "mending"), BAD, ids=[one[0] for one in BAD])
def test_a_bad_dag_breaks_its_rule_only_and_is_told_how_to_mend_it(
    rule: str, make: Callable[[], DAG], mending: str
) -> None:
    said = breaches(make())
    assert set(said) == {rule}, said
    assert any(mending in line for line in said[rule]), said


def test_every_policy_was_seen_to_be_broken() -> None:
    assert {rule for rule, _, _ in BAD} == {rule.__name__ for rule in RULES}
