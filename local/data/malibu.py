"""Malibu's four lists: the rebuild points and three small summaries of them."""

import random
from collections import Counter
from typing import Any, Final

from local.data.sample_values import chance, maybe, pick

Rows = list[dict[str, Any]]

COUNT: Final = 275

_TYPES: Final = {
    "InPlanning": 92,
    "InBPC": 66,
    "PendingBSReview": 18,
    "PermitIssued": 96,
    "AppealFiled": 2,
    "": 1,
    None: 1,
}
_GROUPS: Final = {
    "InPlanning": ("In Planning", "#4e79a7"),
    "InBPC": ("In Building Plan Check", "#f28e2b"),
    "PendingBSReview": ("Pending Building Safety Review", "#e15759"),
    "PermitIssued": ("Permit Issued", None),
}
_CATEGORIES: Final = (
    "Single-Family Residence",
    'Single-Family "Like for Like"',
    "Multi-Family",
    "Accessory Structure",
    " Septic / OWTS ",
)
_WEST: Final = (-118.700, 34.0325)
_EAST: Final = (-118.562, 34.0385)


def malibu(rng: random.Random) -> dict[str, Rows]:
    """Generate the rows of the lists, by the name of their endpoint."""
    points = [_point(rng, number) for number in range(COUNT)]
    groups = Counter(point["type"] for point in points)
    issued = Counter(p["caseCategory"] for p in points if p["type"] == "PermitIssued")
    return {
        "FireRebuildPoints": points,
        "FireRebuildVisitPoints": [
            {"InitialVisits": rng.randint(520, 560), "FollowUpVisits": rng.randint(230, 260)}
        ],
        "OverallRebuildStatsPie_Read": [
            {"RebuildGroup": label, "RebuildTypeCount": groups[kind], "ValueColor": colour}
            for kind, (label, colour) in _GROUPS.items()
        ],
        "PalisadesPermitsIssued_Read": [
            {"PermitType": category, "PalisadesPermits": number}
            for category, number in sorted(issued.items())
        ],
    }


def _point(rng: random.Random, number: int) -> dict[str, Any]:
    kinds = [*_TYPES]
    # The first rows make sure of every type.
    kind = kinds[number] if number < len(kinds) else pick(rng, _TYPES)
    along, inland = rng.random(), rng.uniform(0, 0.012) ** 1.2
    placed = not chance(rng, 0.02)
    planned = kind not in ("InPlanning", None, "")
    return {
        "type": kind,
        # The city writes degrees as text.
        "lat": f"{_WEST[1] + along * (_EAST[1] - _WEST[1]) + inland:.6f}" if placed else None,
        "lng": f"{_WEST[0] + along * (_EAST[0] - _WEST[0]):.6f}" if placed else None,
        # Some projects have two points: two houses of one owner.
        "projectNumber": f"PR 25-{number - number % 40 // 39:03d}",
        "planningApproved": maybe(rng, "Yes" if planned else "No", 0.03),
        "caseType": rng.choice(("Rebuild", "Disaster Rebuild (DRP)", "Administrative Plan Review")),
        "caseCategory": rng.choice(_CATEGORIES),
        "structures": rng.choice((1, 1, 1, 2, 3)),
        "daysToDecision": round(rng.uniform(8, 240), 1) if planned else None,
        "daysToFirstResponse": maybe(rng, round(rng.uniform(1, 45), 1), 0.05),
        "countForDecision": int(planned),
        "countForFirstResponse": 1,
    }
