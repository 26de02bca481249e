"""Layers of a server that cannot do what it declares: every row is read once, or none."""

import json
from typing import Any

import pytest

from include.loaders import (
    IncompleteError,
    OverloadedError,
    PermanentError,
    QueryRefusedError,
    TransientError,
)
from include.loaders.arcgis.layer import Layer as RestLayer
from include.loaders.arcgis.reader import LayerReader
from include.loaders.http_client import Client
from include.loaders.options import LoadOptions, Origin
from include.loaders.report import Notes
from tests.loaders.layer import PATH, Layer, row
from tests.loaders.service import Reply, Request, Service, esri_error, reply
from tests.loaders.warehouse import patient

ALL = list(range(1, 11))
NO_EDITS: dict[str, Any] = {"editingInfo": None}
BROKEN = Reply(b"Internal Server Error", 500)
REFUSED = esri_error(400, "Invalid or missing input parameters.")


def read(service: Service, options: LoadOptions | None = None) -> dict[int, str]:
    """The rows of the layer: each one's status by its object id."""
    rows: list[tuple[int, str]] = []
    options = options or patient(concurrency=1)
    with Client("epa", Origin(), options) as client:
        reader = LayerReader(RestLayer(client, service.url + PATH, options), (), Notes())
        count = reader.read(
            rows.clear,
            lambda page: rows.extend(
                zip(
                    page.batch["OBJECTID"].to_pylist(),
                    page.batch["Status"].to_pylist(),
                    strict=True,
                )
            ),
        )
    assert len(rows) == len(dict(rows)) == count
    return dict(rows)


def pages_can_be_skipped(layer: Layer, can_page: bool) -> None:
    layer.metadata = NO_EDITS | {"advancedQueryCapabilities": {"supportsPagination": can_page}}


def test_a_row_that_is_deleted_while_another_is_added_hides_no_third_one(
    service: Service, layer: Layer
) -> None:
    layer.cap, layer.metadata = 2_000, NO_EDITS
    layer.rows = [row(number) for number in range(1, 14_352)]

    def swap(request: Request) -> None:
        if request.query.get("resultOffset") == "4000":
            layer.rows = [*layer.rows[1:], row(20_000)]

    service.script(swap)
    assert list(read(service)) == [*range(2, 14_352), 20_000]


@pytest.mark.parametrize("failure", [BROKEN, REFUSED], ids=["it fails", "it refuses"])
def test_a_layer_that_cannot_page_as_it_declares_is_read_by_its_ids(
    service: Service, failure: Reply
) -> None:
    service.always(lambda request: "resultOffset" in request.query, failure)
    assert list(read(service)) == ALL


@pytest.mark.parametrize(
    "failure",
    [
        BROKEN,
        Reply(b"", 504),
        esri_error(500, "Unable to complete operation."),
        Reply(b'{"features": [' + b" " * 2000, cut=10),
        Reply(b'{"features": ['),
    ],
    ids=["500", "504", "an error inside 200", "cut off", "incomplete"],
)
@pytest.mark.parametrize("can_page", [True, False])
def test_a_layer_that_fails_at_large_pages_is_read_by_small_ones(
    service: Service, layer: Layer, failure: Reply, can_page: bool
) -> None:
    layer.cap, layer.rows = 40, [row(number) for number in range(1, 101)]
    pages_can_be_skipped(layer, can_page)

    def answer(request: Request) -> Reply | None:
        usual = json.loads(layer.answer(request).body)
        return failure if len(usual.get("features", [])) > 10 else None

    service.script(answer)
    assert list(read(service)) == list(range(1, 101))
    assert len(service.pages()) <= (30 if can_page else 40)


@pytest.mark.parametrize("count", [0, 3, 5, 8, 10])
def test_a_count_that_is_too_low_truncates_nothing(
    service: Service, layer: Layer, count: int
) -> None:
    layer.rows = [row(number) for number in range(1, 12)]
    counts = [reply({"count": count})]
    service.once(lambda request: "returnCountOnly" in request.query, *counts)
    assert list(read(service)) == list(range(1, 12))
    service.always(lambda request: "returnCountOnly" in request.query, *counts)
    assert list(read(service)) == list(range(1, 12))
    service.always(lambda request: "returnIdsOnly" in request.query, REFUSED)
    with pytest.raises(IncompleteError, match=f"expected {count} rows, found 11"):
        read(service)


@pytest.mark.parametrize("kind", ["returnCountOnly", "returnIdsOnly"])
@pytest.mark.parametrize("failure", [BROKEN, REFUSED, reply({"error": "no"}), reply({})])
@pytest.mark.parametrize("can_page", [True, False])
def test_a_layer_that_answers_either_its_count_or_its_ids_is_read(
    service: Service, layer: Layer, kind: str, failure: Reply, can_page: bool
) -> None:
    pages_can_be_skipped(layer, can_page)
    service.always(lambda request: kind in request.query, failure)
    assert list(read(service)) == ALL


def test_a_layer_that_answers_neither_is_refused_for_good_or_until_it_does(
    service: Service,
) -> None:
    service.always(lambda request: "returnCountOnly" in request.query, REFUSED)
    service.always(lambda request: "returnIdsOnly" in request.query, REFUSED)
    with pytest.raises(PermanentError, match="neither its count nor its object ids"):
        read(service)
    service.always(lambda request: "returnIdsOnly" in request.query, BROKEN)
    with pytest.raises(TransientError):
        read(service)


def test_a_layer_that_cannot_order_its_rows_is_not_asked_to(service: Service, layer: Layer) -> None:
    layer.metadata = {
        "advancedQueryCapabilities": {"supportsPagination": True, "supportsOrderBy": False}
    }
    service.always(lambda request: "orderByFields" in request.query, REFUSED)
    assert list(read(service)) == ALL


def test_a_cached_answer_is_never_used(service: Service, layer: Layer) -> None:
    cache: dict[tuple[str, tuple[tuple[str, str], ...]], Reply] = {}

    def cached(request: Request) -> Reply:
        address = (request.path, tuple(sorted(request.query.items())))
        return cache.setdefault(address, layer.answer(request))

    service.usual = cached
    assert list(read(service)) == ALL
    layer.rows[4]["attributes"]["Status"] = "withdrawn"
    layer.rows[9] = row(99)
    after = read(service)
    assert list(after) == [*range(1, 10), 99]
    assert after[5] == "withdrawn"


def test_a_failure_that_may_pass_is_not_hidden_by_a_refusal(service: Service, layer: Layer) -> None:
    service.always(lambda request: "resultOffset" in request.query, BROKEN)
    service.always(lambda request: "OBJECTID >=" in request.query.get("where", ""), REFUSED)
    waits: list[float] = []
    with pytest.raises(OverloadedError, match=r"HTTP status 500.*even for a single row"):
        read(service, patient(waits))
    assert sum(wait for wait in waits if wait >= 5) <= 60
    service.clear_scripts()
    service.always(lambda request: request.is_page, REFUSED)
    with pytest.raises(QueryRefusedError):
        read(service)


def test_one_row_that_the_server_fails_at_fails_the_load_with_an_error_worth_a_retry(
    service: Service, layer: Layer
) -> None:
    pages_can_be_skipped(layer, can_page=True)

    def answer(request: Request) -> Reply | None:
        usual = json.loads(layer.answer(request).body)
        ids = [each["attributes"]["OBJECTID"] for each in usual.get("features", [])]
        return BROKEN if 7 in ids else None

    service.script(answer)
    with pytest.raises(OverloadedError, match="even for a single row"):
        read(service)


def test_a_server_that_is_down_for_a_while_is_waited_for(service: Service) -> None:
    down = [True]
    service.script(lambda request: BROKEN if request.is_page and down[0] else None)
    slept: list[float] = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        down[0] = sum(slept) < 40

    assert list(read(service, patient(sleep=sleep))) == ALL


def test_a_layer_of_one_page_that_answers_fewer_rows_than_it_counts_is_refused(
    service: Service, layer: Layer
) -> None:
    layer.cap = 100
    service.always(lambda request: "returnCountOnly" in request.query, reply({"count": 11}))
    with pytest.raises(IncompleteError, match="expected 11 rows, found 10"):
        read(service)
