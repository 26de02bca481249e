"""How a layer is read: which strategies are tried, and what is refused."""

import gc
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from include.loaders import (
    IncompleteError,
    OverloadedError,
    PermanentError,
    QueryRefusedError,
)
from include.loaders.arcgis.reader import (
    LayerReader,
)
from include.loaders.report import Notes
from tests.loaders.scripted_layer import ALL, EDITED, Layer

PAGES = ["0+4", "4+4", "8+4"]
BY_OFFSET = ["begin", *PAGES, "ids"]
BY_IDS = ["ids", "FID >= 1 AND FID <= 4", "FID >= 5 AND FID <= 8", "FID >= 9 AND FID <= 10"]
CHECKED = [*BY_IDS, "ids"]


def test_a_layer_that_pages_is_read_by_offset_and_compared_with_its_ids() -> None:
    layer = Layer()

    assert layer.read() == ALL
    assert layer.asked == BY_OFFSET
    assert not layer.is_cached
    assert layer.progress == [(4, 10), (8, 10), (10, 10)]
    assert layer.notes.sentences() == ()


@pytest.mark.parametrize("can_page", [True, False])
def test_a_layer_of_one_page_is_read_at_once_and_compared_with_its_ids(can_page: bool) -> None:
    layer = Layer(3, 5, 6, can_page=can_page)

    assert layer.read() == [3, 5, 6]
    assert layer.asked == ["begin", "all", "ids"]


@pytest.mark.parametrize("rows", [5, 9])
def test_a_count_that_is_too_low_truncates_nothing(rows: int) -> None:
    layer = Layer(*range(1, rows + 1), count=3)
    layer.real_cap, layer.more = 4, True

    assert layer.read() == ALL[:rows]
    assert layer.asked[:5] == ["begin", "all", "ids", "begin", "recount"]


def test_rows_beyond_the_count_are_read_with_the_last_page() -> None:
    layer = Layer(count=9)

    assert layer.read() == ALL
    assert layer.asked == ["begin", *PAGES, "ids", "count"]


def test_the_only_page_of_a_layer_that_counts_more_rows_than_it_answers_is_not_enough() -> None:
    layer = Layer(1, 2, count=3)
    layer.counts = [3] * 9
    layer.recount = lambda: None  # type: ignore[method-assign]

    with pytest.raises(IncompleteError, match=r"expected 3 rows, found 2"):
        layer.read()


def test_a_row_that_is_deleted_while_another_is_added_hides_no_third_one() -> None:
    layer = Layer()
    layer.scripted = [[1, 2, 3, 4], [6, 7, 8, 9], [10, 11]]
    layer.ids = [*range(2, 12)]

    assert layer.read() == layer.ids
    assert layer.asked[:7] == [*BY_OFFSET, "begin", "recount"]
    assert layer.asked[7] == "ids"
    assert layer.reasons == [
        "rows moved while they were read: of the 10 rows that the layer lists, 1 were not "
        "received, and 1 others were"
    ]


def test_a_reader_has_the_schema_of_its_rows() -> None:
    reader = LayerReader(Layer(), (), Notes())  # type: ignore[arg-type]

    assert reader.schema.names == ["FID", "GEOMETRY"]


def test_a_layer_that_counts_no_rows_is_asked_for_one_page() -> None:
    layer = Layer()
    layer.ids, layer.info = [], replace(layer.info, count=0)

    assert layer.read() == []
    assert layer.asked == ["begin", "all", "ids"]
    layer.ids, layer.asked = [7, 8], []
    assert layer.read() == [7, 8]
    assert layer.asked == ["begin", "all", "ids", "count"]


def test_an_answer_of_yesterday_with_as_many_rows_is_not_enough() -> None:
    layer = Layer(2, 3, 4)
    layer.scripted = [[1, 2, 3]]

    assert layer.read() == [2, 3, 4]
    assert layer.asked[:5] == ["begin", "all", "ids", "begin", "recount"]


@pytest.mark.parametrize("info", [{"can_page": False}, {"count": None}])
def test_a_layer_that_cannot_be_paged_is_read_by_its_ids(info: dict[str, Any]) -> None:
    layer = Layer(**info)

    assert layer.read() == ALL
    assert layer.asked == ["begin", *CHECKED, *(["count"] if "count" in info else [])]


def test_a_layer_without_ids_is_read_from_one_id_to_the_next() -> None:
    layer = Layer(can_page=False)
    layer.lists_ids = False

    assert layer.read() == ALL
    assert layer.asked == [
        *("begin", "ids", "begin", "recount"),
        *("FID IS NOT NULL", "FID > 4", "FID > 8", "FID > 10"),
        *("ids", "count"),
    ]
    assert layer.reasons == ["the layer does not list its object ids"]


def test_ids_are_listed_twice_before_the_layer_is_given_up() -> None:
    layer = Layer(can_page=False)
    layer.listed = [ALL, [*ALL, 11], ALL, [*ALL[1:], 12]]

    with pytest.raises(IncompleteError) as failure:
        layer.read()

    assert failure.value.reason == (
        "rows moved while they were read: of the 10 rows that the layer lists, 1 were not "
        "received, and 1 others were"
    )
    again = ["begin", "recount", *CHECKED]
    assert layer.asked == ["begin", *CHECKED, *again]


def test_a_layer_that_counts_more_rows_than_it_has_is_refused() -> None:
    layer = Layer()
    layer.counts = [1_200] * 3
    layer.recount = lambda: None  # type: ignore[method-assign]
    layer.info = replace(layer.info, count=1_200, can_page=False)
    with pytest.raises(IncompleteError, match=r"^epa: expected 1,200 rows, found 10"):
        layer.read()


def test_a_layer_without_a_count_is_compared_with_its_ids() -> None:
    layer = Layer(count=None)
    layer.counts = [None]

    assert layer.read() == ALL
    assert layer.asked == ["begin", *CHECKED, "count", "outside"]


@pytest.mark.parametrize("can_page", [True, False])
@pytest.mark.parametrize("count", [None, 9])
def test_a_list_of_ids_that_the_count_does_not_confirm_may_be_cut(
    can_page: bool, count: int | None
) -> None:
    layer = Layer(count=count, can_page=can_page)
    layer.counts, layer.outside = [count] * 9, [11]
    layer.recount = lambda: None  # type: ignore[method-assign]

    with pytest.raises(IncompleteError, match="the layer lists 10 rows, but has more"):
        layer.read()


@pytest.mark.parametrize("can_page", [True, False])
def test_a_count_that_stays_too_low_is_noted_if_every_listed_row_was_received(
    can_page: bool,
) -> None:
    layer = Layer(count=9, can_page=can_page)
    layer.counts = [9]

    assert layer.read() == ALL
    assert layer.notes.sentences() == ("the layer counts 9 rows but lists and answers 10",)


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
        (
            [],
            "the count includes 2 rows from row 8 on, but the answer is empty (requested 3 times)",
        ),
    ],
)
def test_rows_by_offset_that_repeat_are_read_again_by_their_ids(
    last: list[int], reason: str
) -> None:
    layer = Layer()
    layer.scripted = [[1, 2, 3, 4], [5, 6, 7, 8], last, *([[], []] if not last else [])]

    assert layer.read() == ALL
    assert layer.asked[:4] == BY_OFFSET[:4]
    assert layer.asked[-6:] == ["begin", "recount", *CHECKED][-6:]
    assert layer.notes.sentences() == ()
    assert layer.reasons == [reason]


@pytest.mark.parametrize("edited", [None, EDITED], ids=["no edit is declared", "an edit is"])
def test_rows_that_were_deleted_while_they_were_read_are_not_loaded(
    edited: datetime | None,
) -> None:
    layer = Layer(count=11, edited_at=edited)
    layer.scripted = [[1, 2, 3, 4], [5, 6, 7, 8], [9, 10, 11]]
    check = ["ids", "edit"] if edited else ["ids"]

    assert layer.read() == ALL
    assert layer.asked == ["begin", *PAGES, *check, "begin", "recount", *CHECKED]


def test_a_layer_that_was_edited_while_it_was_paged_is_read_again_by_its_ids() -> None:
    layer = Layer(edited_at=EDITED)
    layer.edit = EDITED.replace(hour=1)

    assert layer.read() == ALL
    assert layer.asked == [*BY_OFFSET, "edit", "begin", "recount", *CHECKED]
    assert layer.reasons == ["the layer was edited while it was read"]


def test_pages_of_a_layer_without_ids_prove_nothing() -> None:
    """A row is deleted and another added: the count is right, but row 5 was on no page."""
    layer = Layer()
    layer.lists_ids = False
    layer.scripted = [[1, 2, 3, 4], [6, 7, 8, 9], [10, 11]]
    layer.ids = [*range(2, 12)]

    assert layer.read() == layer.ids
    assert layer.asked[:6] == [*BY_OFFSET, "count"]
    assert layer.reasons[0] == (
        "the layer does not list its object ids, so a row may have moved from one page to another "
        "unseen"
    )


def test_a_layer_without_ids_that_grows_faster_than_it_is_read_is_given_up() -> None:
    layer = Layer(can_page=False)
    layer.lists_ids = False
    layer.ids = list(range(1, 1_000))

    layer.recount = lambda: None  # type: ignore[method-assign]
    with pytest.raises(IncompleteError, match="counted 10 rows and answers with ever more"):
        layer.read()


def test_pages_of_a_layer_without_ids_that_announce_more_rows_are_not_enough() -> None:
    layer = Layer()
    layer.lists_ids, layer.more = False, True

    assert layer.read() == ALL
    assert layer.reasons[0] == "the layer counts 10 rows and announces more"
    assert layer.asked[-5:] == ["FID > 4", "FID > 8", "FID > 10", "ids", "count"]


def test_a_refused_query_is_followed_by_the_next_strategy() -> None:
    layer = Layer()
    layer.scripted = [QueryRefusedError("epa", "no paging")]

    assert layer.read() == ALL
    asked = [each for each in layer.asked if each != "4+4"]
    assert asked == ["begin", "0+4", "begin", "recount", *CHECKED]


def test_a_failure_that_no_strategy_helps_against_ends_the_load_at_once() -> None:
    layer = Layer()
    layer.scripted = [PermanentError("epa", "gone")]

    with pytest.raises(PermanentError, match="gone"):
        layer.read()

    assert layer.asked[:2] == ["begin", "0+4"]
    assert set(layer.asked[2:]) <= {"4+4"}
    assert gc.isenabled()


@pytest.mark.parametrize(
    ("fails", "asked"),
    [
        ("0+", [*CHECKED]),
        ("all", [*PAGES, "ids"]),
        (">=", ["0+4"]),
    ],
)
def test_a_kind_of_request_that_the_server_always_fails_at_is_replaced_by_another(
    fails: str, asked: list[str]
) -> None:
    layer = Layer(count=3 if fails == "all" else 10)
    layer.fails = lambda request, _: fails in request

    assert layer.read() == ALL
    assert [each for each in layer.asked if each in asked] == asked
    assert layer.pauses == []


def test_a_layer_without_ids_that_fails_at_paging_is_read_from_one_id_to_the_next() -> None:
    layer = Layer()
    layer.lists_ids = False
    layer.fails = lambda request, _: "+" in request

    assert layer.read() == ALL
    last = ["FID IS NOT NULL", "FID > 4", "FID > 8", "FID > 10", "ids", "count"]
    assert layer.asked[-6:] == last


def test_a_server_that_is_down_at_first_is_tried_again_by_every_strategy() -> None:
    layer = Layer()
    layer.options = replace(layer.options, retry_seconds=60.0)
    layer.fails = lambda _asked, _ids: len(layer.pauses) < 2

    assert layer.read() == ALL
    assert layer.pauses == [5.0, 10.0]
    assert layer.tries.count(None) == 0


def test_a_server_that_stays_down_is_given_up_after_the_time_for_retries() -> None:
    layer = Layer()
    layer.options = replace(layer.options, retry_seconds=40.0)
    layer.fails = lambda _asked, _ids: True

    with pytest.raises(OverloadedError):
        layer.read()
    assert layer.pauses == [5.0, 10.0, 20.0]


def test_the_time_that_requests_take_counts_as_well() -> None:
    layer = Layer()
    times = iter([0.0, 36.0])
    layer.options = replace(layer.options, retry_seconds=40.0, monotonic=lambda: next(times))
    layer.fails = lambda _asked, _ids: True

    with pytest.raises(OverloadedError):
        layer.read()
    assert layer.pauses == []


@pytest.mark.parametrize("fails", ["0+", "4+"])
def test_a_failure_that_may_pass_stays_one_although_the_next_kind_of_request_is_refused(
    fails: str,
) -> None:
    layer = Layer()
    layer.options = replace(layer.options, retry_seconds=0.0)

    def answer(asked: str, _: list[int]) -> bool:
        if ">=" in asked:
            raise QueryRefusedError("epa", "no ranges")
        return asked.startswith(fails)

    layer.fails = answer
    with pytest.raises(OverloadedError):
        layer.read()


def test_a_count_that_the_server_failed_at_leaves_the_load_worth_a_retry() -> None:
    layer = Layer(count=None)
    layer.options = replace(layer.options, retry_seconds=0.0)
    layer.failures = [OverloadedError("epa", "no count")]
    layer.lists_ids = False
    layer.scripted = [QueryRefusedError("epa", "no conditions")]

    with pytest.raises(OverloadedError, match="no count"):
        layer.read()
