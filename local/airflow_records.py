"""What Airflow's REST API tells of runs, tasks and questions, as `make run` and people read it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

FINISHED = frozenset({"success", "failed"})
TASK_FINISHED = frozenset({"success", "failed", "upstream_failed", "skipped", "removed"})
# How Airflow's own log page marks what it folds away.
GROUP_MARKS = ("::group::", "::endgroup::")


@dataclass(frozen=True)
class Run:
    """A DAG run as the API tells it. `state` is `queued`, `running`, `success` or `failed`."""

    dag: str
    id: str
    state: str
    started: datetime | None

    @classmethod
    def told(cls, found: dict[str, Any]) -> Run:
        """The run of an answer's entry."""
        started = _time(found["start_date"])
        return cls(found["dag_id"], found["dag_run_id"], found["state"], started)

    @property
    def is_finished(self) -> bool:
        """Whether its state will not change by itself."""
        return self.state in FINISHED


@dataclass(frozen=True)
class Task:
    """A task instance. `state` is empty until the scheduler has looked at it."""

    id: str
    state: str
    tries: int
    ended: datetime | None
    seconds: float

    @classmethod
    def told(cls, found: dict[str, Any]) -> Task:
        """The task instance of an answer's entry."""
        return cls(
            found["task_id"],
            found["state"] or "",
            found["try_number"],
            _time(found["end_date"]),
            found["duration"] or 0.0,
        )


@dataclass(frozen=True)
class Question:
    """A task that waits for a person's answer.

    Attributes:
        link: Where the person answers in Airflow's UI.
        body: What the person decides by, in Markdown.
        asked_at: Since when it waits, in UTC.
    """

    run: Run
    task: str
    link: str
    body: str
    asked_at: datetime

    @classmethod
    def told(cls, found: dict[str, Any], url: str) -> Question:
        """The question of an answer's entry; `url` is where Airflow's UI is."""
        task = found["task_instance"]
        run = Run(task["dag_id"], task["dag_run_id"], "running", None)
        page = f"/dags/{run.dag}/runs/{run.id}/tasks/{task['task_id']}/required_actions"
        asked_at = datetime.fromisoformat(found["created_at"])
        return cls(run, task["task_id"], url.rstrip("/") + page, found["body"] or "", asked_at)


def log_lines(content: list[dict[str, Any] | str]) -> list[str]:
    """The lines of a task's log that say something."""
    lines = [line for entry in content for line in _lines(entry)]
    return [line for line in lines if line.strip() and not line.startswith(GROUP_MARKS)]


def _lines(entry: dict[str, Any] | str) -> list[str]:
    if isinstance(entry, str):
        return entry.splitlines()
    lines = str(entry.get("event", "")).splitlines()
    for error in entry.get("error_detail") or []:
        lines.append(f"{error.get('exc_type')}: {error.get('exc_value')}")
    return lines


def _time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
