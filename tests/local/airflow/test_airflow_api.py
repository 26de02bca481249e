"""The client of Airflow's API, against the responses of a busy database."""

import json
from collections.abc import Callable

import httpx
import pytest

from local import airflow_api
from local.airflow_api import AirflowApi, Run

BUSY = httpx.Response(500, text="database is locked")
EXISTS = httpx.Response(409, text="it exists")
Respond = Callable[[httpx.Request], httpx.Response]
MakeApi = Callable[..., tuple[AirflowApi, list[str]]]


def run_of(request: httpx.Request) -> httpx.Response:
    """The response to a request that creates or reads a run."""
    body = json.loads(request.content) if request.content else {}
    run = body.get("dag_run_id") or request.url.path.rsplit("/", 1)[-1]
    return httpx.Response(
        200, json={"dag_id": "epa", "dag_run_id": run, "state": "queued", "start_date": None}
    )


@pytest.fixture
def make_api(monkeypatch: pytest.MonkeyPatch) -> MakeApi:
    """Make an API that gives these responses, one a request, and the list of its requests."""
    monkeypatch.setattr(airflow_api, "RETRY_SECONDS", 0)

    def make(*responses: Respond) -> tuple[AirflowApi, list[str]]:
        left, methods = list(responses), []

        def respond(request: httpx.Request) -> httpx.Response:
            if request.url.path == "/auth/token":
                return httpx.Response(200, json={"access_token": "dummy"})
            methods.append(request.method)
            return left.pop(0)(request)

        api = AirflowApi("http://airflow.invalid")
        api.http = httpx.Client(
            base_url="http://airflow.invalid", transport=httpx.MockTransport(respond)
        )
        return api, methods

    return make


def test_a_trigger_that_a_busy_database_refused_is_retried(make_api: MakeApi) -> None:
    api, methods = make_api(lambda _: BUSY, lambda _: BUSY, run_of)

    assert api.trigger("epa").id.startswith("manual__")
    assert methods == ["POST"] * 3


def test_a_trigger_whose_response_was_lost_is_one_run(make_api: MakeApi) -> None:
    api, methods = make_api(lambda _: BUSY, lambda _: EXISTS, run_of)

    assert api.trigger("epa").id.startswith("manual__")
    assert methods == ["POST", "POST", "GET"]


def test_other_posts_are_not_retried(make_api: MakeApi) -> None:
    api, methods = make_api(lambda _: BUSY, run_of)

    with pytest.raises(httpx.HTTPStatusError, match="500"):
        api.send("POST", "/dags/epa/clearTaskInstances", {})
    assert methods == ["POST"]


def test_the_tasks_of_several_runs_are_read_page_by_page(make_api: MakeApi) -> None:
    def page(*tasks: tuple[str, str, str]) -> Respond:
        found = [
            {
                "dag_id": dag,
                "dag_run_id": run,
                "task_id": task,
                "state": None,
                "try_number": 0,
                "end_date": None,
                "duration": None,
            }
            for dag, run, task in tasks
        ]
        content = {"task_instances": found, "total_entries": 3}
        return lambda _: httpx.Response(200, json=content)

    api, methods = make_api(
        page(("epa", "at noon", "load"), ("usace", "at noon", "load")),
        page(("epa", "at noon", "unload")),
    )

    epa, usace = Run("epa", "at noon", "running", None), Run("usace", "at noon", "running", None)
    tasks = api.tasks_of([epa, usace])

    assert {run: [task.id for task in of] for run, of in tasks.items()} == {
        epa: ["load", "unload"],
        usace: ["load"],
    }
    assert api.tasks_of([]) == {}
    assert methods == ["POST", "POST"]
