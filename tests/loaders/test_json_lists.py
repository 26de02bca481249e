"""JSON lists: declared fields, unknown ones, missing ones, and a server that fails."""

from collections.abc import Iterator
from typing import Any

import pytest

from include.loaders import CollapseError, PermanentError, SchemaError, TransientError
from include.sources import JsonField
from tests.loaders.service import Reply, Service, reply, serving
from tests.loaders.warehouse import Warehouse

FIELDS = (
    JsonField("type", "text"),
    JsonField("lat", "number"),
    JsonField("STRUCTURES", "integer"),
    JsonField("approved", "timestamp", required=False),
)


def items() -> list[dict[str, Any]]:
    return [
        {"type": "InPlanning", "lat": 34.0, "STRUCTURES": 2, "approved": "2025-08-21T16:00:00Z"},
        {"type": "InBPC", "lat": "34.5", "STRUCTURES": None, "approved": None},
    ]


@pytest.fixture
def answers() -> list[dict[str, Any]]:
    return items()


@pytest.fixture
def service(answers: list[dict[str, Any]]) -> Iterator[Service]:
    with serving(lambda _: reply(answers)) as running:
        yield running


def test_a_list_becomes_a_table_of_its_declared_types(warehouse: Warehouse) -> None:
    report = warehouse.load_list(FIELDS)
    assert (report.rows, report.source_edited_at, report.notes) == (2, None, ())
    [first, second] = warehouse.rows("TYPE, LAT, STRUCTURES, TO_VARCHAR(APPROVED)")
    assert first[:3] == ("InBPC", 34.5, None)
    assert second[:3] == ("InPlanning", 34.0, 2)
    assert second[3].startswith("2025-08-21 16:00:00")
    assert set(warehouse.rows("_SOURCE_EDITED_AT, _LOAD_ID")) == {(None, "run 001")}


def test_an_unknown_field_is_loaded_as_text_and_reported(
    warehouse: Warehouse, answers: list[dict[str, Any]]
) -> None:
    answers[1]["note"] = {"b": 1, "a": [1.5, None]}
    assert (
        "the field 'note' is not declared; it is loaded as text"
        in warehouse.load_list(FIELDS).notes
    )
    assert ('{"a":[1.5,null],"b":1}',) in warehouse.rows("NOTE")


def test_a_missing_required_field_leaves_the_table_unchanged(
    warehouse: Warehouse, answers: list[dict[str, Any]]
) -> None:
    warehouse.load_list(FIELDS)
    del answers[1]["STRUCTURES"]
    with pytest.raises(SchemaError, match=r"'STRUCTURES' is missing from 1 of 2 rows.*row 2"):
        warehouse.load_list(FIELDS)
    assert warehouse.load_ids() == {"run 001"}


def test_a_missing_optional_field_is_null_and_reported(
    warehouse: Warehouse, answers: list[dict[str, Any]]
) -> None:
    del answers[0]["approved"]
    [note] = warehouse.load_list(FIELDS).notes
    assert "'approved'" in note
    assert ("InPlanning", None) in warehouse.rows("TYPE, APPROVED")


def test_a_field_whose_case_changes_stays_the_same_column(
    warehouse: Warehouse, answers: list[dict[str, Any]]
) -> None:
    for item in answers:
        item["Structures"] = item.pop("STRUCTURES")
    assert warehouse.load_list(FIELDS).notes == ()
    assert ("InPlanning", 2) in warehouse.rows("TYPE, STRUCTURES")


def test_a_failing_request_is_retried(service: Service, warehouse: Warehouse) -> None:
    service.once(
        lambda _: True, Reply(b"<html>Runtime Error</html>", 500), Reply(b"<html>busy</html>")
    )
    report = warehouse.load_list(FIELDS)
    assert (report.rows, report.requests) == (2, 3)


def test_a_server_that_stays_down_leaves_the_table_unchanged(
    service: Service, warehouse: Warehouse
) -> None:
    warehouse.load_list(FIELDS)
    service.always(lambda _: True, Reply(b"<html>Runtime Error in Application</html>", 500))
    with pytest.raises(TransientError, match=r"permits.*Runtime Error in Application.*/list"):
        warehouse.load_list(FIELDS)
    assert warehouse.load_ids() == {"run 001"}


@pytest.mark.parametrize(
    "answer",
    [reply({"Data": []}), reply(["text"]), reply("a string"), reply(None), reply({}, 404)],
    ids=["an object", "a list of text", "text", "null", "gone"],
)
def test_an_answer_that_is_not_a_list_of_objects_is_refused_and_requested_once(
    service: Service, warehouse: Warehouse, answer: Reply
) -> None:
    warehouse.load_list(FIELDS)
    service.always(lambda _: True, answer)
    with pytest.raises(PermanentError):
        warehouse.load_list(FIELDS)
    assert len(service.requests) == 2
    assert warehouse.load_ids() == {"run 001"}


def test_an_empty_list_leaves_the_table_unchanged(
    warehouse: Warehouse, answers: list[dict[str, Any]]
) -> None:
    warehouse.load_list(FIELDS)
    answers.clear()
    with pytest.raises(CollapseError):
        warehouse.load_list(FIELDS)
    assert len(warehouse.rows("TYPE")) == 2


def test_an_error_as_an_object_is_retried(service: Service, warehouse: Warehouse) -> None:
    service.once(lambda _: True, reply({"error": "Object reference not set to an instance"}))
    assert warehouse.load_list(FIELDS).rows == 2
