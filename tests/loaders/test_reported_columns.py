"""The columns that a source has now are reported before anything is refused for one of them."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest

from include.loaders import Origin, SchemaError, hash_json_list, read_layer_info
from include.sources import JsonField
from tests.loaders.layer import FIELDS, Layer
from tests.loaders.service import Service, reply
from tests.loaders.simple_load import LIST, PARCELS, load, options, warehouse_with_three_rows

pytestmark = pytest.mark.usefixtures("few_roots")

Reported = list[Mapping[str, str]]


@pytest.fixture
def reported() -> Reported:
    return []


@pytest.mark.parametrize("is_loaded", [True, False])
def test_a_layers_fields_are_reported_under_the_tables_names_also_if_one_is_lost(
    is_loaded: bool, service: Service, layer: Layer, reported: Reported
) -> None:
    layer.fields = {"OBJECTID": FIELDS["OBJECTID"], "Shape_Area": "esriFieldTypeDouble"}
    layer.fields |= {"seen": "esriFieldTypeDate"}
    part = replace(PARCELS, required=("Status",))
    if is_loaded:
        with pytest.raises(SchemaError, match="lost the required Status"):
            load(warehouse_with_three_rows(), service, part, columns=reported.append)
    else:
        read_layer_info(part, Origin(service.url), options(columns=reported.append))
    assert reported == [{"OBJECTID": "integer", "SHAPE__AREA": "number", "SEEN": "timestamp"}]


def test_a_layer_whose_names_cannot_be_columns_is_left_to_the_load_to_refuse(
    service: Service, layer: Layer, reported: Reported
) -> None:
    layer.fields = {"OBJECTID": FIELDS["OBJECTID"], "a": FIELDS["OBJECTID"], "A": "x"}
    layer.fields["A"] = "esriFieldTypeString"
    read_layer_info(PARCELS, Origin(service.url), options(columns=reported.append))
    assert reported == []


@pytest.mark.parametrize(
    ("rows", "columns"),
    [
        ([{"name": "a", "lat": 1}], [{"NAME": "text", "LAT": "number"}]),
        ([{"NAME": "a", "lat": 1}], [{"NAME": "text", "LAT": "number"}]),
        ([{"name": "a"}, {"name": "b", "lat": 1}], [{"NAME": "text", "LAT": "number"}]),
        (
            [{"name": "a", "lat": 1, "floor": 2}],
            [{"NAME": "text", "LAT": "number", "FLOOR": "text"}],
        ),
        ([{"name": "a"}], [{"NAME": "text"}]),
        ([{"lat": 1}], [{"LAT": "number"}]),
        ([], []),
    ],
)
@pytest.mark.parametrize("is_loaded", [True, False])
def test_a_lists_fields_are_reported_also_if_a_required_one_is_lost(
    is_loaded: bool, rows: list[Any], columns: Reported, permits: Service, reported: Reported
) -> None:
    permits.usual = lambda request: reply(rows)
    part = replace(LIST, fields=(JsonField("name", "text"), JsonField("lat", "number", False)))
    with suppress(Exception):
        if is_loaded:
            load(warehouse_with_three_rows(), permits, part, columns=reported.append)
        else:
            hash_json_list(part, Origin(permits.url), options(columns=reported.append))
    assert reported == columns
