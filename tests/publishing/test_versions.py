"""A version's metadata, and an audited candidate on its way from one task to the next."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from include.publishing.differences import Difference
from include.publishing.names import VERSIONS_CONTAINER
from include.publishing.store import (
    ChangedMeanwhileError,
    MalformedCandidateError,
    Place,
    Store,
    Stored,
)
from include.publishing.versions import (
    PUBLISHED,
    AuditedCandidate,
    Version,
    find_version,
    made_at,
    read_metrics,
    restorable_versions,
    save_version,
    saved_versions,
    version_name,
    version_of,
)
from tests.publishing.memory_store import MemoryStore
from tests.publishing.samples import NOW, file, metric, publish

VERSION = Version("20261124T150000Z-abc", "f" * 64, run="manual 1", audit="b: 9 → 7 (fell)")
CANDIDATE = AuditedCandidate(
    "ddrc_metrics/run.json",
    VERSION,
    replacing='"0x8D"',
    differences=(Difference("b", 9.0, 7.0, "fell"), Difference("a", None, 2.0)),
)
FIRST = AuditedCandidate("ddrc_metrics/run.json", VERSION, replacing=None, differences=())


def without(*keys: str) -> dict[str, object]:
    return {name: value for name, value in CANDIDATE.as_dict().items() if name not in keys}


@pytest.mark.parametrize("candidate", [CANDIDATE, FIRST])
def test_a_candidate_is_the_same_after_an_xcom_and_after_a_runs_conf(
    candidate: AuditedCandidate,
) -> None:
    sent = json.dumps(candidate.as_dict())
    assert AuditedCandidate.from_dict(json.loads(sent)) == candidate
    assert AuditedCandidate.from_json(sent) == candidate


def test_a_candidate_knows_its_file_and_its_suspicious_differences() -> None:
    assert CANDIDATE.place == Place("candidates", "ddrc_metrics/run.json")
    assert [str(difference) for difference in CANDIDATE.suspicious] == ["b: 9 → 7 (fell)"]


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        (None, "the value"),
        ({}, "path: Field required"),
        (without("version"), "version: Field required"),
        (without("replacing"), "replacing: Field required"),
        (without() | {"differences": [{"metric": "a"}]}, "differences.0.before: Field required"),
        (without() | {"version": {"version": "v1"}}, "version.sha256: Field required"),
    ],
)
def test_a_malformed_candidate_is_one_error_that_names_the_problem(
    value: object, problem: str
) -> None:
    with pytest.raises(MalformedCandidateError, match=problem):
        AuditedCandidate.from_dict(value)
    with pytest.raises(MalformedCandidateError, match=problem):
        AuditedCandidate.from_json(json.dumps(value))


def test_a_text_that_is_not_json_is_not_a_candidate() -> None:
    with pytest.raises(MalformedCandidateError, match="Invalid JSON"):
        AuditedCandidate.from_json("")


def test_a_version_is_read_from_complete_metadata_only() -> None:
    metadata = VERSION.as_metadata()
    assert Version.from_metadata(metadata) == VERSION
    assert Version.from_metadata({**metadata, "another": "x"}) == VERSION
    assert Version.from_metadata({"version": "v1"}) is None


def test_long_notes_are_cut_and_hashes_are_not() -> None:
    audit, person, reason = (letter * 2_000 for letter in "abc")
    long = Version("v1", "f" * 64, "r" * 2_000, audit, decided_by=person, reason=reason)
    lengths = {name: len(value) for name, value in long.as_metadata().items()}
    assert lengths == {
        "version": 2, "sha256": 64, "run": 2_000, "audit": 1_000, "decided_by": 1_000,
        "reason": 1_000,
    }  # fmt: skip


@pytest.mark.parametrize(("content", "names"), [(file(metric("a")), ["a"]), (b"{", []), (None, [])])
def test_the_metrics_of_a_stored_file_are_read_if_it_is_valid(
    content: bytes | None, names: list[str], store: Store
) -> None:
    if content is not None:
        store.write(PUBLISHED, content)
    assert [one.name for one in read_metrics(store, PUBLISHED, NOW)] == names


def test_versions_sort_by_time() -> None:
    names = [version_name(datetime(2026, 11, day, tzinfo=UTC), "f" * 64) for day in (9, 24)]
    assert names == sorted(names)


def at(number: int) -> str:
    """The name of a version of that minute."""
    return f"20261124T14{number:02}00Z-abc"


def saved(store: Store) -> list[str]:
    return [one.version for one in saved_versions(store, NOW)]


def restorable(store: Store) -> list[str]:
    return [one.version for one in restorable_versions(store, NOW)]


@pytest.mark.parametrize(
    ("version", "moment"),
    [
        ("20261124T142700Z-1a2b3c4d5e6f", datetime(2026, 11, 24, 14, 27, tzinfo=UTC)),
        ("20261124T142700Z", datetime(2026, 11, 24, 14, 27, tzinfo=UTC)),
        ("v1", None),
        ("20261324T142700Z-1a", None),
        ("", None),
    ],
)
def test_a_versions_name_has_its_time(version: str, moment: datetime | None) -> None:
    assert made_at(version) == moment


@pytest.mark.parametrize("name", [at(1), at(2)])
def test_every_version_that_was_promoted_is_found_by_its_name(name: str, store: Store) -> None:
    publish(store, file(metric("a", 1)), at(1))
    publish(store, file(metric("a", 2)), at(2))
    found = find_version(store, name)
    assert found is not None
    assert found.version == name
    assert find_version(store, at(3)) is None


def test_a_restored_version_is_no_choice_while_it_is_served(store: Store) -> None:
    for number in (1, 2, 1):
        publish(store, file(metric("a", number)), at(number))
    assert saved(store) == [at(2), at(1)]
    assert restorable(store) == [at(2)]


def test_while_no_file_is_served_every_saved_version_is_a_choice(store: Store) -> None:
    for number in (1, 2):
        publish(store, file(metric("a", number)), at(number))
    store.delete(PUBLISHED)
    assert restorable(store) == [at(2), at(1)]


def test_the_newest_twenty_versions_are_choices(store: Store) -> None:
    for number in range(23):
        publish(store, file(metric("a", number)), at(number))
    assert restorable(store) == [at(number) for number in range(21, 1, -1)]


def test_the_notes_beside_the_versions_are_no_versions(store: Store) -> None:
    publish(store, file(metric("a", 1)), at(1))
    store.write(Place(VERSIONS_CONTAINER, f"{at(2)}.json"), file())
    store.write(Place(VERSIONS_CONTAINER, "hold"), b"{}")
    assert saved(store) == [at(1)]
    assert find_version(store, at(2)) is None


@pytest.fixture
def by_hand(store: MemoryStore) -> Stored:
    """A file that somebody put there, and that is served."""
    store.write(PUBLISHED, file(metric("a", 1)))
    store.backdate(PUBLISHED, NOW)
    return store.need(PUBLISHED)


def test_a_file_that_changes_while_it_is_saved_is_not_kept(
    store: MemoryStore, by_hand: Stored, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = store.copy

    def meddle(*given: Any, **options: Any) -> None:
        store.write(PUBLISHED, file(metric("a", 2)))
        copy(*given, **options)

    monkeypatch.setattr(store, "copy", meddle)
    with pytest.raises(ChangedMeanwhileError, match=r"ddrc-metrics\.json in dashboard-data was"):
        save_version(store, by_hand)
    assert saved(store) == []


def test_of_two_processes_that_save_a_version_one_is_refused_and_may_try_again(
    store: MemoryStore, by_hand: Stored, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = store.copy

    def twice(*given: Any, **options: Any) -> None:
        copy(*given, **options)
        copy(*given, **options)

    with monkeypatch.context() as patch:
        patch.setattr(store, "copy", twice)
        with pytest.raises(ChangedMeanwhileError, match="in versions was changed"):
            save_version(store, by_hand)
    save_version(store, by_hand)
    assert saved(store) == [version_of(by_hand).version]


def test_a_saved_version_stays_as_it_was_saved_first(store: MemoryStore, by_hand: Stored) -> None:
    save_version(store, by_hand)
    place = version_of(by_hand).place
    first = store.need(place)
    save_version(store, by_hand)
    assert store.need(place) == first


def test_a_file_of_somebody_else_is_named_after_its_time_and_content(store: MemoryStore) -> None:
    store.write(PUBLISHED, file())
    store.backdate(PUBLISHED, NOW)
    served = store.need(PUBLISHED)
    assert version_of(served) == Version(
        f"20261124T150000Z-{served.sha256[:12]}",
        served.sha256,
        run="",
        audit="not published by this pipeline",
    )
