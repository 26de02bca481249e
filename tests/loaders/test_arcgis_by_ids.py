"""Layers that cannot page, or do not give their count or their object ids."""

import pytest

from include.loaders import PermanentError
from tests.loaders.layer import Layer, row
from tests.loaders.service import Reply, Request, Service, reply
from tests.loaders.warehouse import Warehouse

ALL = list(range(1, 11))
NO_PAGING = {"advancedQueryCapabilities": {"supportsPagination": False}}


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


def test_a_range_that_is_ignored_is_requested_as_a_list(
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


def test_a_missing_count_is_taken_from_the_ids(
    service: Service, layer: Layer, warehouse: Warehouse
) -> None:
    service.always(lambda request: "returnCountOnly" in request.query, layer.page(layer.rows[:4]))
    assert warehouse.load().rows == 10
    assert warehouse.ids() == ALL


def test_a_layer_without_ids_is_read_page_after_page(
    service: Service, layer: Layer, warehouse: Warehouse
) -> None:
    layer.metadata = NO_PAGING
    service.always(lambda request: "returnIdsOnly" in request.query, layer.page(layer.rows[:4]))
    assert warehouse.load().rows == 10
    assert warehouse.ids() == ALL


def test_a_layer_that_gives_neither_count_nor_ids_is_refused(
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
