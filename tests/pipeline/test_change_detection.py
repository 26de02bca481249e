"""Change detection: the reasons to run, and the fingerprint of the deployed code."""

import shutil
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from airflow.sdk import Context

from include.pipeline import change_detection
from include.pipeline.change_detection import (
    RELOAD_AFTER,
    Seen,
    code_fingerprint,
    hash_code,
    is_complete,
    last_seen,
    mark_write,
    reason_to_reload,
    reason_to_run,
)
from include.publishing.lateness import is_late
from include.publishing.names import VERSIONS_CONTAINER
from include.publishing.promotion import as_unloaded
from include.publishing.store import Place
from local.home import REPOSITORY
from tests.pipeline.running import context_of
from tests.publishing.memory_store import MemoryStore
from tests.publishing.samples import released

NOW = datetime(2026, 11, 22, 8, 27, tzinfo=UTC)
SECOND = timedelta(seconds=1)
SEEN = {"load": {"content_hash": "abc", "loaded_at": "2026-11-21T20:00:00Z"}}


@pytest.mark.parametrize(
    ("reason", "run"),
    [
        ("A full load was requested", context_of(force_full_load=True)),
        ("A drop in rows was accepted", context_of(accept_drop="Two parcels were withdrawn")),
        ("The task was cleared or retried", context_of(tries=2)),
    ],
)
def test_a_source_runs_for_a_reason_besides_its_state(reason: str, run: Context) -> None:
    assert reason_to_run(run, SEEN) == reason


def test_a_source_runs_if_there_is_no_stored_state() -> None:
    assert reason_to_run(context_of(), {}) == (
        "There is no complete run of the deployed code to compare with"
    )


def test_otherwise_the_source_decides() -> None:
    assert reason_to_run(context_of(), SEEN) is None


@pytest.mark.parametrize(
    ("unloaded", "written", "is_complete_now"),
    [
        # No task has written since the unload: what is released is all there is.
        (NOW, None, True),
        (NOW, NOW - SECOND, True),
        (NOW, NOW, True),
        # A task has written something that is not released, or may not be.
        (NOW, NOW + SECOND, False),
        ("unknown", NOW, False),
        # Nothing was released.
        (None, NOW, False),
        (None, None, False),
        # A release of the time before marks were made.
        ("unknown", None, True),
    ],
)
def test_a_source_is_complete_if_its_release_was_unloaded_after_its_last_write(
    unloaded: datetime | str | None,
    written: datetime | None,
    is_complete_now: bool,
    store: MemoryStore,
) -> None:
    if unloaded:
        metadata = {"unloaded_at": as_unloaded(unloaded)} if isinstance(unloaded, datetime) else {}
        store.write(released("usace"), b"[]", metadata | {"candidate": "usace_metrics/run-1.json"})
    if written:
        mark_write(store, "usace", "run:1")
        store.backdate(Place(VERSIONS_CONTAINER, "writes/usace"), written)
    mark_write(store, "epa", "run:1")
    assert is_complete(store, "usace") is is_complete_now


def test_another_run_that_has_written_within_the_same_second_is_not_released(
    store: MemoryStore,
) -> None:
    metadata = {"unloaded_at": as_unloaded(NOW), "candidate": "usace_metrics/run-1.json"}
    store.write(released("usace"), b"[]", metadata)
    mark_write(store, "usace", "run:2")
    store.backdate(Place(VERSIONS_CONTAINER, "writes/usace"), NOW)
    assert not is_complete(store, "usace")


def test_the_newest_state_counts_if_the_deployed_code_stored_it(store: MemoryStore) -> None:
    store.write(released("usace"), b"[]")
    deployed, other = code_fingerprint(), "0" * 16
    assert last_seen(context_of(events=[{"code": deployed, "seen": SEEN}, {}]), "usace") == SEEN
    assert last_seen(context_of(events=[{"code": other, "seen": SEEN}]), "usace") == {}
    assert (
        last_seen(
            context_of(events=[{"code": deployed}, {"code": deployed, "seen": SEEN}]), "usace"
        )
        == {}
    )
    assert last_seen(context_of(events=[]), "usace") == {}
    by_a_person: list[Mapping[str, Any] | None] = [None, {}]
    for event in by_a_person:
        newest = [event, {"code": deployed, "seen": SEEN}]
        assert last_seen(context_of(events=newest), "usace") == {}


def test_after_a_write_that_was_not_released_no_state_counts(store: MemoryStore) -> None:
    run = context_of(events=[{"code": code_fingerprint(), "seen": SEEN}])
    store.write(released("usace"), b"[]", {"unloaded_at": as_unloaded(NOW)})
    assert last_seen(run, "usace") == SEEN
    mark_write(store, "usace", "run:1")
    store.backdate(Place(VERSIONS_CONTAINER, "writes/usace"), NOW + SECOND)
    assert last_seen(run, "usace") == {}


@pytest.mark.parametrize(
    ("hours", "loads"), [((1, 2), False), ((19.9, 1), False), ((1, 20), True), ((), True)]
)
def test_a_source_is_loaded_again_when_its_oldest_load_is_20_hours_old(
    hours: tuple[float, ...], loads: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(change_detection, "utc_now", lambda: NOW)
    times = [(NOW - timedelta(hours=each)).isoformat() for each in hours]
    seen: Seen = {f"load_{at}": {"loaded_at": at} for at in times}

    assert (reason_to_reload(seen) is not None) is loads


def test_a_daily_metric_of_an_unchanged_source_is_never_a_day_old_and_never_late() -> None:
    several_retries = timedelta(hours=3)
    oldest = RELOAD_AFTER + several_retries
    assert oldest < timedelta(days=1)
    hours = (NOW + timedelta(hours=hour) for hour in range(24 * 14))
    assert not any(is_late("daily", hour - oldest, hour) for hour in hours)


def project(root: Path, **changes: str) -> str:
    """The hash of a small project; a change is a file's content by its path."""
    files = {"requirements.txt": "a", "dags/epa.py": "b", "include/transform/x.sql": "c"}
    files |= changes
    shutil.rmtree(root, ignore_errors=True)
    for name, content in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(content)
    return hash_code(root)


@pytest.mark.parametrize(
    "change",
    [
        {"requirements.txt": "other"},
        {"dags/epa.py": "other"},
        {"include/transform/x.sql": "other"},
        {"plugins/x.py": ""},
        {"include/x.yml": ""},
        {"include/x.yaml": ""},
        {"include/x.pem": ""},
        {"include/deep/er/x.py": ""},
    ],
)
def test_other_code_or_packages_give_another_hash(change: dict[str, str], tmp_path: Path) -> None:
    assert project(tmp_path / "a", **change) != project(tmp_path / "b")


@pytest.mark.parametrize(
    "change",
    [
        {"README.md": ""},
        {"tests/x.py": ""},
        {"include/notes.md": ""},
        {"include/transform/target/x.sql": ""},
        {"include/transform/logs/x.sql": ""},
        {"include/transform/dbt_packages/x.sql": ""},
        {"dags/__pycache__/x.py": ""},
    ],
)
def test_what_is_not_code_changes_no_hash(change: dict[str, str], tmp_path: Path) -> None:
    assert project(tmp_path / "a", **change) == project(tmp_path / "b")


def test_a_deployment_needs_no_file_of_its_packages(tmp_path: Path) -> None:
    assert hash_code(tmp_path)


def test_a_moved_file_is_other_code(tmp_path: Path) -> None:
    one, other = ({f"include/{name}.py": "x"} for name in "ab")
    assert project(tmp_path / "a", **one) != project(tmp_path / "b", **other)


def test_the_fingerprint_is_that_of_the_deployed_files(monkeypatch: pytest.MonkeyPatch) -> None:
    deployed = code_fingerprint()
    monkeypatch.setattr(change_detection, "_hash_of_deployed_files", lambda: hash_code(REPOSITORY))
    assert code_fingerprint() == deployed
    monkeypatch.setattr(change_detection, "_hash_of_deployed_files", lambda: "other")
    assert code_fingerprint() != deployed


def test_another_environment_or_schema_is_another_fingerprint(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found = {code_fingerprint()}
    monkeypatch.setenv("DDRC_SCHEMA_PREFIX", "OTHER")
    found.add(code_fingerprint())
    monkeypatch.setenv("DDRC_ENV", "PRD")
    found.add(code_fingerprint())
    assert len(found) == 3
    assert {len(each) for each in found} == {16}
