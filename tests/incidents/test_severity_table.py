"""The severity of every kind of problem, whatever the public sees, at every kind of hour."""

from collections.abc import Mapping
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

# Public metrics of each source. Page feedback is for analysis: none of its values is public.
METRICS = {
    "usace": ("phase2_roes_accepted", "phase2_parcels_in_queue", "phase2_parcels_completed"),
    "epa": ("cleanup_phase1_complete",),
    "pasadena": ("pasadena_building_permits_issued",),
    "malibu": ("malibu_rebuild_applications_received", "malibu_building_permits_issued"),
    "airtable": ("schools_resumed", "people_helped_drc"),
}
PUBLISHED = tuple(name for names in METRICS.values() for name in names)
# The steps of a source, its own check of freshness included.
OWN_STEPS = {
    "usace": ("usace.load", "usace.unload", "check_freshness.usace"),
    "epa": (
        "epa.look_for_edits",
        "epa.transform.stg_epa__parcels_model_build",
        "epa.release",
        "check_freshness.epa",
    ),
    "pasadena": ("pasadena.load", "pasadena.transform.test_sources", "check_freshness.pasadena"),
    "malibu": ("malibu.look_for_changes", "malibu.load_points", "malibu.release"),
    "airtable": (
        "airtable.sync",
        "airtable.wait_for_sync",
        "airtable.transform.airtable_metrics_model_build",
        "airtable.release",
        "check_freshness.airtable",
    ),
}
OTHER_STEPS = (
    "page_feedback.sync",
    "page_feedback.transform.page_feedback_model_build",
    "publish_metrics.settle",
    "publish_metrics.transform.ddrc_metrics_model_build",
    "publish_metrics.unload",
    "publish_metrics.audit",
    "publish_metrics.ask_a_person",
    "publish_metrics.promote",
    "publish_metrics.verify",
    "publish_metrics.record",
    "approve_change.ask",
    "approve_change.promote",
    "restore_metrics.choose",
    "restore_metrics.confirm",
    "restore_metrics.promote",
    "restore_metrics.verify",
    "restore_metrics.release_hold",
    "release_hold.release_hold",
    "release_hold.publish",
    "keep_history.transform.parcels_snapshot",
    "set_severity.set_severity",
    "watch_publication.watch_public_file",
    "watch_publication.watch_dags",
    "watch_publication.keep_incident_log",
)
SOURCE_OF = {
    **{step: source for source, steps in OWN_STEPS.items() for step in steps},
    **dict.fromkeys(OTHER_STEPS, ""),
}

TIMES = {
    "in hours": utc(date(2026, 11, 24), 14),
    "the first moment of hours": utc(date(2026, 11, 24), 9),
    "the last second of hours": utc(date(2026, 11, 24), 16, 59, 59),
    "closing": utc(date(2026, 11, 24), 17),
    "night": utc(date(2026, 11, 24), 3),
    "weekend": utc(date(2026, 11, 28), 12),
    "Thanksgiving": utc(date(2026, 11, 26), 12),
    "the day after Thanksgiving": utc(date(2026, 11, 27), 12),
}
EVERY_HOUR = pytest.mark.parametrize("now", TIMES.values(), ids=list(TIMES))

# Faults of the file: whether the public sees something wrong, or nothing.
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


def late(source: str) -> Mapping[str, str]:
    """A sentence for each late metric of a source."""
    return {name: f"{name} should change daily." for name in METRICS[source]}


def last_check(public: Public, source: str, now: datetime) -> LastCheck | None:
    """What the watch has last seen before a step of this source fails."""
    own, other = late(source or "airtable"), late("epa" if source != "epa" else "airtable")
    wrong = ("The public file was altered.",)
    at, long_ago = now - timedelta(minutes=10), now - timedelta(hours=2)
    return {
        Public.RIGHT: LastCheck(at, metrics=PUBLISHED),
        Public.WRONG: LastCheck(at, wrong, metrics=PUBLISHED),
        Public.OWN_LATE: LastCheck(at, late=own, metrics=PUBLISHED),
        Public.OTHER_LATE: LastCheck(at, late=other, metrics=PUBLISHED),
        Public.NOT_YET: LastCheck(at, not_yet=True),
        Public.NOT_CHECKED: None,
        Public.WRONG_LONG_AGO: LastCheck(long_ago, wrong, metrics=PUBLISHED),
        Public.LATE_LONG_AGO: LastCheck(long_ago, late=own, metrics=PUBLISHED),
    }[public]


def severity(problem: Problem, now: datetime) -> str:
    """The severity of the incident that a problem opens."""
    return new_incident(problem, now).severity(now)


def severity_of_step(step: str, check: LastCheck | None, now: datetime) -> str:
    """The severity of a failed step, as its callback reports it."""
    dag, _, task = step.partition(".")
    problem = make_problem(dag, task, "run", 3, text="It broke.", error_type="", at=now, log_url="")
    return severity(assessed(problem, check, now), now)


def test_the_table_has_more_than_four_hundred_states_of_both_severities() -> None:
    states = list(product(SOURCE_OF, Public, TIMES.values()))
    are_high = [
        severity_of_step(step, last_check(public, SOURCE_OF[step], now), now) == "high"
        for step, public, now in states
    ]
    assert len(states) > 400
    assert len(states) / 10 < sum(are_high) < len(states) / 3


@EVERY_HOUR
@pytest.mark.parametrize("public", Public)
def test_a_failed_step_is_as_severe_as_what_the_public_sees(public: Public, now: datetime) -> None:
    for step, source in SOURCE_OF.items():
        # `verify` fails because the public address serves something else than was promoted.
        is_wrong = public is Public.WRONG or step.endswith(".verify")
        is_late = public is Public.OWN_LATE and bool(source)
        found = severity_of_step(step, last_check(public, source, now), now)
        assert found == expected_severity(is_wrong, is_late, now), step


@pytest.mark.parametrize("source", METRICS)
def test_one_late_metric_makes_only_the_steps_of_its_own_source_high(source: str) -> None:
    now = TIMES["in hours"]
    for name, text in late(source).items():
        check = LastCheck(now, late={name: text}, metrics=PUBLISHED)
        high = {step for step in SOURCE_OF if severity_of_step(step, check, now) == "high"}
        verifications = {"publish_metrics.verify", "restore_metrics.verify"}
        assert high == {*OWN_STEPS[source], *verifications}


@EVERY_HOUR
@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_of_the_public_file_is_high_at_any_hour_if_the_public_sees_it(
    fault: str, now: datetime
) -> None:
    found = PublicFile((Fault(fault, f"The public file: {fault}.", is_wrong=FAULTS[fault]),))

    [problem] = public_file_problems(found, (), (), now)

    assert severity(problem, now) == expected_severity(FAULTS[fault], False, now)


@EVERY_HOUR
@pytest.mark.parametrize("source", METRICS)
def test_a_late_metric_is_high_only_in_hours_and_nothing_if_its_source_is_paused(
    source: str, now: datetime
) -> None:
    found = PublicFile(late=late(source), metrics=PUBLISHED)

    problems = list(public_file_problems(found, (), ("publish_metrics",), now))

    assert len(problems) == len(METRICS[source])
    assert {severity(each, now) for each in problems} == {expected_severity(False, True, now)}
    assert not list(public_file_problems(found, (), (source,), now))


@EVERY_HOUR
@pytest.mark.parametrize("delay", DELAYS)
def test_what_delays_a_publication_is_low_because_the_last_values_stay_public(
    delay: str, now: datetime
) -> None:
    [problem] = public_file_problems(PublicFile(), (Delay(delay, "A sentence."),), (), now)

    assert severity(problem, now) == expected_severity(False, False, now)


class Airflow:
    """An Airflow with a DAG for each kind of problem."""

    def __init__(self, now: datetime) -> None:
        self.long_ago = (now - timedelta(hours=5)).isoformat()

    def get_all(self, path: str, field: str, **_: object) -> list[dict[str, Any]]:
        """The files that do not parse, the DAGs, or the runs that are running."""
        dags = ("usace", "epa", "publish_metrics", "airtable")
        paused = ("usace", "publish_metrics")
        found: dict[str, list[dict[str, Any]]] = {
            "import_errors": [{"filename": "dags/malibu.py"}],
            "dags": [
                {"dag_id": one, "is_stale": False, "is_paused": one in paused} for one in dags
            ],
            "dag_runs": [{"dag_id": "epa", "start_date": self.long_ago}],
        }
        return found[field]

    def get(self, path: str, **_: object) -> dict[str, Any]:
        """A DAG's last successful run."""
        return {"dag_runs": [{"end_date": self.long_ago}]}


@EVERY_HOUR
def test_a_problem_of_a_dag_is_low_at_any_hour(now: datetime) -> None:
    api = cast(AirflowClient, Airflow(now))

    problems = list(find_dag_problems(api, read_dags(api), ("airtable", "pasadena"), (), now))

    assert [problem.key for problem in problems] == [
        "DAGs: malibu.py does not parse",
        "DAGs: publish_metrics is paused",
        "DAGs: usace is paused",
        "DAGs: pasadena is missing",
        "DAGs: epa hangs",
        "DAGs: airtable is overdue",
    ]
    assert {severity(each, now) for each in problems} == {expected_severity(False, False, now)}
