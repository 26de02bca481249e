"""Loads of far fewer rows than before: refused, unless a person accepts them with a reason."""

import pytest

from include.loaders import CollapseError
from include.loaders.load import check_rows
from include.sources import SOURCES, Expectations
from tests.loaders.layer import Layer
from tests.loaders.warehouse import Warehouse, patient

PARTS = {part.name: part for source in SOURCES.values() for part in source.loaded}
REASON = "The city closed four cases, says its e-mail of 21 August."


def test_an_empty_layer_leaves_the_table_unchanged(layer: Layer, warehouse: Warehouse) -> None:
    warehouse.load()
    layer.rows = []
    with pytest.raises(CollapseError, match="0 rows after 10"):
        warehouse.load()
    assert len(warehouse.ids()) == 10
    assert warehouse.log("OUTCOME, ROW_COUNT")[1] == ("permanent failure", 0)


def test_an_empty_layer_is_refused_as_a_first_load(layer: Layer, warehouse: Warehouse) -> None:
    layer.rows = []
    with pytest.raises(CollapseError, match="at least 1"):
        warehouse.load()
    assert warehouse.ids() == []


def test_a_sharp_drop_leaves_the_table_unchanged(layer: Layer, warehouse: Warehouse) -> None:
    warehouse.load()
    layer.rows = layer.rows[:8]
    with pytest.raises(CollapseError, match="8 rows after 10; at least 9 were expected"):
        warehouse.load()
    assert len(warehouse.ids()) == 10


def test_a_source_may_shrink_a_little(layer: Layer, warehouse: Warehouse) -> None:
    warehouse.load()
    layer.rows = layer.rows[1:]
    warehouse.load()
    assert len(warehouse.ids()) == 9


def test_a_source_has_its_own_minimum(warehouse: Warehouse) -> None:
    with pytest.raises(CollapseError, match="at least 9,000"):
        warehouse.load(expects=Expectations(rows=9_000))


def test_an_accepted_drop_is_loaded_once_and_recorded(layer: Layer, warehouse: Warehouse) -> None:
    warehouse.load()
    layer.rows = layer.rows[:5]
    report = warehouse.load(patient(accept_drop=REASON))
    assert REASON in report.reason
    assert len(warehouse.ids()) == 5
    assert REASON in warehouse.log()[1][2]
    layer.rows = layer.rows[:2]
    with pytest.raises(CollapseError):
        warehouse.load()


def test_a_reason_that_is_not_needed_is_not_recorded(warehouse: Warehouse) -> None:
    assert warehouse.load(patient(accept_drop=REASON)).reason == ""


@pytest.mark.parametrize(
    ("part", "before", "least"),
    [
        ("epa", 10_000, 9_900),
        ("usace", 12_000, 11_400),
        ("pasadena", 100, 90),
        ("fire_rebuild_points", 275, 248),
        ("fire_rebuild_visit_points", 1, 1),
        ("overall_rebuild_stats_pie_read", 4, 2),
        ("palisades_permits_issued_read", 5, 3),
    ],
)
def test_each_part_is_accepted_down_to_its_own_minimum(part: str, before: int, least: int) -> None:
    assert check_rows(PARTS[part], least, before, None) == ""
    with pytest.raises(CollapseError, match=f"at least {least:,} were expected"):
        check_rows(PARTS[part], least - 1, before, None)
