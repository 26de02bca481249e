"""Nested coordinate lists as flat arrays."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

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
    return Parts(xy, part, feature, len(nested))


def _lengths(lists: pa.ListArray) -> Integers:
    # A null list has no items: its offsets are equal.
    return np.diff(np.asarray(lists.offsets)).astype(np.int64)


def _one_by_one(parts: Sequence[Any]) -> list[Any]:
    """The same lists with text such as "NaN" as numbers; names the list that is malformed."""
    clean: list[Any] = []
    for position, feature in enumerate(parts):
        try:
            clean.append(
                None
                if feature is None
                else [
                    [[_ordinate(value) for value in vertex] for vertex in part] for part in feature
                ]
            )
        except (TypeError, ValueError) as error:
            raise MalformedError(position, f"the coordinates are not numbers ({error})") from error
    return clean


def _ordinate(value: Any) -> float:
    return float("nan") if value is None else float(value)
