"""Layers whose rows are added, deleted and changed while they are read."""

from collections.abc import Callable

import pytest

from include.loaders import IncompleteError
from tests.loaders.layer import EDITED, Layer, row
from tests.loaders.service import Reply, Request, Service
from tests.loaders.warehouse import Warehouse, patient

NO_EDITS: dict[str, object] = {"editingInfo": None}


def after_pages(number: int, change: Callable[[], object]) -> Callable[[Request], Reply | None]:
    """A script that changes the layer once, before its `number`-th page is answered."""
    seen = [0]

    def script(request: Request) -> Reply | None:
        if request.is_page:
            seen[0] += 1
            if seen[0] == number:
                change()
        return None

    return script


@pytest.mark.parametrize("declares_edits", [True, False])
def test_a_deleted_row_does_not_hide_another_one(
    service: Service, layer: Layer, warehouse: Warehouse, declares_edits: bool
) -> None:
    """One row is deleted and one added: the count is right, but a row is missed by offset."""

    def swap() -> None:
        layer.rows = [*layer.rows[1:], row(11)]

    service.script(after_pages(2, swap))
    layer.metadata = {"editingInfo": {"lastEditDate": EDITED}} if declares_edits else NO_EDITS
    if declares_edits:
        service.script(_edit_date_moves(layer))
    assert warehouse.load(patient(concurrency=1)).rows == 10
    assert warehouse.ids() == list(range(2, 12))


def test_a_row_added_while_pages_are_read_is_loaded(
    service: Service, layer: Layer, warehouse: Warehouse
) -> None:
    service.script(after_pages(2, lambda: layer.rows.append(row(11))))
    assert warehouse.load(patient(concurrency=1)).rows == 11
    assert warehouse.ids() == list(range(1, 12))


def test_a_row_deleted_while_pages_are_read_does_not_hide_its_neighbours(
    service: Service, layer: Layer, warehouse: Warehouse
) -> None:
    service.script(after_pages(2, lambda: layer.rows.pop(0)))
    assert warehouse.load(patient(concurrency=1)).rows == 9
    assert warehouse.ids() == list(range(2, 11))


def test_a_layer_that_changes_all_the_time_is_a_transient_failure(
    service: Service, layer: Layer, warehouse: Warehouse
) -> None:
    warehouse.load()

    def grow(request: Request) -> Reply | None:
        if request.is_page:
            layer.rows.append(row(len(layer.rows) + 1))
        return None

    service.script(grow)
    with pytest.raises(IncompleteError):
        warehouse.load()
    assert warehouse.load_ids() == {"run 001"}


def _edit_date_moves(layer: Layer) -> Callable[[Request], Reply | None]:
    """A script that moves the layer's edit date once its rows have changed."""

    def script(request: Request) -> Reply | None:
        if not request.path.endswith("/query"):
            moved = layer.rows[0]["attributes"]["OBJECTID"] != 1
            layer.metadata = {"editingInfo": {"lastEditDate": EDITED + 1000 * moved}}
        return None

    return script
