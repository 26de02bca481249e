"""The public metrics in groups, each with its words, its change and its trend."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from include.formats import number
from include.incidents.severity import computed_metrics
from include.metric_words import OTHER, TOPICS, label, topic
from include.publishing.contract import Metric
from include.publishing.promotion_log import Promotion
from include.publishing.versions import read_metrics
from include.sources.airtable import AIRTABLE
from include.times import CALIFORNIA
from include.ui.snapshot import Snapshot
from include.ui.versions import by_day

# The size of a trend's picture.
WIDTH, HEIGHT = 72.0, 20.0
_MARGIN = 2.0

# A day of California and the values at its end, by metric.
DayValues = tuple[datetime, Mapping[str, float]]


@dataclass(frozen=True)
class Trend:
    """A metric's values at the end of each of the last days with a publication.

    Attributes:
        points: The line, as SVG writes it; empty with fewer than two values.
        text: The first and the last value, for people who do not see the line.
    """

    points: str = ""
    text: str = ""


@dataclass(frozen=True)
class PublicMetric:
    """A metric in the public file.

    Attributes:
        change: The difference from the version before; `None` for a new metric.
        age: The time since its `LAST_UPDATED`.
        is_late: Whether it is older than its frequency allows.
        source: The DAG of its source.
        trend: Its trend in the last days.
    """

    metric: Metric
    change: float | None
    age: timedelta
    is_late: bool
    source: str
    trend: Trend = Trend()

    @property
    def label(self) -> str:
        """Its name in words."""
        return label(self.metric.name)

    @property
    def unit(self) -> str:
        """Its unit as the public page has it; empty if the label has the same words."""
        unit = self.metric.unit_label
        return "" if unit.lower() in self.label.lower() else unit


def public_metrics(
    metrics: Sequence[Metric],
    before: Sequence[Metric],
    days: Sequence[DayValues],
    late: Mapping[str, str],
    now: datetime,
) -> Iterator[PublicMetric]:
    """The public metrics with what is known of them.

    Args:
        metrics: The metrics of the public file.
        before: Those of the version that was public before; empty if there was none.
        days: The values at the end of each of the last days, the oldest first.
        late: The metrics that are older than their frequency allows.
        now: The current time, in UTC.
    """
    values = {metric.name: metric.value for metric in before or metrics}
    sources = source_of()
    for metric in metrics:
        earlier = values.get(metric.name)
        yield PublicMetric(
            metric,
            None if earlier is None else metric.value - earlier,
            age=now - metric.updated_at,
            is_late=metric.name in late,
            source=sources.get(metric.name, AIRTABLE.name),
            trend=trend_of(metric.name, days),
        )


def source_of() -> dict[str, str]:
    """The source of each computed metric; staff enter the others."""
    return {name: source for source, names in computed_metrics().items() for name in names}


def grouped(metrics: Sequence[PublicMetric]) -> dict[str, list[PublicMetric]]:
    """The metrics by topic, as the dashboard groups them; topics without a metric are left out."""
    groups: dict[str, list[PublicMetric]] = {name: [] for name in (*TOPICS, OTHER)}
    for one in metrics:
        groups[topic(one.metric.name)].append(one)
    return {name: found for name, found in groups.items() if found}


def day_values(store: Snapshot, logged: Sequence[Promotion], now: datetime) -> list[DayValues]:
    """The values at the end of each of the last days with a publication, the oldest first.

    Args:
        store: The storage account.
        logged: The last promotions, the newest first.
        now: The current time, in UTC.
    """
    found = (
        (one.at, {each.name: each.value for each in read_metrics(store, one.version.place, now)})
        for one in reversed(by_day(logged))
    )
    return [(at, values) for at, values in found if values]


def trend_of(name: str, days: Sequence[DayValues]) -> Trend:
    """A metric's trend.

    Args:
        name: The metric.
        days: The values at the end of each of the last days, the oldest first.
    """
    known = [(at, values[name]) for at, values in days if name in values]
    if len(known) < 2:  # noqa: PLR2004
        return Trend()
    values = [value for _, value in known]
    low, high = min(values), max(values)
    day = f"{known[0][0].astimezone(CALIFORNIA):%b %-d}"
    if low == high:
        return Trend(_line([0.5] * len(values)), f"unchanged since {day}")
    line = _line([(value - low) / (high - low) for value in values])
    return Trend(line, f"from {number(values[0])} on {day} to {number(values[-1])}")


def _line(heights: Sequence[float]) -> str:
    """The points of a line through heights from 0, the bottom, to 1."""
    step = (WIDTH - 2 * _MARGIN) / (len(heights) - 1)
    inner = HEIGHT - 2 * _MARGIN
    return " ".join(
        f"{_MARGIN + index * step:.1f},{HEIGHT - _MARGIN - height * inner:.1f}"
        for index, height in enumerate(heights)
    )
