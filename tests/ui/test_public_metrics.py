"""The public metrics on the page Publication: words, groups, changes and trends."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from include.publishing.contract import Metric, parse
from include.ui.metrics import (
    HEIGHT,
    WIDTH,
    DayValues,
    PublicMetric,
    Trend,
    grouped,
    public_metrics,
    trend_of,
)
from tests.publishing.samples import NOW, file, metric

MONDAY = datetime(2026, 11, 23, 20, tzinfo=UTC)


def metrics(**values: float) -> list[Metric]:
    return parse(file(*(metric(name, value) for name, value in values.items())), NOW)


def shown(found: list[Metric], before: list[Metric]) -> dict[str, PublicMetric]:
    return {one.metric.name: one for one in public_metrics(found, before, (), {}, NOW)}


def days(*values: float | None) -> list[DayValues]:
    """The values of a metric on Monday and the days after it."""
    return [
        (MONDAY + timedelta(days=day), {} if value is None else {"a": value})
        for day, value in enumerate(values)
    ]


def points(trend: Trend) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in (one.split(",") for one in trend.points.split())]


def test_a_change_is_from_the_version_that_was_public_before() -> None:
    found = shown(metrics(a=7, b=8, c=1), metrics(a=9, b=8, gone=3))
    assert {name: one.change for name, one in found.items()} == {"a": -2, "b": 0, "c": None}


def test_the_first_version_changes_nothing() -> None:
    assert {one.change for one in shown(metrics(a=7, b=8), []).values()} == {0}


def test_a_metric_has_its_source_and_its_age() -> None:
    found = shown(metrics(cleanup_phase1_complete=1, schools=2), [])
    assert {name: one.source for name, one in found.items()} == {
        "cleanup_phase1_complete": "epa",
        "schools": "airtable",
    }
    assert found["schools"].age == timedelta(hours=3)


@pytest.mark.parametrize(
    ("name", "unit", "expected"),
    [
        ("malibu_building_permits_issued", "permits issued", ""),
        ("malibu_building_permits_issued", "Permits Issued", ""),
        ("cleanup_phase1_complete", "cleanups completed", "cleanups completed"),
    ],
)
def test_a_unit_is_shown_unless_the_label_says_the_same(
    name: str, unit: str, expected: str
) -> None:
    [found] = parse(file(metric(name, METRIC_UNIT_LABEL=unit)), NOW)
    [one] = public_metrics([found], [], (), {}, NOW)
    assert one.unit == expected


def test_metrics_are_grouped_by_topic_in_a_fixed_order() -> None:
    found = shown(
        metrics(new_one=1, air_planned=1, la_city_in_review=1, cleanup_a=1, phase2_b=1), []
    )
    groups = grouped(list(found.values()))
    names = {topic: [one.metric.name for one in members] for topic, members in groups.items()}
    assert list(names) == ["Debris removal", "Rebuilding", "Water and air", "Other"]
    assert names["Debris removal"] == ["cleanup_a", "phase2_b"]
    assert grouped([]) == {}


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ((60, 80, 1_044.5), "from 60 on Nov 23 to 1,044.50"),
        ((5, 9, 5), "from 5 on Nov 23 to 5"),
        ((5, 5), "unchanged since Nov 23"),
        ((None, 5, 6), "from 5 on Nov 24 to 6"),
        ((5,), ""),
        ((None, 5), ""),
        ((), ""),
    ],
)
def test_a_trend_is_a_sentence_for_people_who_do_not_see_it(
    values: tuple[float | None, ...], text: str
) -> None:
    trend = trend_of("a", days(*values))
    assert trend.text == text
    assert bool(trend.points) is bool(text)


def test_a_line_rises_with_the_values_and_stays_in_its_picture() -> None:
    line = points(trend_of("a", days(10, 20, 15, 40)))
    assert all(0 <= x <= WIDTH and 0 <= y <= HEIGHT for x, y in line)
    assert all(x < later for (x, _), (later, _) in pairwise(line))
    # SVG counts from the top.
    first, second, third, last = (y for _, y in line)
    assert first > third > second > last


def test_a_flat_line_is_in_the_middle() -> None:
    assert {y for _, y in points(trend_of("a", days(3, 3, 3)))} == {HEIGHT / 2}
