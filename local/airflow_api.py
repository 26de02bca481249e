"""The REST API of the laptop's Airflow: runs, tasks, logs and questions."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx
from tenacity import Retrying, retry_if_exception, stop_after_attempt, wait_fixed

from include.airflow_api import AirflowClient

RUN_FINISHED = frozenset({"success", "failed"})
TASK_FINISHED = frozenset({"success", "failed", "upstream_failed", "skipped", "removed"})
TASK_WAITING = frozenset({"awaiting_input", "deferred"})
# Airflow's log page folds the lines between these marks.
GROUP_MARKS = ("::group::", "::endgroup::")
# SQLite has one writer at a time, so a request may fail on a busy laptop.
ATTEMPTS = 4
RETRY_SECONDS = 0.5


@dataclass(frozen=True)
class Run:
    """A DAG run. `state` is `queued`, `running`, `success` or `failed`."""

    dag: str
    id: str
    state: str
    started: datetime | None

    @classmethod
    def from_json(cls, content: dict[str, Any]) -> Run:
        """The run in an entry of a response."""
        started = _time(content["start_date"])
        return cls(content["dag_id"], content["dag_run_id"], content["state"], started)

    @property
    def is_finished(self) -> bool:
        """True if its state is final."""
        return self.state in RUN_FINISHED


@dataclass(frozen=True)
class Task:
    """A task instance. `state` is empty until the scheduler has considered it."""

    id: str
    state: str
    try_number: int
    ended: datetime | None
    seconds: float

    @classmethod
    def from_json(cls, content: dict[str, Any]) -> Task:
        """The task instance in an entry of a response."""
        return cls(
            content["task_id"],
            content["state"] or "",
            content["try_number"],
            _time(content["end_date"]),
            content["duration"] or 0.0,
        )


@dataclass(frozen=True)
class Question:
    """A task that waits for a person's decision.

    Attributes:
        run: The run of the task.
        task: The task's id.
        link: The page of Airflow's UI where the person answers.
        body: The facts to decide by, in Markdown.
        asked_at: The time since when the task waits, in UTC.
    """

    run: Run
    task: str
    link: str
    body: str
    asked_at: datetime

    @classmethod
    def from_json(cls, content: dict[str, Any], url: str) -> Question:
        """The question in an entry of a response.

        Args:
            content: The entry.
            url: The address of Airflow's UI.
        """
        task = content["task_instance"]
        run = Run(task["dag_id"], task["dag_run_id"], "running", None)
        page = f"/dags/{run.dag}/runs/{run.id}/tasks/{task['task_id']}/required_actions"
        asked_at = datetime.fromisoformat(content["created_at"])
        return cls(run, task["task_id"], url.rstrip("/") + page, content["body"] or "", asked_at)


class AirflowApi(AirflowClient):
    """The laptop's Airflow, whose simple auth manager needs no password.

    Each method raises `httpx.HTTPStatusError` or `httpx.TransportError` if the API refuses or does
    not respond.
    """

    def is_healthy(self) -> bool:
        """True if the API server, scheduler, DAG processor and triggerer are all running."""
        try:
            # The first request to the Execution API takes seconds, which no task should wait for.
            self.http.get("/execution/health").raise_for_status()
            response = self.http.get("/api/v2/monitor/health", timeout=5)
        except httpx.HTTPError:
            return False
        if response.status_code != httpx.codes.OK:
            return False
        parts = response.json()
        return all(
            parts.get(part, {}).get("status") == "healthy"
            for part in ("metadatabase", "scheduler", "dag_processor", "triggerer")
        )

    def dags(self) -> set[str]:
        """The ids of the parsed DAGs."""
        return {dag["dag_id"] for dag in self.get("/dags", limit=100)["dags"]}

    def import_errors(self) -> list[str]:
        """A line for each DAG file that does not parse."""
        errors = self.get("/importErrors", limit=100)["import_errors"]
        return [f"{error['filename']}: {error['stack_trace']}" for error in errors]

    def pause(self, dag: str, *, paused: bool = True) -> None:
        """Pause or unpause a DAG."""
        self.send("PATCH", f"/dags/{dag}", {"is_paused": paused})

    def trigger(self, dag: str, **params: str | bool) -> Run:
        """Start a run now, as the UI's *Trigger* button does.

        Args:
            dag: The DAG's id.
            params: The values of the DAG's params.
        """
        now = datetime.now(UTC).isoformat()
        run = Run(dag, f"manual__{now}", "queued", None)
        body = {"dag_run_id": run.id, "logical_date": now, "conf": params}
        try:
            # Safe to repeat: the id makes it the same run.
            created = self.request("POST", f"/dags/{dag}/dagRuns", attempts=ATTEMPTS, json=body)
        except httpx.HTTPStatusError as error:
            if error.response.status_code != httpx.codes.CONFLICT:
                raise
            return self.run(run)
        return Run.from_json(created)

    def run(self, run: Run) -> Run:
        """The current state of a run."""
        return Run.from_json(self.get(f"/dags/{run.dag}/dagRuns/{run.id}"))

    def unfinished_runs(self) -> list[Run]:
        """The queued and running runs of all DAGs."""
        found = self.get("/dags/~/dagRuns", state=["queued", "running"], limit=100)
        return [Run.from_json(run) for run in found["dag_runs"]]

    def runs_since(self, dag: str, start: datetime) -> list[Run]:
        """A DAG's runs that began at or after a time, oldest first."""
        found = self.get(
            f"/dags/{dag}/dagRuns", start_date_gte=start.isoformat(), order_by="start_date"
        )
        return [Run.from_json(run) for run in found["dag_runs"]]

    def last_run(self, dag: str) -> Run:
        """A DAG's newest run.

        Raises:
            LookupError: The DAG never ran.
        """
        found = self.get(f"/dags/{dag}/dagRuns", order_by="-run_after", limit=1)
        if not found["dag_runs"]:
            raise LookupError(f"{dag} never ran")
        return Run.from_json(found["dag_runs"][0])

    def tasks(self, run: Run) -> list[Task]:
        """The task instances of a run."""
        found = self.get(f"/dags/{run.dag}/dagRuns/{run.id}/taskInstances", limit=100)
        return [Task.from_json(task) for task in found["task_instances"]]

    def tasks_of(self, runs: Iterable[Run]) -> dict[Run, list[Task]]:
        """The task instances of several runs, with one request for all.

        Runs of several DAGs by the clock may have one id.
        """
        found: dict[tuple[str, str], list[Task]] = {}
        by_id = {(run.dag, run.id): run for run in runs}
        body = {
            "dag_ids": sorted({dag for dag, _ in by_id}),
            "dag_run_ids": sorted({run for _, run in by_id}),
            "order_by": "id",
        }
        total, read = len(by_id), 0
        while read < total:
            page = self.request(
                "POST",
                "/dags/~/dagRuns/~/taskInstances/list",
                json={**body, "page_offset": read},
            )
            for task in page["task_instances"]:
                of = task["dag_id"], task["dag_run_id"]
                found.setdefault(of, []).append(Task.from_json(task))
            read += len(page["task_instances"])
            total = page["total_entries"] if page["task_instances"] else 0
        return {run: found.get(key, []) for key, run in by_id.items()}

    def log(self, run: Run, task: Task) -> list[str]:
        """The lines that a task's last attempt logged."""
        path = f"/dags/{run.dag}/dagRuns/{run.id}/taskInstances/{task.id}/logs/{task.try_number}"
        return _log_lines(self.get(path)["content"])

    def open_questions(self) -> list[Question]:
        """The tasks that wait for a person, oldest first."""
        found = self.get(
            "/dags/~/dagRuns/~/hitlDetails", response_received="false", order_by="ti_id", limit=50
        )
        return [
            Question.from_json(question, str(self.http.base_url))
            for question in found["hitl_details"]
            if question["task_instance"]["state"] in TASK_WAITING
        ]

    def send(self, method: str, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """Change a resource; return the JSON of the response. A `POST` is not retried.

        Args:
            method: `POST`, `PATCH` or `PUT`.
            path: The path below `/api/v2`.
            body: The JSON to send.
        """
        return self.request(method, path, attempts=1 if method == "POST" else ATTEMPTS, json=body)

    def request(
        self, method: str, path: str, *, attempts: int = ATTEMPTS, **options: Any
    ) -> dict[str, Any]:
        """Request a resource, several times if SQLite is busy; return the JSON of the response.

        Args:
            method: The HTTP method.
            path: The path below `/api/v2`.
            attempts: The most attempts.
            options: Options of `httpx.Client.request`.
        """
        return Retrying(
            retry=retry_if_exception(_is_temporary),
            stop=stop_after_attempt(attempts),
            wait=wait_fixed(RETRY_SECONDS),
            reraise=True,
        )(super().request, method, path, **options)


def _is_temporary(error: BaseException) -> bool:
    if isinstance(error, httpx.HTTPStatusError):
        return error.response.is_server_error
    return isinstance(error, httpx.TransportError)


def _log_lines(content: list[dict[str, Any] | str]) -> list[str]:
    lines = [line for entry in content for line in _lines_of(entry)]
    return [line for line in lines if line.strip() and not line.startswith(GROUP_MARKS)]


def _lines_of(entry: dict[str, Any] | str) -> list[str]:
    if isinstance(entry, str):
        return entry.splitlines()
    lines = str(entry.get("event", "")).splitlines()
    for error in entry.get("error_detail") or []:
        lines.append(f"{error.get('exc_type')}: {error.get('exc_value')}")
    return lines


def _time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
