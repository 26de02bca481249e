"""The data folder in memory: read once, and again when a file has changed."""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Generic, TypeVar

import orjson

from local.sources.corrupt_data import corrupt_layer, corrupt_list
from local.sources.layer import Json, Layer

_T = TypeVar("_T")
_Signature = tuple[tuple[int, int], ...]

_log = logging.getLogger(__name__)


class _Cached(Generic[_T]):
    """The current content of some files; the last valid content while a file is half written."""

    def __init__(self, files: tuple[Path, ...], read: Callable[..., _T]) -> None:
        self._files = files
        self._read = read
        self._signature: _Signature = ()
        self._value: _T | None = None

    def current(self) -> _T:
        stats = [file.stat() for file in self._files]
        signature = tuple((stat.st_mtime_ns, stat.st_size) for stat in stats)
        if self._value is not None and signature == self._signature:
            return self._value
        try:
            self._value = self._read(*(orjson.loads(file.read_bytes()) for file in self._files))
            self._signature = signature
        except (ValueError, KeyError, TypeError):
            if self._value is None:
                raise
            _log.warning("%s is not valid; serving its last content", self._files[0].parent)
        return self._value


class Store:
    """The layers and lists of one data folder, with or without a fault.

    Args:
        data: The data folder.
        layers: The names of the layers.
        lists: The files of the lists, without `.json`.

    Raises:
        FileNotFoundError: The folder lacks a file.
    """

    def __init__(self, data: Path, layers: tuple[str, ...], lists: tuple[str, ...]) -> None:
        arcgis = data / "arcgis"
        self._layers = {
            name: _Cached((arcgis / name / "layer.json", arcgis / name / "features.json"), _layer)
            for name in layers
        }
        self._lists: dict[str, _Cached[list[Json]]] = {
            name: _Cached((data / f"{name}.json",), list) for name in lists
        }
        self._corrupt: dict[tuple[str, str], tuple[Layer, Layer]] = {}
        for name in layers:
            self.layer(name, None).shapes(4326)
        for name in lists:
            self.rows(name, None)

    def layer(self, source: str, fault: str | None) -> Layer:
        """A source's current layer, with its fault applied."""
        intact = self._layers[source].current()
        if fault is None:
            return intact
        made_from, corrupt = self._corrupt.get((source, fault), (None, None))
        if made_from is not intact or corrupt is None:
            corrupt = corrupt_layer(intact, fault)
            self._corrupt[source, fault] = (intact, corrupt)
        return corrupt

    def rows(self, name: str, fault: str | None) -> list[Json]:
        """A list's current rows, with its source's fault applied."""
        return corrupt_list(self._lists[name].current(), fault)


def _layer(meta: Json, features: Json) -> Layer:
    rows = [feature["attributes"] for feature in features["features"]]
    shapes = [(feature.get("geometry") or {}).get("rings") for feature in features["features"]]
    return Layer(meta, rows, shapes)
