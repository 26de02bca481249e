"""USACE's debris removal of each parcel: about twelve thousand, most signed off.

For each condition of the USACE rule, a few parcels with all their dates set break just that one.
"""

import random
from datetime import UTC, datetime
from typing import Any, Final

from local.data.clock import between, epoch_ms, later
from local.data.layers import usace_layer
from local.data.parcels import Parcel
from local.data.sample_values import chance, maybe, mistyped, pick
from local.data.shapes import extent, feature, shaped

MISSION: Final = "4856DR-CA-COE-SPD-09"
OPEN_END: Final = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)
"""`GDB_TO_DATE` of a current row in an archived geodatabase."""

_MISSIONS: Final = {MISSION: 980, "4856DR-CA-COE-SPD-10": 12, "4856DR-CA-COE-SPD-03": 5, None: 3}
_DETAILS: Final = {"County": 940, "Private": 35, "FEMA": 10, "City": 8, None: 7}
_STATUSES: Final = {
    "approved": 900,
    "submitted": 12,
    "received": 10,
    "under_appeal": 4,
    "returned_ineligible": 30,
    "returned_withdrawn": 30,
    None: 14,
}
_OTHER_EVENTS: Final = {"Hurst": 50, "Kenneth": 30, "Sunset": 15, None: 5}
_OTHER_EVENT_SHARE: Final = 0.01
_STEPS: Final = (
    # A date, the share of parcels that reach it from the step before, and the days in between.
    ("roe_submitted", 0.985, (1, 9)),
    ("roe_approved", 0.97, (2, 20)),
    ("hsa_report_received", 0.99, (5, 30)),
    ("hsa_report_approved", 0.99, (1, 10)),
    ("pcr_received", 0.985, (20, 90)),
    ("pcr_approved", 0.99, (2, 15)),
    ("pcr_delivery", 0.985, (1, 5)),
    ("fso_pkg_received", 0.985, (10, 120)),
    ("fso_pkg_approved", 0.99, (3, 25)),
)
_RETURNED_STATUSES: Final = ("returned_complete", "returned_ineligible", "returned_withdrawn")
_RETURNED: Final = tuple(f"roe_{status}" for status in _RETURNED_STATUSES)
_APPROVED_STATUSES: Final = {"approved", "under_appeal", "returned_withdrawn", None}


def usace(parcels: list[Parcel], rng: random.Random, as_of: datetime) -> tuple[Any, Any]:
    """Generate USACE's layer: its metadata and features, in the data folder's format.

    Args:
        parcels: The parcels of both areas.
        rng: The generator.
        as_of: The time that the data describes, in UTC.
    """
    features, shapes, oid = [], [], 1000
    for parcel in parcels:
        oid += rng.randint(2, 25) if chance(rng, 0.02) else 1
        rings = shaped(rng, parcel.ring)
        attributes = {"OBJECTID": oid, **_attributes(parcel, rng, as_of)}
        features.append(feature(attributes, rings))
        shapes.append(rings)
    return usace_layer(extent(shapes)), {"features": features}


def _attributes(parcel: Parcel, rng: random.Random, as_of: datetime) -> dict[str, Any]:
    other = chance(rng, _OTHER_EVENT_SHARE)
    status = pick(rng, _STATUSES)
    dates = _dates(status, rng, as_of)
    changed = max(moment for moment in dates.values() if moment)
    neighbour = f"{parcel.apn[:-3]}{(int(parcel.apn[-3:]) + 1):03d}"
    return {
        "ma": pick(rng, _MISSIONS),
        "apn": parcel.apn,
        "apn_coincident_list": maybe(rng, f"{parcel.apn},{neighbour}", 0.98),
        "address": maybe(rng, mistyped(rng, parcel.address), 0.004),
        "event_sub_name": pick(rng, _OTHER_EVENTS) if other else parcel.area,
        "epa_status": maybe(rng, "Phase 1 Complete", 0.05),
        "roe_status": status,
        "roe_details": pick(rng, _DETAILS),
        "hsa_status": _state(dates, "hsa_report_received", "hsa_report_approved"),
        "pcr_status": _state(dates, "pcr_received", "pcr_approved"),
        "fso_pkg_status": _state(dates, "fso_pkg_received", "fso_pkg_approved"),
        "hhm_removal_status": maybe(rng, rng.choice(("complete", "not_required")), 0.1),
        **{name: epoch_ms(moment) for name, moment in dates.items()},
        "GDB_FROM_DATE": epoch_ms(later(rng, changed, (0, 20), as_of)),
        "GDB_TO_DATE": epoch_ms(OPEN_END),
    }


def _dates(status: str | None, rng: random.Random, as_of: datetime) -> dict[str, datetime | None]:
    received = between(rng, datetime(2025, 1, 28, 16, tzinfo=UTC), datetime(2025, 5, 1, tzinfo=UTC))
    dates: dict[str, datetime | None] = dict.fromkeys(name for name, _, _ in _STEPS)
    dates |= {
        "roe_received": received,
        "roe_withdrawn": None,
        **dict.fromkeys(_RETURNED),
        "fso_pkg_returned": None,
    }
    moment = received
    for name, share, days in _STEPS:
        stops = name == "roe_approved" and status not in _APPROVED_STATUSES
        if stops or status == "received" or not chance(rng, share):
            break
        moment = later(rng, moment, days, as_of)
        dates[name] = moment
    if status == "returned_withdrawn" or chance(rng, 0.003):
        dates["roe_withdrawn"] = later(rng, received, (5, 60), as_of)
    if status in _RETURNED_STATUSES:
        dates[f"roe_{status}"] = dates["roe_withdrawn"] or received
    if dates["fso_pkg_received"] and chance(rng, 0.05):
        dates["fso_pkg_returned"] = later(rng, dates["fso_pkg_received"], (1, 9), as_of)
    return dates


def _state(dates: dict[str, datetime | None], received: str, approved: str) -> str | None:
    if dates[approved]:
        return "approved"
    return "received" if dates[received] else None
