"""A layer that fits into one page: it is complete by its count, or it is refused."""

import pytest

from include.loaders import IncompleteError
from tests.loaders.layer import Layer, row
from tests.loaders.recorded import RecordedWarehouse
from tests.loaders.service import Reply, Request, Service, reply
from tests.loaders.simple_load import PARCELS, load, recorded, warehouse_with_three_rows

pytestmark = pytest.mark.usefixtures("few_roots")


@pytest.fixture
def layer() -> Layer:
    """Three rows, where a page may have four."""
    return Layer(rows=[row(number) for number in (1, 2, 3)])


@pytest.fixture
def warehouse() -> RecordedWarehouse:
    return warehouse_with_three_rows()


def is_count(request: Request) -> bool:
    return "returnCountOnly" in request.query


def without(layer: Layer, number: int) -> Reply:
    """A page without one of the rows."""
    rows = [each for each in layer.rows if each["attributes"]["OBJECTID"] != number]
    return layer.page(rows)


def assert_refused(warehouse: RecordedWarehouse, service: Service) -> None:
    """Load the layer, which must fail and leave the table as it is."""
    with pytest.raises(IncompleteError, match=r"^parcels: .*rows"):
        load(warehouse, service, PARCELS, sleep=lambda _: None)
    assert warehouse.streams == []
    assert not any('"RAW"."S"."T"' in sql for sql in warehouse.statements)
    assert recorded(warehouse)["OUTCOME"] == "transient failure"


def test_a_layer_of_one_page_is_loaded(warehouse: RecordedWarehouse, service: Service) -> None:
    assert load(warehouse, service, PARCELS).rows == 3


@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_page_without_one_of_the_counted_rows_is_refused(
    warehouse: RecordedWarehouse, service: Service, layer: Layer, number: int
) -> None:
    service.always(lambda request: request.is_page, without(layer, number))

    assert_refused(warehouse, service)


def test_a_page_without_any_of_the_counted_rows_is_refused(
    warehouse: RecordedWarehouse, service: Service, layer: Layer
) -> None:
    service.always(lambda request: request.is_page, layer.page([]))

    assert_refused(warehouse, service)


def test_a_count_above_the_rows_that_there_are_is_refused(
    warehouse: RecordedWarehouse, service: Service
) -> None:
    service.always(is_count, reply({"count": 4}))

    assert_refused(warehouse, service)


def test_a_page_that_lacks_a_row_once_is_read_again(
    warehouse: RecordedWarehouse, service: Service, layer: Layer
) -> None:
    service.once(lambda request: request.is_page, without(layer, 2))

    assert load(warehouse, service, PARCELS, sleep=lambda _: None).rows == 3
