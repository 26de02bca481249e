"""Nested coordinate lists as flat arrays."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

_PARTS = pa.list_(pa.list_(pa.list_(pa.float64())))


class MalformedError(ValueError):
    """A coordinate list that is none. `position` is the feature's on its page."""

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
        features: How many features there are, those without parts included.
    """

    xy: Floats
    part: Integers
    feature: Integers
    features: int

    def keep(self, kept: NDArray[np.bool_]) -> "Parts":
        """The same features with only some of their parts; `kept` has one entry a part."""
        numbers = np.cumsum(kept) - 1
        vertices = kept[self.part]
        return Parts(
            self.xy[vertices],
            numbers[self.part[vertices]],
            self.feature[kept],
            self.features,
        )

    def sizes(self) -> Integers:
        """How many vertices each part has."""
        return np.bincount(self.part, minlength=len(self.feature)).astype(np.int64)


def flatten(parts: Sequence[Any]) -> Parts:
    """Flat arrays from one list of parts a feature (`None` for a feature without any).

    Only the first two ordinates of a vertex are kept; a null ordinate becomes NaN.

    Raises:
        MalformedError: A feature's coordinates are no lists of at least two numbers a vertex.
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
    if (narrow := np.flatnonzero(width < 2)).size:  # noqa: PLR2004
        raise MalformedError(int(feature[part[narrow[0]]]), "a vertex has fewer than two ordinates")
    ordinates = vertices.values.to_numpy(zero_copy_only=False)
    first = np.asarray(vertices.offsets)[:-1].astype(np.int64)
    xy = np.stack([ordinates[first], ordinates[first + 1]], axis=1) if len(first) else _NONE
    return Parts(xy, part, feature, len(nested))


_NONE = np.empty((0, 2))


def _lengths(lists: Any) -> Integers:
    # A null list has no items: its offsets are equal.
    return np.diff(np.asarray(lists.offsets)).astype(np.int64)


def _one_by_one(parts: Sequence[Any]) -> list[Any]:
    """The same lists with text such as "NaN" as numbers, to find the one that is malformed."""
    clean: list[Any] = []
    for position, feature in enumerate(parts):
        try:
            clean.append(
                None
                if feature is None
                else [[[_ordinate(one) for one in vertex] for vertex in part] for part in feature]
            )
        except (TypeError, ValueError) as error:
            raise MalformedError(position, f"its coordinates are no numbers ({error})") from error
    return clean


def _ordinate(value: Any) -> float:
    return float("nan") if value is None else float(value)
