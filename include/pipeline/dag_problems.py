"""Problems of DAGs: those that do not parse, hang, are paused or missing, or do not complete."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import PurePosixPath

from include.airflow_api import AirflowClient
from include.incidents.incident import DAGS, Problem
from include.incidents.severity import Assessment, Impact
from include.sources import SOURCES
from include.times import california_time, duration

# A chain has at most one task with the longest time limit, 40 minutes.
LONGEST_RUN = timedelta(hours=2)
# The longest time without a complete run: an hourly DAG has then missed three runs, and a daily one
# has not ended a run within `LONGEST_RUN` after its start.
HOURLY_PAUSE = timedelta(hours=3)
DAILY_PAUSE = timedelta(days=1) + LONGEST_RUN
# Runs of these DAGs wait for a person.
_WAIT_FOR_PEOPLE = ("approve_change", "restore_metrics")


@dataclass(frozen=True)
class Dags:
    """The DAGs that Airflow has, and those whose file it cannot parse."""

    present: frozenset[str]
    paused: frozenset[str]
    broken: tuple[str, ...]

    @property
    def running(self) -> frozenset[str]:
        """The DAGs whose runs the scheduler continues."""
        return self.present - self.paused - frozenset(self.broken)


def read_dags(api: AirflowClient) -> Dags:
    """Read the DAGs.

    Raises:
        httpx.HTTPError: The API is out of reach or refuses a request.
    """
    errors = api.get_all("/importErrors", "import_errors")
    # Each DAG has a file of its name.
    broken = dict.fromkeys(PurePosixPath(error["filename"]).stem for error in errors)
    # A DAG is stale if its file is gone, and at once if it does not parse.
    found = [
        dag
        for dag in api.get_all("/dags", "dags", exclude_stale="false")
        if not dag["is_stale"] or dag["dag_id"] in broken
    ]
    return Dags(
        frozenset(dag["dag_id"] for dag in found),
        frozenset(dag["dag_id"] for dag in found if dag["is_paused"]),
        tuple(broken),
    )


def find_dag_problems(
    api: AirflowClient,
    dags: Dags,
    hourly: Collection[str],
    failing: Collection[str],
    now: datetime,
    *,
    daily: Collection[str] = (),
) -> Iterator[Problem]:
    """The DAGs that do not parse, hang, are paused, are missing or do not complete.

    Args:
        api: Airflow's API.
        dags: The DAGs.
        hourly: The DAGs that have to complete a run every hour.
        failing: The DAGs with a failed task, whose incident says why they do not complete.
        now: The current time, in UTC.
        daily: The DAGs that have to complete a run every day.
    """
    longest_pauses = dict.fromkeys(hourly, HOURLY_PAUSE) | dict.fromkeys(daily, DAILY_PAUSE)
    for dag in dags.broken:
        yield _problem(f"{dag}.py does not parse", ": its DAG does not run.", now, dag)
    for dag in sorted(dags.paused):
        # A source is switched off by pausing its DAG.
        is_source = dag in SOURCES
        sees = "its last good values stay public" if is_source else "it does not run"
        yield _problem(f"{dag} is paused", f": {sees}.", now, dag, is_deliberate=is_source)
    for dag in longest_pauses:
        if dag not in dags.present and dag not in dags.broken:
            yield _problem(f"{dag} is missing", ": Airflow has no such DAG.", now, dag)
    hanging = {dag: at for dag, at in _hanging(api, now).items() if dag in dags.running}
    for dag, started_at in hanging.items():
        text = (
            f": its run of {california_time(started_at)} takes more than {duration(LONGEST_RUN)}."
        )
        yield _problem(f"{dag} hangs", text, now, dag)
    for dag, longest_pause in longest_pauses.items():
        if dag in dags.running and dag not in failing and dag not in hanging:
            ended_at = _last_completion(api, dag)
            if ended_at and now - ended_at > longest_pause:
                text = f": it has not completed a run since {california_time(ended_at)}."
                yield _problem(f"{dag} is overdue", text, now, dag)


def _hanging(api: AirflowClient, now: datetime) -> dict[str, datetime]:
    """The start of the DAGs' runs that take too long, by DAG."""
    started = [
        (run["dag_id"], datetime.fromisoformat(run["start_date"]))
        for run in api.get_all("/dags/~/dagRuns", "dag_runs", state="running")
        if run["start_date"] and run["dag_id"] not in _WAIT_FOR_PEOPLE
    ]
    return {dag: at for dag, at in started if now - at > LONGEST_RUN}


def _last_completion(api: AirflowClient, dag: str) -> datetime | None:
    """The end of a DAG's last successful run; `None` if it never had one."""
    found = api.get(f"/dags/{dag}/dagRuns", state="success", order_by="-end_date", limit=1)
    ends = [run["end_date"] for run in found["dag_runs"] if run["end_date"]]
    return datetime.fromisoformat(ends[0]) if ends else None


def _problem(
    finding: str, explanation: str, now: datetime, dag: str, *, is_deliberate: bool = False
) -> Problem:
    why = "The public file is not affected by this; it gets no newer values from there."
    return Problem(
        key=f"{DAGS}: {finding}",
        scope=DAGS,
        cause=f"{DAGS}: {finding}",
        kind="dags",
        error=finding + explanation,
        assessment=Assessment(Impact.NONE, why, "The last good values."),
        at=now,
        dag=dag,
        is_deliberate=is_deliberate,
    )
