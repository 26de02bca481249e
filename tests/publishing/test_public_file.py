"""The check of the public file from outside: each problem is found, and reported once."""

from datetime import timedelta
from hashlib import sha256

import pytest

from include.publishing.public_file import OLDEST, PublicFile, check_public_file, verify
from include.publishing.store import Place, Store
from include.publishing.versions import PUBLISHED, Version, save_version, version_of
from tests.publishing.memory_store import MemoryStore
from tests.publishing.samples import NOW, file, metric, publish


def test_a_fresh_valid_promoted_file_gives_no_finding(store: Store) -> None:
    quiet = {"UPDATE_FREQUENCY": "completed", "LAST_UPDATED": "2025-02-01T00:00:00.000Z"}
    publish(store, file(metric("a"), metric("b", **quiet)))
    assert check_public_file(store, NOW).findings == []


@pytest.mark.parametrize(
    ("frequency", "fresh", "stale"),
    [("daily", "2026-11-20T16", "2026-11-20T14"), ("weekly", "2026-11-14T00", "2026-11-13T00"),
     ("monthly", "2026-10-12T00", "2026-10-09T00")],
)  # fmt: skip
def test_a_metric_that_is_older_than_its_frequency_allows_is_found(
    store: Store, frequency: str, fresh: str, stale: str
) -> None:
    of = {"UPDATE_FREQUENCY": frequency}
    publish(
        store,
        file(
            metric("fresh", LAST_UPDATED=f"{fresh}:00:00Z", **of),
            metric("stale", LAST_UPDATED=f"{stale}:00:00Z", **of),
        ),
    )
    [finding] = check_public_file(store, NOW).findings
    assert finding.startswith(f"stale should change {frequency}")


def test_a_file_that_somebody_changed_by_hand_is_found(store: Store) -> None:
    publish(store, file())
    store.write(PUBLISHED, file(metric(value=9)))
    [finding] = check_public_file(store, NOW).findings
    assert "somebody changed it" in finding


def test_a_missing_and_a_broken_file_are_found(store: Store) -> None:
    assert check_public_file(store, NOW).findings == [], (
        "nothing is missing before the first publication"
    )
    publish(store, file(metric(value="8")))
    save_version(store, store.need(PUBLISHED))
    [broken] = check_public_file(store, NOW).findings
    assert "breaks its contract: schools_resumed.METRIC_VALUE" in broken
    store.delete(PUBLISHED)
    [missing] = check_public_file(store, NOW).findings
    assert "missing" in missing


@pytest.mark.parametrize(("over", "found"), [(0, 0), (1, 1)])
def test_a_metric_may_be_exactly_as_old_as_its_frequency_allows(
    over: int, found: int, store: Store
) -> None:
    at = NOW - OLDEST["daily"] - timedelta(seconds=over)
    publish(store, file(metric(LAST_UPDATED=at.isoformat())))
    assert len(check_public_file(store, NOW).findings) == found


def test_the_state_of_a_fresh_file_says_when_and_what_was_promoted(store: MemoryStore) -> None:
    publish(store, file(metric("a"), metric("b")), "v1", run="run 1")
    found = check_public_file(store, NOW)
    served = store.need(PUBLISHED)
    assert found == PublicFile(
        (), {}, ("a", "b"), version_of(served), not_yet=False, promoted_at=served.modified_at
    )


def test_a_broken_file_keeps_its_version_and_no_time(store: MemoryStore) -> None:
    publish(store, file(metric(value="8")), "v1")
    found = check_public_file(store, NOW)
    assert found.version == version_of(store.need(PUBLISHED))
    assert (found.metrics, found.promoted_at, found.not_yet) == ((), None, False)
    assert len(found.wrong) == 1


def test_a_file_that_was_published_once_is_never_not_yet_there(store: MemoryStore) -> None:
    publish(store, file())
    hidden = store.public_url(Place("candidates", "x.json"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(store, "public_url", lambda place: hidden)
        found = check_public_file(store, NOW)
    assert found == PublicFile(("The public file is missing: its address answers 404.",))
    save_version(store, store.need(PUBLISHED))
    store.delete(PUBLISHED)
    assert check_public_file(store, NOW).not_yet is False


def test_an_address_that_does_not_answer_is_a_finding(store: MemoryStore) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(store, "public_url", lambda place: "http://127.0.0.1:9/x.json")
        found = check_public_file(store, NOW)
    assert found.findings == ["The public file is out of reach: ConnectError."]


def test_the_file_is_read_past_every_cache(store: MemoryStore) -> None:
    publish(store, file())
    check_public_file(store, NOW)
    assert store.requests[-1]["cache-control"] == "no-cache"


def test_a_copy_that_is_served_late_is_waited_for(
    store: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(store, file(), "v1")
    slept: list[float] = []

    def arrive(seconds: float) -> None:
        slept.append(seconds)
        publish(store, file(metric(value=9)), "v2")

    monkeypatch.setattr("tenacity.nap.time.sleep", arrive)
    late = Version("v2", sha256(file(metric(value=9))).hexdigest(), "run", "valid")

    verify(store.public_url(PUBLISHED), late, patience_seconds=60)
    assert slept == [1.0]

    publish(store, file(metric(value=10)), "v3")
    verify(store.public_url(PUBLISHED), late, patience_seconds=0.5)
    assert slept == [1.0, 0.5]
