"""The check of the public file from outside: each problem is found, and reported once."""

import pytest

from include.publishing.public_file import check_public_file
from include.publishing.store import Store
from include.publishing.versions import PUBLISHED, save_version
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
