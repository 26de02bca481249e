"""Made-up parcels: ten fields and an outline each."""

from typing import Any

FIELDS = {
    "OBJECTID": "esriFieldTypeOID",
    "APN": "esriFieldTypeString",
    "Address": "esriFieldTypeString",
    "AssessmentDate": "esriFieldTypeDate",
    "FireName": "esriFieldTypeString",
    "GlobalID": "esriFieldTypeGlobalID",
    "LandUse": "esriFieldTypeString",
    "PublicStatus": "esriFieldTypeString",
    "Shape__Area": "esriFieldTypeDouble",
    "Shape__Length": "esriFieldTypeDouble",
}
STATUS = ("Phase 1 Complete", "Deferred to Phase 2", "Assessment Pending", "Not Started")
# A parcel's outline in hundred-thousandths of a degree, clockwise.
OUTLINE = ((0, 0), (0, 9), (4, 10), (9, 9), (9, 0), (5, -1), (0, 0))


def attributes(number: int) -> dict[str, Any]:
    """A parcel's ten fields."""
    return {
        "OBJECTID": number,
        "APN": f"{5841000000 + number}",
        "Address": f"{number} E Altadena Dr",
        "AssessmentDate": 1_738_368_000_000 + number * 1000,
        "FireName": ("Palisades", "Eaton")[number % 2],
        "GlobalID": f"{{{number:032X}}}",
        "LandUse": "Commercial" if number % 5 == 0 else "Residential",
        "PublicStatus": STATUS[number % 4],
        "Shape__Area": 500.0 + number % 97,
        "Shape__Length": 90.0 + number % 13,
    }


def ring(number: int) -> list[list[float]]:
    """A parcel's outline on a grid of a thousand columns."""
    west, south = -118.2 + number % 1000 * 1e-4, 34.1 + number // 1000 * 1e-4
    return [[round(west + x * 1e-5, 7), round(south + y * 1e-5, 7)] for x, y in OUTLINE]
