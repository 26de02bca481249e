"""The log of promotions: which version became public when, the newest first."""

from datetime import datetime, timedelta

from include.publishing.names import VERSIONS_CONTAINER
from include.publishing.promotion_log import Promotion, last_promotion, log_promotion, promotions
from include.publishing.store import Place, Store
from include.publishing.versions import Version
from tests.publishing.samples import NOW, file, metric, publish

FIRST, SECOND = "20261124T140000Z-aaa", "20261124T143000Z-bbb"


def version(name: str, **changes: str) -> Version:
    return Version(name, "f" * 64, run="run 1", audit="valid", **changes)


def logged(store: Store, now: datetime = NOW) -> list[tuple[datetime, str, str]]:
    return [(one.at, one.version.version, one.version.decided_by) for one in promotions(store, now)]


def test_a_promotion_is_an_empty_file_that_names_its_time_and_version(store: Store) -> None:
    promoted = version(FIRST, decided_by="Ada", reason="Übergabe, 50 % mehr")
    log_promotion(store, Promotion(NOW, promoted))

    path = f"promotions/20261124T150000Z-{FIRST}"
    assert store.list(VERSIONS_CONTAINER) == {path: promoted.as_metadata()}
    assert store.need(Place(VERSIONS_CONTAINER, path)).content == b""
    assert last_promotion(store, NOW) == Promotion(NOW, promoted)


def test_promotions_are_sorted_by_their_time_and_not_by_their_version(store: Store) -> None:
    days = timedelta(days=1)
    log_promotion(store, Promotion(NOW - 40 * days, version(FIRST)))
    log_promotion(store, Promotion(NOW - days, version(SECOND)))
    log_promotion(store, Promotion(NOW, version(FIRST, decided_by="Ada")))

    assert logged(store) == [
        (NOW, FIRST, "Ada"),
        (NOW - days, SECOND, ""),
        (NOW - 40 * days, FIRST, ""),
    ]


def test_before_the_first_promotion_there_is_none(store: Store) -> None:
    assert last_promotion(store, NOW) is None


def test_a_file_that_describes_no_version_is_passed_over(store: Store) -> None:
    log_promotion(store, Promotion(NOW - timedelta(hours=1), version(FIRST)))
    store.write(Place(VERSIONS_CONTAINER, f"promotions/20261124T150000Z-{SECOND}"), b"")
    assert [name for _, name, _ in logged(store)] == [FIRST]


def test_a_version_that_is_restored_is_logged_again_with_who_restored_it(store: Store) -> None:
    old, new = file(metric("a", 1)), file(metric("a", 2))
    publish(store, old, FIRST, at=NOW)
    publish(store, new, SECOND, at=NOW + timedelta(minutes=30))
    publish(store, old, FIRST, at=NOW + timedelta(minutes=40), decided_by="Grace")
    assert [(name, who) for _, name, who in logged(store)] == [
        (FIRST, "Grace"),
        (SECOND, ""),
        (FIRST, ""),
    ]


def test_a_promotion_reads_as_a_sentence() -> None:
    assert (
        str(Promotion(NOW, version(FIRST)))
        == f"The version {FIRST} is public since Tue Nov 24, 7:00 AM PST"
    )
