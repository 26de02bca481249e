"""Responses that are failures: which are retried, which are not, and the table afterwards."""

import pytest

from include.loaders import Origin, PermanentError, QueryRefusedError, TokenError, TransientError
from include.loaders.http_client import Client
from tests.loaders.layer import PATH, Layer
from tests.loaders.service import Reply, Service, esri_error, reply
from tests.loaders.warehouse import MINUTE, Warehouse, patient

ALL = list(range(1, 11))

TRANSIENT = {
    "error 500 inside 200": esri_error(500, "Unable to perform query"),
    "error 504 without a message": esri_error(504, "", ["Timeout", "of the database"]),
    "an error without a code": reply({"error": "something broke"}),
    "an error in the older form": reply({"status": "error", "messages": ["Down"], "code": 500}),
    "HTTP 503": Reply(b"<h1>Service Unavailable</h1>", 503),
    "HTTP 429": reply({}, 429, retry_after="7"),
    "HTML instead of JSON": Reply(b"<!DOCTYPE html><title>Maintenance</title>Back soon"),
    "no body at all": Reply(b""),
    "half of the JSON": Reply(b'{"features": [{"attributes": {"OBJECTID": 1'),
    "a connection cut in the middle": Reply(b'{"features": []}' * 500, cut=20),
}
PERMANENT = {
    "token required": (esri_error(499, "Token Required"), TokenError),
    "token expired": (esri_error(498, "Invalid token."), TokenError),
    "HTTP 403": (reply({}, 403), TokenError),
    "bad query": (esri_error(400, "", ["'Status' is not a field"]), QueryRefusedError),
    "HTTP 404": (reply({}, 404), PermanentError),
    "layer gone": (esri_error(404, "Layer not found"), PermanentError),
}


@pytest.mark.parametrize("answer", TRANSIENT.values(), ids=TRANSIENT)
def test_a_transient_failure_is_retried_and_the_load_is_complete(
    service: Service, warehouse: Warehouse, answer: Reply
) -> None:
    service.once(lambda request: request.is_page, answer, answer)
    report = warehouse.load()
    assert report.rows == 10
    assert report.requests >= 9
    assert warehouse.ids() == ALL


def test_a_failure_that_outlasts_its_retries_leaves_the_table_and_is_described(
    service: Service, warehouse: Warehouse
) -> None:
    warehouse.load()
    service.always(
        lambda request: request.query.get("resultOffset") == "4",
        reply({"error": {"code": 429, "message": "Unable to complete operation."}}),
    )
    waits: list[float] = []
    with pytest.raises(TransientError) as failure:
        warehouse.load(patient(waits))
    for part in ("parcels", "resultOffset=4", "Unable to complete operation", "code 429", "times"):
        assert part in str(failure.value)
    assert 0.4 * MINUTE < sum(waits) <= MINUTE
    assert warehouse.load_ids() == {"run 001"}
    assert warehouse.ids() == ALL
    assert [outcome for outcome, _, _ in warehouse.log()] == ["loaded", "transient failure"]
    service.clear_scripts()
    warehouse.load()
    assert warehouse.load_ids() == {"run 003"}


@pytest.mark.parametrize(("answer", "kind"), PERMANENT.values(), ids=PERMANENT)
def test_a_permanent_failure_is_requested_once_and_leaves_the_table(
    service: Service, warehouse: Warehouse, answer: Reply, kind: type[PermanentError]
) -> None:
    warehouse.load()
    service.requests.clear()
    service.always(lambda request: not request.path.endswith("/query"), answer)
    with pytest.raises(kind):
        warehouse.load()
    assert len([sent for sent in service.requests if not sent.path.endswith("/query")]) == 1
    assert service.pages() == []
    assert warehouse.load_ids() == {"run 001"}
    [_, (outcome, rows, reason)] = warehouse.log()
    assert (outcome, rows) == ("permanent failure", 0)
    assert "parcels" in reason


def test_the_details_are_reported_if_the_message_is_empty(
    service: Service, warehouse: Warehouse
) -> None:
    service.always(
        lambda request: request.is_page, esri_error(400, "", ["Cannot perform query.", "Bad SQL."])
    )
    with pytest.raises(QueryRefusedError, match="Cannot perform query; Bad SQL"):
        warehouse.load()


def test_a_retry_after_in_seconds_is_respected(service: Service, warehouse: Warehouse) -> None:
    waits: list[float] = []
    service.once(lambda request: request.is_page, reply({}, 429, retry_after="50"))
    warehouse.load(patient(waits, concurrency=1))
    assert max(waits) >= 50


def test_a_retry_after_holds_back_every_request(service: Service) -> None:
    waits: list[float] = []
    service.once(lambda _: True, reply({}, 429, retry_after="50"))
    with Client("parcels", Origin(), patient(waits, monotonic=lambda: 0.0)) as client:
        client.read_json(service.url + PATH)
        client.read_json(service.url + PATH)
    assert waits[1:] == [50, 50]


def test_a_retry_after_as_a_date_is_respected(service: Service, warehouse: Warehouse) -> None:
    waits: list[float] = []
    busy = reply({}, 503, retry_after="Fri, 22 Aug 2025 08:00:50 GMT")
    service.once(lambda request: request.is_page, busy)
    warehouse.load(patient(waits, concurrency=1))
    assert max(waits) == pytest.approx(50, abs=1)


def test_a_retry_after_beyond_the_budget_fails_at_once(
    service: Service, warehouse: Warehouse
) -> None:
    waits: list[float] = []
    service.always(lambda _: True, reply({}, 429, retry_after="9999"))
    with pytest.raises(TransientError, match=r"429|requested a pause"):
        warehouse.load(patient(waits))
    assert waits == []
    assert service.pages() == []


def test_a_bare_nan_is_null(service: Service, layer: Layer, warehouse: Warehouse) -> None:
    layer.rows[2]["attributes"]["Acres"] = float("nan")
    report = warehouse.load()
    assert report.rows == 10
    assert warehouse.rows("OBJECTID, ACRES")[2] == (3, None)


def test_every_request_names_the_project_and_takes_gzip(
    service: Service, warehouse: Warehouse
) -> None:
    warehouse.load()
    for request in service.requests:
        assert request.headers["user-agent"].startswith("ddrc-data-pipelines")
        assert "gzip" in request.headers["accept-encoding"]


def test_the_rows_time_and_run_are_recorded(service: Service, warehouse: Warehouse) -> None:
    report = warehouse.load()
    assert str(report.as_dict()["source_edited_at"]) == "2025-08-21T16:27:03.120000Z"
    columns = "TO_VARCHAR(_LOADED_AT), TO_VARCHAR(_SOURCE_EDITED_AT), _LOAD_ID"
    [(loaded, edited, load_id)] = set(warehouse.rows(columns))
    assert loaded.startswith("2025-08-22 08:00:00")
    assert edited.startswith("2025-08-21 16:27:03.12")
    assert load_id == "run 001"
    assert warehouse.log("REQUEST_COUNT, BYTE_COUNT, CONTENT_HASH") == [
        (report.requests, report.bytes, report.content_hash)
    ]
