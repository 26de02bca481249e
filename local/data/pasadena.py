"""Pasadena's rebuild permits: about a hundred."""

import random
import uuid
from datetime import datetime, timedelta
from typing import Any, Final

from local.data.areas import PASADENA
from local.data.clock import between, epoch_ms
from local.data.layers import pasadena_layer
from local.data.parcels import lay_out
from local.data.sample_values import maybe, pick
from local.data.shapes import extent, feature, measured, shaped

COUNT: Final = 104

_STATUSES: Final = {
    "Issued": 68,
    "In Review": 17,
    "Applied": 5,
    "Finaled": 8,
    "Withdrawn": 3,
    "Expired": 2,
    None: 1,
}
_WORK: Final = ("Rebuild - Like for Like", "Rebuild - New Design", "Addition", "Repair")
_TYPES: Final = ("Building (Residential)", "Building (Commercial)", "Accessory Dwelling Unit")
_DESCRIPTIONS: Final = (
    "EATON FIRE REBUILD - single-family dwelling, 1,850 sq ft",
    'Eaton Fire: rebuild "like for like" SFR & detached garage\n(see plans)',
    "  eaton fire rebuild; ADU above garage  ",
    "Rebuild <b>per SB 9</b> — two units @channel 🏠",
    "Eaton Fire Rebuild. Owner's contact in file; café & residence",
)


def pasadena(rng: random.Random, as_of: datetime) -> tuple[Any, Any]:
    """Generate Pasadena's layer: its metadata and features, in the data folder's format.

    The object ids differ with every `as_of`, as they do with every upload of the city.
    """
    first = 1 + int(as_of.timestamp() // 86_400) % 9_000
    statuses = [*_STATUSES]
    features, shapes = [], []
    for place, lot in enumerate(lay_out(PASADENA, COUNT, rng)):
        rings = shaped(rng, lot.ring) if place else None
        area, length = measured(rings)
        # The first rows make sure of every status.
        status = statuses[place] if place < len(statuses) else pick(rng, _STATUSES)
        attributes = {
            "ID": first + place,
            "PMPERMITID": str(uuid.UUID(int=rng.getrandbits(128), version=4)),
            "PERMIT_NUMBER": f"BLDR2025-{place + 101:05d}",
            "PARCEL_NUMBER": f"{lot.apn[:4]}-{lot.apn[4:7]}-{lot.apn[7:]}",
            "ADDRESS": lot.address.upper(),
            "CITY": "PASADENA",
            "STATE": "CA",
            "ZIPCODE": maybe(rng, rng.choice(("91104", "91107")), 0.03),
            "PERMIT_STATUS": status,
            "WORK_CLASS": rng.choice(_WORK),
            "PERMIT_TYPE": rng.choice(_TYPES),
            "DESCRIPTION": maybe(rng, rng.choice(_DESCRIPTIONS), 0.05),
            "COUNCIL_DISTRICT": maybe(rng, rng.choice(("2", "4")), 0.05),
            "Shape__Area": area,
            "Shape__Length": length,
        }
        features.append(feature(attributes, rings))
        shapes.append(rings)
    edited = between(rng, as_of - timedelta(hours=12), as_of - timedelta(hours=2))
    return pasadena_layer(extent(shapes), epoch_ms(edited) or 0), {"features": features}
