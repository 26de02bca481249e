"""Answers over HTTP that other readers of ArcGIS layers have met."""

import gzip
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qsl

import pytest
from starlette.applications import Starlette
from starlette.requests import Request as HttpRequest
from starlette.responses import Response
from starlette.routing import Route

from include.loaders import TokenError, TransientError
from tests.loaders.exported import exported, ids
from tests.loaders.layer import Layer
from tests.loaders.service import Reply, Request, Service, esri_error, reply
from tests.serving import serving

pytestmark = pytest.mark.usefixtures("few_roots")

ALL = list(range(1, 11))
ENCODINGS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "x-gzip": gzip.compress,
    "deflate": zlib.compress,
    "identity": bytes,
}


@contextmanager
def encoding(layer: Layer, name: str) -> Iterator[str]:
    """A server of the layer whose bodies have one encoding; its address."""

    async def answer(request: HttpRequest) -> Response:
        form = (await request.body()).decode()
        query = dict(parse_qsl(request.url.query) + parse_qsl(form))
        made = layer.answer(Request(request.method, request.url.path, query, {}))
        headers = {"Content-Encoding": name, "Content-Type": "text/plain;charset=utf-8"}
        return Response(ENCODINGS[name](made.body), made.status, headers)

    app = Starlette(routes=[Route("/{path:path}", answer, methods=["GET", "POST"])])
    with serving(app, lifespan="off") as address:
        yield address


@pytest.mark.parametrize("name", ENCODINGS)
def test_a_body_is_read_in_the_encoding_that_it_has(
    layer: Layer, tmp_path: Path, name: str
) -> None:
    with encoding(layer, name) as address:
        assert ids(exported(address, tmp_path)) == ALL


def test_json_with_a_web_page_behind_it_is_not_taken_for_whole(
    service: Service, layer: Layer, tmp_path: Path
) -> None:
    """An error page after the rows means that the server failed while it wrote them."""
    whole = layer.page(layer.rows[:4]).body
    broken = Reply(whole + b"\n<!DOCTYPE html><html><body>Error</body></html>")
    service.once(lambda request: request.is_page, broken)
    assert ids(exported(service.url, tmp_path)) == ALL

    service.always(lambda request: request.is_page, broken)
    with pytest.raises(TransientError):
        exported(service.url, tmp_path, retry_seconds=0.0)


@pytest.mark.parametrize("body", [b"", b"   ", b"<html></html>", b"Service not started"])
def test_a_body_that_is_not_json_is_requested_again(
    service: Service, tmp_path: Path, body: bytes
) -> None:
    service.once(lambda request: request.query.get("resultOffset") == "4", Reply(body))

    assert ids(exported(service.url, tmp_path)) == ALL


@pytest.mark.parametrize("code", [498, 499])
@pytest.mark.parametrize("question", ["", "returnCountOnly", "returnIdsOnly", "resultOffset"])
def test_a_token_that_is_missing_or_has_expired_ends_the_load_at_any_question(
    service: Service, layer: Layer, tmp_path: Path, code: int, question: str
) -> None:
    if question == "returnIdsOnly":
        layer.metadata = {"advancedQueryCapabilities": None}
    service.always(
        lambda request: question in request.query if question else "where" not in request.query,
        esri_error(code, "Token Required"),
    )

    with pytest.raises(TokenError, match="Token Required"):
        exported(service.url, tmp_path)


def test_a_form_stays_a_form_over_a_redirect(
    service: Service, layer: Layer, tmp_path: Path
) -> None:
    def moved(request: Request) -> Reply | None:
        if request.path.startswith("/new"):
            old = Request(request.method, request.path.removeprefix("/new"), request.query, {})
            return layer.answer(old)
        return reply({}, 302, Location=f"{service.url}/new{request.path}")

    service.script(moved)
    condition = "Status <> 'x'" + " AND Status <> 'y'" * 120

    assert ids(exported(service.url, tmp_path, where=condition)) == ALL
    forms = [request for request in service.requests if "where" in request.query]
    assert {request.method for request in forms} == {"POST"}


@pytest.mark.parametrize("status", [502, 503, 504])
def test_a_server_that_recovers_is_read_completely(
    service: Service, tmp_path: Path, status: int
) -> None:
    failed = reply({}, status)
    service.once(lambda request: request.is_page, failed, failed, failed)
    service.once(lambda request: not request.is_page, failed, failed)

    assert ids(exported(service.url, tmp_path)) == ALL
