"""One page of a layer: its rows are asked for again until they are there, or missing for good."""

from dataclasses import replace

import numpy as np
import pytest

from include.loaders import IncompleteError
from include.loaders.arcgis.reader import (
    IdPage,
    OffsetPage,
    page_size,
    read_after,
    read_by_ids,
    read_by_offset,
)
from tests.loaders.scripted_layer import ALL, Layer, page


def read(layer: Layer, what: OffsetPage | IdPage) -> list[int]:
    """The ids of one page."""
    if isinstance(what, OffsetPage):
        found = read_by_offset(layer, page, what)  # type: ignore[arg-type]
    else:
        found = read_by_ids(layer, page, what)  # type: ignore[arg-type]
    ids: list[int] = found.ids.tolist()
    return ids


def test_the_rows_that_a_short_page_leaves_out_are_requested_by_offset() -> None:
    layer = Layer()
    layer.scripted = [[5, 6], [], [7]]

    assert read(layer, OffsetPage(4, 4)) == [5, 6, 7, 8]
    assert layer.asked == ["4+4", "6+2", "6+2", "7+1"]
    assert layer.pauses == [1.0]


def test_the_whole_layer_is_requested_with_paging_after_an_empty_answer() -> None:
    layer = Layer(1, 2, 3)
    layer.scripted = [[], [1]]

    assert read(layer, OffsetPage(0, 3)) == [1, 2, 3]
    assert layer.asked == ["all", "0+3", "1+2"]


def test_the_rest_of_a_short_answer_for_the_whole_layer_is_requested_with_paging() -> None:
    layer = Layer(1, 2, 3)
    layer.scripted = [[1]]

    assert read(layer, OffsetPage(0, 3)) == [1, 2, 3]
    assert layer.asked == ["all", "1+2"]


def test_answers_that_stay_empty_are_given_up() -> None:
    layer = Layer(count=5_000)
    layer.scripted = [[], [], []]

    with pytest.raises(IncompleteError) as failure:
        read(layer, OffsetPage(2_000, 1_500))

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
    layer = Layer()

    def after(last: int | None) -> list[int] | None:
        found = read_after(layer, page, last)  # type: ignore[arg-type]
        return None if found is None else found.ids.tolist()

    layer.scripted = [[2, 1], [8, 9, 11, 10], [], []]
    assert [after(None), after(9), after(None), after(9)] == [[1, 2], [10, 11], None, None]
    layer.scripted = [[8, 9]]
    with pytest.raises(IncompleteError) as failure:
        after(9)
    assert failure.value.reason == "rows above FID 9 were requested, but others were received"


@pytest.mark.parametrize(
    ("wanted", "cap", "size"), [(None, 4, 4), (0, 4, 4), (3, 4, 3), (9, 4, 4), (-2, 4, 1)]
)
def test_a_page_has_the_wanted_size_within_the_cap(wanted: int | None, cap: int, size: int) -> None:
    assert page_size(wanted, cap) == size


@pytest.mark.parametrize("size", [2, 3])
def test_the_wanted_size_of_a_page_is_requested(size: int) -> None:
    layer = Layer()
    layer.options = replace(layer.options, page_size=size)

    assert layer.read() == ALL
    assert layer.asked[1:3] == [f"0+{size}", f"{size}+{size}"]
