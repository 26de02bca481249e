"""What the watch concludes from Airflow's API: DAGs that do not run as they have to."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from include.airflow_api import AirflowClient
from include.incidents.incident import Problem
from include.incidents.incident_file import State
from include.pipeline.airflow_problems import observe_airflow
from tests.pipeline.airflow_api import TOKEN, FakeAirflow, at, serving_airflow
from tests.publishing.samples import NOW

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)

World = Callable[[FakeAirflow, dict[str, Any]], object]


@pytest.fixture(scope="module")
def served() -> Iterator[FakeAirflow]:
    with serving_airflow() as made:
        yield made


@pytest.fixture
def airflow(served: FakeAirflow) -> FakeAirflow:
    served.clear()
    return served


def problems(airflow: FakeAirflow, *hourly: str, daily: tuple[str, ...] = ()) -> list[Problem]:
    with AirflowClient(airflow.url, TOKEN) as api:
        seen = observe_airflow(api, hourly, State(), "", NOW, daily=daily)
    return [one for one in seen.problems if not one.is_task]


def findings(airflow: FakeAirflow, *hourly: str) -> list[str]:
    return [one.error for one in problems(airflow, *hourly)]


def test_dags_that_are_well_give_no_finding(airflow: FakeAirflow) -> None:
    airflow.add_dag("usace")
    airflow.add_dag("keep_history")
    airflow.add_run("usace", "running", -2 * HOUR)
    airflow.add_run("usace", "running", None)
    airflow.add_run("usace", "queued", None)
    airflow.runs[0]["end_date"] = at(-3 * HOUR)
    assert findings(airflow, "usace") == []


def test_a_file_that_does_not_parse_is_one_finding_though_its_dag_is_gone(
    airflow: FakeAirflow,
) -> None:
    airflow.add_dag("usace")
    airflow.add_run("usace", "running", -9 * HOUR)
    airflow.runs[0]["end_date"] = at(-9 * HOUR)
    airflow.dags["usace"]["is_stale"] = True
    airflow.import_errors = ["usace.py", "folder/epa.py"]
    assert findings(airflow, "usace", "epa") == [
        "usace.py does not parse: its DAG does not run.",
        "epa.py does not parse: its DAG does not run.",
    ]


@pytest.mark.parametrize("is_stale", [False, True])
def test_a_scheduled_dag_that_airflow_does_not_have_is_missing(
    is_stale: bool, airflow: FakeAirflow
) -> None:
    if is_stale:
        airflow.add_dag("usace")
        airflow.dags["usace"]["is_stale"] = True
    airflow.add_dag("keep_history")
    assert findings(airflow, "usace") == ["usace is missing: Airflow has no such DAG."]


def test_a_run_that_hangs_is_one_finding_unless_it_waits_for_a_person(
    airflow: FakeAirflow,
) -> None:
    for dag in ("approve_change", "restore_metrics", "usace"):
        airflow.add_dag(dag)
        airflow.add_run(dag, "running", -2 * HOUR - MINUTE)
    airflow.add_run("usace", "running", -MINUTE)
    for run in airflow.runs:
        if run["state"] == "success":
            run["end_date"] = at(-9 * HOUR)
    hangs = "usace hangs: its run of Tue Nov 24, 4:59 AM PST takes more than 2 h."
    assert findings(airflow, "usace") == [hangs]


def test_a_paused_dag_is_one_finding_and_a_source_is_paused_on_purpose(
    airflow: FakeAirflow,
) -> None:
    for dag in ("usace", "publish_metrics", "epa"):
        airflow.add_dag(dag)
        airflow.add_run(dag, "running", -9 * HOUR)
        airflow.runs[-2]["end_date"] = at(-9 * HOUR)
    airflow.dags["usace"]["is_paused"] = airflow.dags["publish_metrics"]["is_paused"] = True
    del airflow.runs[-1]
    found = problems(airflow, "usace", "publish_metrics", "epa")
    assert [(one.error, one.is_deliberate) for one in found] == [
        ("publish_metrics is paused: it does not run.", False),
        ("usace is paused: its last good values stay public.", True),
        ("epa is overdue: it has not completed a run since Mon Nov 23, 10:00 PM PST.", False),
    ]
    assert {one.kind for one in found} == {"dags"}
    [assessment] = {one.assessment for one in found}
    assert assessment.why == (
        "The public file is not affected by this; it gets no newer values from there."
    )


OVERDUE: dict[str, tuple[World, bool]] = {
    "three hours": (lambda airflow, run: run.update(end_date=at(-3 * HOUR)), False),
    "longer": (lambda airflow, run: run.update(end_date=at(-3 * HOUR - MINUTE)), True),
    "longer, and a newer run failed": (
        lambda airflow, run: (
            run.update(end_date=at(-4 * HOUR)),
            airflow.add_run("usace", "failed", -2 * HOUR, -HOUR),
        ),
        True,
    ),
    "longer, and a newer run succeeded": (
        lambda airflow, run: (
            run.update(end_date=at(-4 * HOUR)),
            airflow.add_run("usace", "success", -2 * HOUR, -HOUR),
        ),
        False,
    ),
    "longer, because a task failed": (
        lambda airflow, run: (
            run.update(end_date=at(-4 * HOUR)),
            airflow.add_instance("usace.load", "failed", -HOUR),
        ),
        False,
    ),
    "longer, and a failed task is green again": (
        lambda airflow, run: (
            run.update(end_date=at(-4 * HOUR)),
            airflow.add_instance("usace.load", "failed", -2 * HOUR),
            airflow.add_instance("usace.load", "success", -HOUR, run="another"),
        ),
        True,
    ),
    "never": (lambda airflow, run: airflow.runs.clear(), False),
}


@pytest.mark.parametrize("case", OVERDUE)
def test_an_hourly_dag_that_completes_no_run_for_three_hours_is_overdue(
    case: str, airflow: FakeAirflow
) -> None:
    happen, is_overdue = OVERDUE[case]
    airflow.add_dag("usace", "load")
    happen(airflow, airflow.runs[0])
    assert [one.partition(":")[0] for one in findings(airflow, "usace")] == (
        ["usace is overdue"] * is_overdue
    )


@pytest.mark.parametrize(("hours", "is_overdue"), [(3.1, False), (25.9, False), (26.1, True)])
def test_a_daily_dag_is_overdue_when_the_next_days_run_should_have_ended(
    hours: float, is_overdue: bool, airflow: FakeAirflow
) -> None:
    airflow.add_dag("check_freshness", "usace")
    airflow.runs[0]["end_date"] = at(-hours * HOUR)
    found = [one.error for one in problems(airflow, daily=("check_freshness",))]
    assert [one.partition(":")[0] for one in found] == ["check_freshness is overdue"] * is_overdue


def test_a_daily_dag_that_airflow_does_not_have_is_missing(airflow: FakeAirflow) -> None:
    [problem] = problems(airflow, daily=("check_freshness",))
    assert problem.error == "check_freshness is missing: Airflow has no such DAG."
