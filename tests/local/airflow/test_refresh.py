"""A refresh: every release is public at its end, and watching it costs Airflow little."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from rich.console import Console

from include.sources import SOURCES
from local import refresh
from local.airflow_api import AirflowApi, Run
from local.refresh import PUBLISH, Progress, Refresh, is_published

RELEASED = datetime(2026, 11, 27, 12, 45, tzinfo=UTC)
BEFORE, AFTER = RELEASED - timedelta(seconds=30), RELEASED + timedelta(seconds=2)


def publication(began: datetime | None, state: str) -> Run:
    return Run(PUBLISH, f"run of {began}", state, began)


def test_a_publication_that_began_after_the_last_release_and_has_ended_has_published_it() -> None:
    assert is_published([publication(AFTER, "success")], RELEASED)
    assert is_published([publication(RELEASED, "failed")], RELEASED)


def test_a_publication_that_ended_before_the_last_release_may_have_published_a_part() -> None:
    assert not is_published([], RELEASED)
    assert not is_published([publication(BEFORE, "success")], RELEASED)
    waiting = publication(None, "queued")
    assert not is_published([publication(BEFORE, "success"), waiting], RELEASED)


def test_a_publication_that_waited_for_the_release_counts_once_the_next_one_has_compared() -> None:
    by_the_clock = publication(BEFORE, "success")

    assert not is_published([by_the_clock, publication(AFTER, "running")], RELEASED)
    assert is_published([by_the_clock, publication(AFTER, "success")], RELEASED)


def test_a_running_publication_may_still_change_the_public_file() -> None:
    runs = [publication(AFTER, "success"), publication(AFTER, "running")]

    assert not is_published(runs, RELEASED)


class FakeAirflow:
    """Airflow's API; with each list of runs, everything takes a step.

    The sources release in the second step. A publication by the clock that began before waits for
    them and promotes; the one that they trigger begins in the third step and ends in the fourth.
    """

    def __init__(self) -> None:
        self.step = 0
        self.runs: dict[str, str] = {}
        self.requests: list[str] = []

    def respond(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path.removeprefix("/api/v2")
        if path == "/auth/token":
            return httpx.Response(200, json={"access_token": "dummy"})
        body = json.loads(request.content) if request.content else {}
        self.requests.append(f"{request.method} {path}")
        return httpx.Response(200, json=self.content(request, path, body))

    def content(self, request: httpx.Request, path: str, body: dict[str, Any]) -> dict[str, Any]:
        if request.method == "POST" and path.endswith("/dagRuns"):
            self.runs[body["dag_run_id"]] = path.split("/")[2]
            return self.run(body["dag_run_id"])
        if request.method == "GET" and path.endswith("/dagRuns"):
            self.step += 1
            if self.step == 3:
                self.runs["by asset"] = PUBLISH
        if path == "/dags/~/dagRuns":
            runs = [self.run(run) for run in self.runs]
            return {"dag_runs": [run for run in runs if run["state"] == "running"]}
        if path.endswith("/taskInstances/list"):
            tasks = [self.task(run) for run in body["dag_run_ids"]]
            return {"task_instances": tasks, "total_entries": len(tasks)}
        if path == f"/dags/{PUBLISH}/dagRuns":
            by_the_clock = {**self.run("by the clock"), "state": "success"}
            asset = [self.run("by asset")] if "by asset" in self.runs else []
            return {"dag_runs": [by_the_clock, *asset]}
        return self.run(path.rsplit("/", 1)[-1])

    def run(self, run: str) -> dict[str, Any]:
        dag = self.runs.get(run, PUBLISH)
        ended = self.step >= (4 if dag == PUBLISH else 2)
        return {
            "dag_id": dag,
            "dag_run_id": run,
            "state": "success" if ended else "running",
            "start_date": (AFTER if run == "by asset" else BEFORE).isoformat(),
        }

    def task(self, run: str) -> dict[str, Any]:
        of = self.run(run)
        is_source = of["dag_id"] != PUBLISH
        return {
            "dag_id": of["dag_id"],
            "dag_run_id": run,
            "task_id": "release" if is_source else "promote",
            "state": of["state"] if is_source or of["state"] == "running" else "skipped",
            "try_number": 1,
            "end_date": RELEASED.isoformat() if of["state"] == "success" else None,
            "duration": 1.0,
        }


@pytest.fixture
def airflow(monkeypatch: pytest.MonkeyPatch) -> FakeAirflow:
    monkeypatch.setattr(refresh, "POLL_SECONDS", 0)
    return FakeAirflow()


def refresh_of(airflow: FakeAirflow) -> Refresh:
    api = AirflowApi("http://airflow.invalid")
    transport = httpx.MockTransport(airflow.respond)
    api.http = httpx.Client(base_url="http://airflow.invalid", transport=transport)
    return Refresh(api, Progress(Console(quiet=True)), began=BEFORE)


def test_a_refresh_ends_with_the_publication_that_its_last_release_triggered(
    airflow: FakeAirflow,
) -> None:
    refreshed = refresh_of(airflow)

    assert refreshed.run() == []
    assert {*SOURCES, "by the clock", "by asset"} == set(refreshed.runs)
    assert {run.state for run in refreshed.runs.values()} == {"success"}


def test_a_poll_is_two_requests_however_many_sources_run(airflow: FakeAirflow) -> None:
    refresh_of(airflow).run()

    first = airflow.requests[len(SOURCES) :]
    assert first[:2] == ["GET /dags/~/dagRuns", "POST /dags/~/dagRuns/~/taskInstances/list"]
    assert first[2] == "GET /dags/~/dagRuns"
