"""A layer in this process that records what is asked of it."""

import gc
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from threading import Event
from typing import Any

import numpy as np
import pyarrow as pa

from include.loaders import IncompleteError, LoadOptions
from include.loaders.arcgis.features import Page
from include.loaders.arcgis.metadata import LayerInfo
from include.loaders.arcgis.reader import (
    LayerReader,
)
from include.loaders.columns import Column
from include.loaders.report import Notes

EDITED = datetime(2025, 8, 21, tzinfo=UTC)
INFO = LayerInfo(
    source="epa",
    url="https://x/0",
    columns=(Column("FID", "integer"),),
    object_id="FID",
    geometry_type=None,
    page_cap=4,
    can_page=True,
    edited_at=None,
    count=10,
)


def page(ids: list[int]) -> Page:
    """A page with nothing but ids."""
    numbers = np.array(ids, dtype=np.int64)
    batch = pa.record_batch({"FID": numbers})
    return Page(numbers, batch, np.full((len(ids), 4), np.nan), np.full(len(ids), -1))


class Layer:
    """A layer in this process that records what is asked of it.

    `scripted` are the answers to the next requests for rows, before those of the layer itself.
    """

    def __init__(self, *ids: int, **info: Any) -> None:
        self.ids = list(ids or range(1, 11))
        self.info = replace(INFO, **{"count": len(self.ids), **info})
        self.options = LoadOptions(concurrency=1, progress=self._progress)
        self.client = self
        self.source, self.url = "epa", INFO.url
        self.stopping = Event()
        self.asked: list[str] = []
        self.pauses: list[float] = []
        self.reasons: list[str] = []
        self.progress: list[tuple[int, int | None]] = []
        self.scripted: list[list[int] | Exception] = []
        self.counts: list[int | None] = []
        self.edit = self.info.edited_at
        self.lists_ids = True

    def pause(self, seconds: float) -> None:
        self.pauses.append(seconds)

    def count(self) -> int | None:
        self.asked.append("count")
        return self.counts.pop(0) if self.counts else len(self.ids)

    def recount(self) -> None:
        self.asked.append("recount")
        self.info = replace(self.info, count=len(self.ids))

    def count_and_edit_date(self) -> tuple[int | None, datetime | None]:
        self.asked.append("count and edit")
        return (self.counts.pop(0) if self.counts else len(self.ids)), self.edit

    def object_ids(self) -> Any:
        self.asked.append("ids")
        return np.array(sorted(self.ids), dtype=np.int64) if self.lists_ids else None

    def rows_at(self, _: object, start: int, size: int) -> Page:
        return self._answer(f"{start}+{size}", self.ids[start : start + size])

    def all_rows(self, _: object) -> Page:
        return self._answer("all", self.ids)

    def rows_where(self, _: object, condition: str) -> Page:
        if "IS NOT NULL" in condition:
            return self._answer(condition, self.ids[: self.info.page_cap])
        bounds = [int(word) for word in condition.split() if word.isdigit()]
        low, high = (bounds[0], bounds[1]) if len(bounds) > 1 else (bounds[0] + 1, 10**9)
        found = [number for number in self.ids if low <= number <= high]
        return self._answer(condition, found[: self.info.page_cap])

    def rows_with_ids(self, _: object, ids: Any) -> Page:
        wanted = [int(number) for number in ids]
        return self._answer(f"list {wanted}", [each for each in self.ids if each in wanted])

    def incomplete(self, reason: str) -> IncompleteError:
        self.reasons.append(reason)
        return IncompleteError("epa", reason, self.url)

    def read(self) -> list[int]:
        """Read the layer; returns the ids that were taken since the last beginning."""
        taken: list[int] = []
        self.notes = Notes()
        reader = LayerReader(self, (), self.notes)  # type: ignore[arg-type]
        rows = reader.read(self._begin(taken), lambda each: taken.extend(each.ids.tolist()))
        assert rows == len(taken)
        return taken

    def _begin(self, taken: list[int]) -> Callable[[], None]:
        def begin() -> None:
            assert gc.isenabled()
            self.asked.append("begin")
            self.notes.add("an old note")
            taken.clear()

        return begin

    def _answer(self, asked: str, ids: list[int]) -> Page:
        self.asked.append(asked)
        scripted = self.scripted.pop(0) if self.scripted else ids
        if isinstance(scripted, Exception):
            raise scripted
        return page(scripted)

    def _progress(self, rows: int, total: int | None) -> None:
        assert not gc.isenabled()
        self.progress.append((rows, total))


ALL = list(range(1, 11))
