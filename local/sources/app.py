"""The sources' web server, which responds with the data or with a source's fault."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Final
from urllib.parse import parse_qsl

import orjson
from starlette import routing
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from local.faults import UnknownFaultError, fault_of
from local.sources import responses
from local.sources.errors import ArcgisError, invalid_url, query_failed
from local.sources.layer import Json, Layer
from local.sources.query import run_query
from local.sources.routes import LAYERS, LISTS, Route, find_route
from local.sources.store import Store

_LONGEST_QUERY: Final = 8192
_FORMATS: Final = ("json", "pjson", "geojson")


class Sources:
    """The layers and lists of one data folder, with the faults of one faults file."""

    def __init__(self, data: Path, faults: Path, slow_seconds: float) -> None:
        self.store = Store(data, LAYERS, LISTS)
        self.faults = faults
        self.slow_seconds = slow_seconds

    async def respond(self, request: Request) -> Response:
        """Respond to a request to a source, with the source's current fault."""
        route = find_route(request.url.path)
        if route is None:
            return responses.page("404 - Not Found", 404)
        try:
            fault = fault_of(self.faults, route.source)
        except UnknownFaultError as error:
            return PlainTextResponse(str(error), 500)
        if fault == "error-500":
            return responses.page("500 - Internal Server Error", 500)
        if fault == "slow":
            await asyncio.sleep(self.slow_seconds)
        if route.kind == "list":
            return await self._list(request, route, fault)
        return await self._arcgis(request, route, fault)

    async def _list(self, request: Request, route: Route, fault: str | None) -> Response:
        if fault == "error-200":
            return await responses.json(request, query_failed().body())
        query = {name.lower(): value.lower() for name, value in request.query_params.items()}
        if any(query.get(name.lower()) != value.lower() for name, value in route.view):
            return responses.page("500 - Internal Server Error", 500)
        body = orjson.dumps(self.store.rows(route.name, fault))
        return await responses.data(request, body, cut=fault == "cut-off")

    async def _arcgis(self, request: Request, route: Route, fault: str | None) -> Response:
        if len(request.url.query) > _LONGEST_QUERY:
            return responses.page("414 - Request-URI Too Large", 414)
        parameters = await _parameters(request)
        format_ = parameters.get("f", "html").lower()
        if format_ == "html":
            return responses.page(f"ArcGIS REST Services Directory: {request.url.path}")
        try:
            if format_ not in _FORMATS:
                raise ArcgisError(400, "Output format not supported.")
            if route.kind == "unknown":
                raise invalid_url()
            layer = self.store.layer(route.source, fault)
            if route.kind == "service":
                return await responses.json(request, _service(layer), format_)
            if route.kind == "layer":
                return await responses.json(request, layer.meta, format_)
            if fault == "error-200":
                raise query_failed()
            body = run_query(layer, parameters)
            return await responses.data(request, body, format_, cut=fault == "cut-off")
        except ArcgisError as error:
            return await responses.json(request, error.body(), format_)


async def _parameters(request: Request) -> Mapping[str, str]:
    parameters = {name.lower(): value for name, value in request.query_params.items()}
    if request.method == "POST":
        form = parse_qsl((await request.body()).decode(), keep_blank_values=True)
        parameters |= {name.lower(): value for name, value in form}
    return parameters


def _service(layer: Layer) -> Json:
    shared = ("currentVersion", "maxRecordCount", "supportedQueryFormats", "capabilities")
    summary = {key: layer.meta[key] for key in ("id", "name", "type", "geometryType")}
    return {
        **{key: layer.meta[key] for key in shared},
        "serviceDescription": "",
        "spatialReference": layer.meta["extent"]["spatialReference"],
        "layers": [summary],
        "tables": [],
    }


def create_app(data: Path, faults: Path, slow_seconds: float = 20.0) -> Starlette:
    """The server as an ASGI app, with the data folder read.

    Args:
        data: The data folder; its format is in `local/README.md`.
        faults: The faults file; it may be missing.
        slow_seconds: The delay of each response of a source with the fault `slow`.

    Raises:
        FileNotFoundError: The data folder lacks a file.
    """
    sources = Sources(data, faults, slow_seconds)

    async def health(_request: Request) -> Response:
        return PlainTextResponse("ready")

    return Starlette(
        routes=[
            routing.Route("/health", health),
            routing.Route("/{path:path}", sources.respond, methods=["GET", "POST"]),
        ]
    )
