"""Simulated problems: failed attempts of tasks, paused DAGs, and checks of the public file."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from include.incidents.failed_task import assessed, make_problem
from include.incidents.incident import DAGS, Problem
from include.incidents.severity import Assessment, Impact, LastCheck
from include.publishing.lateness import is_late
from include.publishing.public_file import Fault, PublicFile
from include.sources import SOURCES

# Texts of errors, as `error_texts.rendered` takes them.
DOWN = (
    "usace: HTTP status 503. The service said: Service Unavailable. Request:"
    " https://services.example.org/query?resultOffset=%n%."
)
TOO_FEW = "usace: expected %n% rows, found %n%. Request: https://services.example.org/query."
SNOWFLAKE = (
    "250001 (08001): None: Failed to connect to DB: xy12345.snowflakecomputing.com:443."
    " Connection timed out. [%uuid%]"
)
EXPIRED = (
    "Server failed to authenticate the request. Make sure the value of Authorization header is"
    " formed correctly including the signature.\nRequestId:%uuid%\nTime:%time%\n"
    "ErrorCode:AuthenticationFailed"
)
KILLED = "Process terminated by signal. Likely out of memory error (OOM). SIGKILL"
# Faults that the public does not see.
_UNSEEN = ("rewritten", "header cache-control")


def in_dbt(model: str) -> str:
    """The outage of Snowflake, as a dbt model reports it."""
    return f"dbt invocation completed with errors: {model}: Database Error\n  {SNOWFLAKE}"


@dataclass
class Attempt:
    """A failed attempt of a task; `ended_by` says why its failure is over."""

    task: str
    at: datetime
    text: str
    has_callback: bool
    is_posted: bool = False
    ended_by: str = ""

    @property
    def id(self) -> tuple[str, str, int]:
        """The task, its run and the number of the try."""
        return self.task, f"scheduled__{self.at:%Y-%m-%dT%H:%M}", 3

    def end(self, why: str) -> None:
        """Let the failure be over."""
        self.ended_by = why

    def problem(self, check: LastCheck | None, now: datetime) -> Problem:
        """The problem, as a callback or the watch describes it."""
        key, run, tries = self.id
        dag, _, task = key.partition(".")
        found = make_problem(
            dag, task, run, tries, text=self.text, error_type="", at=self.at, log_url=""
        )
        return assessed(replace(found, is_posted=self.is_posted), check, now)


def paused_dag(dag: str, now: datetime) -> Problem:
    """The finding that a DAG is paused."""
    name, text = f"{DAGS}: {dag} is paused", f"{dag} is paused."
    sees = Assessment(Impact.NONE, text, "The last good values.")
    is_source = dag in SOURCES
    return Problem(name, DAGS, name, "dags", text, sees, now, dag=dag, is_deliberate=is_source)


def public_file(
    faults: Iterable[str], entries: Mapping[str, Iterable[datetime]], now: datetime
) -> PublicFile:
    """The public file with faults, and with daily metrics whose values are of these times."""
    newest = {
        metric: max((at for at in times if at <= now), default=now)
        for metric, times in entries.items()
    }
    return PublicFile(
        tuple(
            Fault(one, f"The public file: {one}.", is_wrong=one not in _UNSEEN) for one in faults
        ),
        {metric: "Late." for metric, at in newest.items() if is_late("daily", at, now)},
        tuple(newest),
    )
