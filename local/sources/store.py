"""The data folder as the server holds it: read once, and again when a file has changed."""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Generic, TypeVar

import orjson

from local.sources.corrupt_data import broken_layer, broken_list
from local.sources.layer import Json, Layer

_T = TypeVar("_T")
_Signature = tuple[tuple[int, int], ...]

_log = logging.getLogger(__name__)


class _Watched(Generic[_T]):
    """What some files say now; what they said last, while somebody is halfway through writing."""

    def __init__(self, files: tuple[Path, ...], read: Callable[..., _T]) -> None:
        self._files = files
        self._read = read
        self._signature: _Signature = ()
        self._value: _T | None = None

    def now(self) -> _T:
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
            _log.warning("%s cannot be read; its last contents stay", self._files[0].parent)
        return self._value


class Store:
    """The layers and lists of one data folder, whole or with a fault.

    Raises:
        FileNotFoundError: The folder lacks a file that the server serves.
    """

    def __init__(self, data: Path, layers: tuple[str, ...], lists: tuple[str, ...]) -> None:
        arcgis = data / "arcgis"
        self._layers = {
            name: _Watched((arcgis / name / "layer.json", arcgis / name / "features.json"), _layer)
            for name in layers
        }
        self._lists: dict[str, _Watched[list[Json]]] = {
            name: _Watched((data / f"{name}.json",), list) for name in lists
        }
        self._broken: dict[tuple[str, str], tuple[Layer, Layer]] = {}
        for name in layers:
            self.layer(name, None).shapes(4326)
        for name in lists:
            self.rows(name, None)

    def layer(self, source: str, fault: str | None) -> Layer:
        """A source's layer as its files say now, changed by its fault."""
        whole = self._layers[source].now()
        if fault is None:
            return whole
        made_of, broken = self._broken.get((source, fault), (None, None))
        if made_of is not whole or broken is None:
            broken = broken_layer(whole, fault)
            self._broken[source, fault] = (whole, broken)
        return broken

    def rows(self, name: str, fault: str | None) -> list[Json]:
        """A list as its file says now, changed by its source's fault."""
        return broken_list(self._lists[name].now(), fault)


def _layer(meta: Json, features: Json) -> Layer:
    rows = [feature["attributes"] for feature in features["features"]]
    shapes = [(feature.get("geometry") or {}).get("rings") for feature in features["features"]]
    return Layer(meta, rows, shapes)
