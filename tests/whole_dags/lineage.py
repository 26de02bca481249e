"""OpenLineage switched on by configuration for a while, and its events as a graph."""

import importlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from airflow.listeners import hookimpl
from airflow.providers.openlineage.plugins import openlineage as plugin
from airflow.sdk.lineage import get_hook_lineage_collector
from airflow.sdk.listener import get_listener_manager

# A dataset or a job in OpenLineage: its namespace and its name.
Node = tuple[str, str]


class FreshCollector:
    """Clears before each task what hooks collected, as if each task had its own process."""

    @hookimpl
    def on_task_instance_running(self) -> None:
        get_hook_lineage_collector.cache_clear()


@contextmanager
def switched_on(events: Path) -> Iterator[None]:
    """Have this process' tasks write their events to a file, as a deployment sends them."""
    transport = {"type": "file", "log_file_path": str(events), "append": True}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AIRFLOW__OPENLINEAGE__TRANSPORT", json.dumps(transport))
        # Forking this process for each event would take long: it is larger than a task's.
        patch.setenv("AIRFLOW__OPENLINEAGE__EXECUTE_IN_THREAD", "True")
        listeners = [
            *importlib.reload(plugin).OpenLineageProviderPlugin.listeners,
            FreshCollector(),
        ]
        manager = get_listener_manager()
        # If this process had not loaded its plugins before, Airflow has registered them now.
        for listener in listeners:
            if not manager.pm.is_registered(listener):
                manager.pm.register(listener)
        yield
    for listener in listeners:
        manager.pm.unregister(listener)
    assert importlib.reload(plugin).OpenLineageProviderPlugin.listeners == []


def events_of(events: Path) -> list[dict[str, Any]]:
    """The events in a file."""
    return [json.loads(line) for line in events.read_text().splitlines()]


def reached_from(start: Node, events: list[dict[str, Any]]) -> set[Node]:
    """Every dataset that depends on this one, directly or through others."""
    derived: dict[Node, set[Node]] = {}
    by_job: dict[Node, tuple[set[Node], set[Node]]] = {}
    for event in events:
        reads, writes = by_job.setdefault(_node(event["job"]), (set(), set()))
        reads.update(map(_node, event.get("inputs", ())))
        writes.update(map(_node, event.get("outputs", ())))
    for reads, writes in by_job.values():
        for one in reads:
            derived.setdefault(one, set()).update(writes)
    found, ahead = set[Node](), [start]
    while ahead:
        ahead += (new := derived.get(ahead.pop(), set()) - found)
        found |= new
    return found


def _node(named: dict[str, Any]) -> Node:
    return named["namespace"], named["name"]
