"""The check of the public file from outside: each problem is found, and reported once."""

from datetime import timedelta
from hashlib import sha256

import pytest

from include.publishing.names import VERSIONS_CONTAINER
from include.publishing.promotion_log import promotions
from include.publishing.public_file import (
    OLDEST,
    PAGE_ORIGIN,
    PublicFile,
    check_public_file,
    verify,
)
from include.publishing.store import Place, Store
from include.publishing.versions import PUBLISHED, Version, version_of
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


OLD, NEW, HAND = (file(metric("a", value)) for value in (1, 2, 3))
FIRST, SECOND = "20261124T140000Z-aaa", "20261124T143000Z-bbb"


@pytest.fixture
def twice(store: MemoryStore) -> MemoryStore:
    """A storage account after two promotions."""
    publish(store, OLD, FIRST, at=NOW - timedelta(hours=1))
    publish(store, NEW, SECOND)
    return store


def metadata(store: Store, name: str) -> dict[str, str]:
    return store.need(Place(VERSIONS_CONTAINER, f"{name}.json")).metadata


def test_content_that_somebody_changed_is_found_also_with_the_right_metadata(
    twice: MemoryStore,
) -> None:
    changed = "The public file is not the last version that was promoted: somebody changed it."
    for described in (metadata(twice, SECOND), metadata(twice, FIRST), {}):
        twice.write(PUBLISHED, HAND, described)
        assert check_public_file(twice, NOW).findings == [changed]
    forged = {**metadata(twice, SECOND), "sha256": sha256(HAND).hexdigest()}
    twice.write(PUBLISHED, HAND, forged)
    assert check_public_file(twice, NOW).findings == [changed]


def test_an_older_version_that_somebody_copied_over_is_found(twice: MemoryStore) -> None:
    twice.write(PUBLISHED, OLD, metadata(twice, FIRST))
    [finding] = check_public_file(twice, NOW).findings
    assert "not the last version that was promoted" in finding


@pytest.mark.parametrize("name", [FIRST, None])
def test_the_right_content_without_its_own_metadata_is_found(
    name: str | None, twice: MemoryStore
) -> None:
    twice.write(PUBLISHED, NEW, metadata(twice, name) if name else {})
    assert check_public_file(twice, NOW).findings == [
        f"The public file has the content of the promoted version {SECOND}, but not its metadata:"
        " somebody wrote it."
    ]


def test_a_promoted_version_without_its_saved_file_is_found(twice: MemoryStore) -> None:
    twice.delete(Place(VERSIONS_CONTAINER, f"{SECOND}.json"))
    assert check_public_file(twice, NOW).findings == [
        f"The saved file of the promoted version {SECOND} is missing."
    ]


def test_a_file_that_nobody_promoted_is_found(store: MemoryStore) -> None:
    store.write(PUBLISHED, file())
    assert check_public_file(store, NOW).findings == [
        "The public file was never promoted by this pipeline: somebody put it there."
    ]


def test_a_promotion_that_was_killed_before_it_was_logged_is_fine(
    store: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(store, OLD, FIRST)
    monkeypatch.setattr("include.publishing.promotion.log_promotion", _killed)
    with pytest.raises(KeyboardInterrupt):
        publish(store, NEW, SECOND)
    assert [one.version.version for one in promotions(store, NOW)] == [FIRST]
    assert check_public_file(store, NOW).findings == []


def _killed(*_: object) -> None:
    raise KeyboardInterrupt


def test_a_restored_version_is_fine(twice: MemoryStore) -> None:
    publish(twice, OLD, FIRST, at=NOW + timedelta(minutes=1), decided_by="Grace")
    found = check_public_file(twice, NOW)
    assert found.findings == []
    assert found.version is not None
    assert (found.version.version, found.version.decided_by) == (FIRST, "Grace")


def test_a_missing_and_a_broken_file_are_found(store: MemoryStore) -> None:
    assert check_public_file(store, NOW).findings == [], (
        "nothing is missing before the first publication"
    )
    publish(store, file(metric(value="8")))
    [broken] = check_public_file(store, NOW).findings
    assert "breaks its contract: schools_resumed.METRIC_VALUE" in broken
    store.delete(PUBLISHED)
    [missing] = check_public_file(store, NOW).findings
    assert missing == "The public file is missing: its address answers 404."


RIGHT = {
    "content-type": "application/json", "cache-control": "public, max-age=60, must-revalidate"
}  # fmt: skip


@pytest.mark.parametrize(
    ("headers", "cors", "wrong"),
    [
        (RIGHT, PAGE_ORIGIN, []),
        (RIGHT, None, [f"access-control-allow-origin: nothing, not {PAGE_ORIGIN}"]),
        (RIGHT, "https://other.gov",
         [f"access-control-allow-origin: https://other.gov, not {PAGE_ORIGIN}"]),
        (RIGHT | {"content-type": "text/html"}, "*",
         ["content-type: text/html, not application/json"]),
        (RIGHT | {"cache-control": "max-age=86400"}, "*",
         ["cache-control: max-age=86400, not public, max-age=60, must-revalidate"]),
        ({}, None, ["content-type: nothing, not application/json",
                    "cache-control: nothing, not public, max-age=60, must-revalidate",
                    f"access-control-allow-origin: nothing, not {PAGE_ORIGIN}"]),
    ],
)  # fmt: skip
def test_the_headers_that_the_page_needs_are_checked(
    headers: dict[str, str], cors: str | None, wrong: list[str], store: MemoryStore
) -> None:
    publish(store, file())
    store.serve_with(PUBLISHED, headers)
    store.cors = cors
    assert check_public_file(store, NOW).findings == [
        f"The public file is served with {one}." for one in wrong
    ]


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
    store.delete(PUBLISHED)
    assert check_public_file(store, NOW).not_yet is False


def test_an_address_that_does_not_answer_is_a_finding(store: MemoryStore) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(store, "public_url", lambda place: "http://127.0.0.1:9/x.json")
        found = check_public_file(store, NOW)
    assert found.findings == ["The public file is out of reach: ConnectError."]


def test_the_file_is_read_past_every_cache_and_as_the_page_reads_it(store: MemoryStore) -> None:
    publish(store, file())
    check_public_file(store, NOW)
    assert store.requests[-1]["cache-control"] == "no-cache"
    assert store.requests[-1]["origin"] == PAGE_ORIGIN


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
