"""The sources' web server: what each address answers, in health and with a fault."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Final
from urllib.parse import parse_qsl

import orjson
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from local.faults import UnknownFaultError, fault_of
from local.sources import responses
from local.sources.errors import ArcgisError, invalid_url, query_failed
from local.sources.layer import Json, Layer
from local.sources.query import answer_query
from local.sources.request_counts import Seen, SeenMiddleware
from local.sources.routes import LAYERS, LISTS, Place, place_of
from local.sources.store import Store

_LONGEST_QUERY: Final = 8192
_FORMS: Final = ("json", "pjson", "geojson")


class Sources:
    """The layers and lists over one data folder and one faults file."""

    def __init__(self, data: Path, faults: Path, slow_seconds: float) -> None:
        self.store = Store(data, LAYERS, LISTS)
        self.faults = faults
        self.slow_seconds = slow_seconds

    async def answer(self, request: Request) -> Response:
        """Answer one request to a source, as its fault of this moment lets it."""
        place = place_of(request.url.path)
        if place is None:
            return responses.page("404 - Not Found", 404)
        try:
            fault = fault_of(self.faults, place.source)
        except UnknownFaultError as error:
            return PlainTextResponse(str(error), 500)
        if fault == "error-500":
            return responses.page("500 - Internal Server Error", 500)
        if fault == "slow":
            await asyncio.sleep(self.slow_seconds)
        if place.kind == "list":
            return await self._list(request, place, fault)
        return await self._arcgis(request, place, fault)

    async def _list(self, request: Request, place: Place, fault: str | None) -> Response:
        if fault == "error-200":
            return await responses.json(request, query_failed().body())
        asked = {name.lower(): value.lower() for name, value in request.query_params.items()}
        if any(asked.get(name.lower()) != value.lower() for name, value in place.view):
            return responses.page("500 - Internal Server Error", 500)
        body = orjson.dumps(self.store.rows(place.name, fault))
        return await responses.data(request, body, cut=fault == "cut-off")

    async def _arcgis(self, request: Request, place: Place, fault: str | None) -> Response:
        if len(request.url.query) > _LONGEST_QUERY:
            return responses.page("414 - Request-URI Too Large", 414)
        given = await _parameters(request)
        form = given.get("f", "html").lower()
        if form == "html":
            return responses.page(f"ArcGIS REST Services Directory: {request.url.path}")
        try:
            if form not in _FORMS:
                raise ArcgisError(400, "Output format not supported.")
            if place.kind == "unknown":
                raise invalid_url()
            layer = self.store.layer(place.source, fault)
            if place.kind == "service":
                return await responses.json(request, _service(layer), form)
            if place.kind == "layer":
                return await responses.json(request, layer.meta, form)
            if fault == "error-200":
                raise query_failed()
            body = answer_query(layer, given)
            return await responses.data(request, body, form, cut=fault == "cut-off")
        except ArcgisError as error:
            return await responses.json(request, error.body(), form)


async def _parameters(request: Request) -> Mapping[str, str]:
    given = {name.lower(): value for name, value in request.query_params.items()}
    if request.method == "POST":
        form = parse_qsl((await request.body()).decode(), keep_blank_values=True)
        given |= {name.lower(): value for name, value in form}
    return given


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
    """The server's application; the whole data folder is read before it answers.

    Args:
        data: The data folder; its format is in `local/README.md`.
        faults: The faults file, which need not be there.
        slow_seconds: How long a source with the fault `slow` takes for each response.

    Raises:
        FileNotFoundError: The data folder lacks a file.
    """
    sources, seen = Sources(data, faults, slow_seconds), Seen()

    async def health(_request: Request) -> Response:
        return PlainTextResponse("ready")

    async def show(_request: Request) -> Response:
        return Response(seen.body(), media_type="application/json")

    async def reset(_request: Request) -> Response:
        seen.reset()
        return Response(status_code=204)

    return Starlette(
        routes=[
            Route("/health", health),
            Route("/seen", show),
            Route("/seen/reset", reset, methods=["POST"]),
            Route("/{path:path}", sources.answer, methods=["GET", "POST"]),
        ],
        middleware=[Middleware(SeenMiddleware, seen=seen)],
    )
