"""The facts of the page Publication, from the storage account and the public address."""

from datetime import timedelta

from include.incidents.open_incidents import record_failure
from include.publishing.contract import parse
from include.publishing.differences import Difference
from include.publishing.holds import Hold, set_hold
from include.publishing.public_file import PublicFile
from include.publishing.store import Store
from include.publishing.versions import PUBLISHED
from include.ui.publication import (
    Publication,
    PublicMetric,
    read_publication,
)
from tests.incidents.samples import LOW_SEVERITY, failure
from tests.publishing.memory_store import MemoryStore
from tests.publishing.samples import NOW, file, metric, publish

HOUR = timedelta(hours=1)
HOLD = Hold("v1", "Pat", "the count doubled", "2026-11-24T14:27Z")


def changes(store: Store) -> dict[str, float | None]:
    """Each metric's change on the page."""
    return {one.metric.name: one.change for one in read_publication(store, NOW).metrics}


def test_before_the_first_publication_there_is_nothing_but_the_address(store: Store) -> None:
    missing = "The public file is missing: its address answers 404."
    assert read_publication(store, NOW) == Publication(
        PublicFile((missing,), not_yet=True), store.public_url(PUBLISHED)
    )


def test_everything_about_the_served_version_is_read(store: MemoryStore) -> None:
    old = file(metric("cleanup_phase1_complete", 9000), metric("schools", 8))
    new = file(
        metric("cleanup_phase1_complete", 9044),
        metric("schools", 8, LAST_UPDATED="2026-11-01T15:00:00Z"),
        metric("air", 3),
    )
    publish(store, old)
    publish(store, new, "v2", run="run 2", decided_by="Pat", reason="counted by hand")
    store.backdate(PUBLISHED, NOW - HOUR)
    set_hold(store, HOLD)
    _, incident = record_failure(store, failure(), LOW_SEVERITY)

    found = read_publication(store, NOW)

    cleanup, schools, air = parse(new, NOW)
    late = "schools should change daily and was last updated 2026-11-01T15:00:00Z."
    assert found.public_file.findings == [late]
    assert found.url == store.public_url(PUBLISHED)
    assert found.served is not None
    assert (found.served.version, found.served.run) == ("v2", "run 2")
    assert (found.served.decided_by, found.served.reason) == ("Pat", "counted by hand")
    assert found.served_at == NOW - HOUR
    assert found.metrics == (
        PublicMetric(cleanup, 44.0, 3 * HOUR, is_late=False, source="epa"),
        PublicMetric(schools, 0.0, timedelta(days=23), is_late=True, source="airtable"),
        PublicMetric(air, None, 3 * HOUR, is_late=False, source="airtable"),
    )
    [earlier] = found.earlier
    assert earlier.version.version == "v1"
    assert set(earlier.differences) == {
        Difference("air", 3.0, None, "vanished"),
        Difference("cleanup_phase1_complete", 9044.0, 9000.0, "fell, and should not"),
    }
    assert found.hold == HOLD
    assert found.incidents == (incident,)


def test_changes_are_those_since_the_newest_earlier_version(store: MemoryStore) -> None:
    for name, value in (("v1", 10), ("v2", 20)):
        publish(store, file(metric("schools", value)), name)
    assert changes(store) == {"schools": 10.0}
    publish(store, file(metric("schools", 17)), "v3")
    assert changes(store) == {"schools": -3.0}


def test_the_first_version_has_no_changes(store: MemoryStore) -> None:
    publish(store, file(metric("schools", 10)))
    assert changes(store) == {"schools": 0.0}


def test_ten_earlier_versions_are_read_the_newest_first(store: MemoryStore) -> None:
    for number in range(10, 22):
        publish(store, file(metric("schools", number)), f"v{number}")
    earlier = read_publication(store, NOW).earlier
    newest = range(20, 10, -1)
    assert [one.version.version for one in earlier] == [f"v{number}" for number in newest]
    assert [one.differences[0].after for one in earlier] == list(newest)


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
    assert len(found.public_file.wrong) == 2
