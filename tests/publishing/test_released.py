"""What the sources have released, compared with what is public."""

from datetime import datetime, timedelta

import pytest

from include.publishing.contract import parse
from include.publishing.released import (
    Comparison,
    Unpublished,
    compare,
    fingerprint,
    read_released,
    wanted_metrics,
)
from include.publishing.store import Stored
from include.publishing.versions import PUBLISHED
from tests.publishing.memory_store import MemoryStore
from tests.publishing.samples import NOW, file, metric, publish, release, released

AT = timedelta(minutes=1)


def stored(content: bytes, at: datetime = NOW) -> Stored:
    return Stored(content, etag="1", metadata={}, modified_at=at)


def compared(
    public: list[object] | bytes | None, **of: list[dict[str, object]] | bytes | None
) -> Comparison:
    """The comparison of these metrics of each source with the public ones."""
    found = {
        source: stored(metrics if isinstance(metrics, bytes) else file(*metrics))
        for source, metrics in of.items()
        if metrics
    }
    if isinstance(public, list):
        public = file(*public)
    return compare(found, None if public is None else stored(public), NOW)


def differences(found: Comparison) -> list[tuple[str, float | None, float | None, str]]:
    return [
        (
            one.name,
            one.public.value if one.public else None,
            one.released.value if one.released else None,
            one.source,
        )
        for one in found.unpublished
    ]


@pytest.mark.parametrize(
    ("public", "airtable", "epa", "unpublished"),
    [
        # Equal: nothing is to publish, whatever the order and the spelling of a time.
        ([metric("a", 1), metric("b", 2)], [metric("b", 2)], [metric("a", 1)], []),
        (
            [metric("a", LAST_UPDATED="2026-11-24T12:00:00Z")],
            [metric("a", LAST_UPDATED="2026-11-24T12:00:00.000+00:00")],
            None,
            [],
        ),
        ([metric("a", 1.0)], [metric("a", 1)], None, []),
        # A computed metric wins over one that staff enter; theirs is public while none is computed.
        ([metric("a", 1)], [metric("a", 9), metric("b", 2)], [metric("a", 1)],
         [("b", None, 2, "airtable")]),
        ([metric("a", 9)], [metric("a", 9)], [metric("a", 1)], [("a", 9, 1, "epa")]),
        ([metric("a", 1)], [metric("a", 9)], [metric("b", 2)],
         [("a", 1, 9, "airtable"), ("b", None, 2, "epa")]),
        # New, vanished, and of a source without any release.
        ([metric("a")], [metric("a"), metric("new", 3)], None, [("new", None, 3, "airtable")]),
        ([metric("a"), metric("gone", 3)], [metric("a")], None, [("gone", 3, None, "")]),
        ([metric("gone", 3)], None, None, [("gone", 3, None, "")]),
        (None, [metric("a", 1)], None, [("a", None, 1, "airtable")]),
        (b"<html>", [metric("a", 1)], None, [("a", None, 1, "airtable")]),
        (None, None, None, []),
        # Another value, or the same value with another word or time.
        ([metric("a", 1)], [metric("a", 2)], None, [("a", 1, 2, "airtable")]),
        *(
            ([metric("a")], [metric("a", **change)], None, [("a", 8, 8, "airtable")])
            for change in (
                {"METRIC_UNIT_LABEL": "schools"},
                {"METRIC_TYPE": "dollars - millions"},
                {"UPDATE_FREQUENCY": "weekly"},
                {"LAST_UPDATED": "2026-11-24T12:00:00.001Z"},
            )
        ),
    ],
)  # fmt: skip
def test_a_metric_is_unpublished_if_its_released_state_is_not_public(
    public: list[object] | bytes | None,
    airtable: list[dict[str, object]] | None,
    epa: list[dict[str, object]] | None,
    unpublished: list[object],
) -> None:
    found = compared(public, airtable=airtable, epa=epa)
    assert differences(found) == unpublished
    assert found.is_public is (not unpublished)


def test_the_states_of_an_unpublished_metric_are_complete() -> None:
    found = compared([metric("a", 1)], epa=[metric("a", 2, METRIC_UNIT_LABEL="new")])
    [public] = parse(file(metric("a", 1)), NOW)
    [now] = parse(file(metric("a", 2, METRIC_UNIT_LABEL="new")), NOW)
    assert found.unpublished == (Unpublished("a", public, now, "epa"),)


def test_unpublished_metrics_are_in_the_order_of_their_names() -> None:
    names = [f"metric_{number:02}" for number in range(20)]
    found = compared([metric(name) for name in names[::2]], epa=[metric(name, 9) for name in names])
    assert [one.name for one in found.unpublished] == names


def test_a_broken_released_file_is_named_and_is_not_public() -> None:
    found = compared([metric("a")], malibu=file(metric("b", -1)), airtable=[metric("a")])
    [sentence] = found.broken
    assert sentence.startswith("sources/malibu.json: The file breaks its contract: b: a count")
    assert sentence.endswith(".")
    assert found.unpublished == ()
    assert not found.is_public


def test_of_two_computed_metrics_of_one_name_the_later_source_by_name_counts() -> None:
    metrics = {name: parse(file(metric("a", n)), NOW) for n, name in enumerate(("epa", "usace"))}
    assert wanted_metrics(metrics)["a"][1] == "usace"
    assert wanted_metrics(dict(reversed(metrics.items())))["a"][1] == "usace"


def test_the_same_wanted_metrics_have_one_fingerprint_whoever_released_them() -> None:
    one = compared(None, airtable=[metric("a", 9), metric("b", 2)], epa=[metric("a", 1)])
    other = compared([metric("c")], epa=[metric("b", 2), metric("a", 1.0)])
    candidate = parse(file(metric("a", 1), metric("b", 2)), NOW)
    assert one.wanted == other.wanted == fingerprint(candidate)
    assert compared(None, epa=[metric("a", 1), metric("b", 3)]).wanted != one.wanted


@pytest.mark.parametrize(
    ("airtable", "epa", "public", "since"),
    [
        # Both differ: the older release, unless a promotion came later.
        (NOW - 9 * AT, NOW - 5 * AT, NOW - 20 * AT, NOW - 9 * AT),
        (NOW - 9 * AT, NOW - 5 * AT, NOW - 7 * AT, NOW - 7 * AT),
        (NOW - 9 * AT, NOW - 5 * AT, None, NOW - 9 * AT),
    ],
)
def test_metrics_are_not_public_since_the_oldest_release_or_the_last_promotion(
    airtable: datetime, epa: datetime, public: datetime | None, since: datetime
) -> None:
    found = {
        "airtable": stored(file(metric("a", 1)), airtable),
        "epa": stored(file(metric("b", 1)), epa),
        "usace": stored(file(metric("same", 1)), NOW - 40 * AT),
    }
    served = stored(file(metric("same", 1)), public) if public else None
    if served is None:
        del found["usace"]
    assert compare(found, served, NOW).since == since


def test_a_metric_that_no_source_has_is_wrong_since_it_was_promoted() -> None:
    served = stored(file(metric("gone")), NOW - 7 * AT)
    assert compare({}, served, NOW).since == NOW - 7 * AT
    assert compare({}, None, NOW).since is None
    same = compare({"epa": stored(file(metric("gone")))}, served, NOW)
    assert (same.since, same.is_public) == (None, True)


def test_the_released_files_of_published_sources_are_read(store: MemoryStore) -> None:
    for source in ("epa", "airtable", "page_feedback", "somebody"):
        release(store, file(metric(source)), source)
    publish(store, file(metric("epa"), metric("airtable")))
    found = read_released(store)
    assert found == {name: store.need(released(name)) for name in ("airtable", "epa")}
    assert compare(found, store.read(PUBLISHED), NOW).is_public
