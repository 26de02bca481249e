"""What the diagram shows: read from the sources' declarations, the DAGs and dbt's manifest."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from airflow.dag_processing.dagbag import DagBag
from airflow.sdk import DAG

from include import sources
from include.sources import SOURCES, ArcgisLayer, FivetranConnector, JsonList

ROOT = Path(__file__).parents[2]
MANIFEST = ROOT / "include" / "transform" / "target" / "manifest.json"


@dataclass(frozen=True)
class Step:
    """One task of a DAG, or the tasks that stand side by side or in one group, as one."""

    name: str
    tasks: int


@dataclass(frozen=True)
class Chain:
    """A DAG: its name, when it runs, and its steps in order."""

    name: str
    when: str
    steps: tuple[Step, ...]


@dataclass(frozen=True)
class Origin:
    """A source: what it is, its raw schema and tables, its models and the mart that is unloaded."""

    kind: str
    raw_schema: str
    raw_tables: int
    mart: str


@dataclass(frozen=True)
class Facts:
    """All that is drawn: the origins by source, and every DAG by name."""

    origins: Mapping[str, Origin]
    chains: Mapping[str, Chain]


def gather(dags: Path = ROOT / "dags", manifest: Path = MANIFEST) -> Facts:
    """Read everything.

    Raises:
        FileNotFoundError: dbt has not parsed its project; `make manifest` has it do so.
        ValueError: A DAG file does not parse, or a source has no mart.
    """
    bag = DagBag(dag_folder=str(dags))
    if bag.import_errors:
        raise ValueError(f"DAG files that do not parse: {bag.import_errors}")
    nodes = json.loads(manifest.read_text())["nodes"].values()
    return Facts(
        origins={name: _origin(name, nodes) for name in SOURCES},
        chains={name: chain_of(dag) for name, dag in sorted(bag.dags.items())},
    )


def chain_of(dag: DAG) -> Chain:
    """A DAG's steps: a task group is one, and so are tasks that wait for the same ones."""
    size: dict[str, int] = {}
    after: dict[str, set[str]] = {}
    for task in dag.tasks:
        name = _step(task.task_id)
        size[name] = size.get(name, 0) + 1
        after.setdefault(name, set()).update(map(_step, task.upstream_task_ids))
    depths: dict[int, list[str]] = {}
    for name in size:
        depths.setdefault(_depth(name, after), []).append(name)
    steps = (
        Step(_together(names), sum(size[name] for name in names))
        for _, names in sorted(depths.items())
    )
    return Chain(dag.dag_id, _when(dag), tuple(steps))


def _step(task_id: str) -> str:
    return task_id.partition(".")[0]


def _depth(name: str, after: Mapping[str, set[str]]) -> int:
    return max((_depth(each, after) + 1 for each in after[name] - {name}), default=0)


def _together(names: list[str]) -> str:
    """One name for steps side by side: what they begin with, or all of them."""
    starts = {name.partition("_")[0] for name in names}
    if len(names) > 1 and len(starts) == 1:
        return starts.pop()
    return " | ".join(sorted(names))


def _when(dag: DAG) -> str:
    assets = list(getattr(dag.schedule, "objects", []))
    if assets:
        return f"when any of {len(assets)} assets changed"
    return f"cron {dag.schedule}" if dag.schedule else "by hand, or by another DAG"


def _origin(name: str, nodes: Any) -> Origin:  # noqa: ANN401 - the manifest's own JSON
    declared = getattr(sources, name.upper())
    parts = declared if isinstance(declared, tuple) else (declared,)
    marts = [
        node["name"]
        for node in nodes
        if node["resource_type"] == "model"
        and name in node["tags"]
        and node["name"] == f"{name}_metrics"
    ]
    if not marts:
        raise ValueError(f"{name} has no mart {name}_metrics that is tagged {name}")
    return Origin(_kind(parts), parts[0].table.schema, len(parts), marts[0])


def _kind(parts: tuple[ArcgisLayer | JsonList | FivetranConnector, ...]) -> str:
    words = {ArcgisLayer: "ArcGIS layer", JsonList: "JSON list", FivetranConnector: "Fivetran"}
    word = words[type(parts[0])]
    return f"{len(parts)} {word}s" if len(parts) > 1 else word
