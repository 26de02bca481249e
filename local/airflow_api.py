"""A small client of Airflow's REST API: what `make run` asks the scheduler."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx
from tenacity import Retrying, retry_if_exception, stop_after_attempt, wait_fixed

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


WAITING = frozenset({"awaiting_input", "deferred"})
# The API's database has one writer at a time: what may happen twice is asked again.
TRIES = 4
RETRY_SECONDS = 0.5
# A connection is used again within this time; the server closes it after five seconds.
KEPT_SECONDS = 2.0


class AirflowApi:
    """Airflow's API on this laptop, where it asks for no password."""

    def __init__(self, url: str) -> None:
        limits = httpx.Limits(keepalive_expiry=KEPT_SECONDS)
        self._http = httpx.Client(base_url=url, timeout=30, limits=limits)

    def is_healthy(self) -> bool:
        """Whether the scheduler, the DAG processor and the triggerer all report in."""
        try:
            # The first request of this kind takes seconds: no task is to wait for it.
            self._http.get("/execution/health").raise_for_status()
            answer = self._http.get("/api/v2/monitor/health", timeout=5)
        except httpx.HTTPError:
            return False
        if answer.status_code != httpx.codes.OK:
            return False
        parts = answer.json()
        return all(
            parts.get(part, {}).get("status") == "healthy"
            for part in ("metadatabase", "scheduler", "dag_processor", "triggerer")
        )

    def dags(self) -> set[str]:
        """The ids of the DAGs that were parsed."""
        return {dag["dag_id"] for dag in self.get("/dags", limit=100)["dags"]}

    def questions(self) -> list[Question]:
        """What waits for a person, oldest first."""
        answer = self.get(
            "/dags/~/dagRuns/~/hitlDetails", response_received="false", order_by="ti_id", limit=50
        )
        return [
            Question.told(each, str(self._http.base_url))
            for each in answer["hitl_details"]
            if each["task_instance"]["state"] in WAITING
        ]

    def import_errors(self) -> list[str]:
        """A line for each DAG file that did not parse."""
        errors = self.get("/importErrors", limit=100)["import_errors"]
        return [f"{each['filename']}: {each['stack_trace']}" for each in errors]

    def trigger(self, dag: str, **form: str | bool) -> Run:
        """Start a run now, as the UI's *Trigger* button does, with what its form holds."""
        moment = datetime.now(UTC).isoformat()
        run = Run(dag, f"manual__{moment}", "queued", None)
        asked = {"dag_run_id": run.id, "logical_date": moment, "conf": form}
        try:
            # The same run, however often it is asked for.
            return Run.told(self._ask("POST", f"/dags/{dag}/dagRuns", tries=TRIES, json=asked))
        except httpx.HTTPStatusError as error:
            if error.response.status_code != httpx.codes.CONFLICT:
                raise
            return self.run(run)

    def pause(self, dag: str, *, paused: bool = True) -> None:
        """Have a DAG start no more runs, or start them again, as the UI's switch does."""
        self.post(f"/dags/{dag}", {"is_paused": paused}, method="PATCH")

    def run(self, run: Run) -> Run:
        """The run as it is now."""
        return Run.told(self.get(f"/dags/{run.dag}/dagRuns/{run.id}"))

    def unfinished_runs(self) -> list[Run]:
        """The runs of all DAGs that wait or go on."""
        answer = self.get("/dags/~/dagRuns", state=["queued", "running"], limit=100)
        return [Run.told(each) for each in answer["dag_runs"]]

    def runs_since(self, dag: str, moment: datetime) -> list[Run]:
        """A DAG's runs that were made at or after a moment, oldest first."""
        answer = self.get(
            f"/dags/{dag}/dagRuns", run_after_gte=moment.isoformat(), order_by="run_after"
        )
        return [Run.told(each) for each in answer["dag_runs"]]

    def last_run(self, dag: str) -> Run:
        """A DAG's newest run.

        Raises:
            LookupError: it never ran.
        """
        answer = self.get(f"/dags/{dag}/dagRuns", order_by="-run_after", limit=1)
        if not answer["dag_runs"]:
            raise LookupError(f"{dag} never ran")
        return Run.told(answer["dag_runs"][0])

    def tasks(self, run: Run) -> list[Task]:
        """The task instances of a run."""
        answer = self.get(f"/dags/{run.dag}/dagRuns/{run.id}/taskInstances", limit=100)
        return [Task.told(each) for each in answer["task_instances"]]

    def log(self, run: Run, task: Task) -> list[str]:
        """The lines of a task's last try."""
        answer = self.get(
            f"/dags/{run.dag}/dagRuns/{run.id}/taskInstances/{task.id}/logs/{task.tries}"
        )
        return log_lines(answer["content"])

    def get(self, path: str, **query: str | int | list[str]) -> dict[str, Any]:
        """What the API answers for a path below its `/api/v2`."""
        return self._ask("GET", path, params=query)

    def post(self, path: str, body: dict[str, Any], *, method: str = "POST") -> dict[str, Any]:
        """Have the API do something, as the UI's buttons do."""
        return self._ask(method, path, tries=1 if method == "POST" else TRIES, json=body)

    def _ask(self, method: str, path: str, *, tries: int = TRIES, **options: Any) -> dict[str, Any]:
        for attempt in Retrying(
            retry=retry_if_exception(_may_pass),
            stop=stop_after_attempt(tries),
            wait=wait_fixed(RETRY_SECONDS),
            reraise=True,
        ):
            with attempt:
                answer = self._http.request(
                    method, f"/api/v2{path}", headers=self._token(), **options
                ).raise_for_status()
        content: dict[str, Any] = answer.json()
        return content

    def _token(self) -> dict[str, str]:
        if not hasattr(self, "_bearer"):
            self._bearer = self._http.get("/auth/token").raise_for_status().json()["access_token"]
        return {"Authorization": f"Bearer {self._bearer}"}


def _may_pass(error: BaseException) -> bool:
    if isinstance(error, httpx.HTTPStatusError):
        return error.response.is_server_error
    return isinstance(error, httpx.TransportError)
