"""The laptop's client of Airflow's API, against answers that a busy database gives."""

import json
from collections.abc import Callable

import httpx
import pytest

from local import airflow_api
from local.airflow_api import AirflowApi

BUSY = httpx.Response(500, text="database is locked")
EXISTS = httpx.Response(409, text="it exists")
Answer = Callable[[httpx.Request], httpx.Response]


def run_of(request: httpx.Request) -> httpx.Response:
    """The run that a request asks for or about."""
    body = json.loads(request.content) if request.content else {}
    run = body.get("dag_run_id") or request.url.path.rsplit("/", 1)[-1]
    return httpx.Response(
        200, json={"dag_id": "epa", "dag_run_id": run, "state": "queued", "start_date": None}
    )


@pytest.fixture
def answering(monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[AirflowApi, list[str]]]:
    """An API that gives these answers, one a request; and the requests that it got."""
    monkeypatch.setattr(airflow_api, "RETRY_SECONDS", 0)

    def make(*answers: Answer) -> tuple[AirflowApi, list[str]]:
        left, asked = list(answers), []

        def answer(request: httpx.Request) -> httpx.Response:
            if request.url.path == "/auth/token":
                return httpx.Response(200, json={"access_token": "dummy"})
            asked.append(request.method)
            return left.pop(0)(request)

        api = AirflowApi("http://airflow.invalid")
        api._http = httpx.Client(
            base_url="http://airflow.invalid", transport=httpx.MockTransport(answer)
        )
        return api, asked

    return make


def test_a_trigger_that_a_busy_database_refused_is_asked_for_again(
    answering: Callable[..., tuple[AirflowApi, list[str]]],
) -> None:
    api, asked = answering(lambda _: BUSY, lambda _: BUSY, run_of)

    assert api.trigger("epa").id.startswith("manual__")
    assert asked == ["POST"] * 3


def test_a_trigger_that_was_heard_though_its_answer_was_lost_is_one_run(
    answering: Callable[..., tuple[AirflowApi, list[str]]],
) -> None:
    api, asked = answering(lambda _: BUSY, lambda _: EXISTS, run_of)

    assert api.trigger("epa").id.startswith("manual__")
    assert asked == ["POST", "POST", "GET"]


def test_what_may_not_happen_twice_is_asked_for_once(
    answering: Callable[..., tuple[AirflowApi, list[str]]],
) -> None:
    api, asked = answering(lambda _: BUSY, run_of)

    with pytest.raises(httpx.HTTPStatusError, match="500"):
        api.post("/dags/epa/clearTaskInstances", {})
    assert asked == ["POST"]
