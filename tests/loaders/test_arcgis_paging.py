"""Layers that page badly: the table has every row once, or is unchanged."""

import pytest

from include.loaders import IncompleteError, QueryRefusedError
from tests.loaders.layer import Layer
from tests.loaders.service import Reply, Request, Service, esri_error, reply
from tests.loaders.warehouse import Warehouse, patient

ALL = list(range(1, 11))


def test_pages_are_requested_in_the_order_of_the_object_ids(
    service: Service, warehouse: Warehouse
) -> None:
    assert warehouse.load().rows == 10
    assert {page.query["orderByFields"] for page in service.pages()} == {"OBJECTID"}
    assert {page.query["resultRecordCount"] for page in service.pages()} == {"4"}


def test_a_cap_below_the_declared_one_loses_nothing(layer: Layer, warehouse: Warehouse) -> None:
    layer.real_cap = 1
    assert warehouse.load().rows == 10
    assert warehouse.ids() == ALL


def test_a_page_size_above_the_cap_is_not_requested(
    service: Service, layer: Layer, warehouse: Warehouse
) -> None:
    warehouse.load(patient(page_size=100_000))
    assert max(int(page.query["resultRecordCount"]) for page in service.pages()) == layer.cap
    assert warehouse.ids() == ALL


def test_a_transient_empty_page_does_not_truncate_the_table(
    service: Service, layer: Layer, warehouse: Warehouse
) -> None:
    empty = layer.page([], more=True)
    service.once(lambda request: request.query.get("resultOffset") == "4", empty, empty)
    assert warehouse.load().rows == 10
    assert warehouse.ids() == ALL


def test_a_short_page_does_not_truncate_the_table(
    service: Service, layer: Layer, warehouse: Warehouse
) -> None:
    service.once(lambda request: request.is_page, layer.page(layer.rows[:1], more=False))
    assert warehouse.load().rows == 10
    assert warehouse.ids() == ALL


def test_the_transfer_limit_flag_is_only_a_hint(
    service: Service, layer: Layer, warehouse: Warehouse
) -> None:
    layer.cap = 10
    service.always(lambda request: request.is_page, layer.page(layer.rows, more=True))
    assert warehouse.load().rows == 10
    assert len(service.pages()) == 1


def test_a_layer_that_ignores_the_offset_is_read_by_its_ids(
    service: Service, layer: Layer, warehouse: Warehouse
) -> None:
    service.script(
        lambda request: layer.page(layer.rows[:4]) if "resultOffset" in request.query else None
    )
    assert warehouse.load().rows == 10
    assert warehouse.ids() == ALL


def test_an_ignored_offset_is_noticed_at_the_second_page(
    service: Service, layer: Layer, warehouse: Warehouse
) -> None:
    layer.cap = 1
    service.script(
        lambda request: layer.page(layer.rows[:1]) if "resultOffset" in request.query else None
    )
    warehouse.load(patient(concurrency=1))
    assert len([page for page in service.pages() if "resultOffset" in page.query]) <= 4
    assert warehouse.ids() == ALL


def test_a_layer_that_refuses_paging_is_read_by_its_ids(
    service: Service, warehouse: Warehouse
) -> None:
    refusal = esri_error(400, "Pagination is not supported.")
    service.always(lambda request: "resultOffset" in request.query, refusal)
    assert warehouse.load().rows == 10
    assert warehouse.ids() == ALL


def test_a_count_that_the_rows_never_reach_leaves_the_table_unchanged(
    service: Service, warehouse: Warehouse
) -> None:
    warehouse.load()
    service.always(lambda request: "returnCountOnly" in request.query, reply({"count": 12}))
    with pytest.raises(IncompleteError, match="expected 12 rows, found 10"):
        warehouse.load()
    assert warehouse.load_ids() == {"run 001"}
    assert warehouse.ids() == ALL
    assert [outcome for outcome, _, _ in warehouse.log()] == ["loaded", "transient failure"]


def test_rows_without_a_stable_order_are_not_doubled_or_missed(
    service: Service, layer: Layer, warehouse: Warehouse
) -> None:
    shuffled = [layer.rows[at] for at in (3, 9, 1, 7, 5, 3, 0, 2, 4, 6)]

    def unordered(request: Request) -> Reply | None:
        if "resultOffset" not in request.query:
            return None
        start = int(request.query["resultOffset"])
        return layer.page(shuffled[start : start + 4])

    service.script(unordered)
    assert warehouse.load().rows == 10
    assert warehouse.ids() == ALL


def test_a_query_that_every_strategy_is_refused_is_permanent(
    service: Service, warehouse: Warehouse
) -> None:
    service.always(lambda request: request.is_page, esri_error(400, "Invalid query parameters"))
    with pytest.raises(QueryRefusedError, match="Invalid query parameters"):
        warehouse.load()
