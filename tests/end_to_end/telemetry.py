"""The telemetry of a laptop's tasks and scheduler: log lines with fields, and metrics."""

import json
from collections.abc import Iterator
from typing import Any

import httpx

from tests.end_to_end.laptop import Laptop
from tests.end_to_end.scheduled import until

# The settings of a deployment that enable metrics, without the address.
METRICS_ON = {
    "AIRFLOW__METRICS__OTEL_ON": "True",
    "AIRFLOW__METRICS__LEGACY_NAMES_ON": "False",
    "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf",
    "OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE": "delta",
    "OTEL_METRIC_EXPORT_INTERVAL": "5000",
}


def metrics_go_to(collector: httpx.Client) -> dict[str, str]:
    """The environment that sends metrics to a collector."""
    return METRICS_ON | {"OTEL_EXPORTER_OTLP_ENDPOINT": str(collector.base_url).rstrip("/")}


def each_kind_of_task_ends_with_a_line_of_fields(laptop: Laptop) -> None:
    """Check the JSON of the task logs, as a log service receives it."""
    loaded = last_line(laptop, "usace", "load", "loaded")
    assert loaded["source"] == "usace"
    assert loaded["table"] == "RAW_DDRC_DEV.USACE_AGOL_DEBRIS.PARCEL_DEBRIS_REMOVAL"
    assert loaded["rows"] == 12_000
    assert loaded["bytes"] > 1_000_000
    assert loaded["requests"] > 1
    assert loaded["read_seconds"] > 0
    assert loaded["write_seconds"] > 0
    assert (loaded["level"], loaded["logger"]) == ("info", "include.pipeline.load")

    unloaded = last_line(laptop, "usace", "unload", "unloaded")
    assert (unloaded["source"], unloaded["rows"]) == ("usace", 1), "one array of metrics"
    assert unloaded["bytes"] > 100
    assert unloaded["seconds"] > 0
    released = last_line(laptop, "usace", "release", "released")
    assert (released["file"], released["rows"]) == ("sources/usace.json", 3)
    synced = last_line(laptop, "airtable", "wait_for_sync", "synced")
    assert synced["source"] == "airtable"
    assert synced["seconds"] > 0
    promoted = last_line(laptop, "publish_metrics", "promote", "promoted")
    recorded = last_line(laptop, "publish_metrics", "record", "recorded")
    assert promoted["file"] == "ddrc-metrics.json"
    assert promoted["audit"]
    assert recorded["rows"] > 3


def dbt_reuses_the_project_that_was_parsed_for_its_dag(laptop: Laptop) -> None:
    """The profiles of two DAGs differ in the query tag; dbt does not parse in full for either."""
    for dag in ("epa", "malibu"):
        events = [line["event"] for line in lines(laptop, dag, "transform.*")]
        assert any("Found " in event and " models" in event for event in events)
        assert not [event for event in events if "Unable to do partial parsing" in event]


def the_collector_has_metrics_of_airflow_and_the_pipeline(collector: httpx.Client) -> None:
    """Wait for the scheduler's next export; a task exports its metrics when it ends."""
    until(lambda: points(collector, "airflow.scheduler_heartbeat"), "the scheduler has exported")
    ended = [point["attributes"] for point in points(collector, "airflow.ti.finish")]
    assert {"epa", "usace", "publish_metrics"} <= {one.get("dag_id") for one in ended}
    assert {"success", "failed"} <= {one.get("state") for one in ended}
    rows = points(collector, "airflow.ddrc.load.rows")
    assert {point["value"] for point in rows if point["attributes"]["source"] == "usace"} == {
        12_000.0
    }
    assert points(collector, "airflow.ddrc.load.duration")[0]["value"] > 0


def points(collector: httpx.Client, metric: str) -> list[dict[str, Any]]:
    """A metric's data points so far."""
    found: list[dict[str, Any]] = collector.get("/metrics", params={"name": metric}).json()
    return found


def last_line(laptop: Laptop, dag: str, task: str, event: str) -> dict[str, Any]:
    """The fields of a task's newest line of this event."""
    found = [line for line in lines(laptop, dag, task) if line["event"] == event]
    assert found, f"{dag}.{task} has not logged {event!r}"
    return max(found, key=lambda line: str(line["timestamp"]))


def lines(laptop: Laptop, dag: str, task: str) -> Iterator[dict[str, Any]]:
    """The lines of a task's logs, of every run and attempt."""
    for log in laptop.home.airflow.glob(f"logs/dag_id={dag}/run_id=*/task_id={task}/*.log"):
        for line in log.read_text().splitlines():
            yield json.loads(line)
