"""The generated data has every kind of defect that the real sources have."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import shapely

Read = Callable[[str], Any]
Row = dict[str, Any]

MISSION = "4856DR-CA-COE-SPD-09"


def attributes(read: Read, source: str) -> list[Row]:
    found = read(f"arcgis/{source}/features.json")["features"]
    return [feature["attributes"] for feature in found]


def shapes(read: Read, source: str) -> list[list[list[list[float]]]]:
    found = read(f"arcgis/{source}/features.json")["features"]
    return [each["geometry"]["rings"] for each in found if each["geometry"]]


@pytest.mark.parametrize("source", ["epa", "usace"])
def test_some_shapes_are_missing_in_parts_holed_or_crossed(read: Read, source: str) -> None:
    found = shapes(read, source)
    outers = [sum(not shapely.is_ccw(shapely.LinearRing(r)) for r in rings) for rings in found]

    assert 20 < len(attributes(read, source)) - len(found) < 200
    assert sum(outer >= 2 for outer in outers) > 20
    assert sum(outer < len(rings) for outer, rings in zip(outers, found, strict=True)) > 20
    crossed = [rings for rings in found if not shapely.LinearRing(rings[0]).is_simple]
    assert 0 < len(crossed) < 50


@pytest.mark.parametrize("source", ["epa", "usace", "pasadena"])
def test_every_ring_is_closed_and_within_the_declared_extent(read: Read, source: str) -> None:
    box = read(f"arcgis/{source}/layer.json")["extent"]

    for rings in shapes(read, source):
        for ring in rings:
            assert ring[0] == ring[-1]
            assert all(box["xmin"] <= x <= box["xmax"] for x, _ in ring)
            assert all(box["ymin"] <= y <= box["ymax"] for _, y in ring)


def test_parcels_lie_side_by_side_in_the_two_burn_areas(read: Read) -> None:
    plain = [shapely.Polygon(rings[0]) for rings in shapes(read, "usace") if len(rings) == 1]
    lots = [lot for lot in plain if lot.is_valid]

    tree = shapely.STRtree(lots)
    left, right = (np.asarray(lots)[side] for side in tree.query(lots, predicate="overlaps"))
    # Neighbours share an edge, which is rounded to a millimetre.
    assert shapely.area(shapely.intersection(left, right)).max() < 1
    west, east = -118.58 * 111319.49, -118.07 * 111319.49
    assert all(west < lot.centroid.x < east for lot in lots)


@pytest.mark.parametrize(
    ("source", "field"),
    [
        ("epa", "PublicStatus"),
        ("epa", "LandUse"),
        ("epa", "APN"),
        ("epa", "Address"),
        ("epa", "AssessmentDate"),
        ("usace", "event_sub_name"),
        ("usace", "roe_status"),
        ("usace", "address"),
        ("pasadena", "PERMIT_STATUS"),
    ],
)
def test_nulls_are_where_the_real_sources_have_them(read: Read, source: str, field: str) -> None:
    rows = attributes(read, source)

    assert 0 < sum(row[field] is None for row in rows) < len(rows) / 10


def test_some_texts_are_mistyped(read: Read) -> None:
    texts = [row["Address"] or "" for row in attributes(read, "epa")]

    for mistake in ('"', "\n", "<b>", "@channel", "🔥", "\t"):
        assert any(mistake in text for text in texts)
    assert any(text != text.strip() for text in texts)


def usace_breaches(row: Row) -> set[str]:
    """The conditions of the USACE rule that a parcel breaks."""
    breaches = set()
    if row["event_sub_name"] not in ("Eaton", "Palisades"):
        breaches.add("event_sub_name")
    if row["ma"] != MISSION:
        breaches.add("ma")
    if row["roe_details"] != "County":
        breaches.add("roe_details")
    if row["roe_status"] in (None, "returned_ineligible", "returned_withdrawn"):
        breaches.add(f"roe_status {row['roe_status']}")
    return breaches


def test_some_parcels_break_each_single_condition_of_the_usace_rule(read: Read) -> None:
    submitted = [row for row in attributes(read, "usace") if row["roe_submitted"]]
    alone = Counter(
        next(iter(breaches)) for row in submitted if len(breaches := usace_breaches(row)) == 1
    )

    assert alone.keys() == {
        "event_sub_name",
        "ma",
        "roe_details",
        "roe_status None",
        "roe_status returned_ineligible",
        "roe_status returned_withdrawn",
    }
    assert sum(not usace_breaches(row) for row in submitted) > 9_000


def test_phase_1_is_of_the_real_size(read: Read) -> None:
    done = [
        row
        for row in attributes(read, "epa")
        if row["PublicStatus"] in ("Phase 1 Complete", "Deferred to Phase 2")
        and row["LandUse"] == "Residential"
    ]

    assert 9_500 < len(done) < 9_800


def test_malibu_has_every_type_and_an_unknown_one(read: Read) -> None:
    types = Counter(row["type"] for row in read("malibu/FireRebuildPoints.json"))

    assert types.keys() >= {"InPlanning", "InBPC", "PendingBSReview", "PermitIssued", None}
    assert types["PermitIssued"] > 80
    assert "AppealFiled" in types
