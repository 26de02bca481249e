"""The severity of every kind of problem, whatever the public sees, at every kind of hour."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from itertools import product
from typing import Any, cast

import pytest

from include.airflow_api import AirflowClient
from include.incidents.failed_task import assessed, make_problem
from include.incidents.incident import Problem, new_incident
from include.incidents.severity import LastCheck
from include.pipeline.dag_problems import find_dag_problems, read_dags
from include.pipeline.monitor import public_file_problems
from include.publishing.public_file import Fault, PublicFile
from include.publishing.reconcile import Delay
from tests.incidents.clock_oracle import utc
from tests.incidents.story_oracle import Public, expected_severity

# A step, and a public metric of its own source; none for a step that no source owns.
STEPS = {
    "usace.load": "phase2_parcels_completed",
    "usace.unload": "phase2_roes_accepted",
    "epa.look_for_edits": "cleanup_phase1_complete",
    "epa.transform.stg_epa__parcels_model_build": "cleanup_phase1_complete",
    "epa.release": "cleanup_phase1_complete",
    "pasadena.load": "pasadena_building_permits_issued",
    "pasadena.transform.test_sources": "pasadena_rebuild_applications_received",
    "malibu.look_for_changes": "malibu_building_permits_issued",
    "malibu.load_points": "malibu_rebuild_applications_in_review",
    "airtable.sync": "schools_resumed",
    "airtable.wait_for_sync": "people_helped_drc",
    "airtable.transform.airtable_metrics_model_build": "schools_resumed",
    "airtable.release": "people_helped_drc",
    "check_freshness.usace": "phase2_parcels_in_queue",
    "check_freshness.airtable": "schools_resumed",
    # Page feedback is for analysis: none of its values is public, so none is late.
    "page_feedback.sync": "",
    "page_feedback.transform.page_feedback_model_build": "",
    "publish_metrics.settle": "",
    "publish_metrics.transform.ddrc_metrics_model_build": "",
    "publish_metrics.unload": "",
    "publish_metrics.audit": "",
    "publish_metrics.ask_a_person": "",
    "publish_metrics.promote": "",
    "publish_metrics.verify": "",
    "publish_metrics.record": "",
    "approve_change.ask": "",
    "approve_change.promote": "",
    "restore_metrics.choose": "",
    "restore_metrics.promote": "",
    "restore_metrics.verify": "",
    "restore_metrics.release_hold": "",
    "keep_history.transform.parcels_snapshot": "",
    "set_severity.set_severity": "",
    "watch_publication.watch_public_file": "",
    "watch_publication.watch_dags": "",
    "watch_publication.keep_incident_log": "",
}
PUBLISHED = tuple(dict.fromkeys(name for name in STEPS.values() if name))

TIMES = {
    "in hours": utc(date(2026, 11, 24), 14),
    "the first moment of hours": utc(date(2026, 11, 24), 9),
    "the last moment of hours": utc(date(2026, 11, 24), 16, 59, 59),
    "closing": utc(date(2026, 11, 24), 17),
    "night": utc(date(2026, 11, 24), 3),
    "weekend": utc(date(2026, 11, 28), 12),
    "Thanksgiving": utc(date(2026, 11, 26), 12),
    "the day after Thanksgiving": utc(date(2026, 11, 27), 12),
}

# Findings about the file: whether the public sees something wrong, or nothing.
FAULTS = {
    "missing": True,
    "unreachable": True,
    "altered": True,
    "not promoted": True,
    "invalid": True,
    "header content-type": True,
    "header access-control-allow-origin": True,
    "header cache-control": False,
    "rewritten": False,
    "no saved version": False,
}
DELAYS = ("not public", "forgotten hold", "unfinished restore", "invalid usace")


LATE = {name: f"{name} was last updated on Monday." for name in PUBLISHED}


def last_check(public: Public, own: str, now: datetime) -> LastCheck | None:
    """What the watch has last seen, for a step with this metric."""
    others = {name: text for name, text in LATE.items() if name.partition("_")[0] not in own}
    if own in ("schools_resumed", "people_helped_drc"):
        others = {"cleanup_phase1_complete": LATE["cleanup_phase1_complete"]}
    wrong, late = ("The public file was altered.",), {own: LATE[own]} if own else others
    at, long_ago = now - timedelta(minutes=10), now - timedelta(hours=2)
    return {
        Public.RIGHT: LastCheck(at, metrics=PUBLISHED),
        Public.WRONG: LastCheck(at, wrong, metrics=PUBLISHED),
        Public.OWN_LATE: LastCheck(at, late=late, metrics=PUBLISHED),
        Public.OTHER_LATE: LastCheck(at, late=others, metrics=PUBLISHED),
        Public.NOT_YET: LastCheck(at, not_yet=True),
        Public.NOT_CHECKED: None,
        Public.WRONG_LONG_AGO: LastCheck(long_ago, wrong, metrics=PUBLISHED),
        Public.LATE_LONG_AGO: LastCheck(long_ago, late=late, metrics=PUBLISHED),
    }[public]


def severity(problem: Problem, now: datetime) -> str:
    """The severity of the incident that a problem opens."""
    return new_incident(problem, now).severity(now)


def failed(step: str, public: Public, now: datetime) -> Problem:
    """A failed step, as its callback reports it."""
    dag, _, task = step.partition(".")
    text = f"{step} failed"
    problem = make_problem(dag, task, "run", 3, text=text, error_type="", at=now, log_url="")
    return assessed(problem, last_check(public, STEPS[step], now), now)


STATES = list(product(STEPS, Public, TIMES))


def test_the_table_has_more_than_four_hundred_states_of_both_severities() -> None:
    is_high = {
        state: severity(failed(state[0], state[1], TIMES[state[2]]), TIMES[state[2]]) == "high"
        for state in STATES
    }
    assert len(is_high) > 400
    assert 100 < sum(is_high.values()) < len(is_high) / 2


@pytest.mark.parametrize("step", STEPS)
def test_a_failed_step_is_as_severe_as_what_the_public_sees(step: str) -> None:
    # `verify` fails because the public address serves something else than was promoted.
    is_verify, has_own = step.endswith(".verify"), bool(STEPS[step])
    for public, hour in product(Public, TIMES):
        now = TIMES[hour]
        expected = expected_severity(
            is_verify or public is Public.WRONG, has_own and public is Public.OWN_LATE, now
        )
        assert severity(failed(step, public, now), now) == expected, (public, hour)


@pytest.mark.parametrize("late", PUBLISHED)
def test_one_late_metric_makes_only_the_steps_of_its_own_source_high(late: str) -> None:
    now = TIMES["in hours"]
    check = LastCheck(now, late={late: LATE[late]}, metrics=PUBLISHED)
    source = SOURCE_OF[late]
    for step in STEPS:
        dag, _, task = step.partition(".")
        if step.endswith(".verify"):
            continue
        problem = make_problem(dag, task, "run", 3, text="x", error_type="", at=now, log_url="")
        is_own = source in (dag, task)
        expected = expected_severity(False, is_own, now)
        assert severity(assessed(problem, check, now), now) == expected, step


@pytest.mark.parametrize("hour", TIMES)
@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_of_the_public_file_is_high_at_any_hour_if_the_public_sees_it(
    fault: str, hour: str
) -> None:
    now, is_wrong = TIMES[hour], FAULTS[fault]
    found = PublicFile((Fault(fault, f"The public file: {fault}.", is_wrong=is_wrong),))

    [problem] = public_file_problems(found, (), (), now)

    assert severity(problem, now) == expected_severity(is_wrong, False, now)


@pytest.mark.parametrize("hour", TIMES)
def test_a_late_metric_is_high_only_in_hours_and_nothing_if_its_source_is_paused(hour: str) -> None:
    now = TIMES[hour]
    found = PublicFile(late=LATE, metrics=PUBLISHED)

    assert {
        severity(problem, now) for problem in public_file_problems(found, (), (), now)
    } == {expected_severity(False, True, now)}
    paused = set(SOURCE_OF.values()) - {"airtable"}
    left = {problem.dag for problem in public_file_problems(found, (), paused, now)}
    assert left == {"airtable"}


@pytest.mark.parametrize("hour", TIMES)
@pytest.mark.parametrize("delay", DELAYS)
def test_what_delays_publishing_is_low_because_the_last_values_stay_public(
    delay: str, hour: str
) -> None:
    now = TIMES[hour]

    [problem] = public_file_problems(PublicFile(), (Delay(delay, "Text."),), (), now)

    assert severity(problem, now) == expected_severity(False, False, now)


class Airflow:
    """An Airflow with a DAG of each problem."""

    def __init__(self, now: datetime) -> None:
        self.long_ago = (now - timedelta(hours=5)).isoformat()

    def get_all(self, path: str, field: str, **_: object) -> list[dict[str, Any]]:
        """The DAGs, the files that do not parse, or the running runs."""
        dags = ("usace", "epa", "watch_publication", "publish_metrics", "airtable")
        paused = ("usace", "publish_metrics")
        return {
            "import_errors": [{"filename": "dags/malibu.py"}],
            "dags": [
                {"dag_id": dag, "is_stale": False, "is_paused": dag in paused} for dag in dags
            ],
            "dag_runs": [{"dag_id": "epa", "start_date": self.long_ago}],
        }[field]

    def get(self, path: str, **_: object) -> dict[str, Any]:
        """A DAG's last successful run."""
        return {"dag_runs": [{"end_date": self.long_ago}]}


@pytest.mark.parametrize("hour", TIMES)
def test_a_problem_of_a_dag_is_low_at_any_hour(hour: str) -> None:
    now = TIMES[hour]
    api = cast(AirflowClient, Airflow(now))

    problems = list(
        find_dag_problems(api, read_dags(api), ("airtable", "pasadena"), frozenset(), now)
    )

    assert [problem.key for problem in problems] == [
        "DAGs: malibu.py does not parse",
        "DAGs: publish_metrics is paused",
        "DAGs: usace is paused",
        "DAGs: pasadena is missing",
        "DAGs: epa hangs",
        "DAGs: airtable is overdue",
    ]
    expected = expected_severity(False, False, now)
    assert {severity(problem, now) for problem in problems} == {expected}
