"""The collector as an ASGI app: receives OTLP over HTTP and OpenLineage, returns both as JSON."""

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

MAX_EVENTS = 20_000
# For each metric, so that a frequent one does not displace another.
MAX_POINTS = 5_000
PROTOBUF = "application/x-protobuf"


class Collector:
    """The newest data points of each metric and the newest events, oldest first."""

    def __init__(self) -> None:
        self._points: dict[str, deque[dict[str, Any]]] = defaultdict(
            lambda: deque(maxlen=MAX_POINTS)
        )
        self._events: deque[dict[str, Any]] = deque(maxlen=MAX_EVENTS)

    async def receive_metrics(self, request: Request) -> Response:
        """POST an OTLP request: https://opentelemetry.io/docs/specs/otlp/#otlphttp."""
        body = await _body(request)
        try:
            message = ExportMetricsServiceRequest.FromString(body)
        except DecodeError as error:
            return Response(f"This is not an OTLP request: {error}", status_code=400)
        for point in _points(MessageToDict(message)):
            self._points[point["name"]].append(point)
        return Response(ExportMetricsServiceResponse().SerializeToString(), media_type=PROTOBUF)

    async def receive_event(self, request: Request) -> Response:
        """POST an OpenLineage event: https://openlineage.io/apidocs/openapi."""
        self._events.append(await request.json())
        return Response(status_code=201)

    async def list_metrics(self, request: Request) -> JSONResponse:
        """GET the data points; `?name=` selects those of one metric."""
        names = request.query_params.getlist("name") or list(self._points)
        return JSONResponse([point for name in names for point in self._points.get(name, ())])

    async def list_events(self, _: Request) -> JSONResponse:
        """GET the events."""
        return JSONResponse(list(self._events))

    async def health(self, _: Request) -> JSONResponse:
        """GET readiness."""
        return JSONResponse({"status": "ok"})


def create_app() -> Starlette:
    """An empty collector."""
    collector = Collector()
    return Starlette(
        routes=[
            Route("/health", collector.health),
            Route("/v1/metrics", collector.receive_metrics, methods=["POST"]),
            Route("/api/v1/lineage", collector.receive_event, methods=["POST"]),
            Route("/metrics", collector.list_metrics),
            Route("/lineage", collector.list_events),
        ]
    )


async def _body(request: Request) -> bytes:
    body = await request.body()
    return gzip.decompress(body) if request.headers.get("content-encoding") == "gzip" else body


def _points(message: dict[str, Any]) -> list[dict[str, Any]]:
    """Each data point with its metric's name, its attributes as a plain object, and its value."""
    return [
        {
            "name": metric["name"],
            "attributes": {
                attribute["key"]: next(iter(attribute["value"].values()), None)
                for attribute in point.get("attributes", ())
            },
            "value": _value(point),
        }
        for resource in message.get("resourceMetrics", ())
        for scope in resource.get("scopeMetrics", ())
        for metric in scope.get("metrics", ())
        for kind in ("sum", "gauge", "histogram", "exponentialHistogram")
        for point in metric.get(kind, {}).get("dataPoints", ())
    ]


def _value(point: dict[str, Any]) -> float:
    """The value of a number, or the sum of a histogram."""
    return float(point.get("asDouble", point.get("asInt", point.get("sum", 0))))
