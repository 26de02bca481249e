"""The versions to choose from: people recognize a line, and a line means one version."""

from hashlib import sha256

import pytest

from include.pipeline.version_choices import (
    LONGEST,
    differences_table,
    find_chosen,
    list_versions,
    restore_differences,
    version_time,
)
from include.publishing.names import VERSIONS_CONTAINER
from include.publishing.store import Place
from include.publishing.versions import restorable_versions, version_of
from tests.publishing.memory_store import MemoryStore
from tests.publishing.samples import NOW, file, metric, publish

PERMITS = "pasadena_building_permits_issued"


def name(time: str, value: int) -> str:
    return f"20261124T{time}Z-{sha256(str(value).encode()).hexdigest()[:12]}"


def table(store: MemoryStore) -> list[str]:
    return list_versions(store, restorable_versions(store, NOW), NOW)[1].splitlines()


@pytest.fixture
def saved(store: MemoryStore) -> MemoryStore:
    """Three versions; the newest is public."""
    for time, value in (("003900", 60), ("013900", 80), ("023900", 104)):
        publish(store, file(metric(PERMITS, value), metric("schools", value)), name(time, value))
    return store


def lines(store: MemoryStore) -> list[str]:
    return list_versions(store, restorable_versions(store, NOW), NOW)[0]


def test_a_line_has_the_time_in_california_and_the_values_that_would_change(
    saved: MemoryStore,
) -> None:
    changes = (
        "5:39 PM PST · Pasadena building permits issued 104 → 80, 1 more",
        "4:39 PM PST · Pasadena building permits issued 104 → 60, 1 more",
    )
    hashes = [name("", value).partition("-")[2][:6] for value in (80, 60)]
    assert lines(saved) == [
        f"Mon Nov 23, {change} · {found}" for change, found in zip(changes, hashes, strict=True)
    ]


def test_the_table_says_what_each_version_would_change(saved: MemoryStore) -> None:
    assert table(saved) == [
        "| version of | what restoring it would change | audit | name |",
        "|---|---|---|---|",
        f"| Mon Nov 23, 5:39 PM PST | Pasadena building permits issued 104 → 80; Schools 104 → 80"
        f" | valid | `{name('013900', 80)}` |",
        f"| Mon Nov 23, 4:39 PM PST | Pasadena building permits issued 104 → 60; Schools 104 → 60"
        f" | valid | `{name('003900', 60)}` |",
    ]


@pytest.mark.parametrize(
    ("metrics", "said"), [(6, "M5 2 → 1 | valid"), (7, "M5 2 → 1; and 1 more | valid")]
)
def test_six_changes_are_listed_and_more_are_counted(
    metrics: int, said: str, store: MemoryStore
) -> None:
    for time, value in (("003900", 1), ("013900", 2)):
        publish(store, file(*(metric(f"m{n}", value) for n in range(metrics))), name(time, value))
    assert said in table(store)[-1]


def test_a_version_with_the_same_values_is_said_to_change_nothing(store: MemoryStore) -> None:
    for time, value in (("003900", 1), ("013900", 2)):
        publish(store, file(metric("a", 1)), name(time, value))
    assert " | nothing | valid | " in table(store)[-1]


def test_the_table_of_a_versions_changes_is_markdown(store: MemoryStore) -> None:
    publish(store, file(metric("a", 1), metric("schools_resumed", 1_000)), name("003900", 1))
    publish(store, file(metric("a", 2), metric("schools_resumed", 2_000)), name("013900", 2))
    version = version_of(store.need(Place(VERSIONS_CONTAINER, f"{name('003900', 1)}.json")))
    assert differences_table(restore_differences(store, version, NOW)) == (
        "| metric | public now | restored |\n|---|---:|---:|\n"
        "| A (`a`) | 2 | 1 |\n| Schools resumed (`schools_resumed`) | 2,000 | 1,000 |"
    )


def test_without_a_change_the_table_of_a_version_is_a_sentence() -> None:
    assert differences_table([]) == "No value would change."


def test_no_line_is_too_long_to_be_shown_whole(store: MemoryStore) -> None:
    long = "a_metric_with_a_very_long_name_that_nobody_would_choose_but_somebody_did"
    for time, value in (("003900", 1), ("013900", 9_876_543_210)):
        publish(store, file(metric(long, value)), name(time, value))
    [line] = lines(store)
    assert len(line) <= LONGEST
    assert find_chosen(store, line, NOW) == name("003900", 1)


def test_each_line_means_its_version_also_after_another_one_was_published(
    saved: MemoryStore,
) -> None:
    shown = lines(saved)
    publish(saved, file(metric(PERMITS, 7)), name("033900", 7))
    assert [find_chosen(saved, line, NOW) for line in shown] == [
        name("013900", 80),
        name("003900", 60),
    ]


def test_two_versions_of_one_minute_have_different_lines(store: MemoryStore) -> None:
    for time, value in (("003901", 1), ("003902", 2), ("013900", 3)):
        publish(store, file(metric("schools", value)), name(time, value))
    shown = lines(store)
    assert len(set(shown)) == 2
    assert [find_chosen(store, line, NOW) for line in shown] == [
        name("003902", 2),
        name("003901", 1),
    ]


def test_a_version_that_changes_no_value_says_so(store: MemoryStore) -> None:
    for time, updated in (("003900", "2026-11-23"), ("013900", "2026-11-24")):
        content = file(metric("schools", 7, LAST_UPDATED=f"{updated}T00:00:00Z"))
        publish(store, content, name(time, int(updated[-2:])))
    [line] = lines(store)
    assert "no value changes" in line


@pytest.mark.parametrize("text", ["", "  ", "nonsense", "a · b"])
def test_a_text_that_means_no_version_is_none(text: str, saved: MemoryStore) -> None:
    assert find_chosen(saved, text, NOW) == ""


def test_a_name_without_a_time_is_shown_as_it_is() -> None:
    assert version_time("v1") == "v1"
