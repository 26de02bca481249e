"""The requests of a load: what is sent, and what is said of those that fail."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from include.loaders import (
    LoadOptions,
    Origin,
    OverloadedError,
    PermanentError,
    TransientError,
)
from include.loaders.http_client import Client
from tests.loaders.service import reply, serving
from tests.loaders.steady_clock import Clock

pytestmark = pytest.mark.usefixtures("few_roots")
URL = "https://x/list"
Handler = Callable[[httpx.Request], httpx.Response]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """The settings of each connection pool that is opened."""
    settings: list[dict[str, Any]] = []
    original = httpx.Client

    def record(**given: Any) -> httpx.Client:
        settings.append(given)
        return original(**given)

    monkeypatch.setattr(httpx, "Client", record)
    return settings


@pytest.fixture
def handled(monkeypatch: pytest.MonkeyPatch) -> Callable[[Handler], None]:
    """Answer the requests of all clients by a function, without a server."""

    def handle(handler: Handler) -> None:
        original = httpx.Client

        def make(**given: Any) -> httpx.Client:
            return original(transport=httpx.MockTransport(handler), **given)

        monkeypatch.setattr(httpx, "Client", make)

    return handle


def failure(clock: Clock, url: str = URL, query: dict[str, str] | None = None) -> Any:
    """The failure of one request that is not retried."""
    with (
        Client("epa", Origin(), clock.options(retry_seconds=0.0)) as client,
        pytest.raises((TransientError, PermanentError)) as caught,
    ):
        client.read_json(url, query)
    return caught.value


def test_a_connection_has_its_limits_and_names_the_project(opened: list[dict[str, Any]]) -> None:
    options = LoadOptions(concurrency=6, timeout_seconds=7.0)
    with Client("epa", Origin(), options):
        pass
    [settings] = opened

    assert settings["headers"] == {
        "User-Agent": "ddrc-data-pipelines (+https://github.com/cagov/ddrc-data-pipelines)",
        "Accept-Encoding": "gzip",
        "Cache-Control": "no-cache",
        "Accept": "*/*",
    }
    assert settings["timeout"] == httpx.Timeout(7.0)
    assert settings["limits"] == httpx.Limits(max_connections=7)
    assert settings["follow_redirects"] is False
    assert settings["verify"].check_hostname is True


def test_a_token_is_a_header_and_is_not_carried_to_another_address(
    opened: list[dict[str, Any]],
) -> None:
    with Client("epa", Origin(token="s3cret"), LoadOptions()):
        pass
    [settings] = opened

    assert settings["headers"]["X-Esri-Authorization"] == "Bearer s3cret"
    assert settings["follow_redirects"] is False


def test_the_connection_is_closed_at_the_end() -> None:
    with serving(lambda _: reply([1])) as service:
        with Client("epa", Origin(), LoadOptions(retry_seconds=0)) as client:
            assert client.read_json(service.url) == [1]
        with pytest.raises(RuntimeError, match="closed"):
            client.read_json(service.url)


def test_a_query_is_sent_in_the_address_or_as_a_form_if_it_is_long(
    handled: Callable[[Handler], None], clock: Clock
) -> None:
    sent: list[tuple[str, str, str]] = []

    def answer(request: httpx.Request) -> httpx.Response:
        sent.append((request.method, str(request.url), request.content.decode()))
        return httpx.Response(200, json=[])

    handled(answer)
    with Client("epa", Origin(), clock.options()) as client:
        client.read_json(URL + "?a=1")
        client.read_json(URL, {"b": "2 3"})
        client.read_json(URL, {"c": "x" * 1783})
        client.read_json(URL, {"c": "x" * 1784})
        client.read_json(URL + "?" + "y" * 1800)

    assert sent == [
        ("GET", URL + "?a=1", ""),
        ("GET", URL + "?b=2+3", ""),
        ("GET", URL + "?c=" + "x" * 1783, ""),
        ("POST", URL, "c=" + "x" * 1784),
        ("POST", URL + "?" + "y" * 1800, ""),
    ]
    assert len(sent[2][1]) == 1800


def test_a_failure_describes_the_request_and_cuts_a_long_one(
    handled: Callable[[Handler], None], clock: Clock
) -> None:
    handled(lambda _: httpx.Response(404))

    assert failure(clock, query={"a": "1"}).request == "GET https://x/list?a=1"
    start = "GET https://x/list?a="
    assert failure(clock, query={"a": "y" * 379}).request == start + "y" * 379
    assert failure(clock, query={"a": "y" * 380}).request == start + "y" * 379 + "…"
    form = failure(clock, query={"a": "y" * 2000}).request
    assert form == "POST https://x/list with a=" + "y" * 373 + "…"


def test_an_answer_that_takes_too_long_in_all_is_given_up(
    handled: Callable[[Handler], None], clock: Clock
) -> None:
    def answer(_: httpx.Request) -> httpx.Response:
        clock.time += 180.5
        return httpx.Response(200, content=b"[]")

    handled(answer)
    failed = failure(clock)

    assert type(failed) is OverloadedError
    assert str(failed) == (
        "epa: no complete answer within 180 seconds. Request: GET https://x/list."
    )


def test_an_answer_just_within_its_time_is_read(
    handled: Callable[[Handler], None], clock: Clock
) -> None:
    def answer(_: httpx.Request) -> httpx.Response:
        clock.time += 180
        return httpx.Response(200, content=b"[]")

    handled(answer)
    with Client("epa", Origin(), clock.options()) as client:
        assert client.read_json(URL) == []
