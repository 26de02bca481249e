"""One page of a layer: its rows are requested again until they are there, or missing for good."""

from dataclasses import replace

import numpy as np
import pytest

from include.loaders import IncompleteError, OverloadedError, TransientError
from include.loaders.arcgis.pages import (
    IdPage,
    OffsetPage,
    PageSize,
    read_after,
    read_by_ids,
    read_by_offset,
)
from tests.loaders.scripted_layer import ALL, Layer, page


def read(layer: Layer, what: OffsetPage | IdPage, size: PageSize | None = None) -> list[int]:
    """The ids of one page."""
    size = size or PageSize(None, 4)
    if isinstance(what, OffsetPage):
        found = read_by_offset(layer, page, size, what)  # type: ignore[arg-type]
    else:
        found = read_by_ids(layer, page, size, what)  # type: ignore[arg-type]
    ids: list[int] = found.ids.tolist()
    return ids


def test_the_rows_that_a_short_page_leaves_out_are_requested_by_offset() -> None:
    layer = Layer()
    layer.scripted = [[5, 6], [], [7]]

    assert read(layer, OffsetPage(4, 4, 4)) == [5, 6, 7, 8]
    assert layer.asked == ["4+4", "6+2", "6+2", "7+1"]
    assert layer.pauses == [1.0]
    assert layer.tries == [1] * 4


def test_the_last_page_is_requested_in_full_because_the_count_may_be_too_low() -> None:
    layer = Layer()

    assert read(layer, OffsetPage(8, 4, 1)) == [9, 10]
    assert read(layer, OffsetPage(10, 4, 0)) == []
    assert layer.asked == ["8+4", "10+4"]
    assert layer.pauses == []


def test_answers_that_stay_empty_are_given_up() -> None:
    layer = Layer(count=5_000)
    layer.scripted = [[], [], []]

    with pytest.raises(IncompleteError) as failure:
        read(layer, OffsetPage(2_000, 2_000, 1_500), PageSize(None, 2_000))

    assert failure.value.reason == (
        "the count includes 1,500 rows from row 2,000 on, but the answer is empty "
        "(requested 3 times)"
    )
    assert layer.pauses == [1.0, 2.0]


def test_ids_that_a_range_leaves_out_are_requested_as_a_list() -> None:
    layer = Layer()
    layer.scripted = [[1, 4, 9], [], [3, 8]]

    assert read(layer, IdPage(np.array([1, 2, 3, 4]))) == [1, 2, 3, 4]
    assert layer.asked == [
        *("FID >= 1 AND FID <= 4", "list [2, 3]", "list [2, 3]", "list [2]"),
    ]
    assert layer.pauses == [1.0]


def test_ids_that_stay_missing_are_left_out() -> None:
    layer = Layer(1, 3)

    assert read(layer, IdPage(np.array([1, 2, 3]))) == [1, 3]
    assert layer.asked == ["FID >= 1 AND FID <= 3", *["list [2]"] * 3]
    assert layer.pauses == [1.0, 2.0, 4.0]


def test_the_rows_above_an_id_leave_out_those_below() -> None:
    layer, size = Layer(), PageSize(None, 4)

    def after(last: int | None) -> list[int] | None:
        found = read_after(layer, page, size, last)  # type: ignore[arg-type]
        return None if found is None else found.ids.tolist()

    layer.scripted = [[2, 1], [8, 9, 11, 10], [], []]
    assert [after(None), after(9), after(None), after(9)] == [[1, 2], [10, 11], None, None]
    assert layer.tries == [3, None, None, None]
    layer.scripted = [[8, 9]]
    with pytest.raises(IncompleteError) as failure:
        after(9)
    assert failure.value.reason == "rows above FID 9 were requested, but others were received"


@pytest.mark.parametrize(
    ("wanted", "cap", "size"),
    [
        *((None, 4, 4), (0, 4, 4), (3, 4, 3), (9, 4, 4), (-2, 4, 1)),
        *((None, 2**31, 10_000), (50_000, 2**31, 50_000)),
    ],
)
def test_a_page_has_the_wanted_size_within_the_cap(wanted: int | None, cap: int, size: int) -> None:
    assert PageSize(wanted, cap).rows == size


@pytest.mark.parametrize("size", [2, 3])
def test_the_wanted_size_of_a_page_is_requested(size: int) -> None:
    layer = Layer()
    layer.options = replace(layer.options, page_size=size)

    assert layer.read() == ALL
    assert layer.asked[1:3] == [f"0+{size}", f"{size}+{size}"]


def fails_above(layer: Layer, most: int) -> None:
    """Let the server fail at requests for more than `most` rows."""
    layer.fails = lambda asked, ids: (int(asked.split("+")[1]) if "+" in asked else len(ids)) > most


def test_a_server_that_fails_at_a_page_is_asked_for_half_and_the_size_is_remembered() -> None:
    layer, size = Layer(*range(1, 41), page_cap=16), PageSize(None, 16)
    fails_above(layer, 4)

    assert read(layer, OffsetPage(0, 16, 16), size) == list(range(1, 17))
    assert layer.asked == [
        *("0+16", "0+1", "0+16", "0+1", "0+8", "0+1", "0+8", "0+1"),
        *("0+4", "4+4", "8+4", "12+4"),
    ]
    assert layer.tries == [1, 3, 1, 3, 1, 3, 1, 3, 1, 1, 1, 1]
    layer.asked.clear()
    assert read(layer, OffsetPage(16, 16, 16), size) == list(range(17, 33))
    assert layer.asked == ["16+4", "20+4", "24+4", "28+4"]


def test_a_server_that_fails_at_a_list_of_ids_is_asked_for_half() -> None:
    layer, size = Layer(*range(1, 41), page_cap=16), PageSize(None, 16)
    fails_above(layer, 8)

    assert read(layer, IdPage(np.arange(1, 17)), size) == list(range(1, 17))
    assert layer.asked[-2:] == ["FID >= 1 AND FID <= 8", "FID >= 9 AND FID <= 16"]
    layer.asked.clear()
    layer.scripted = [[]]
    assert read(layer, IdPage(np.arange(1, 9)), size) == list(range(1, 9))
    assert layer.asked == ["FID >= 1 AND FID <= 8", "list [1, 2, 3, 4, 5, 6, 7, 8]"]


def test_a_server_that_is_down_for_a_while_is_waited_for_and_its_pages_stay_as_large() -> None:
    layer, size = Layer(), PageSize(None, 4)
    down = OverloadedError("epa", "HTTP status 500")

    assert read(layer, OffsetPage(0, 4, 4), size) == [1, 2, 3, 4]
    layer.scripted = [down]
    assert read(layer, OffsetPage(4, 4, 4), size) == [5, 6, 7, 8]
    assert layer.asked == ["0+4", "4+4", "4+1", "4+4"]
    assert layer.tries == [1, 1, None, 1]


@pytest.mark.parametrize(("has_answered", "tries"), [(True, None), (False, 3)])
def test_a_server_that_fails_at_a_single_row_is_waited_for_once_if_it_has_answered_before(
    has_answered: bool, tries: int | None
) -> None:
    layer, size = Layer(), PageSize(None, 4)
    size.has_answered = has_answered
    layer.fails = lambda _asked, _ids: True

    for limit in (tries, 3):
        with pytest.raises(OverloadedError) as failure:
            read(layer, OffsetPage(4, 4, 4), size)
        assert layer.tries == [1, limit]
        assert failure.value.reason == "HTTP status 500, even for a single row"
        layer.tries.clear()
    assert size.rows == 4


def test_other_failures_are_not_answered_with_smaller_pages() -> None:
    layer = Layer()
    layer.scripted = [TransientError("epa", "busy")]

    with pytest.raises(TransientError, match="busy"):
        read(layer, OffsetPage(0, 4, 4))
    assert layer.asked == ["0+4"]


def test_pages_of_one_row_need_no_second_look() -> None:
    layer, size = Layer(), PageSize(1, 4)
    layer.scripted = [OverloadedError("epa", "HTTP status 500")]

    assert read(layer, OffsetPage(4, 1, 1), size) == [5]
    assert layer.asked == ["4+1", "4+1"]
    assert size.rows == 1


def test_a_row_between_listed_ones_that_is_not_listed_is_not_left_out() -> None:
    layer = Layer()

    with pytest.raises(IncompleteError, match="rows that it does not list, first FID 3"):
        read(layer, IdPage(np.array([1, 2, 4])))
