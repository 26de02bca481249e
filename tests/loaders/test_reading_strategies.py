"""How a layer is read: which strategies are tried, and what is refused."""

import gc
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from include.loaders import IncompleteError, PermanentError, QueryRefusedError
from include.loaders.arcgis.reader import (
    LayerReader,
)
from include.loaders.report import Notes
from tests.loaders.scripted_layer import ALL, EDITED, Layer

BY_OFFSET = ["begin", "0+4", "4+4", "8+2", "count"]
BY_IDS = ["ids", "FID >= 1 AND FID <= 4", "FID >= 5 AND FID <= 8", "FID >= 9 AND FID <= 10"]


def test_a_layer_that_pages_is_read_by_offset_and_counted_again() -> None:
    layer = Layer()

    assert layer.read() == ALL
    assert layer.asked == BY_OFFSET
    assert layer.progress == [(4, 10), (8, 10), (10, 10)]
    assert layer.notes.sentences() == ()


@pytest.mark.parametrize("can_page", [True, False])
def test_a_layer_of_one_page_is_read_at_once_and_not_counted_again(can_page: bool) -> None:
    layer = Layer(3, 5, 6, 9, can_page=can_page)

    assert layer.read() == [3, 5, 6, 9]
    assert layer.asked == ["begin", "all"]


def test_a_reader_has_the_schema_of_its_rows() -> None:
    reader = LayerReader(Layer(), (), Notes())  # type: ignore[arg-type]

    assert reader.schema.names == ["FID", "GEOMETRY"]


def test_an_empty_layer_needs_no_request_for_rows() -> None:
    layer = Layer()
    layer.ids, layer.info = [], replace(layer.info, count=0)

    assert layer.read() == []
    assert layer.asked == ["begin"]


@pytest.mark.parametrize("info", [{"can_page": False}, {"count": None}])
def test_a_layer_that_cannot_be_paged_is_read_by_its_ids(info: dict[str, Any]) -> None:
    layer = Layer(**info)

    assert layer.read() == ALL
    assert layer.asked == ["begin", *BY_IDS, "count"]


def test_a_layer_without_ids_is_read_from_one_id_to_the_next() -> None:
    layer = Layer(can_page=False)
    layer.lists_ids = False

    assert layer.read() == ALL
    assert layer.asked == [
        *("begin", "ids", "begin", "recount"),
        *("FID IS NOT NULL", "FID > 4", "FID > 8", "FID > 10"),
        "count",
    ]
    assert layer.reasons == ["the layer does not list its object ids"]


def test_ids_are_listed_twice_before_the_layer_is_given_up() -> None:
    layer = Layer(can_page=False)
    layer.counts = [11, 12, 13]

    with pytest.raises(IncompleteError) as failure:
        layer.read()

    assert failure.value.reason == "expected 10, then 12 rows, found 10"
    again = ["begin", "recount", *BY_IDS, "count"]
    assert layer.asked == ["begin", *BY_IDS, "count", *again]


def test_a_layer_that_counts_more_rows_than_it_has_is_refused() -> None:
    layer = Layer()
    layer.counts = [None, 1_200, 1_200]

    assert layer.read() == ALL
    layer.counts, layer.asked = [1_200] * 3, []
    layer.recount = lambda: None  # type: ignore[method-assign]
    layer.info = replace(layer.info, count=1_200, can_page=False)
    with pytest.raises(IncompleteError, match=r"^epa: expected 1,200 rows, found 10"):
        layer.read()


def test_a_layer_without_a_count_is_compared_with_its_ids() -> None:
    layer = Layer(count=None)
    layer.counts = [None]

    assert layer.read() == ALL
    assert layer.asked == ["begin", *BY_IDS, "count", "ids"]


def test_a_first_count_that_was_unknown_is_not_named() -> None:
    layer = Layer(count=None)
    layer.counts = [11] * 2
    layer.recount = lambda: None  # type: ignore[method-assign]

    with pytest.raises(IncompleteError) as failure:
        layer.read()

    assert failure.value.reason == "expected 11 rows, found 10"


def test_a_layer_that_gives_neither_count_nor_ids_is_refused() -> None:
    layer = Layer(count=None)
    layer.lists_ids = False

    with pytest.raises(PermanentError) as failure:
        layer.read()

    assert type(failure.value) is PermanentError
    assert str(failure.value) == (
        "epa: the layer gives neither its count nor its object ids, so no load could be proved "
        "complete. Request: https://x/0."
    )


@pytest.mark.parametrize(
    ("last", "reason"),
    [
        (list(ALL[4:8]), "pages repeat or are out of order: FID 5 after 8"),
        ([8, 9], "pages repeat or are out of order: FID 8 after 8"),
        ([9, 9], "10 rows were received, but only 9 are different"),
    ],
)
def test_rows_by_offset_that_repeat_are_read_again_by_their_ids(
    last: list[int], reason: str
) -> None:
    layer = Layer()
    layer.scripted = [[1, 2, 3, 4], [5, 6, 7, 8], last]

    assert layer.read() == ALL
    assert layer.asked[:4] == BY_OFFSET[:4]
    assert layer.asked[4:] == ["begin", "recount", *BY_IDS, "count"]
    assert layer.notes.sentences() == ()
    assert layer.reasons == [reason]


@pytest.mark.parametrize("edited", [None, EDITED], ids=["no edit is declared", "an edit is"])
def test_rows_that_moved_while_they_were_read_are_read_again_by_their_ids(
    edited: datetime | None,
) -> None:
    layer = Layer(count=9, edited_at=edited)
    layer.scripted = [[1, 2, 3, 4], [5, 6, 7, 8], [9, 10]]
    check = "count and edit" if edited else "count"

    assert layer.read() == ALL
    assert layer.asked == [
        *("begin", "0+4", "4+4", "8+1", check),
        *("begin", "recount", *BY_IDS, check),
    ]
    assert layer.reasons == ["rows moved while they were read: 9, then 10"]


def test_a_layer_that_was_edited_while_it_was_paged_is_read_again_by_its_ids() -> None:
    layer = Layer(edited_at=EDITED)
    layer.edit = EDITED.replace(hour=1)

    assert layer.read() == ALL
    assert layer.asked == [
        *(*BY_OFFSET[:-1], "count and edit"),
        *("begin", "recount", *BY_IDS, "count and edit"),
    ]


def test_a_refused_query_is_followed_by_the_next_strategy() -> None:
    layer = Layer()
    layer.scripted = [QueryRefusedError("epa", "no paging")]

    assert layer.read() == ALL
    assert layer.asked == ["begin", "0+4", "begin", "recount", *BY_IDS, "count"]


def test_a_failure_that_no_strategy_helps_against_ends_the_load_at_once() -> None:
    layer = Layer()
    layer.scripted = [PermanentError("epa", "gone")]

    with pytest.raises(PermanentError, match="gone"):
        layer.read()

    assert layer.asked == ["begin", "0+4"]
    assert gc.isenabled()
