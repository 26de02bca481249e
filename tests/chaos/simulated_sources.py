"""Simulates the sources: rows are added, statuses progress, sometimes a change is suspicious.

All changes follow from one seed. The metrics of each state are recorded, counted by the rules of
`tests/counting.py`.
"""

import json
import random
from collections.abc import Callable
from copy import deepcopy
from datetime import datetime
from pathlib import Path
from typing import Any

from include.sources import SOURCES
from tests.counting import COUNTERS, hand_kept
from tests.small_data import raw_files, rows_in

Row = dict[str, Any]
Metrics = dict[str, float]


class SimulatedSources:
    """The sources' data folder and the history of its states.

    Attributes:
        expected_metrics: The metrics of each source after each of its changes, oldest first.
        row_counts: The number of rows of each of its raw tables, likewise.
    """

    def __init__(self, data: Path, seed: int) -> None:
        self._data = data
        self._random = random.Random(f"{seed}/sources")
        self.expected_metrics: dict[str, list[Metrics]] = {source: [] for source in SOURCES}
        self.row_counts: dict[str, list[dict[str, int]]] = {source: [] for source in SOURCES}
        for source in SOURCES:
            self._record_state(source)

    def change(self, source: str, now: datetime, *, suspicious: bool = False) -> None:
        """Change a source's data as its owner would.

        Args:
            source: The source.
            now: The time of the edit, in UTC, which some sources declare.
            suspicious: Make a published count fall, which a person has to approve. Without effect
                for page feedback, which is not published.
        """
        _CHANGES[source](self, now, suspicious)
        self._record_state(source)

    def _record_state(self, source: str) -> None:
        count = COUNTERS.get(source)
        counted: Metrics = dict(count(self._data)) if count else {}
        self.expected_metrics[source].append(
            hand_kept(self._data) if source == "airtable" else counted
        )
        files = raw_files(source)
        self.row_counts[source].append(
            {table: len(rows_in(self._data / file)) for table, file in files.items()}
        )

    def _epa(self, now: datetime, suspicious: bool) -> None:
        parcels = self._layer("epa")
        done = [one for one in parcels if one["attributes"]["PublicStatus"] == "Phase 1 Complete"]
        if suspicious and len(done) > 1:
            self._random.choice(done)["attributes"]["PublicStatus"] = "Assessment Pending"
        else:
            self._add(parcels, done, OBJECTID=1, APN=None)
        self._write_layer("epa", parcels, now)

    def _usace(self, now: datetime, suspicious: bool) -> None:
        parcels = self._layer("usace")
        # The first row keeps all three of the rule's dates.
        first, *rest = [one for one in parcels if one["attributes"]["roe_status"] == "approved"]
        if suspicious and rest:
            self._random.choice(rest)["attributes"]["roe_status"] = "returned_withdrawn"
        else:
            self._add(parcels, [first], OBJECTID=1, apn=None)
        self._write_layer("usace", parcels, None)

    def _pasadena(self, now: datetime, suspicious: bool) -> None:
        permits = self._layer("pasadena")
        waiting, issued = (
            [one for one in permits if one["attributes"]["PERMIT_STATUS"] == status]
            for status in ("In Review", "Issued")
        )
        if suspicious and len(issued) > 1:
            self._random.choice(issued)["attributes"]["PERMIT_STATUS"] = "Withdrawn"
        else:
            self._add(permits, waiting, OBJECTID=1, ID=1, PERMIT_NUMBER=f"BLD-{len(permits):05d}")
            waiting[0]["attributes"]["PERMIT_STATUS"] = "Issued"
        self._write_layer("pasadena", permits, now)

    def _malibu(self, now: datetime, suspicious: bool) -> None:
        file = self._data / "malibu" / "FireRebuildPoints.json"
        points: list[Row] = json.loads(file.read_text())
        planned, issued = (
            [one for one in points if one["type"] == kind]
            for kind in ("InPlanning", "PermitIssued")
        )
        if suspicious and len(issued) > 1:
            self._random.choice(issued)["type"] = "WithdrawnByOwner"
        else:
            points.append(planned[-1] | {"projectNumber": f"PR 26-{len(points):03d}"})
            planned[0]["type"] = "PermitIssued"
        _write(file, points)

    def _airtable(self, now: datetime, suspicious: bool) -> None:
        file = self._data / "fivetran" / "airtable" / "rows.json"
        rows: list[Row] = json.loads(file.read_text())
        names = ("people_helped_drc", "la_city_permits_issued")
        name = self._random.choice(names)
        of_name = [row for row in rows if row["METRIC_DEFINITION"] == [f"recDef{name}"]]
        last = max(of_name, key=lambda row: str(row["DATE_CREATED"]))
        value = last["METRIC"] + (-1 if suspicious else self._random.randint(1, 9))
        added = {"ID": f"recChaos{len(rows):09d}", "METRIC": value, "DATE_CREATED": _text(now)}
        _write(file, [*rows, last | added])

    def _page_feedback(self, now: datetime, suspicious: bool) -> None:
        file = self._data / "fivetran" / "page_feedback" / "rows.json"
        rows: list[Row] = json.loads(file.read_text())
        added = {"FEEDBACK_KEY": f"fb-chaos-{len(rows):04d}", "TIME": _text(now)}
        _write(file, [*rows, rows[0] | added])

    def _add(self, features: list[Row], like: list[Row], **changed: int | str | None) -> None:
        """Append a copy of a row with changed attributes; 1 means the next number."""
        made = deepcopy(self._random.choice(like))
        for name, value in changed.items():
            largest = (
                max((one["attributes"][name] for one in features), default=0) if value == 1 else 0
            )
            made["attributes"][name] = largest + 1 if value == 1 else value
        features.append(made)

    def _layer(self, name: str) -> list[Row]:
        content = json.loads((self._data / "arcgis" / name / "features.json").read_text())
        features: list[Row] = content["features"]
        return features

    def _write_layer(self, name: str, features: list[Row], edited: datetime | None) -> None:
        folder = self._data / "arcgis" / name
        _write(folder / "features.json", {"features": features})
        if edited is not None:
            layer = json.loads((folder / "layer.json").read_text())
            layer["editingInfo"]["lastEditDate"] = round(edited.timestamp() * 1000)
            _write(folder / "layer.json", layer)


_CHANGES: dict[str, Callable[[SimulatedSources, datetime, bool], None]] = {
    "epa": SimulatedSources._epa,
    "usace": SimulatedSources._usace,
    "pasadena": SimulatedSources._pasadena,
    "malibu": SimulatedSources._malibu,
    "airtable": SimulatedSources._airtable,
    "page_feedback": SimulatedSources._page_feedback,
}


def _text(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%S}.000Z"


def _write(file: Path, content: Any) -> None:
    part = file.with_suffix(".part")
    part.write_text(json.dumps(content))
    part.replace(file)
