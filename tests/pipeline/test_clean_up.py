"""The task that starts the clean-up of Airflow's database, and what it says about a refusal."""

import json
from collections.abc import Iterator

import pytest
from airflow.sdk.exceptions import AirflowFailException
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from include.airflow_api import AirflowClient
from include.pipeline.clean_up import CleanUpError, delete_old_rows
from tests.pipeline.running import call, context_of
from tests.serving import serving

FAILED = "Airflow's API server did not delete old rows of its database (HTTP {})"


class FakePage:
    """The plugin's page.

    Attributes:
        status: The status of its answer.
        requests: The requests' paths and credentials.
    """

    def __init__(self) -> None:
        self.status = 200
        self.requests: list[tuple[str, str | None]] = []

    def answer(self, request: Request) -> Response:
        self.requests.append((request.url.path, request.headers.get("authorization")))
        return JSONResponse({"dag_run": 288, "xcom": 2500}, status_code=self.status)


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[FakePage, str]]:
    page = FakePage()
    route = Route("/{path:path}", page.answer, methods=["POST"])
    with serving(Starlette(routes=[route])) as url:
        yield page, url


@pytest.fixture
def page(served: tuple[FakePage, str], monkeypatch: pytest.MonkeyPatch) -> FakePage:
    """The page, for a task that runs now."""
    made, url = served
    made.status = 200
    made.requests.clear()
    host, port = url.removeprefix("http://").split(":")
    connection = {"conn_type": "http", "schema": "http", "host": host, "port": int(port)}
    monkeypatch.setenv("AIRFLOW_CONN_AIRFLOW_API", json.dumps({**connection, "password": "dummy"}))
    return made


def run() -> dict[str, int]:
    done: dict[str, int] = call(delete_old_rows(), context_of("clean_up", "delete_old_rows"))
    return done


def test_the_task_starts_the_clean_up_and_says_what_was_deleted(
    page: FakePage, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    assert run() == {"dag_run": 288, "xcom": 2500}
    assert page.requests == [("/ddrc/clean-up", "Bearer dummy")]
    assert "Deleted rows: 288 of dag_run, 2,500 of xcom." in caplog.text


def test_a_clean_up_may_take_a_quarter_of_an_hour(
    page: FakePage, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[object] = []

    def request(*_: object, timeout: float, **named: object) -> dict[str, int]:
        given.append(timeout)
        return {}

    monkeypatch.setattr(AirflowClient, "request", request)
    run()
    assert given == [900]


@pytest.mark.parametrize(
    ("status", "remedy"),
    [
        (401, "replace the API token in the connection airflow_api"),
        (
            403,
            "give the API token in the connection airflow_api the right to delete DAG runs, which"
            " every token of an Astro deployment has",
        ),
        (
            404,
            "check that Airflow lists the plugin ddrc_pages, and that the connection airflow_api"
            " has the deployment's whole address",
        ),
    ],
)
def test_a_refusal_is_not_retried_and_says_what_to_do(
    status: int, remedy: str, page: FakePage
) -> None:
    page.status = status
    with pytest.raises(AirflowFailException) as refused:
        run()
    assert str(refused.value) == f"{FAILED.format(status)}: {remedy}, then clear this task."


def test_a_clean_up_that_still_runs_is_waited_for(page: FakePage) -> None:
    page.status = 409
    with pytest.raises(CleanUpError) as failed:
        run()
    assert str(failed.value) == (
        f"{FAILED.format(409)}: the one that an earlier try started is still running."
    )


@pytest.mark.parametrize("status", [500, 503, 504])
def test_a_server_that_fails_is_tried_again(status: int, page: FakePage) -> None:
    page.status = status
    with pytest.raises(CleanUpError) as failed:
        run()
    assert str(failed.value) == (
        f"{FAILED.format(status)}: its log says why; nothing else depends on it."
    )
