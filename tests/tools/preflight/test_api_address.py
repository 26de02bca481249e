"""Airflow's API at the address of a deployment, which has a path, and what refuses it."""

import json
from collections.abc import Iterator

import pytest
from starlette.applications import Starlette
from starlette.routing import Mount

from tests.pipeline.airflow_api import TOKEN, FakeAirflow
from tests.serving import serving
from tools.acceptance.outcomes import Outcome, Status
from tools.preflight.checks import chosen, run_checks
from tools.preflight.deployment import Deployment

PATH = "/d1a2b3c4"


@pytest.fixture
def host() -> Iterator[str]:
    """The host and path of an Airflow with one DAG."""
    airflow = FakeAirflow()
    airflow.add_dag("epa")
    airflow.add_dag("usace")
    airflow.dags["usace"]["is_paused"] = True
    with serving(Starlette(routes=[Mount(PATH, airflow.app())])) as url:
        yield url.removeprefix("http://") + PATH


def check(host: str, password: str, monkeypatch: pytest.MonkeyPatch) -> dict[str, Outcome]:
    """The outcome of each line that needs the API."""
    connection = {"conn_type": "http", "schema": "http", "host": host, "password": password}
    monkeypatch.setenv("AIRFLOW_CONN_AIRFLOW_API", json.dumps(connection))
    return {one.name: one for _, one in run_checks(Deployment(), chosen(["dag"]))}


def test_the_api_is_found_below_the_deployments_path(
    host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = check(host, TOKEN, monkeypatch)
    assert found["airflow_api"].detail == "It answers, and has 2 DAGs."
    assert {name: one.status for name, one in found.items() if one.detail.startswith("It")} == {
        "airflow_api": Status.PASS, "dag epa": Status.PASS,
    }  # fmt: skip
    assert found["dag usace"].detail == "usace is paused."
    assert found["dag malibu"].detail == "malibu is not deployed."


def test_without_the_path_the_message_has_the_address_that_was_tried(
    host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = check(host.removesuffix(PATH), TOKEN, monkeypatch)
    assert found["airflow_api"].status is Status.FAIL
    assert "answers 404 at 127.0.0.1/api/v2/importErrors" in found["airflow_api"].detail
    assert found["dag epa"].status is Status.NOT_PERMITTED


def test_a_refused_token_is_a_failure_and_not_shown(
    host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = check(host, "dummy-token-that-ended", monkeypatch)
    assert "Airflow's API answers 401" in found["airflow_api"].detail
    assert "dummy-token" not in found["airflow_api"].detail


def test_a_dag_that_does_not_parse_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    airflow = FakeAirflow()
    airflow.import_errors.append("dags/epa.py")
    with serving(airflow.app()) as url:
        found = check(url.removeprefix("http://"), TOKEN, monkeypatch)
    assert found["airflow_api"].detail == "These DAGs do not parse: epa."


def test_a_token_that_may_not_clean_up_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    airflow = FakeAirflow()
    airflow.clean_up_status = 403
    with serving(airflow.app()) as url:
        found = check(url.removeprefix("http://"), TOKEN, monkeypatch)
    assert found["airflow_api"].status is Status.FAIL
    assert found["airflow_api"].detail == "The token may not delete DAG runs, so clean_up fails."
