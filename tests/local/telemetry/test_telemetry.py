"""The collector understands the OpenTelemetry exporter and OpenLineage's events."""

from typing import Any

import httpx
import pytest
from opentelemetry.exporter.otlp.proto.http import Compression
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from starlette.testclient import TestClient

from local.telemetry.app import create_app
from tests.serving import serving


@pytest.mark.parametrize("compression", [Compression.NoCompression, Compression.Gzip])
def test_counters_gauges_and_timings_arrive_with_their_attributes(compression: Compression) -> None:
    with serving(create_app()) as url, httpx.Client(base_url=url) as collector:
        exporter = OTLPMetricExporter(endpoint=f"{url}/v1/metrics", compression=compression)
        provider = MeterProvider([PeriodicExportingMetricReader(exporter)])
        meter = provider.get_meter("test")
        meter.create_counter("airflow.ti.finish").add(2, {"dag_id": "epa"})
        meter.create_gauge("airflow.ddrc.load.rows").set(12.5)
        meter.create_histogram("airflow.task.duration").record(3)
        provider.shutdown()

        points: list[dict[str, Any]] = collector.get("/metrics").json()
        selected = collector.get("/metrics", params={"name": "airflow.ti.finish"}).json()

    assert {point["name"]: point["value"] for point in points} == {
        "airflow.ti.finish": 2.0,
        "airflow.ddrc.load.rows": 12.5,
        "airflow.task.duration": 3.0,
    }
    assert selected == [
        {"name": "airflow.ti.finish", "attributes": {"dag_id": "epa"}, "value": 2.0}
    ]


def test_an_event_is_stored_as_it_was_sent() -> None:
    event = {"eventType": "COMPLETE", "inputs": [{"namespace": "n", "name": "a"}]}
    client = TestClient(create_app())

    assert client.post("/api/v1/lineage", json=event).status_code == 201

    assert client.get("/lineage").json() == [event]


def test_a_malformed_otlp_request_is_refused() -> None:
    client = TestClient(create_app())

    assert client.post("/v1/metrics", content=b"\xff\xff").status_code == 400
    assert client.get("/metrics").json() == []
