"""The many spellings of an Esri geometry, and of none at all."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from include.loaders.geometry.parts import MalformedError


def coordinates(
    geometries: Sequence[Mapping[str, Any] | None], member: str, curves: str
) -> list[Any]:
    """Each geometry's parts, quickly where all of them have nothing but parts.

    Args:
        geometries: Each feature's `geometry` member; `None` where there is none.
        member: The member that holds the coordinates.
        curves: The member that holds curves; empty where there can be none.

    Raises:
        MalformedError: A geometry has curves.
    """
    with suppress(KeyError, TypeError):
        if curves and all(len(one) == 1 for one in geometries):  # type: ignore[arg-type]
            return [one[member] for one in geometries]  # type: ignore[index]
    return [_coordinates(at, one, member, curves) for at, one in enumerate(geometries)]


def _coordinates(
    position: int, geometry: Mapping[str, Any] | None, member: str, curves: str
) -> list[Any] | None:
    """A geometry's parts; `None` for null, `{}`, no parts, empty parts and points without x."""
    if not geometry:
        return None
    if curves and geometry.get(curves):
        raise MalformedError(position, f"it has curves ({curves}), which were not asked for")
    value = geometry.get(member)
    if member == "x":
        y = geometry.get("y")
        return None if value in (None, "NaN") or y in (None, "NaN") else [[[value, y]]]
    if member == "points":
        return [value] if value else None
    return value if value and any(value) else None
