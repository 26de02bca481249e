"""What happens at the sources: rows come, statuses progress, now and then something odd.

Everything follows from one seed. What was true at each moment is remembered, by the rules that
`tests/counting.py` counts by.
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
Truth = dict[str, float]


class World:
    """The sources' data folder, and what it said at every moment so far.

    Attributes:
        truths: The metrics of each source after each of its changes, oldest first.
        rows: The rows of its raw tables, likewise.
    """

    def __init__(self, data: Path, seed: int) -> None:
        self._data = data
        self._dice = random.Random(f"{seed}/world")
        self.truths: dict[str, list[Truth]] = {source: [] for source in SOURCES}
        self.rows: dict[str, list[dict[str, int]]] = {source: [] for source in SOURCES}
        for source in SOURCES:
            self._remember(source)

    def change(self, source: str, now: datetime, *, odd: bool = False) -> None:
        """Change a source's data as its owner would.

        Args:
            now: When, in UTC: the time of edit, where the source declares one.
            odd: A published count falls: valid, but a person has to look at it. Has no meaning for
                page feedback, which is not published.
        """
        _CHANGES[source](self, now, odd)
        self._remember(source)

    def _remember(self, source: str) -> None:
        counted = COUNTERS.get(source)
        truth: Truth = dict(counted(self._data)) if counted else {}
        self.truths[source].append(hand_kept(self._data) if source == "airtable" else truth)
        files = raw_files(source)
        self.rows[source].append(
            {table: len(rows_in(self._data / file)) for table, file in files.items()}
        )

    def _epa(self, now: datetime, odd: bool) -> None:
        parcels = self._layer("epa")
        done = [one for one in parcels if one["attributes"]["PublicStatus"] == "Phase 1 Complete"]
        if odd and len(done) > 1:
            self._dice.choice(done)["attributes"]["PublicStatus"] = "Assessment Pending"
        else:
            self._add(parcels, done, OBJECTID=1, APN=None)
        self._write_layer("epa", parcels, now)

    def _usace(self, now: datetime, odd: bool) -> None:
        parcels = self._layer("usace")
        # The first row keeps all three of the rule's dates.
        first, *rest = [one for one in parcels if one["attributes"]["roe_status"] == "approved"]
        if odd and rest:
            self._dice.choice(rest)["attributes"]["roe_status"] = "returned_withdrawn"
        else:
            self._add(parcels, [first], OBJECTID=1, apn=None)
        self._write_layer("usace", parcels, None)

    def _pasadena(self, now: datetime, odd: bool) -> None:
        permits = self._layer("pasadena")
        waiting, issued = (
            [one for one in permits if one["attributes"]["PERMIT_STATUS"] == status]
            for status in ("In Review", "Issued")
        )
        if odd and len(issued) > 1:
            self._dice.choice(issued)["attributes"]["PERMIT_STATUS"] = "Withdrawn"
        else:
            self._add(permits, waiting, OBJECTID=1, ID=1, PERMIT_NUMBER=f"BLD-{len(permits):05d}")
            waiting[0]["attributes"]["PERMIT_STATUS"] = "Issued"
        self._write_layer("pasadena", permits, now)

    def _malibu(self, now: datetime, odd: bool) -> None:
        file = self._data / "malibu" / "FireRebuildPoints.json"
        points: list[Row] = json.loads(file.read_text())
        planned, issued = (
            [one for one in points if one["type"] == kind]
            for kind in ("InPlanning", "PermitIssued")
        )
        if odd and len(issued) > 1:
            self._dice.choice(issued)["type"] = "WithdrawnByOwner"
        else:
            points.append(planned[-1] | {"projectNumber": f"PR 26-{len(points):03d}"})
            planned[0]["type"] = "PermitIssued"
        _write(file, points)

    def _airtable(self, now: datetime, odd: bool) -> None:
        file = self._data / "fivetran" / "airtable" / "rows.json"
        rows: list[Row] = json.loads(file.read_text())
        names = ("people_helped_drc", "la_city_permits_issued")
        name = self._dice.choice(names)
        of_name = [row for row in rows if row["METRIC_DEFINITION"] == [f"recDef{name}"]]
        last = max(of_name, key=lambda row: str(row["DATE_CREATED"]))
        value = last["METRIC"] + (-1 if odd else self._dice.randint(1, 9))
        added = {"ID": f"recChaos{len(rows):09d}", "METRIC": value, "DATE_CREATED": _text(now)}
        _write(file, [*rows, last | added])

    def _page_feedback(self, now: datetime, odd: bool) -> None:
        file = self._data / "fivetran" / "page_feedback" / "rows.json"
        rows: list[Row] = json.loads(file.read_text())
        added = {"FEEDBACK_KEY": f"fb-chaos-{len(rows):04d}", "TIME": _text(now)}
        _write(file, [*rows, rows[0] | added])

    def _add(self, features: list[Row], like: list[Row], **changed: int | str | None) -> None:
        """Append a copy of a row; a number is one more than the largest there is."""
        made = deepcopy(self._dice.choice(like))
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


_CHANGES: dict[str, Callable[[World, datetime, bool], None]] = {
    "epa": World._epa,
    "usace": World._usace,
    "pasadena": World._pasadena,
    "malibu": World._malibu,
    "airtable": World._airtable,
    "page_feedback": World._page_feedback,
}


def _text(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%S}.000Z"


def _write(file: Path, content: Any) -> None:
    part = file.with_suffix(".part")
    part.write_text(json.dumps(content))
    part.replace(file)
