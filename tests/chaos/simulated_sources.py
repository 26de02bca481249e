"""Simulates the sources: rows are added, statuses progress, sometimes a change is suspicious.

All changes follow from one seed. The metrics of each state follow from the rows of the small data
that a person counted: each row counts for the metrics that list its key, and so does its copy.
"""

import json
import random
from collections import Counter
from copy import deepcopy
from datetime import datetime
from pathlib import Path
from typing import Any

from include.publishing.change_limits import declared_limits
from include.sources import SOURCES
from local.data.files import data_file
from tests.small_data import Row, counted, raw_files, rows_in

Metrics = dict[str, float]
# The metrics that a row counts for.
Counts = frozenset[str]

# Besides its key, what identifies a row of a layer.
_IDENTITY = ("OBJECTID", "ID")
# The metrics whose entries staff change.
_ENTERED = ("people_helped_drc", "la_city_permits_issued")


class SimulatedSources:
    """The sources' data folder and the history of its states.

    Attributes:
        expected_metrics: The metrics of each source after each of its changes, oldest first.
        row_counts: The number of rows of each of its raw tables, likewise.
        unknown: The computed metrics that were counted without naming rows: what a change makes of
            them is not known.
    """

    def __init__(self, data: Path, seed: int) -> None:
        self._data = data
        self._random = random.Random(f"{seed}/sources")
        self._by_hand = {source: counted(source) for source in SOURCES}
        self._counts: dict[str, list[Counts]] = {}
        self._entered: Metrics = {}
        self.unknown: set[str] = set()
        self.expected_metrics: dict[str, list[Metrics]] = {source: [] for source in SOURCES}
        self.row_counts: dict[str, list[dict[str, int]]] = {source: [] for source in SOURCES}
        for source in SOURCES:
            hand = self._by_hand[source]
            if SOURCES[source].metrics == "entered by staff":
                self._entered |= {name: metric.value for name, metric in hand.metrics.items()}
            else:
                self.unknown |= {name for name, one in hand.metrics.items() if one.rows is None}
                self._counts[source] = [
                    frozenset(
                        name
                        for name, metric in hand.metrics.items()
                        if metric.rows and row[hand.key] in metric.rows
                    )
                    for row in rows_in(self._file(source))
                ]
            self._record_state(source)

    def change(self, source: str, now: datetime, *, suspicious: bool = False) -> None:
        """Change a source's data as its owner would.

        Args:
            source: The source.
            now: The time of the edit, in UTC, which some sources declare.
            suspicious: Make a published count fall, which a person has to approve. Where none can
                fall, for example of a source whose metrics are not published, the change is a
                usual one.
        """
        if source in self._counts:
            self._change_rows(source, suspicious)
            self._declare_edit(source, now)
        else:
            self._enter_a_value(source, now, suspicious)
        self._record_state(source)

    def metrics(self) -> Metrics:
        """The metrics that the public file should hold now."""
        computed = [
            self.expected_metrics[name][-1]
            for name, source in SOURCES.items()
            if source.metrics == "computed"
        ]
        return {**self._entered, **{name: n for values in computed for name, n in values.items()}}

    def _record_state(self, source: str) -> None:
        if source in self._counts:
            totals = Counter(name for counts in self._counts[source] for name in counts)
            metrics: Metrics = {
                name: totals[name]
                for name in self._by_hand[source].metrics
                if name not in self.unknown
            }
        else:
            metrics = dict(self._entered)
        self.expected_metrics[source].append(metrics)
        self.row_counts[source].append(
            {table: len(rows_in(self._data / file)) for table, file in raw_files(source).items()}
        )

    def _change_rows(self, source: str, suspicious: bool) -> None:
        """Add a copy of a row; or give a row the content of another, so that the counts change."""
        content = json.loads(self._file(source).read_text())
        rows = content["features"] if isinstance(content, dict) else content
        counts = self._counts[source]
        replaced = self._suspicious_pairs(source) if suspicious else []
        if not replaced and self._random.random() < 0.5:
            replaced = self._progress(source)
        if replaced:
            place, like = self._random.choice(replaced)
            rows[place] = self._as(rows[place], rows[like], source)
            counts[place] = counts[like]
        else:
            like = self._random.choice([n for n, names in enumerate(counts) if names] or [0])
            added = deepcopy(rows[like])
            self._identify(added, rows, source)
            rows.append(added)
            counts.append(counts[like])
        _write(self._file(source), content)

    def _suspicious_pairs(self, source: str) -> list[tuple[int, int]]:
        """The pairs of a row and one that it may become, so that a count falls that may not."""
        limits, totals = declared_limits(), self.expected_metrics[source][-1]
        if SOURCES[source].metrics != "computed":
            return []
        return [
            (place, like)
            for place, lost, like in self._pairs(source)
            if any(not limits.of(name).may_fall and totals[name] > 1 for name in lost)
        ]

    def _progress(self, source: str) -> list[tuple[int, int]]:
        """The pairs of a row and one that it may become with no count falling that may not."""
        limits = declared_limits()
        return [
            (place, like)
            for place, lost, like in self._pairs(source)
            if lost and all(limits.of(name).may_fall for name in lost)
        ]

    def _pairs(self, source: str) -> list[tuple[int, Counts, int]]:
        """Each row that counts, the metrics that it would lose, and the row that it would be."""
        counts = self._counts[source]
        likes = {names: place for place, names in enumerate(counts)}
        return [
            (place, names - other, like)
            for place, names in enumerate(counts)
            for other, like in likes.items()
            if names and names != other
        ]

    def _as(self, row: Row, like: Row, source: str) -> Row:
        """The content of one row with the identity of another."""
        made = deepcopy(like)
        mine, its = _attributes(row), _attributes(made)
        its.update(
            {name: mine[name] for name in (self._by_hand[source].key, *_IDENTITY) if name in its}
        )
        return made

    def _identify(self, row: Row, rows: list[Row], source: str) -> None:
        """Give a row identifiers that no other has."""
        attributes = _attributes(row)
        for name in self._identity(source) & attributes.keys():
            taken = [_attributes(one)[name] for one in rows]
            numbers = [value for value in taken if isinstance(value, int)]
            attributes[name] = max(numbers) + 1 if numbers else f"chaos-{len(taken):05d}"

    def _identity(self, source: str) -> set[str]:
        """The fields that identify a row."""
        return {self._by_hand[source].key, *_IDENTITY}

    def _declare_edit(self, source: str, now: datetime) -> None:
        for layer in SOURCES[source].layers:
            file = self._data / "arcgis" / layer.name / "layer.json"
            content = json.loads(file.read_text())
            if "lastEditDate" in content.get("editingInfo", {}):
                content["editingInfo"]["lastEditDate"] = round(now.timestamp() * 1000)
                _write(file, content)

    def _enter_a_value(self, source: str, now: datetime, suspicious: bool) -> None:
        rows = rows_in(self._file(source))
        name = self._random.choice(_ENTERED)
        of_name = [row for row in rows if row["METRIC_DEFINITION"] == [f"recDef{name}"]]
        value = self._entered[name] + (-1 if suspicious else self._random.randint(1, 9))
        added = {"ID": f"recChaos{len(rows):09d}", "METRIC": value, "DATE_CREATED": _text(now)}
        _write(self._file(source), [*rows, of_name[-1] | added])
        self._entered[name] = value

    def _file(self, source: str) -> Path:
        """The file with the rows that the metrics count."""
        return self._data / data_file(SOURCES[source].parts[0], source)


def _attributes(row: Row) -> dict[str, Any]:
    attributes: dict[str, Any] = row.get("attributes", row)
    return attributes


def _text(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%S}.000Z"


def _write(file: Path, content: object) -> None:
    part = file.with_suffix(".part")
    part.write_text(json.dumps(content))
    part.replace(file)
