"""OpenLineage switched on by configuration for a while, and what came of it as a graph."""

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

# A dataset or a job, as OpenLineage names it: its namespace and its name.
Node = tuple[str, str]


class AsInProcessesOfTheirOwn:
    """Has each task begin with nothing that hooks told of the tasks before it."""

    @hookimpl
    def on_task_instance_running(self) -> None:
        get_hook_lineage_collector.cache_clear()


@contextmanager
def switched_on(events: Path) -> Iterator[None]:
    """Let this process' tasks write their events to a file, as a deployment's go to a server."""
    transport = {"type": "file", "log_file_path": str(events), "append": True}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AIRFLOW__OPENLINEAGE__TRANSPORT", json.dumps(transport))
        # A task is a small process, this one is large: to fork it for each event takes long.
        patch.setenv("AIRFLOW__OPENLINEAGE__EXECUTE_IN_THREAD", "True")
        listeners = [
            *importlib.reload(plugin).OpenLineageProviderPlugin.listeners,
            AsInProcessesOfTheirOwn(),
        ]
        manager = get_listener_manager()
        # Airflow has done it itself where this process had not read its plugins before.
        for listener in listeners:
            if not manager.pm.is_registered(listener):
                manager.pm.register(listener)
        yield
    for listener in listeners:
        manager.pm.unregister(listener)
    assert importlib.reload(plugin).OpenLineageProviderPlugin.listeners == []


def events_of(events: Path) -> list[dict[str, Any]]:
    """The events of a file."""
    return [json.loads(line) for line in events.read_text().splitlines()]


def reached_from(start: Node, events: list[dict[str, Any]]) -> set[Node]:
    """Every dataset that was made from this one, by however many jobs."""
    made: dict[Node, set[Node]] = {}
    by_job: dict[Node, tuple[set[Node], set[Node]]] = {}
    for event in events:
        reads, writes = by_job.setdefault(_node(event["job"]), (set(), set()))
        reads.update(map(_node, event.get("inputs", ())))
        writes.update(map(_node, event.get("outputs", ())))
    for reads, writes in by_job.values():
        for one in reads:
            made.setdefault(one, set()).update(writes)
    found, ahead = set[Node](), [start]
    while ahead:
        ahead += (new := made.get(ahead.pop(), set()) - found)
        found |= new
    return found


def _node(named: dict[str, Any]) -> Node:
    return named["namespace"], named["name"]
