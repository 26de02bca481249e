"""The check of the public file from outside: each fault has its key, and its affected metrics."""

from datetime import datetime, timedelta
from hashlib import sha256

import httpx
import pytest

from include.publishing import public_file as module
from include.publishing.holds import Hold, set_hold
from include.publishing.names import VERSIONS_CONTAINER
from include.publishing.promotion_log import promotions
from include.publishing.public_file import (
    PAGE_ORIGIN,
    Fault,
    PublicFile,
    check_address,
    check_public_file,
    verify,
)
from include.publishing.store import NotServedError, Place, Store
from include.publishing.versions import PUBLISHED, Version, version_of
from tests.publishing.memory_store import MemoryStore
from tests.publishing.samples import NOW, file, metric, publish

CHANGED = "The public file is not the last version that was promoted: somebody changed it."
MISSING = Fault("missing", "The public file is missing: its address answers 404.")
SILENT = "http://127.0.0.1:9/x.json"


def test_a_fresh_valid_promoted_file_is_fine(store: MemoryStore) -> None:
    quiet = {"UPDATE_FREQUENCY": "completed", "LAST_UPDATED": "2025-02-01T00:00:00.000Z"}
    publish(store, file(metric("a"), metric("b", **quiet)), "v1", run="run 1")
    found = check_public_file(store, NOW)
    served = store.need(PUBLISHED)
    assert found == PublicFile(
        (), {}, ("a", "b"), version_of(served), not_yet=False, promoted_at=served.modified_at
    )


# A daily metric is late from the fourth working day; NOW is a Tuesday at 7 a.m. in California.
@pytest.mark.parametrize(
    ("frequency", "fresh", "stale", "said"),
    [("daily", "2026-11-18T20", "2026-11-17T20", "Tue Nov 17, 12:00 PM PST"),
     ("weekly", "2026-11-11T20", "2026-11-09T20", "Mon Nov 9, 12:00 PM PST"),
     ("monthly", "2026-10-08T19", "2026-10-07T19", "Wed Oct 7, 12:00 PM PDT")],
)  # fmt: skip
def test_a_metric_that_is_older_than_its_frequency_allows_is_late_and_no_fault(
    store: Store, frequency: str, fresh: str, stale: str, said: str
) -> None:
    of = {"UPDATE_FREQUENCY": frequency}
    publish(
        store,
        file(
            metric("fresh", LAST_UPDATED=f"{fresh}:00:00Z", **of),
            metric("stale", LAST_UPDATED=f"{stale}:00:00Z", **of),
        ),
    )
    found = check_public_file(store, NOW)
    assert found.late == {"stale": f"stale should change {frequency} and was last updated {said}."}
    assert found.faults == ()


OLD = file(metric("a", 1), metric("b", 1), metric("c", 1))
NEW = file(metric("a", 2), metric("b", 1), metric("c", 1))
FIRST, SECOND = "20261124T140000Z-aaa", "20261124T143000Z-bbb"


@pytest.fixture
def twice(store: MemoryStore) -> MemoryStore:
    """A storage account after two promotions."""
    publish(store, OLD, FIRST, at=NOW - timedelta(hours=1))
    publish(store, NEW, SECOND)
    return store


def metadata(store: Store, name: str) -> dict[str, str]:
    return store.need(Place(VERSIONS_CONTAINER, f"{name}.json")).metadata


@pytest.mark.parametrize(
    ("by_hand", "affected"),
    [
        (file(metric("a", 3), metric("b", 1), metric("c", 1)), ("a",)),
        (file(metric("a", 2), metric("b", 9), metric("c", 8)), ("b", "c")),
        (file(metric("a", 2), metric("b", 1, METRIC_UNIT_LABEL="homes"), metric("c", 1)), ("b",)),
        (file(metric("a", 2), metric("b", 1)), ("c",)),
        (file(metric("a", 2), metric("b", 1), metric("c", 1), metric("d", 1)), ("d",)),
        (OLD, ("a",)),
        # The same values in another order.
        (file(metric("c", 1), metric("b", 1), metric("a", 2)), ()),
        (b"<html>", ("a", "b", "c")),
    ],
)
def test_content_that_somebody_changed_is_altered_in_exactly_the_changed_metrics(
    by_hand: bytes, affected: tuple[str, ...], twice: MemoryStore
) -> None:
    right = metadata(twice, SECOND)
    forged = {**right, "sha256": sha256(by_hand).hexdigest()}
    for described in (right, forged, metadata(twice, FIRST), {}):
        twice.write(PUBLISHED, by_hand, described)
        altered, *others = check_public_file(twice, NOW).faults
        assert altered == Fault("altered", CHANGED, affected, is_wrong=True)
        assert [one.key for one in others] == ["invalid"] * (by_hand == b"<html>")


@pytest.mark.parametrize("name", [FIRST, None])
def test_the_right_content_without_its_own_metadata_is_not_wrong(
    name: str | None, twice: MemoryStore
) -> None:
    twice.write(PUBLISHED, NEW, metadata(twice, name) if name else {})
    found = check_public_file(twice, NOW)
    text = (
        f"The public file has the content of the promoted version {SECOND}, but not its metadata:"
        " somebody wrote it."
    )
    assert found.faults == (Fault("rewritten", text, (), is_wrong=False),)
    assert found.wrong == ()


def test_a_promoted_version_without_its_saved_file_is_not_wrong(twice: MemoryStore) -> None:
    twice.delete(Place(VERSIONS_CONTAINER, f"{SECOND}.json"))
    found = check_public_file(twice, NOW)
    text = f"The saved file of the promoted version {SECOND} is missing."
    assert found.faults == (Fault("no saved version", text, (), is_wrong=False),)
    assert found.wrong == ()


@pytest.mark.parametrize(
    ("content", "affected"), [(file(metric("a"), metric("b")), ("a", "b")), (b"{", ())]
)
def test_a_file_that_nobody_promoted_is_wrong_in_every_metric(
    content: bytes, affected: tuple[str, ...], store: MemoryStore
) -> None:
    store.write(PUBLISHED, content)
    fault = check_public_file(store, NOW).faults[0]
    text = "The public file was never promoted by this pipeline: somebody put it there."
    assert fault == Fault("not promoted", text, affected, is_wrong=True)


def test_a_promotion_that_was_killed_before_it_was_logged_is_fine(
    store: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(store, OLD, FIRST)
    monkeypatch.setattr("include.publishing.promotion.log_promotion", _killed)
    with pytest.raises(KeyboardInterrupt):
        publish(store, NEW, SECOND)
    assert [one.version.version for one in promotions(store, NOW)] == [FIRST]
    assert check_public_file(store, NOW).faults == ()


def test_metadata_of_a_version_that_was_never_saved_hide_no_change(twice: MemoryStore) -> None:
    forged = metadata(twice, SECOND) | {"version": "20261124T144500Z-ccc"}
    twice.write(PUBLISHED, file(metric("a", 9)), forged)
    assert [one.key for one in check_public_file(twice, NOW).faults] == ["altered"]


@pytest.mark.parametrize("released", [None, NOW])
def test_a_restore_that_was_killed_before_it_was_logged_is_fine_during_its_hold(
    released: datetime | None, twice: MemoryStore
) -> None:
    twice.write(PUBLISHED, OLD, metadata(twice, FIRST))
    set_hold(twice, Hold(FIRST, "Grace", "The count is wrong", NOW, "run", released_at=released))
    keys = [one.key for one in check_public_file(twice, NOW).faults]
    assert keys == ["altered"] * bool(released)


def test_a_hold_on_a_version_allows_no_other_version(twice: MemoryStore) -> None:
    set_hold(twice, Hold(SECOND, "Grace", "The count is wrong", NOW, "run"))
    twice.write(PUBLISHED, OLD, metadata(twice, FIRST))
    assert [one.key for one in check_public_file(twice, NOW).faults] == ["altered"]


def test_a_hold_on_a_version_allows_no_other_content(twice: MemoryStore) -> None:
    set_hold(twice, Hold(FIRST, "Grace", "The count is wrong", NOW, "run"))
    twice.write(PUBLISHED, file(metric("a", 9)), metadata(twice, FIRST))
    assert [one.key for one in check_public_file(twice, NOW).faults] == ["altered"]


def _killed(*_: object) -> None:
    raise KeyboardInterrupt


def test_a_restored_version_is_fine(twice: MemoryStore) -> None:
    publish(twice, OLD, FIRST, at=NOW + timedelta(minutes=1), decided_by="Grace")
    found = check_public_file(twice, NOW)
    assert found.faults == ()
    assert found.version is not None
    assert (found.version.version, found.version.decided_by) == (FIRST, "Grace")


def test_an_invalid_file_is_wrong_and_keeps_its_version_and_no_time(store: MemoryStore) -> None:
    publish(store, file(metric(value="8")), "v1")
    found = check_public_file(store, NOW)
    [fault] = found.faults
    assert (fault.key, fault.is_wrong) == ("invalid", True)
    assert "breaks its contract: schools_resumed.METRIC_VALUE" in fault.text
    assert found.wrong == (fault.text,)
    assert found.version == version_of(store.need(PUBLISHED))
    assert (found.metrics, found.promoted_at, found.not_yet) == ((), None, False)


def test_before_the_first_publication_nothing_is_missing(store: MemoryStore) -> None:
    assert check_public_file(store, NOW) == PublicFile(not_yet=True)


def test_before_the_first_publication_an_address_out_of_reach_is_a_fault(
    store: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.status = 503
    monkeypatch.setattr(store, "read", _killed)
    [fault] = check_public_file(store, NOW).faults
    assert fault.key == "unreachable"


def test_a_served_file_that_its_address_does_not_have_is_missing_also_without_a_promotion(
    store: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.write(PUBLISHED, file())
    store.status = 404
    assert check_public_file(store, NOW) == PublicFile((MISSING,))


def test_a_public_file_that_the_account_does_not_have_has_no_version(
    store: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(store, file())
    monkeypatch.setattr(store, "read", lambda place: None)
    found = check_public_file(store, NOW)
    assert (found.version, found.promoted_at) == (None, None)


def test_a_file_that_was_published_once_is_never_not_yet_there(
    store: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(store, file())
    with monkeypatch.context() as patch:
        hidden = store.public_url(Place("candidates", "x.json"))
        patch.setattr(store, "public_url", lambda place: hidden)
        assert check_public_file(store, NOW) == PublicFile((MISSING,))
    store.delete(PUBLISHED)
    assert check_public_file(store, NOW) == PublicFile((MISSING,))


@pytest.mark.parametrize(
    ("status", "key", "said"),
    [
        (404, "missing", "is missing: its address answers 404."),
        (403, "unreachable", "is out of reach: its address answers 403."),
        (409, "unreachable", "is out of reach: its address answers 409."),
        (429, "unreachable", "is out of reach: its address answers 429."),
        (500, "unreachable", "is out of reach: its address answers 500."),
        (503, "unreachable", "is out of reach: its address answers 503."),
        (None, "unreachable", "is out of reach: ConnectError."),
    ],
)
def test_only_404_says_that_the_file_is_missing(
    status: int | None, key: str, said: str, store: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(store, file())
    store.status = status
    if status is None:
        monkeypatch.setattr(store, "public_url", lambda place: SILENT)
    expected = PublicFile((Fault(key, f"The public file {said}", (), is_wrong=True),))
    assert check_public_file(store, NOW) == expected
    assert check_address(store.public_url(PUBLISHED), NOW) == expected


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
def test_each_header_that_the_page_needs_is_checked_and_the_cache_alone_hides_nothing(
    headers: dict[str, str], cors: str | None, wrong: list[str], store: MemoryStore
) -> None:
    publish(store, file())
    store.serve_with(PUBLISHED, headers)
    store.cors = cors
    faults = tuple(
        Fault(
            f"header {one.partition(':')[0]}",
            f"The public file is served with {one}.",
            is_wrong=not one.startswith("cache-control"),
        )
        for one in wrong
    )
    assert check_public_file(store, NOW).faults == faults
    assert check_address(store.public_url(PUBLISHED), NOW).faults == faults


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (file(metric("a")), ([], ("a",), [])),
        (file(metric("a", LAST_UPDATED="2026-11-01T12:00:00Z")), ([], ("a",), ["a"])),
        (b"<html>", (["invalid"], (), [])),
    ],
)
def test_the_address_alone_is_checked_without_the_storage_account(
    content: bytes,
    expected: tuple[list[str], tuple[str, ...], list[str]],
    store: MemoryStore,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    store.write(PUBLISHED, content)
    for name in ("read", "list", "paths"):
        monkeypatch.setattr(store, name, _killed)
    found = check_address(store.public_url(PUBLISHED), NOW)
    keys = [one.key for one in found.faults]
    assert (keys, found.metrics, list(found.late)) == expected
    assert (found.version, found.promoted_at) == (None, None)


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


@pytest.mark.parametrize(
    ("status", "headers", "said"),
    [
        (404, RIGHT, "answers 404 with the content type application/json"),
        (200, {"content-type": "text/html"}, "answers 200 with the content type text/html"),
        (200, {}, "answers 200 with the content type none"),
    ],
)
def test_the_right_content_with_another_status_or_type_is_not_served(
    status: int,
    headers: dict[str, str],
    said: str,
    store: MemoryStore,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    version = publish(store, content := file())
    answer = httpx.Response(status, headers=headers, content=content)
    monkeypatch.setattr(module, "_get", lambda url: answer)
    with pytest.raises(NotServedError, match=said):
        verify(SILENT, version, patience_seconds=0)


def test_another_content_is_said_by_its_hash_and_the_version(store: MemoryStore) -> None:
    version = publish(store, file(metric(value=8)), "v1")
    other = file(metric(value=9))
    store.write(PUBLISHED, other)
    said = f"serves {sha256(other).hexdigest()[:12]}…, but version v1 was promoted"
    with pytest.raises(NotServedError, match=said):
        verify(store.public_url(PUBLISHED), version, patience_seconds=0)


def test_an_error_that_is_not_about_the_served_file_is_not_waited_out(
    store: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def broken(url: str) -> None:
        asked.append(url)
        raise TypeError("a mistake in the code")

    monkeypatch.setattr(module, "_get", broken)
    with pytest.raises(TypeError, match="a mistake"):
        verify(store.public_url(PUBLISHED), publish(store, file()), patience_seconds=0.1)
    assert len(asked) == 1
