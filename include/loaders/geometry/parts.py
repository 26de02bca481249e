"""Nested coordinate lists as flat arrays."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from include.loaders.excerpts import short_repr
from include.loaders.values import number

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

# The ordinates of a vertex that are read.
XY = 2

_PARTS = pa.list_(pa.list_(pa.list_(pa.float64())))


class MalformedError(ValueError):
    """A coordinate list that cannot be read.

    Attributes:
        position: The feature's position on its page.
    """

    def __init__(self, position: int, reason: str) -> None:
        super().__init__(reason)
        self.position = position


@dataclass(frozen=True)
class Parts:
    """The rings, paths or points of many features.

    Attributes:
        xy: Coordinates, shape (vertices, 2).
        part: For each vertex the number of its part, ascending.
        feature: For each part the position of its feature, ascending.
        features: How many features there are, including those without parts.
    """

    xy: Floats
    part: Integers
    feature: Integers
    features: int

    def select(self, selected: NDArray[np.bool_]) -> "Parts":
        """The same features with only some of their parts; `selected` has one entry a part."""
        numbers = np.cumsum(selected) - 1
        vertices = selected[self.part]
        return Parts(
            self.xy[vertices],
            numbers[self.part[vertices]],
            self.feature[selected],
            self.features,
        )

    def sizes(self) -> Integers:
        """The number of vertices of each part."""
        return np.bincount(self.part, minlength=len(self.feature)).astype(np.int64)


def flatten(parts: Sequence[Any]) -> Parts:
    """Flat arrays from one list of parts a feature; `None` is a feature without parts.

    Only the first two ordinates of a vertex are read; a null ordinate becomes NaN.

    Raises:
        MalformedError: A feature's coordinates are not lists of at least two numbers a vertex.
    """
    try:
        nested = pa.array(parts, _PARTS)
    except (pa.ArrowException, TypeError, ValueError):
        nested = pa.array(_one_by_one(parts), _PARTS)
    of_feature, of_part = nested, nested.values
    vertices = of_part.values
    feature = np.repeat(np.arange(len(nested)), _lengths(of_feature))
    part = np.repeat(np.arange(len(of_part)), _lengths(of_part))
    width = _lengths(vertices)
    if (narrow := np.flatnonzero(width < XY)).size:
        raise MalformedError(int(feature[part[narrow[0]]]), "a vertex has fewer than two ordinates")
    ordinates = vertices.values.to_numpy(zero_copy_only=False)
    first = np.asarray(vertices.offsets)[:-1].astype(np.int64)
    xy = (
        np.stack([ordinates[first], ordinates[first + 1]], axis=1)
        if len(first)
        else np.empty((0, XY))
    )
    # Arrow takes true for 1 and false for 0.
    if (doubtful := (xy == 0) | (xy == 1)).any():
        for position in np.unique(feature[part[doubtful.any(axis=1)]]).tolist():
            _clean(position, parts[position])
    return Parts(xy, part, feature, len(nested))


def to_ordinate(value: Any) -> float:
    """A coordinate as a number, also from text; NaN for null and for text such as "NaN".

    Raises:
        ValueError: The text is not a number.
        TypeError: The value is not a number.
        OverflowError: The number is larger than any double.
    """
    converted = None if value is None else number(value)
    return float("nan") if converted is None else converted


def _lengths(lists: pa.ListArray) -> Integers:
    # A null list has no items: its offsets are equal.
    return np.diff(np.asarray(lists.offsets)).astype(np.int64)


def _one_by_one(parts: Sequence[Any]) -> list[Any]:
    """The same lists with text such as "NaN" as numbers; names the list that is malformed."""
    return [_clean(position, feature) for position, feature in enumerate(parts)]


def _clean(position: int, feature: Any) -> list[Any] | None:
    if feature is None:
        return None
    try:
        return [
            [[to_ordinate(value) for value in _listed(vertex)[:XY]] for vertex in _listed(part)]
            for part in _listed(feature)
        ]
    except (TypeError, ValueError, OverflowError) as error:
        raise MalformedError(position, f"the coordinates are not numbers ({error})") from error


def _listed(value: Any) -> Sequence[Any]:
    """A list, or nothing for null."""
    if value is not None and not isinstance(value, list | tuple):
        raise TypeError(f"{short_repr(value)} is not a list")
    return value or []
