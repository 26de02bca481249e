"""The newest files come first, and months that are not reached are not listed."""

from bisect import bisect_left
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any, cast

import pytest

from include.publishing.newest import newest_first
from include.publishing.store import Store

# The last seven days are those from 18 November on.
NOW = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)


class Names:
    """A container's file names, and what was listed of them.

    Attributes:
        prefixes: The prefixes that were listed, in order.
        listed: The number of names that the lists had.
    """

    def __init__(self, names: Iterable[str]) -> None:
        self._names = sorted(names)
        self.prefixes: list[str] = []
        self.listed = 0

    def list(self, container: str, prefix: str = "") -> dict[str, dict[str, str]]:
        assert container == "versions"
        start = bisect_left(self._names, prefix)
        found = self._names[start : bisect_left(self._names, f"{prefix}\uffff", lo=start)]
        self.prefixes.append(prefix)
        self.listed += len(found)
        return {name: {"name": name} for name in found}


def named(*days: str) -> list[str]:
    return [f"{day}T120000Z-abc.json" for day in days]


def newest(names: Names, count: int | None = None, **options: Any) -> list[str]:
    found = newest_first(cast("Store", names), "versions", options.pop("now", NOW), **options)
    return [path for path, _ in islice(found, count)]


@pytest.mark.parametrize(
    ("now", "days"),
    [
        # Tomorrow's, as clocks differ; one of today, of each border, of months before, of 2025.
        (NOW, "20261125 20261124 20261118 20261117 20261101 20261031 20260703 20251231 20250107"),
        # The last seven days reach into the month before.
        (datetime(2026, 3, 3, 1, tzinfo=UTC), "20260304 20260301 20260226 20260225 20260224"),
        # The week begins on the first day of a month.
        (datetime(2026, 3, 7, 1, tzinfo=UTC), "20260308 20260307 20260301 20260228 20260131"),
        # The week crosses a year.
        (datetime(2026, 1, 2, 1, tzinfo=UTC), "20260103 20260101 20251227 20251226 20251130"),
        (datetime(2025, 1, 10, 1, tzinfo=UTC), "20250110 20250104 20250103 20250101"),
    ],
)
def test_each_file_comes_once_the_newest_first(now: datetime, days: str) -> None:
    expected = named(*days.split())
    assert newest(Names(expected), now=now) == expected


def test_files_of_one_day_are_sorted_by_their_times_and_bring_their_metadata() -> None:
    names = [f"20261124T{time}Z-abc.json" for time in ("090000", "142700", "000000")]
    found = list(newest_first(cast("Store", Names(names)), "versions", NOW))
    assert found == [(name, {"name": name}) for name in sorted(names, reverse=True)]


def test_only_the_files_of_the_folder_that_begin_with_a_time_are_found() -> None:
    inside = named("20261124", "20261001")
    others = ["hold", "review", "watch/behind", "writes/epa", *named("20261123")]
    names = Names([*(f"promotions/{name}" for name in inside), *others])
    assert newest(names, folder="promotions/") == [f"promotions/{name}" for name in inside]
    assert newest(names) == named("20261123")


def test_a_month_is_listed_only_when_it_is_reached() -> None:
    days = named("20261124", "20261123", "20261102", "20260915")

    names = Names(days)
    assert newest(names, 1) == days[:1]
    assert names.prefixes == ["20261125", "20261124"]

    names = Names(days)
    assert newest(names, 3) == days[:3]
    week = [f"{NOW - timedelta(days=back):%Y%m%d}" for back in range(-1, 7)]
    assert names.prefixes == [*week, "202611"]

    names = Names(days)
    assert newest(names, 4) == days
    assert names.prefixes == [*week, "202611", "202610", "202609"]


def test_without_any_file_the_months_since_the_fires_are_listed() -> None:
    names = Names([])
    assert newest(names) == []
    assert len(names.prefixes) == 8 + 23
    assert names.prefixes[-1] == "202501"


def test_a_hundred_thousand_old_files_are_not_listed_to_find_the_newest() -> None:
    since = datetime(2025, 1, 8, tzinfo=UTC)
    step = (NOW - since) / 100_000
    names = Names(f"{since + step * number:%Y%m%dT%H%M%SZ}-{number}" for number in range(100_000))

    assert newest(names, 1) == ["20261124T145007Z-99999"]
    assert names.listed < 200, "a day"

    names.listed = 0
    newest(names, 500)
    assert names.listed < 1_000
