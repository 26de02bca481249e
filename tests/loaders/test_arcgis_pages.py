"""Properties of the page planner: whatever the numbers, every row is requested exactly once."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from include.loaders.arcgis.pages import (
    IdPage,
    OffsetPage,
    PageSize,
    id_pages,
    offset_pages,
)

totals = st.integers(0, 50_000)
sizes = st.integers(1, 5_000)
id_sets = st.sets(st.integers(-(2**62), 2**62), max_size=200)


@given(totals, sizes)
def test_offset_pages_are_every_row_once_and_in_order(total: int, size: int) -> None:
    pages = list(offset_pages(total, size))
    ends = [page.start + page.counted for page in pages]
    assert [page.start for page in pages] == [0, *ends][: len(pages)]
    assert ends[-1] == total
    assert all(page.counted > 0 for page in pages) or total == 0
    assert all(page.counted <= page.size == size for page in pages)


@given(id_sets, sizes)
def test_id_pages_are_every_id_once_and_in_order(ids: set[int], size: int) -> None:
    pages = list(id_pages(np.array(sorted(ids), dtype=np.int64), size))
    assert [int(number) for page in pages for number in page.ids] == sorted(ids)
    assert all(0 < len(page.ids) <= size for page in pages)


@given(st.one_of(st.none(), st.integers(-5, 10_000)), st.integers(1, 10_000))
def test_a_page_is_never_larger_than_the_servers_cap(wanted: int | None, cap: int) -> None:
    assert 1 <= PageSize(wanted, cap).rows <= cap


@given(st.integers(0, 1_000), st.integers(1, 1_000), st.lists(st.integers(1, 100), max_size=60))
def test_the_rest_of_a_page_begins_where_a_short_answer_ended(
    start: int, size: int, answers: list[int]
) -> None:
    page: OffsetPage | None = OffsetPage(start, size + 7, size)
    position = start
    for received in answers:
        if page is None:
            break
        assert page.start == position
        assert page.start + page.counted == start + size
        assert page.size == page.counted + 7
        position += received
        page = page.rest(received)
    assert (page is None) == (position >= start + size)


@given(id_sets.filter(bool), id_sets)
def test_the_rest_of_an_id_page_is_the_ids_that_were_not_received(
    ids: set[int], received: set[int]
) -> None:
    page = IdPage(np.array(sorted(ids), dtype=np.int64))
    rest = page.rest(np.array(sorted(received), dtype=np.int64))
    assert (set() if rest is None else {int(number) for number in rest.ids}) == ids - received
