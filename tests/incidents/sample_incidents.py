"""Sample incidents of each kind, at several hours, for the tests of messages and issues."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from include.incidents.alert_types import alert_type_of
from include.incidents.incident import (
    DAGS,
    PUBLIC_FILE,
    TASKS,
    Incident,
    Problem,
    Rating,
    new_incident,
)
from include.incidents.message import Links
from include.incidents.on_call import Responder, choose_responder, parse_rotation
from include.incidents.severity import Assessment, Impact

# 2 p.m. on a Tuesday, in California.
TUESDAY = datetime(2026, 11, 24, 22, 0, tzinfo=UTC)
# 3 a.m. on Thanksgiving, in California.
HOLIDAY_NIGHT = datetime(2026, 11, 26, 11, 0, tzinfo=UTC)
FRIDAY_EVENING = datetime(2026, 12, 5, 0, 55, tzinfo=UTC)
RUN = "scheduled__2026-11-24T21:27:00+00:00"
AIRFLOW = "https://airflow.example"
LOG = f"{AIRFLOW}/dags/usace/runs/1/tasks/load?try_number=3"
ROTATION = parse_rotation(
    "{hand_over: 09:00, rotations: [{from: 2026-01-01, days: 7, people: [Ana, Ben]}]}"
)
MENTIONS = {"CalData or Analytica staff": "<!subteam^SSTAFF>", "Ana": "<@UANA>", "Ben": "<@UBEN>"}
LINKS = Links(
    log=LOG,
    run="https://airflow.example/dags/usace/runs/1",
    runbook="https://github.com/o/n/blob/main/docs/runbooks/load.md#act",
    issue="https://github.com/o/n/issues/new?title=x",
    publication="https://airflow.example/plugin/publication",
    public_file="https://ddrc.blob.example/dashboard-data/ddrc-metrics.json",
    restore="https://airflow.example/plugin/sources/ddrc/run/restore_metrics",
    severity="https://airflow.example/plugin/sources/ddrc/run/set_severity",
)
GOOD = Assessment(
    Impact.NONE,
    "The last good version is still public, and this step has not changed it.",
    "The last good values, checked Tue Nov 24, 1:45 PM PST.",
    ("phase2_parcels_completed", "phase2_roes_accepted"),
)
WRONG_NUMBERS = "Numbers that this pipeline did not publish."


def responder(incident: Incident, now: datetime) -> Responder:
    """Who responds at this time."""
    return choose_responder(incident.is_high(now), now, lambda: ROTATION, MENTIONS)


def failed(task: str = "usace.load", error: str = "", **changes: Any) -> Problem:
    """A failed task."""
    dag, _, name = task.partition(".")
    known: dict[str, Any] = {
        "cause": "a-cause",
        "kind": changes.get("kind") or alert_type_of(dag, name).name,
        "error": error or "usace: expected 12000 rows, found 11000",
        "assessment": GOOD,
        "at": TUESDAY,
        "run": RUN,
        "tries": 3,
        "log_url": LOG,
    }
    return Problem(task, TASKS, dag=dag, task=name, **{**known, **changes})


def found(
    key: str, error: str, impact: Impact = Impact.NONE, sees: str = "", **changes: Any
) -> Problem:
    """A finding of the watch about the public file, or about DAGs."""
    is_dag = key.startswith(DAGS)
    affected = changes.pop("affected", ())
    assessment = Assessment(impact, error, sees or "The last good values.", affected)
    scope, kind = (DAGS, "dags") if is_dag else (PUBLIC_FILE, "public-file")
    return replace(Problem(key, scope, key, kind, error, assessment, TUESDAY), **changes)


ALTERED = found(
    "public file: altered",
    "The public file is not the last version that was promoted: somebody changed it.",
    Impact.WRONG,
    WRONG_NUMBERS,
    affected=("people_helped_drc", "schools_resumed", "air_mobile_survey_complete", "a", "b"),
)
MISSING = found(
    "public file: missing",
    "The public file is missing: its address answers 404.",
    Impact.WRONG,
    "Nothing: the page shows no numbers.",
)
LATE = found(
    "public file: schools_resumed is late",
    "schools_resumed should change daily and was last updated Thu Nov 19, 9:12 AM PST.",
    Impact.LATE,
    "A value that is out of date: schools_resumed.",
    affected=("schools_resumed",),
    dag="airtable",
)
PAUSED = found(
    "DAGs: usace is paused", "usace is paused: its last good values stay public.", dag="usace"
)
KILLED = failed(
    "epa.load", "The task was killed (SIGKILL): most likely out of memory", cause="killed"
)
NOT_SERVED = failed(
    "publish_metrics.verify",
    "https://ddrc.blob.example/x serves 0a1b2c3d4e5f…, but version v2 was promoted.",
    assessment=Assessment(
        Impact.WRONG,
        "For 30 seconds, the public address did not serve the version that was promoted.",
        "An older version, or no data.",
    ),
)
SNOWFLAKE = "250001 (08001): Failed to connect to DB: ddrc.snowflakecomputing.com:443. Timeout"
OUTAGE = [
    failed(task, SNOWFLAKE, cause="snowflake")
    for task in (
        "usace.load",
        "epa.transform.stg_epa__parcels_model_build",
        "malibu.load_points",
        "pasadena.unload",
        "airtable.transform.airtable_metrics_model_build",
        "publish_metrics.unload",
        "check_freshness.usace",
    )
]


def incident(*problems: Problem, **changes: Any) -> Incident:
    """The incident of problems of one cause."""
    first, *others = problems or (failed(),)
    made = new_incident(first, first.at)
    for problem in others:
        made = made.with_problem(problem)
    return replace(made, **changes)


def over(of: Incident, after: timedelta, why: str = "") -> Incident:
    """The incident after all of its problems are over."""
    return of.without([one.key for one in of.problems], why, of.opened_at + after)


def rated(of: Incident, severity: str, reason: str = "The county says so") -> Incident:
    """The incident with the severity that a person has set."""
    return replace(of, rating=Rating(severity, "Grace", reason, of.opened_at))
