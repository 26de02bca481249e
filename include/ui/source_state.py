"""The state of the sources, as the pages show it: runs, failures, loads, questions, forms."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from include.incidents.airflow_links import task_path
from include.sources import SYNCED


@dataclass(frozen=True)
class TableLoad:
    """A load of one raw table.

    Attributes:
        task: The task that loaded it.
        rows: Its rows.
        loaded_at: The time of the load, ISO 8601.
        rows_before: The rows of the load before; `None` without one.
    """

    task: str
    rows: int
    loaded_at: str
    rows_before: int | None = None

    @property
    def change(self) -> int | None:
        """The difference in rows from the load before; `None` without one."""
        return None if self.rows_before is None else self.rows - self.rows_before


@dataclass(frozen=True)
class Load:
    """A run's load of a source.

    Attributes:
        rows: The rows of all its tables.
        loaded_at: The time of the load, ISO 8601.
        edited_at: The last edit that the source declares, ISO 8601; empty if it declares none.
        notes: The load's warnings, for example a changed field.
    """

    rows: int
    loaded_at: str
    edited_at: str
    notes: tuple[str, ...]


@dataclass(frozen=True)
class FailedTask:
    """A task that failed in the newest run with a failure."""

    dag: str
    run: str
    task: str
    attempt: int
    at: datetime | None

    @property
    def path(self) -> str:
        """The path of its log, below Airflow's address; the page has the button *Clear*."""
        return task_path(self.dag, self.run, self.task, self.attempt)


@dataclass(frozen=True)
class RunForm:
    """A DAG and its parameters, each with its `value`, `description` and `schema`."""

    dag: str
    params: Mapping[str, Mapping[str, Any]]
    is_paused: bool = False


@dataclass(frozen=True)
class SourceState:
    """The state of a source.

    Attributes:
        state: The last run's state; empty without a run.
        ended_at: The end of the last complete run (UTC).
        duration: The duration of the last complete run.
        next_run: The time of the next run (UTC); `None` while the DAG is paused.
        is_paused, paused_at, paused_by: Whether the DAG is paused, and since when and by whom if
            Airflow logged it.
        load: The last load; `None` if Fivetran loads the source.
        rows_before: The rows of the load before the last.
        freshness: The state of the source's last task in `check_freshness`.
        failures: The failed tasks since the last complete run, of the newest run that has any.
        failing_since: The first failure since the last complete run (UTC).
        tables: The last load of each raw table, for a source with several.
        connector: What Fivetran said of its connector at the last sync.
    """

    source: str
    state: str = ""
    ended_at: datetime | None = None
    duration: timedelta | None = None
    next_run: datetime | None = None
    is_paused: bool = False
    paused_at: datetime | None = None
    load: Load | None = None
    rows_before: int | None = None
    freshness: str = ""
    paused_by: str = ""
    failures: tuple[FailedTask, ...] = ()
    failing_since: datetime | None = None
    tables: tuple[TableLoad, ...] = ()
    connector: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_synced(self) -> bool:
        """True if Fivetran loads the source, so that Airflow does not know its rows."""
        return self.source in SYNCED

    @property
    def change(self) -> int | None:
        """The difference in rows between the last two loads; `None` without two."""
        if self.load is None or self.rows_before is None:
            return None
        return self.load.rows - self.rows_before


@dataclass(frozen=True)
class Question:
    """A question that waits for a person's answer."""

    dag: str
    run: str
    task: str
    subject: str
    since: datetime

    @property
    def path(self) -> str:
        """The path of its form, below Airflow's address."""
        return f"/dags/{self.dag}/runs/{self.run}/tasks/{self.task}/required_actions"
