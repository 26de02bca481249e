"""Properties of the page planner: whatever the numbers, every row is asked for exactly once."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from include.loaders.arcgis.pages import (
    IdPage,
    OffsetPage,
    id_pages,
    offset_pages,
    page_size,
)

totals = st.integers(0, 50_000)
sizes = st.integers(1, 5_000)
id_sets = st.sets(st.integers(-(2**62), 2**62), max_size=200)


@given(totals, sizes)
def test_offset_pages_are_every_row_once_and_in_order(total: int, size: int) -> None:
    pages = list(offset_pages(total, size))
    ends = [page.start + page.size for page in pages]
    assert [page.start for page in pages] == [0, *ends][: len(pages)]
    assert ([0, *ends])[-1] == total
    assert all(0 < page.size <= size for page in pages)


@given(id_sets, sizes)
def test_id_pages_are_every_id_once_and_in_order(ids: set[int], size: int) -> None:
    pages = list(id_pages(np.array(sorted(ids), dtype=np.int64), size))
    assert [int(one) for page in pages for one in page.ids] == sorted(ids)
    assert all(0 < len(page.ids) <= size for page in pages)


@given(st.one_of(st.none(), st.integers(-5, 10_000)), st.integers(1, 10_000))
def test_a_page_is_never_larger_than_the_servers_cap(wanted: int | None, cap: int) -> None:
    assert 1 <= page_size(wanted, cap) <= cap


@given(st.integers(0, 1_000), st.integers(1, 1_000), st.lists(st.integers(1, 100), max_size=60))
def test_short_answers_are_continued_where_they_ended(
    start: int, size: int, answers: list[int]
) -> None:
    page: OffsetPage | None = OffsetPage(start, size)
    asked = start
    for got in answers:
        if page is None:
            break
        assert page.start == asked
        assert page.start + page.size == start + size
        asked += got
        page = page.rest(got)
    assert (page is None) == (asked >= start + size)


@given(id_sets.filter(bool), id_sets)
def test_what_is_left_of_an_id_page_is_what_did_not_come(ids: set[int], came: set[int]) -> None:
    page = IdPage(np.array(sorted(ids), dtype=np.int64))
    rest = page.rest(np.array(sorted(came), dtype=np.int64))
    assert (set() if rest is None else {int(one) for one in rest.ids}) == ids - came
