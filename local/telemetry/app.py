"""The collector's addresses: OTLP over HTTP, and OpenLineage's; what came, as JSON."""

import gzip
from collections import defaultdict, deque
from typing import Any

from google.protobuf.json_format import MessageToDict  # type: ignore[import-untyped]
from google.protobuf.message import DecodeError  # type: ignore[import-untyped]
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
    ExportMetricsServiceResponse,
)
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

EVENTS_KEPT = 20_000
# Of each metric: one that is told every second pushes no other one out.
POINTS_KEPT = 5_000
PROTOBUF = "application/x-protobuf"


class Collector:
    """The newest data points of each metric and the newest events, oldest first."""

    def __init__(self) -> None:
        self._points: dict[str, deque[dict[str, Any]]] = defaultdict(
            lambda: deque(maxlen=POINTS_KEPT)
        )
        self._events: deque[dict[str, Any]] = deque(maxlen=EVENTS_KEPT)

    async def receive_metrics(self, request: Request) -> Response:
        """POST an OTLP request: https://opentelemetry.io/docs/specs/otlp/#otlphttp."""
        body = await _body(request)
        try:
            told = ExportMetricsServiceRequest.FromString(body)
        except DecodeError as error:
            return Response(f"This is no OTLP request: {error}", status_code=400)
        for point in _points(MessageToDict(told)):
            self._points[point["name"]].append(point)
        return Response(ExportMetricsServiceResponse().SerializeToString(), media_type=PROTOBUF)

    async def receive_event(self, request: Request) -> Response:
        """POST an OpenLineage event: https://openlineage.io/apidocs/openapi."""
        self._events.append(await request.json())
        return Response(status_code=201)

    async def show_metrics(self, request: Request) -> JSONResponse:
        """GET the data points; `?name=` chooses those of one metric."""
        names = request.query_params.getlist("name") or list(self._points)
        return JSONResponse([one for name in names for one in self._points.get(name, ())])

    async def show_lineage(self, _: Request) -> JSONResponse:
        """GET the events."""
        return JSONResponse(list(self._events))

    async def health(self, _: Request) -> JSONResponse:
        """GET readiness."""
        return JSONResponse({"status": "ok"})


def create_app() -> Starlette:
    """A collector that has seen nothing yet."""
    collector = Collector()
    return Starlette(
        routes=[
            Route("/health", collector.health),
            Route("/v1/metrics", collector.receive_metrics, methods=["POST"]),
            Route("/api/v1/lineage", collector.receive_event, methods=["POST"]),
            Route("/metrics", collector.show_metrics),
            Route("/lineage", collector.show_lineage),
        ]
    )


async def _body(request: Request) -> bytes:
    body = await request.body()
    return gzip.decompress(body) if request.headers.get("content-encoding") == "gzip" else body


def _points(told: dict[str, Any]) -> list[dict[str, Any]]:
    """Each data point with its metric's name, its attributes as a plain object, and its value."""
    return [
        {
            "name": metric["name"],
            "attributes": {one["key"]: _plain(one["value"]) for one in point.get("attributes", ())},
            "value": _value(point),
        }
        for resource in told.get("resourceMetrics", ())
        for scope in resource.get("scopeMetrics", ())
        for metric in scope.get("metrics", ())
        for kind in ("sum", "gauge", "histogram", "exponentialHistogram")
        for point in metric.get(kind, {}).get("dataPoints", ())
    ]


def _plain(value: dict[str, Any]) -> Any:
    return next(iter(value.values()), None)


def _value(point: dict[str, Any]) -> float:
    """A number's value; a histogram's sum."""
    return float(point.get("asDouble", point.get("asInt", point.get("sum", 0))))
