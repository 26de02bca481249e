"""The results of a load besides rows: the layer's metadata, a report, an unchanged process."""

import gc
import json
import pickle
from datetime import UTC, datetime

import pytest

from include.loaders import IncompleteError, LoadOptions, Origin, TokenError, read_layer_info
from include.sources import ArcgisLayer, RawTable
from tests.loaders.layer import PATH, Layer
from tests.loaders.service import Service, esri_error
from tests.loaders.warehouse import Warehouse, patient

PARCELS = ArcgisLayer("parcels", "https://example.org" + PATH, "OBJECTID", RawTable("S", "T"))


def test_a_layers_metadata_costs_two_small_requests(service: Service) -> None:
    info = read_layer_info(PARCELS, Origin(base_url=service.url))
    assert (info.count, info.object_id, info.page_cap) == (10, "OBJECTID", 4)
    assert info.edited_at == datetime(2025, 8, 21, 16, 27, 3, 120_000, tzinfo=UTC)
    assert [column.name for column in info.columns][:2] == ["OBJECTID", "Status"]
    assert len(service.requests) == 2
    assert service.pages() == []


def test_a_layer_that_declares_no_edit_has_none(service: Service, layer: Layer) -> None:
    layer.metadata = {"editingInfo": None}
    assert read_layer_info(PARCELS, Origin(base_url=service.url)).edited_at is None


def test_metadata_that_is_refused_is_an_error(service: Service) -> None:
    service.always(lambda _: True, esri_error(499, "Token Required"))
    with pytest.raises(TokenError, match="Token Required"):
        read_layer_info(PARCELS, Origin(base_url=service.url), LoadOptions(retry_seconds=0))


def test_a_report_is_ready_for_json(warehouse: Warehouse) -> None:
    report = warehouse.load()
    parsed = json.loads(json.dumps(report.as_dict()))
    assert parsed["outcome"] == "loaded"
    assert parsed["loaded_at"] == "2025-08-22T08:00:00Z"
    assert parsed["table"].endswith(".PARCELS")


def test_progress_reaches_the_count(warehouse: Warehouse) -> None:
    seen: list[tuple[int, int | None]] = []
    warehouse.load(patient(progress=lambda rows, total: seen.append((rows, total))))
    assert seen == [(4, 10), (8, 10), (10, 10)]


def test_the_time_for_reading_is_reported_apart_from_that_for_writing(warehouse: Warehouse) -> None:
    clock = [0.0]

    def a_page_takes_ten_seconds(*_: object) -> None:
        clock[0] += 10

    report = warehouse.load(
        patient(progress=a_page_takes_ten_seconds, monotonic=lambda: clock[0], concurrency=1)
    )

    assert (report.read_seconds, report.seconds) == (30, 30)


def test_no_more_requests_are_in_flight_than_allowed(
    service: Service, warehouse: Warehouse
) -> None:
    warehouse.load(patient(concurrency=1))
    starts = [int(page.query["resultOffset"]) for page in service.pages()]
    assert starts == [0, 4, 8]


def test_pythons_garbage_collection_is_on_again_afterwards(
    service: Service, warehouse: Warehouse
) -> None:
    warehouse.load()
    assert gc.isenabled()
    service.always(lambda request: request.is_page, esri_error(499, "no"))
    with pytest.raises(TokenError):
        warehouse.load()
    assert gc.isenabled()


def test_an_error_can_be_pickled() -> None:
    error = IncompleteError("epa", "expected 12 rows, found 10", "GET https://x", "words")
    assert str(pickle.loads(pickle.dumps(error))) == str(error)


def test_an_origin_does_not_show_its_token() -> None:
    assert "s3cret" not in repr(Origin(token="s3cret"))
