"""EPA's assessment of each parcel: about ten thousand, nearly all finished."""

import random
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from local.data.clock import between, epoch_ms
from local.data.layers import epa_layer
from local.data.parcels import Parcel
from local.data.sample_values import chance, maybe, mistyped
from local.data.shapes import extent, feature, measured, shaped

COUNT: Final = 10_070

_STATUSES: Final = {
    "Phase 1 Complete": 7_050,
    "Deferred to Phase 2": 2_880,
    "Assessment Pending": 60,
    "Phase 1 In Progress": 40,
    "No Structure Damage - No Action": 22,
    "Unknown": 8,
    "": 4,
    None: 6,
}
_LAND_USES: Final = {
    "Residential": 9_805,
    "Commercial": 150,
    "Institutional": 50,
    "Mixed Use": 30,
    "Recreational": 20,
    None: 15,
}
_BEGAN: Final = datetime(2025, 1, 27, 15, tzinfo=UTC)
_ENDED: Final = datetime(2025, 8, 29, 23, tzinfo=UTC)


def epa(parcels: list[Parcel], rng: random.Random, as_of: datetime) -> tuple[Any, Any]:
    """Generate EPA's layer: its metadata and features, in the data folder's format.

    Args:
        parcels: The parcels of both areas, of which some are chosen.
        rng: The generator.
        as_of: The time that the data describes, in UTC.
    """
    chosen = [parcels[n] for n in sorted(rng.sample(range(len(parcels)), COUNT))]
    statuses = rng.choices([*_STATUSES], [*_STATUSES.values()], k=COUNT)
    uses = rng.choices([*_LAND_USES], [*_LAND_USES.values()], k=COUNT)
    features, shapes, oid = [], [], 0
    for parcel, status, use in zip(chosen, statuses, uses, strict=True):
        oid += rng.randint(2, 40) if chance(rng, 0.03) else 1
        rings = shaped(rng, parcel.ring)
        area, length = measured(rings)
        done = status in ("Phase 1 Complete", "Deferred to Phase 2")
        assessed = maybe(rng, between(rng, _BEGAN, _ENDED), 0.005) if done else None
        attributes = {
            "OBJECTID": oid,
            "GlobalID": str(uuid.UUID(int=rng.getrandbits(128), version=4)),
            "APN": maybe(rng, parcel.apn, 0.001),
            "Address": maybe(rng, mistyped(rng, parcel.address), 0.003),
            "AssessmentDate": epoch_ms(assessed),
            "FireName": parcel.area,
            "LandUse": use,
            "PublicStatus": status,
            "Shape__Area": area,
            "Shape__Length": length,
        }
        features.append(feature(attributes, rings))
        shapes.append(rings)
    edited = between(rng, as_of - timedelta(hours=3), as_of - timedelta(hours=1))
    return epa_layer(extent(shapes), epoch_ms(edited) or 0), {"features": features}
