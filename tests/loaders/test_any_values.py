"""Any JSON at all as a value, a geometry or a spatial reference: read, or a typed error."""

from contextlib import suppress
from decimal import Decimal
from typing import Any, get_args

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from include.loaders import SchemaError
from include.loaders.columns import ARROW, Column, to_array
from include.loaders.geometry.esri_json import KINDS
from include.loaders.geometry.parts import MalformedError
from include.loaders.geometry.projection import UnknownSystemError
from include.loaders.geometry.shapes import read_shapes
from include.sources import FieldType

SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.sampled_from([10**400, 2**53, 2**63, 1_755_793_623_120]),
    st.floats(),
    st.text(max_size=6),
    st.text(alphabet="0123456789.-+eETZ:_ ", max_size=20),
    st.sampled_from(["NaN", "2025-01-07", "20250107", "true", "\ud83d", "\u0661\u0662"]),
)
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=8,
)
# Mostly places on Earth, so that some of the shapes are shapes.
ORDINATE = st.one_of(
    st.integers(-80, 80), st.integers(-80, 80), st.floats(-80, 80), SCALARS, st.just(-1.797e308)
)
VERTEX = st.lists(ORDINATE, min_size=2, max_size=3) | JSON
PARTS = st.lists(st.lists(VERTEX, min_size=3, max_size=5) | JSON, max_size=3) | JSON
MEMBERS = ("rings", "paths", "points", "x", "y", "xmin", "ymin", "xmax", "ymax", "curveRings", "z")
GEOMETRY = st.one_of(
    st.none(),
    st.fixed_dictionaries({}, optional={"rings": PARTS, "paths": PARTS, "hasZ": st.booleans()}),
    st.dictionaries(st.sampled_from(MEMBERS), PARTS | ORDINATE, max_size=4),
    st.fixed_dictionaries({"x": ORDINATE, "y": ORDINATE}),
    st.fixed_dictionaries(dict.fromkeys(("xmin", "ymin", "xmax", "ymax"), ORDINATE)),
    JSON,
)
REFERENCE = st.one_of(
    st.none(),
    st.sampled_from([{"wkid": 4326}, {"wkid": 3857}, {"wkid": "2229"}, {"wkid": 5773}]),
    st.dictionaries(st.sampled_from(["wkid", "latestWkid", "wkt", "vcsWkid"]), JSON),
    JSON,
)


@settings(max_examples=120)
@given(st.sampled_from(sorted(KINDS)), st.lists(GEOMETRY, max_size=4), REFERENCE)
def test_any_geometry_becomes_a_shape_or_null_or_a_typed_error(
    kind: str, geometries: list[Any], reference: Any
) -> None:
    with suppress(MalformedError, UnknownSystemError):
        found = read_shapes(geometries, kind, reference)

        shapes = shapely.from_wkb(found.wkb)
        assert len(shapes) == len(found.bounds) == len(found.kinds) == len(geometries)
        missing = set(np.flatnonzero(shapely.is_missing(shapes)).tolist())
        named = found.off_earth.tolist() + found.other_kind.tolist()
        assert sorted(set(named)) == sorted(named)
        assert set(named) <= missing
        assert found.lost <= len(missing) - len(named)
        extent = np.abs(found.bounds[~shapely.is_missing(shapes)])
        assert (extent <= [180.001, 90.001, 180.001, 90.001]).all()


@settings(max_examples=150)
@given(st.sampled_from(get_args(FieldType)), st.lists(JSON, max_size=4))
def test_any_value_fits_its_field_or_is_refused(kind: FieldType, values: list[Any]) -> None:
    with suppress(SchemaError):
        array = to_array(values, Column("Field", kind), "parcels", str)

        assert (array.type, len(array)) == (ARROW[kind], len(values))
        found = array.to_pylist()
        assert all(each is None for each, value in zip(found, values, strict=True) if value is None)
        # A value becomes the same whatever stands beside it.
        alone = [
            to_array([value], Column("F", kind), "parcels", str)[0].as_py() for value in values
        ]
        assert found == alone


NUMBER = st.decimals(allow_nan=False, allow_infinity=False, min_value=-(2**64), max_value=2**64)


@settings(max_examples=200)
@given(NUMBER, st.sampled_from(["{}", "{:f}", "{:e}", " {} ", "{}.0", "{}e1"]))
def test_a_number_in_text_is_read_exactly_or_refused(number: Decimal, spelling: str) -> None:
    text = spelling.format(number)

    with suppress(SchemaError):
        [value] = to_array([text], Column("F", "integer"), "parcels", str).to_pylist()

        assert value == Decimal(text.strip())


@pytest.mark.parametrize("kind", get_args(FieldType))
def test_a_refusal_quotes_little_of_a_value(kind: FieldType) -> None:
    deep: Any = {}
    for _ in range(900):
        deep = {"a": deep}
    for value in (deep, "\x00" * 10**6 if kind != "text" else deep, ["x" * 10**6, deep]):
        with pytest.raises(SchemaError) as failure:
            to_array([None, value], Column("F" * 10**6, kind), "parcels", lambda at: f"row {at}")
        assert len(failure.value.reason) < 300
        assert failure.value.reason.startswith("row 1: ")
