"""The versions on the page Publication: when public, for how long, and what they changed."""

from datetime import UTC, datetime, timedelta

import pytest

from include.publishing.names import PROMOTIONS, VERSIONS_CONTAINER, version_file
from include.publishing.promotion_log import Promotion
from include.publishing.store import Place
from include.publishing.versions import PUBLISHED, Version
from include.ui.publication import read_publication
from include.ui.versions import MOST_VERSIONS, PublicVersion, by_day
from tests.publishing.memory_store import MemoryStore
from tests.publishing.samples import NOW, file, metric, publish

HOUR = timedelta(hours=1)


def name(hours_ago: float) -> str:
    """The name of a version that was made then."""
    return f"{NOW - HOUR * hours_ago:%Y%m%dT%H%M%SZ}-{'0' * 12}"


def serve(store: MemoryStore, hours_ago: float, value: float, *, made: float | None = None) -> None:
    """Promote a version with one metric, made some hours ago."""
    content = file(metric("schools_resumed", value))
    publish(store, content, name(made or hours_ago), at=NOW - HOUR * hours_ago)
    store.backdate(PUBLISHED, NOW - HOUR * hours_ago)


def versions(store: MemoryStore) -> tuple[PublicVersion, ...]:
    return read_publication(store, NOW).versions


def steps(version: PublicVersion) -> list[str] | None:
    return None if version.changes is None else [str(one).split(" (")[0] for one in version.changes]


def test_each_version_has_its_time_its_duration_and_the_values_that_it_changed(
    store: MemoryStore,
) -> None:
    serve(store, 30, 6)
    serve(store, 6, 7)
    serve(store, 2, 8)
    newest, middle, first = versions(store)
    assert [one.made_at for one in (newest, middle)] == [NOW - 2 * HOUR, NOW - 6 * HOUR]
    assert [one.public_until for one in (newest, middle)] == [None, NOW - 2 * HOUR]
    assert [one.public_for(NOW) for one in (newest, middle, first)] == [
        2 * HOUR,
        4 * HOUR,
        24 * HOUR,
    ]
    assert [one.is_public for one in (newest, middle, first)] == [True, False, False]
    assert [steps(one) for one in (newest, middle, first)] == [
        ["schools_resumed: 7 → 8"],
        ["schools_resumed: 6 → 7"],
        None,
    ]
    assert [len(one.if_restored) for one in (newest, middle, first)] == [0, 1, 1]
    assert str(first.if_restored[0]).startswith("schools_resumed: 8 → 6")


def test_a_newer_time_alone_is_no_changed_value(store: MemoryStore) -> None:
    serve(store, 6, 8_756)
    content = file(metric("schools_resumed", 8_756, LAST_UPDATED="2026-11-23T12:00:00Z"))
    publish(store, content, name(2), at=NOW - 2 * HOUR)
    newest, first = versions(store)
    assert newest.changes == ()
    assert first.if_restored == ()


def test_after_a_restore_a_version_can_be_newer_than_the_public_one(store: MemoryStore) -> None:
    serve(store, 6, 7)
    serve(store, 3, 9)
    serve(store, 1, 7, made=6)
    restored, newer, first = versions(store)
    assert [one.is_public for one in (restored, newer, first)] == [True, False, False]
    assert [one.is_newer for one in (restored, newer, first)] == [False, True, False]
    assert restored.made_at == first.made_at == NOW - 6 * HOUR
    assert restored.public_at == NOW - HOUR
    assert steps(restored) == ["schools_resumed: 9 → 7"]
    assert first.if_restored == (), "it is public again"


def test_a_promotion_that_was_not_logged_is_there_too(store: MemoryStore) -> None:
    serve(store, 6, 7)
    serve(store, 2, 8)
    newest = store.list(VERSIONS_CONTAINER, PROMOTIONS)
    store.delete(Place(VERSIONS_CONTAINER, max(newest)))
    served, first = versions(store)
    assert (served.version.version, served.is_public) == (name(2), True)
    assert served.public_at == NOW - 2 * HOUR
    assert first.public_until == NOW - 2 * HOUR


def test_without_the_public_file_no_version_is_public_and_each_can_be_restored(
    store: MemoryStore,
) -> None:
    serve(store, 6, 7)
    serve(store, 2, 8)
    store.delete(PUBLISHED)
    found = read_publication(store, NOW)
    assert [one.is_public for one in found.versions] == [False, False]
    assert [one.is_newer for one in found.versions] == [False, False]
    assert [[str(each) for each in one.if_restored] for one in found.versions] == [
        ["schools_resumed: none → 8"], ["schools_resumed: none → 7"]
    ]  # fmt: skip
    assert found.other_version == name(2)


def test_the_version_to_restore_is_the_newest_that_is_not_public(store: MemoryStore) -> None:
    assert read_publication(store, NOW).other_version == ""
    serve(store, 6, 7)
    assert read_publication(store, NOW).other_version == ""
    serve(store, 2, 8)
    assert read_publication(store, NOW).other_version == name(6)


@pytest.mark.parametrize("content", [None, b"no JSON"])
def test_a_version_whose_file_is_gone_or_invalid_is_marked(
    content: bytes | None, store: MemoryStore
) -> None:
    for hours, value in ((9, 6), (6, 7), (2, 8)):
        serve(store, hours, value)
    place = Place(VERSIONS_CONTAINER, version_file(name(6)))
    store.delete(place)
    if content is not None:
        store.write(place, content)
    newest, broken, first = versions(store)
    assert [one.is_readable for one in (newest, broken, first)] == [True, False, True]
    assert (newest.changes, broken.changes) == (None, None)
    assert broken.if_restored == ()


@pytest.mark.parametrize("days", [0.1, 2, 40])
def test_the_last_ten_are_shown_however_often_versions_are_published(
    days: float, store: MemoryStore
) -> None:
    for number in range(14):
        serve(store, days * 24 * (14 - number) / 14, number)
    found = versions(store)
    assert len(found) == MOST_VERSIONS
    assert [steps(one) for one in found] == [
        [f"schools_resumed: {number - 1} → {number}"] for number in range(13, 3, -1)
    ]


def test_a_version_of_long_ago_is_found_if_it_is_the_last_one(store: MemoryStore) -> None:
    serve(store, 24 * 400, 7)
    [only] = versions(store)
    assert only.public_for(NOW) == timedelta(days=400)
    assert read_publication(store, NOW).public_file.faults == ()


def test_promotions_by_a_clock_that_is_ahead_are_listed_across_the_end_of_a_month(
    store: MemoryStore,
) -> None:
    december = datetime(2026, 12, 1, tzinfo=UTC)
    for second in (-10, 1, 2):
        at = december + timedelta(seconds=second)
        content = file(metric("schools_resumed", 20 + second))
        publish(store, content, f"{at:%Y%m%dT%H%M%SZ}-{'0' * 12}", at=at)
    found = read_publication(store, december - timedelta(seconds=5)).versions
    assert [one.public_at.second for one in found] == [2, 1, 50]


def test_of_a_quiet_year_the_page_lists_the_months_until_a_promotion_is_found(
    store: MemoryStore,
) -> None:
    serve(store, 24 * 400, 6)
    serve(store, 24 * 60, 7)
    [newest] = versions(store)
    assert newest.version.version == name(24 * 60)


def test_the_last_promotion_of_each_day_in_california_counts() -> None:
    version = Version("v1", "", "", "")
    # Midnight in California is 8 a.m. in UTC.
    hours = (23, 9, 7, 1)
    logged = [Promotion(datetime(2026, 11, 24, hour, tzinfo=UTC), version) for hour in hours]
    assert by_day(logged) == [logged[0], logged[2]]
