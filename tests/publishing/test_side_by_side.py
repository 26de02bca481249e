"""The comparison with the earlier system's file, metric by metric."""

from dataclasses import replace
from typing import Any

import pytest

from include.publishing.contract import parse
from include.publishing.earlier import EarlierFile, parse_rows
from include.publishing.holds import Hold
from include.publishing.names import PUBLIC_CONTAINER
from include.publishing.reconcile import read_publishing
from include.publishing.side_by_side import (
    FIELDS,
    Result,
    SideBySide,
    compare_with_earlier,
    read_side_by_side,
)
from include.publishing.store import Place
from tests.publishing.memory_store import MemoryStore
from tests.publishing.samples import NOW, file, metric, publish, release

URL = "https://earlier.example/ddrc-metrics.json"
EARLIER = Place(PUBLIC_CONTAINER, "earlier.json")


def compare(there: bytes, here: bytes | None, **options: Any) -> SideBySide:
    """The comparison of two files; `None` for a file that does not exist."""
    rows, problems = parse_rows(there, NOW)
    own = parse(here, NOW) if here else ()
    return compare_with_earlier(EarlierFile(URL, rows, problems), own, **options)


def results(found: SideBySide) -> dict[str, tuple[str, tuple[str, ...]]]:
    """Each metric's result with the fields that differ."""
    return {one.name: (one.result.value, one.differing) for one in found.metrics}


@pytest.mark.parametrize(
    ("there", "differing"),
    [
        ({}, ()),
        ({"METRIC_VALUE": 8.0}, ()),
        ({"METRIC_VALUE": 9}, ("value",)),
        ({"METRIC_VALUE": 0}, ("value",)),
        # The page shows a text without its separators.
        ({"METRIC_VALUE": "8"}, ("value",)),
        ({"METRIC_VALUE": True}, ("value",)),
        ({"METRIC_VALUE": None}, ("value",)),
        ({"METRIC_VALUE": [8]}, ("value",)),
        ({"METRIC_VALUE": 10**400}, ("value",)),
        # The same time in other words.
        ({"LAST_UPDATED": "2026-11-24T12:00:00Z"}, ()),
        ({"LAST_UPDATED": "2026-11-24T12:00:00+00:00"}, ()),
        ({"LAST_UPDATED": "2026-11-24T04:00:00-08:00"}, ()),
        ({"LAST_UPDATED": " 2026-11-24T12:00:00Z\n"}, ()),
        ({"LAST_UPDATED": "2026-11-24T12:00:01Z"}, ("time",)),
        ({"LAST_UPDATED": "2026-11-24T12:00:00"}, ("time",)),
        ({"LAST_UPDATED": "0001-01-01T00:00:00+14:00"}, ("time",)),
        ({"LAST_UPDATED": "yesterday"}, ("time",)),
        ({"LAST_UPDATED": 1_764_000_000_000}, ("time",)),
        ({"METRIC_UNIT_LABEL": "TK"}, ("unit",)),
        ({"METRIC_TYPE": "number"}, ("type",)),
        ({"UPDATE_FREQUENCY": "hourly"}, ("frequency",)),
        ({"METRIC_VALUE": 7, "METRIC_UNIT_LABEL": "TK"}, ("value", "unit")),
        # The page reads none of the other keys.
        ({"MORE": "more"}, ()),
    ],
)
def test_a_metric_in_both_files_is_the_same_or_differs_in_some_fields(
    there: dict[str, object], differing: tuple[str, ...]
) -> None:
    found = compare(file(metric("a") | there), file(metric("a")))
    result = Result.DIFFERS if differing else Result.SAME
    assert results(found) == {"a": (result, differing)}
    assert found.is_same is (not differing)


@pytest.mark.parametrize("key", FIELDS.values())
def test_a_key_that_is_missing_differs_and_is_said_to_be_missing(key: str) -> None:
    there = {name: value for name, value in metric("a").items() if name != key}
    [one] = compare(file(there), file(metric("a"))).metrics
    [field] = one.differing
    assert FIELDS[field] == key
    assert one.earlier[field] == "missing"
    assert one.own[field] != "missing"


def test_both_sides_are_shown_as_people_read_them() -> None:
    ugly = metric("a", "9668", LAST_UPDATED="soon\n\x1b[2J", METRIC_UNIT_LABEL="TK")
    right = metric("a", 9668, LAST_UPDATED="2026-11-24T12:00:00.000Z")
    [one] = compare(file(ugly), file(right)).metrics
    assert (one.earlier["value"], one.own["value"]) == ('"9668"', "9,668")
    assert (one.earlier["time"], one.own["time"]) == ("soon [2J", "Tue Nov 24, 4:00 AM PST")
    assert (one.earlier["unit"], one.own["unit"]) == ("TK", "schools resumed")


@pytest.mark.parametrize("time", ["2026-11-24T12:00:30Z", "2020-11-24T12:00:00Z"])
def test_times_that_look_the_same_and_differ_are_shown_in_full(time: str) -> None:
    there, here = metric("a", LAST_UPDATED=time), metric("a", LAST_UPDATED="2026-11-24T12:00:00Z")
    [one] = compare(file(there), file(here)).metrics
    assert (one.earlier["time"], one.own["time"]) == (time, "2026-11-24T12:00:00Z")


def test_those_that_differ_come_first_and_are_counted_in_one_line() -> None:
    found = compare(
        file(metric("same"), metric("there"), metric("z", 1), metric("b", 1)),
        file(metric("same"), metric("here"), metric("z", 2), metric("b", 2)),
    )
    assert results(found) == {
        "b": ("differs", ("value",)),
        "z": ("differs", ("value",)),
        "there": ("only in the earlier file", ()),
        "here": ("only here", ()),
        "same": ("same", ()),
    }
    assert list(results(found)) == ["b", "z", "there", "here", "same"]
    assert found.summary == ("5 metrics: 2 differ, 1 only in the earlier file, 1 only here, 1 same")
    assert not found.is_same


@pytest.mark.parametrize(("ignored", "is_same"), [(["unit"], False), (["unit", "time"], True)])
def test_a_field_that_is_ignored_does_not_count(ignored: list[str], is_same: bool) -> None:
    there = metric("a", METRIC_UNIT_LABEL="TK", LAST_UPDATED="2026-11-24T11:00:00Z")
    found = compare(file(there), file(metric("a")), ignored=ignored)
    assert found.is_same is is_same
    assert found.metrics[0].differing == (() if is_same else ("time",))


def test_without_the_earlier_file_no_metric_is_said_to_be_missing_in_it() -> None:
    gone = EarlierFile(URL, fault="The earlier file is missing: its address answers 404.")
    found = compare_with_earlier(gone, parse(file(metric("a")), NOW))
    assert (found.metrics, found.summary) == ((), "There is nothing to compare")
    assert not found.is_same


def test_a_release_that_breaks_the_contract_makes_the_files_differ() -> None:
    same = compare(file(metric("a")), file(metric("a")))
    assert same.is_same
    assert not replace(same, problems=("epa_metrics.json: it is empty.",)).is_same


def test_without_metrics_of_its_own_everything_is_only_there() -> None:
    assert results(compare(file(metric("a")), None)) == {"a": ("only in the earlier file", ())}


@pytest.fixture
def both(store: MemoryStore) -> MemoryStore:
    """An account whose earlier file has a metric of staff and one of EPA; own differ by one."""
    store.unload(EARLIER, file(metric("a", 1), metric("cleanup_phase1_complete", 9000)))
    release(store, file(metric("a", 2), metric("cleanup_phase1_complete", 5)))
    release(store, file(metric("cleanup_phase1_complete", 9000)), "epa")
    return store


def read(store: MemoryStore) -> SideBySide:
    return read_side_by_side(store, read_publishing(store, NOW), store.public_url(EARLIER), NOW)


def test_the_summary_names_only_the_results_that_there_are() -> None:
    assert compare(file(metric("a")), file(metric("a"))).summary == "1 metric: 1 same"


def test_before_anything_is_public_the_released_metrics_are_compared_by_the_summarys_rule(
    both: MemoryStore,
) -> None:
    found = read(both)
    assert results(found) == {
        "a": ("differs", ("value",)),
        # The computed metric wins over the one that staff entered.
        "cleanup_phase1_complete": ("same", ()),
    }
    assert not found.is_public


def test_once_something_is_public_the_public_file_is_compared(both: MemoryStore) -> None:
    publish(both, file(metric("a", 1), metric("cleanup_phase1_complete", 9000)))
    found = read(both)
    assert found.is_same
    assert found.is_public


def test_a_field_that_is_ignored_does_not_count_in_the_account_either(both: MemoryStore) -> None:
    state, url = read_publishing(both, NOW), both.public_url(EARLIER)
    assert not read_side_by_side(both, state, url, NOW, ["unit"]).is_same
    assert read_side_by_side(both, state, url, NOW, ["value"]).is_same


def test_on_the_way_back_what_would_be_published_is_compared(
    both: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DDRC_EARLIER_PUBLIC_URL", URL)
    publish(both, file(metric("a", 1), metric("cleanup_phase1_complete", 9000)))
    held = Hold("v1", "Ada", "The count is wrong", NOW, "run", is_until_switch=True)
    state = replace(read_publishing(both, NOW), last_hold=held)
    found = read_side_by_side(both, state, both.public_url(EARLIER), NOW)
    assert (found.is_public, found.is_same) == (False, False)


def test_a_released_file_that_breaks_the_contract_is_a_problem_and_its_metrics_are_missing(
    both: MemoryStore,
) -> None:
    release(both, b"[]", "epa")
    found = read(both)
    [problem] = found.problems
    assert problem.startswith("sources/epa.json breaks its contract: ")
    assert not found.is_same
