"""The sources' web server, which responds with the data or with a source's fault."""

import asyncio
from collections.abc import Mapping
from http import HTTPStatus
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
from local.sources.errors import ArcgisError, ServerError, invalid_url, query_failed
from local.sources.fault_state import FaultState
from local.sources.layer import Json, Layer
from local.sources.query import run_query
from local.sources.routes import LAYERS, LISTS, MOVED, Route, find_route
from local.sources.store import Store

_LONGEST_QUERY: Final = 8192
_FORMATS: Final = ("json", "pjson", "geojson")


class Sources:
    """The layers and lists of one data folder, with the faults of one faults file."""

    def __init__(self, data: Path, faults: Path, slow_seconds: float) -> None:
        self.store = Store(data, LAYERS, LISTS)
        self.faults = faults
        self.slow_seconds = slow_seconds
        self._states: dict[str, FaultState] = {}

    async def respond(self, request: Request) -> Response:
        """Respond to a request to a source, with the source's current fault."""
        path = request.url.path.removeprefix(MOVED)
        route = find_route(path)
        if route is None:
            return responses.page("404 - Not Found", 404)
        try:
            state = self._state(route.source)
        except UnknownFaultError as error:
            return PlainTextResponse(str(error), 500)
        if state.fault == "error-500":
            return responses.failure(HTTPStatus.INTERNAL_SERVER_ERROR)
        if state.fault == "redirect" and path == request.url.path:
            return responses.moved(f"{MOVED}{path}", request.url.query)
        if state.fault == "slow":
            await asyncio.sleep(self.slow_seconds)
        if state.fault == "stale-cache" and request.method == "GET":
            return await self._from_cache(request, route, state)
        return await self._current(request, route, state)

    def _state(self, source: str) -> FaultState:
        """The source's fault with its state, which ends with the fault.

        Raises:
            UnknownFaultError: The faults file is not valid.
        """
        fault = fault_of(self.faults, source)
        state = self._states.get(source)
        if state is None or state.fault != fault:
            state = self._states[source] = FaultState(fault)
        return state

    async def _from_cache(self, request: Request, route: Route, state: FaultState) -> Response:
        """The first response to the same address, as from the cache of ArcGIS Online."""
        address = f"{request.url.path}?{request.url.query} {responses.is_compressed(request)}"
        if address not in state.cached:
            state.cached[address] = await self._current(request, route, state)
        return state.cached[address]

    async def _current(self, request: Request, route: Route, state: FaultState) -> Response:
        if route.kind == "list":
            return await self._list(request, route, state.fault)
        return await self._arcgis(request, route, state)

    async def _list(self, request: Request, route: Route, fault: str | None) -> Response:
        if fault == "error-200":
            return await responses.json(request, query_failed().body())
        query = {name.lower(): value.lower() for name, value in request.query_params.items()}
        if any(query.get(name.lower()) != value.lower() for name, value in route.view):
            return responses.failure(HTTPStatus.INTERNAL_SERVER_ERROR)
        body = orjson.dumps(self.store.rows(route.name, fault))
        return await responses.data(request, body, cut=fault == "cut-off")

    async def _arcgis(self, request: Request, route: Route, state: FaultState) -> Response:
        if len(request.url.query) > _LONGEST_QUERY:
            return responses.failure(HTTPStatus.REQUEST_URI_TOO_LONG)
        parameters = await _parameters(request)
        format_ = parameters.get("f", "html").lower()
        if format_ == "html":
            return responses.page(f"ArcGIS REST Services Directory: {request.url.path}")
        try:
            if format_ not in _FORMATS:
                raise ArcgisError(400, "Output format not supported.")
            if route.kind == "unknown":
                raise invalid_url()
            is_query = route.kind == "query"
            fault = state.fault_of_data(parameters) if is_query else state.fault
            layer = self.store.layer(route.source, fault)
            if not is_query:
                content = _service(layer) if route.kind == "service" else layer.meta
                return await responses.json(request, content, format_)
            if fault == "error-200":
                raise query_failed()
            body = run_query(layer, parameters, fault)
            return await responses.data(request, body, format_, cut=fault == "cut-off")
        except ArcgisError as error:
            return await responses.json(request, error.body(), format_)
        except ServerError as error:
            return responses.failure(error.status)


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
