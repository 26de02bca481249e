"""The facts of the page Publication, from the storage account and the public address."""

from datetime import timedelta
from threading import Barrier

import pytest

from include.publishing.contract import parse
from include.publishing.differences import Difference
from include.publishing.holds import Hold, set_hold
from include.publishing.names import PUBLIC_CONTAINER, source_file
from include.publishing.public_file import PublicFile
from include.publishing.reconcile import BEHIND, Publishing
from include.publishing.released import compare, fingerprint
from include.publishing.reviews import Review, save_review
from include.publishing.store import Place, Store, Stored
from include.publishing.versions import PUBLISHED
from include.sources import COMPUTED, ENTERED
from include.ui.metrics import PublicMetric, Trend
from include.ui.publication import Publication, read_publication
from include.ui.snapshot import Snapshot
from tests.incidents.sample_incidents import ALTERED, incident, over
from tests.publishing.memory_store import MemoryStore
from tests.publishing.samples import NOW, file, metric, publish, release, released
from tests.ui.conftest import save_incidents

HOUR = timedelta(hours=1)
HOLD = Hold("v1", "Pat", "the count doubled", NOW - 2 * HOUR, "manual 1")


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
        PublicMetric(cleanup, 44.0, 3 * HOUR, is_late=False, source="epa", trend=Trend()),
        PublicMetric(schools, 0.0, timedelta(days=23), is_late=True, source="airtable"),
        PublicMetric(air, None, 3 * HOUR, is_late=False, source="airtable"),
    )
    now_public, earlier = found.versions
    assert (now_public.version, now_public.is_public) == (found.served, True)
    assert earlier.version.version == at_minute(1)
    assert set(earlier.if_restored) == {
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


def test_a_trend_has_a_value_for_each_of_the_last_days(store: MemoryStore) -> None:
    for day in range(4, -1, -1):
        at = NOW - timedelta(days=day)
        name = f"{at:%Y%m%dT%H%M%SZ}-abc"
        publish(store, file(metric("schools", 50 - 10 * day)), name, at=at)
    [only] = read_publication(store, NOW).metrics
    assert only.trend.text == "from 10 on Nov 20 to 50"
    assert len(only.trend.points.split()) == 5


def test_behind_since_is_the_first_sighting_and_not_the_last_release(store: MemoryStore) -> None:
    publish(store, file(metric("schools", 7)))
    store.backdate(PUBLISHED, NOW - 6 * HOUR)
    release(store, file(metric("schools", 8)))
    store.backdate(released("airtable"), NOW - timedelta(minutes=5))
    assert read_publication(store, NOW).behind_since is None
    store.write(BEHIND, (NOW - 5 * HOUR).isoformat().encode())
    assert read_publication(store, NOW).behind_since == NOW - 5 * HOUR
    # A sighting before the last promotion is of another difference.
    store.backdate(PUBLISHED, NOW - HOUR)
    assert read_publication(store, NOW).behind_since is None


def test_nothing_is_behind_if_everything_released_is_public(store: MemoryStore) -> None:
    publish(store, file(metric("schools", 7)))
    store.backdate(PUBLISHED, NOW - 6 * HOUR)
    release(store, file(metric("schools", 7)))
    store.write(BEHIND, (NOW - 5 * HOUR).isoformat().encode())
    assert read_publication(store, NOW).behind_since is None


def test_what_is_behind_before_the_first_publication_is_so_since_its_first_sighting(
    store: MemoryStore,
) -> None:
    release(store, file(metric("schools", 8)))
    store.write(BEHIND, (NOW - 5 * HOUR).isoformat().encode())
    assert read_publication(store, NOW).behind_since == NOW - 5 * HOUR


def test_the_released_file_of_each_source_is_read_ahead(
    store: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    ahead: list[Place] = []
    monkeypatch.setattr(Snapshot, "prefetch", lambda self, places: ahead.extend(places))
    read_publication(store, NOW)
    files = {Place(PUBLIC_CONTAINER, source_file(name)) for name in (*ENTERED, *COMPUTED)}
    assert files <= set(ahead)


def test_the_account_is_asked_for_many_files_at_the_same_time_and_for_each_once(
    store: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One after another, the requests of a page would take a second and more in production."""
    for hours in range(60, 0, -1):
        at = NOW - hours * HOUR
        content = file(metric("schools", 100 - hours))
        publish(store, content, f"{at:%Y%m%dT%H%M%SZ}-abc", at=at)
    first, versions = Together(8), Together(6)
    asked: list[object] = []
    read, list_files = store.read, store.list

    def slow_read(place: Place) -> Stored | None:
        asked.append(place)
        (versions if place.path.endswith("-abc.json") else first).arrive()
        return read(place)

    def slow_list(container: str, prefix: str = "") -> dict[str, dict[str, str]]:
        asked.append((container, prefix))
        first.arrive()
        return list_files(container, prefix)

    monkeypatch.setattr(store, "read", slow_read)
    monkeypatch.setattr(store, "list", slow_list)
    assert read_publication(store, NOW).metrics
    assert len(asked) == len(set(asked))
    assert len(asked) < 40


class Together:
    """Has the first requests wait for each other: alone, one would wait in vain."""

    def __init__(self, number: int) -> None:
        self._barrier = Barrier(number, timeout=10)
        self._places = iter(range(number))

    def arrive(self) -> None:
        if next(self._places, None) is not None:
            self._barrier.wait()
