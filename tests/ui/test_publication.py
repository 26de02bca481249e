"""The facts of the page Publication, from the storage account and the public address."""

from datetime import timedelta

import pytest

from include.publishing.contract import parse
from include.publishing.differences import Difference
from include.publishing.holds import Hold, set_hold
from include.publishing.public_file import PublicFile
from include.publishing.reconcile import Publishing
from include.publishing.released import compare, fingerprint
from include.publishing.reviews import Review, save_review
from include.publishing.store import Store
from include.publishing.versions import PUBLISHED
from include.ui.publication import (
    Publication,
    PublicMetric,
    read_publication,
)
from tests.incidents.sample_incidents import ALTERED, incident, over
from tests.publishing.memory_store import MemoryStore
from tests.publishing.samples import NOW, file, metric, publish, release
from tests.ui.conftest import save_incidents

HOUR = timedelta(hours=1)
HOLD = Hold("v1", "Pat", "the count doubled", NOW - 2 * HOUR, "manual 1", done=True)


def at_minute(number: int) -> str:
    """The name of a version of that minute."""
    return f"20261124T14{number:02}00Z-abc"


def changes(store: Store) -> dict[str, float | None]:
    """Each metric's change on the page."""
    return {one.metric.name: one.change for one in read_publication(store, NOW).metrics}


def test_before_the_first_publication_there_is_nothing_but_the_address(store: Store) -> None:
    assert read_publication(store, NOW) == Publication(
        PublicFile(not_yet=True),
        store.public_url(PUBLISHED),
        state=Publishing(compare({}, None, NOW), None, None, None),
    )


def test_everything_about_the_served_version_is_read(store: MemoryStore) -> None:
    old = file(metric("cleanup_phase1_complete", 9000), metric("schools", 8))
    new = file(
        metric("cleanup_phase1_complete", 9044),
        metric("schools", 8, LAST_UPDATED="2026-11-01T15:00:00Z"),
        metric("air", 3),
    )
    publish(store, old, at_minute(1))
    publish(store, new, at_minute(2), run="run 2", decided_by="Pat", reason="counted by hand")
    store.backdate(PUBLISHED, NOW - HOUR)
    set_hold(store, HOLD)
    is_open = incident()
    save_incidents(store, is_open, over(incident(ALTERED), HOUR))

    found = read_publication(store, NOW)

    cleanup, schools, air = parse(new, NOW)
    late = "schools should change daily and was last updated Sun Nov 1, 7:00 AM PST."
    assert (found.public_file.faults, found.public_file.late) == ((), {"schools": late})
    assert found.url == store.public_url(PUBLISHED)
    assert found.served is not None
    assert (found.served.version, found.served.run) == (at_minute(2), "run 2")
    assert (found.served.decided_by, found.served.reason) == ("Pat", "counted by hand")
    assert found.served_at == NOW - HOUR
    assert found.metrics == (
        PublicMetric(cleanup, 44.0, 3 * HOUR, is_late=False, source="epa"),
        PublicMetric(schools, 0.0, timedelta(days=23), is_late=True, source="airtable"),
        PublicMetric(air, None, 3 * HOUR, is_late=False, source="airtable"),
    )
    [earlier] = found.earlier
    assert earlier.version.version == at_minute(1)
    assert set(earlier.differences) == {
        Difference("air", 3.0, None, "vanished"),
        Difference("cleanup_phase1_complete", 9044.0, 9000.0, "fell, and should not"),
    }
    assert found.state is not None
    assert found.state.hold == HOLD
    assert found.stopped_by == str(HOLD)
    assert found.incidents == (is_open,)


def test_changes_are_those_since_the_newest_earlier_version(store: MemoryStore) -> None:
    for number, value in ((1, 10), (2, 20)):
        publish(store, file(metric("schools", value)), at_minute(number))
    assert changes(store) == {"schools": 10.0}
    publish(store, file(metric("schools", 17)), at_minute(3))
    assert changes(store) == {"schools": -3.0}


def test_the_first_version_has_no_changes(store: MemoryStore) -> None:
    publish(store, file(metric("schools", 10)), at_minute(1))
    assert changes(store) == {"schools": 0.0}


def test_ten_earlier_versions_are_read_the_newest_first(store: MemoryStore) -> None:
    for number in range(10, 22):
        publish(store, file(metric("schools", number)), at_minute(number))
    earlier = read_publication(store, NOW).earlier
    newest = range(20, 10, -1)
    assert [one.version.version for one in earlier] == [at_minute(number) for number in newest]
    assert [one.differences[0].after for one in earlier] == list(newest)


@pytest.mark.parametrize(
    ("asking", "stopped_by"),
    [
        (["for_1"], "they wait for a review, which the run for_1 of approve_change asks for"),
        (["for_2"], ""),
        ([], ""),
    ],
)
def test_what_is_released_and_not_public_is_read_with_what_stops_it(
    asking: list[str], stopped_by: str, store: MemoryStore
) -> None:
    publish(store, file(metric("schools", 10)))
    release(store, file(metric("schools", 2)))
    metrics = fingerprint(parse(file(metric("schools", 2)), NOW))
    save_review(store, Review("for_1", metrics, store.need(PUBLISHED).etag, NOW))

    found = read_publication(store, NOW, asking)

    assert found.state is not None
    assert [one.name for one in found.state.comparison.unpublished] == ["schools"]
    assert found.stopped_by == stopped_by


def test_a_file_that_somebody_put_there_has_no_version_but_its_metrics(
    store: MemoryStore,
) -> None:
    store.write(PUBLISHED, file(metric("schools", 10)))
    store.backdate(PUBLISHED, NOW)
    found = read_publication(store, NOW)
    assert found.served is None
    assert found.served_at == NOW
    assert [one.metric.value for one in found.metrics] == [10]


def test_an_invalid_file_has_no_metrics(store: MemoryStore) -> None:
    store.write(PUBLISHED, b"no JSON")
    found = read_publication(store, NOW)
    assert found.metrics == ()
    assert len(found.public_file.wrong) == 2, "nobody promoted it, and it breaks the contract"
