"""The client of Airflow's REST API: its requests, its token, and its limits."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from include.airflow_api import AirflowClient

URL = "http://airflow.invalid"
Answer = Callable[[httpx.Request], httpx.Response]


def client(answer: Answer, token: str | None = None) -> tuple[AirflowClient, list[httpx.Request]]:
    """A client of an Airflow that answers like this, and its requests."""
    requests: list[httpx.Request] = []

    def respond(request: httpx.Request) -> httpx.Response:
        requests.append(request)
        return answer(request)

    made = AirflowClient(URL, token)
    made.http = httpx.Client(base_url=URL, transport=httpx.MockTransport(respond))
    return made, requests


def shown(requests: list[httpx.Request]) -> list[tuple[str, str, str | None]]:
    """Each request's method, address and credentials."""
    return [
        (each.method, str(each.url).removeprefix(URL), each.headers.get("authorization"))
        for each in requests
    ]


def all_right(request: httpx.Request) -> httpx.Response:
    return httpx.Response(200, json={"access_token": "made", "path": request.url.path})


def test_a_resource_is_read_with_the_given_token_and_its_query() -> None:
    api, requests = client(all_right, "given")
    assert api.get("/dags", limit=5, tags=["a", "b"])["path"] == "/api/v2/dags"
    assert shown(requests) == [("GET", "/api/v2/dags?limit=5&tags=a&tags=b", "Bearer given")]


def test_without_a_token_one_is_requested_once() -> None:
    api, requests = client(all_right)
    api.get("/dags")
    answered = api.request("PATCH", "/dags/epa", json={"is_paused": True})
    assert answered == {"access_token": "made", "path": "/api/v2/dags/epa"}
    assert shown(requests) == [
        ("GET", "/auth/token", None),
        ("GET", "/api/v2/dags", "Bearer made"),
        ("PATCH", "/api/v2/dags/epa", "Bearer made"),
    ]
    assert requests[-1].content == b'{"is_paused":true}'


@pytest.mark.parametrize("path", ["", "/deployment"])
def test_a_plugins_api_is_below_airflows_own_address(path: str) -> None:
    api, requests = client(all_right, "given")
    api.http = httpx.Client(base_url=URL + path, transport=api.http._transport)
    api.request("POST", "/page", below="/plugin")
    api.get("/dags")
    assert [address for _, address, _ in shown(requests)] == [
        f"{path}/plugin/page",
        f"{path}/api/v2/dags",
    ]


@pytest.mark.parametrize("token", [None, "", "given"])
def test_a_refusal_is_an_error(token: str | None) -> None:
    api, requests = client(lambda _: httpx.Response(403, json={"access_token": "x"}), token)
    with pytest.raises(httpx.HTTPStatusError, match="403"):
        api.get("/dags")
    assert len(requests) == 1


def test_a_client_closes_its_connections() -> None:
    api, _ = client(all_right, "given")
    with api as entered:
        assert entered is api
        assert not api.http.is_closed
    assert api.http.is_closed


def test_a_connection_is_given_up_before_the_server_closes_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    options: list[dict[str, Any]] = []
    monkeypatch.setattr(httpx, "Client", lambda **given: options.append(given))
    AirflowClient(URL)
    assert options == [
        {"base_url": URL, "timeout": 30, "limits": httpx.Limits(keepalive_expiry=2.0)}
    ]
