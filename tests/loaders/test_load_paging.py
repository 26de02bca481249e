"""Layers that page badly: the table has every row once, or is as it was."""

import pytest

from include.loaders import IncompleteError, PermanentError, QueryRefusedError
from tests.loaders.layer import Layer, row
from tests.loaders.service import Reply, Request, Service, esri_error, reply
from tests.loaders.warehouse import Warehouse, patient

ALL = list(range(1, 11))
NO_PAGING = {"advancedQueryCapabilities": {"supportsPagination": False}}


def test_pages_are_asked_for_in_the_order_of_the_object_ids(
    service: Service, warehouse: Warehouse
) -> None:
    assert warehouse.load().rows == 10
    assert {page.query["orderByFields"] for page in service.pages()} == {"OBJECTID"}
    assert {page.query["resultRecordCount"] for page in service.pages()} == {"4", "2"}


def test_a_cap_below_the_declared_one_loses_nothing(layer: Layer, warehouse: Warehouse) -> None:
    layer.real_cap = 1
    assert warehouse.load().rows == 10
    assert warehouse.ids() == ALL


def test_a_page_size_above_the_cap_is_not_asked_for(
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


def test_an_ignored_offset_is_found_out_and_the_layer_read_by_its_ids(
    service: Service, layer: Layer, warehouse: Warehouse
) -> None:
    service.script(
        lambda request: layer.page(layer.rows[:4]) if "resultOffset" in request.query else None
    )
    assert warehouse.load().rows == 10
    assert warehouse.ids() == ALL


def test_refused_paging_is_found_out_and_the_layer_read_by_its_ids(
    service: Service, warehouse: Warehouse
) -> None:
    refusal = esri_error(400, "Pagination is not supported.")
    service.always(lambda request: "resultOffset" in request.query, refusal)
    assert warehouse.load().rows == 10
    assert warehouse.ids() == ALL


@pytest.mark.parametrize(
    "capabilities",
    [NO_PAGING, {"advancedQueryCapabilities": None}, {"advancedQueryCapabilities": {}}],
    ids=["no paging", "nothing declared", "declared empty"],
)
def test_without_paging_a_layer_is_read_by_its_ids(
    service: Service, layer: Layer, warehouse: Warehouse, capabilities: dict[str, object]
) -> None:
    layer.metadata = capabilities
    assert warehouse.load().rows == 10
    assert not any("resultOffset" in page.query for page in service.pages())
    assert warehouse.ids() == ALL


def test_ids_that_are_unsorted_repeated_and_long_are_read_once_each(
    service: Service, layer: Layer, warehouse: Warehouse
) -> None:
    layer.metadata = NO_PAGING
    numbers = [900_000_000_007, 3, 900_000_000_001, 12, 5]
    layer.rows = [row(number) for number in numbers]
    service.always(
        lambda request: "returnIdsOnly" in request.query,
        reply({"objectIds": [*numbers, 3, 12], "exceededTransferLimit": True}),
    )
    assert warehouse.load().rows == 5
    assert warehouse.ids() == sorted(numbers)


def test_a_range_that_is_not_honoured_is_asked_for_as_a_list(
    service: Service, layer: Layer, warehouse: Warehouse
) -> None:
    layer.metadata = NO_PAGING
    service.script(
        lambda request: (
            layer.page(layer.rows[:4]) if "OBJECTID >=" in request.query.get("where", "") else None
        )
    )
    assert warehouse.load().rows == 10
    assert warehouse.ids() == ALL


def test_a_long_list_of_ids_goes_by_post(
    service: Service, layer: Layer, warehouse: Warehouse
) -> None:
    layer.metadata, layer.cap = NO_PAGING, 200
    layer.rows = [row(900_000_000_000 + 2 * number) for number in range(300)]
    service.script(
        lambda request: layer.page([]) if "OBJECTID >=" in request.query.get("where", "") else None
    )
    assert warehouse.load().rows == 300
    assert "POST" in {page.method for page in service.pages()}


def test_a_count_that_is_not_told_is_taken_from_the_ids(
    service: Service, layer: Layer, warehouse: Warehouse
) -> None:
    service.always(lambda request: "returnCountOnly" in request.query, layer.page(layer.rows[:4]))
    assert warehouse.load().rows == 10
    assert warehouse.ids() == ALL


def test_ids_that_are_not_told_are_not_needed(
    service: Service, layer: Layer, warehouse: Warehouse
) -> None:
    layer.metadata = NO_PAGING
    service.always(lambda request: "returnIdsOnly" in request.query, layer.page(layer.rows[:4]))
    assert warehouse.load().rows == 10
    assert warehouse.ids() == ALL


def test_a_layer_that_tells_neither_count_nor_ids_is_refused(
    service: Service, layer: Layer, warehouse: Warehouse
) -> None:
    warehouse.load()

    def features(request: Request) -> Reply | None:
        counts = {"returnCountOnly", "returnIdsOnly"} & set(request.query)
        return layer.page(layer.rows[:4]) if counts else None

    service.script(features)
    with pytest.raises(PermanentError, match="neither its count nor its object ids"):
        warehouse.load()
    assert warehouse.load_ids() == {"run 001"}


def test_a_count_that_the_rows_never_reach_leaves_the_table(
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


def test_a_query_that_no_way_of_reading_gets_through_is_permanent(
    service: Service, warehouse: Warehouse
) -> None:
    service.always(lambda request: request.is_page, esri_error(400, "Invalid query parameters"))
    with pytest.raises(QueryRefusedError, match="Invalid query parameters"):
        warehouse.load()
