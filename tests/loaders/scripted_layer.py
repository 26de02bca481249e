"""A layer in this process that records what is asked of it."""

import gc
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from threading import Event
from typing import Any

import numpy as np
import pyarrow as pa

from include.loaders import IncompleteError, LoadOptions, OverloadedError
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

    `scripted` are the answers to the next requests for rows, before those of the layer itself;
    `counts` and `listed` those to the next requests for the count and the ids. `fails` says
    whether the server fails at a request for rows. `tries` has the limit of each.
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
        self.listed: list[list[int]] = []
        self.failures: list[OverloadedError] = []
        self.outside: list[int] = []
        self.tries: list[int | None] = []
        self.is_cached = True
        self.real_cap = 10**6
        self.more: bool | None = None
        self.fails: Callable[[str, list[int]], bool] = lambda _asked, _ids: False

    def pause(self, seconds: float) -> None:
        self.pauses.append(seconds)

    def count(self) -> int | None:
        self.asked.append("count")
        return self.counts.pop(0) if self.counts else len(self.ids)

    def recount(self) -> None:
        self.asked.append("recount")
        self.info = replace(self.info, count=len(self.ids))

    def edited_at(self) -> datetime | None:
        self.asked.append("edit")
        return self.edit

    def at_once(self, *requests: Callable[[], Any]) -> list[Any]:
        return [request() for request in requests]

    def ask_uncached(self) -> None:
        self.is_cached = False

    def object_ids(self) -> Any:
        self.asked.append("ids")
        listed = self.listed.pop(0) if self.listed else self.ids
        return np.array(sorted(listed), dtype=np.int64) if self.lists_ids else None

    def rows_at(self, _: object, start: int, size: int, *, tries: int | None = None) -> Page:
        most = min(size, self.real_cap)
        return self._answer(f"{start}+{size}", self.ids[start : start + most], tries)

    def all_rows(self, _: object, *, tries: int | None = None) -> Page:
        return self._answer("all", self.ids[: self.real_cap], tries)

    def rows_where(
        self, _: object, condition: str, *, in_order: bool = False, tries: int | None = None
    ) -> Page:
        if not in_order and ">=" not in condition:
            listed = [int(word) for word in re.findall(r"-?\d+", condition)]
            low, high = listed or (0, 0)
            found = [each for each in self.ids if not low <= each <= high]
            return self._answer("outside", [*found, *self.outside], tries)
        assert in_order == (">=" not in condition)
        if "IS NOT NULL" in condition:
            return self._answer(condition, self.ids[: self.info.page_cap], tries)
        bounds = [int(word) for word in condition.split() if word.isdigit()]
        low, high = (bounds[0], bounds[1]) if len(bounds) > 1 else (bounds[0] + 1, 10**9)
        found = [number for number in self.ids if low <= number <= high]
        return self._answer(condition, found[: self.info.page_cap], tries)

    def rows_with_ids(self, _: object, ids: Any, *, tries: int | None = None) -> Page:
        wanted = [int(number) for number in ids]
        found = [each for each in self.ids if each in wanted]
        return self._answer(f"list {wanted}", found, tries)

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

    def _answer(self, asked: str, ids: list[int], tries: int | None) -> Page:
        self.asked.append(asked)
        self.tries.append(tries)
        scripted = self.scripted.pop(0) if self.scripted else ids
        if isinstance(scripted, Exception):
            raise scripted
        if self.fails(asked, scripted):
            raise OverloadedError("epa", "HTTP status 500")
        return replace(page(scripted), more=self.more)

    def _progress(self, rows: int, total: int | None) -> None:
        assert not gc.isenabled()
        self.progress.append((rows, total))


ALL = list(range(1, 11))
