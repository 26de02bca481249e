"""The outlines of the burned neighbourhoods, and their projection to web mercator."""

import math
from dataclasses import dataclass
from typing import Final

_EARTH_RADIUS: Final = 6378137.0


@dataclass(frozen=True)
class Area:
    """A neighbourhood.

    Attributes:
        name: Its name, as the sources write it.
        outline: Its corners, as longitude and latitude.
        degrees: The angle of its street grid.
        book: The first of its assessor's map books, which parcel numbers begin with.
    """

    name: str
    outline: tuple[tuple[float, float], ...]
    degrees: float
    book: int


EATON: Final = Area(
    "Eaton",
    ((-118.165, 34.180), (-118.155, 34.195), (-118.140, 34.203), (-118.115, 34.203),
     (-118.095, 34.188), (-118.085, 34.176), (-118.105, 34.172), (-118.130, 34.176),
     (-118.150, 34.176)),
    2.0,
    5829,
)  # fmt: skip
PALISADES: Final = Area(
    "Palisades",
    ((-118.558, 34.041), (-118.553, 34.058), (-118.545, 34.078), (-118.530, 34.080),
     (-118.515, 34.062), (-118.508, 34.045), (-118.520, 34.035), (-118.540, 34.037)),
    -34.0,
    4411,
)  # fmt: skip
PASADENA: Final = Area(
    "Pasadena",
    ((-118.112, 34.166), (-118.112, 34.171), (-118.094, 34.171), (-118.094, 34.166)),
    0.0,
    5850,
)


def mercator(lon: float, lat: float) -> tuple[float, float]:
    """Project degrees to web mercator (EPSG 3857) metres."""
    north = math.log(math.tan(math.pi / 4 + math.radians(lat) / 2))
    return _EARTH_RADIUS * math.radians(lon), _EARTH_RADIUS * north
