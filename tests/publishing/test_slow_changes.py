"""Changes that are small each time and too large in a day: a person reviews them too."""

import pytest

from include.publishing.audit import check_candidate
from include.publishing.change_limits import Limit, Limits
from include.publishing.contract import Metric, parse
from tests.publishing.samples import NOW, file, metric

LIMITS = Limits(Limit(), {"queue": Limit(may_fall=True), "free": Limit(jump=2.0)})


def values(**of: float) -> list[dict[str, object]]:
    return [metric(name, value) for name, value in of.items()]


def metrics(**of: float) -> list[Metric]:
    return parse(file(*values(**of)), NOW) if of else []


@pytest.mark.parametrize(
    ("day_ago", "before", "after", "found"),
    [
        # Without values of a day ago, the last version alone counts.
        ({}, {"a": 1_240}, {"a": 1_537}, []),
        ({"a": 1_000}, {"a": 1_000}, {"a": 1_250}, []),
        ({"a": 1_000}, {"a": 1_240}, {"a": 1_250}, []),
        ({"a": 1_000}, {"a": 1_240}, {"a": 1_251},
         ["a: 1,240 → 1,251 (changed by more than 25% in a day, from 1,000)"]),
        ({"a": 1_000}, {"a": 1_240}, {"a": 1_240}, []),
        ({"queue": 1_000}, {"queue": 800}, {"queue": 740},
         ["queue: 800 → 740 (changed by more than 25% in a day, from 1,000)"]),
        # A few units are never too many, and a metric has its own limits.
        ({"a": 10}, {"a": 30}, {"a": 35}, []),
        ({"a": 10}, {"a": 30}, {"a": 36},
         ["a: 30 → 36 (changed by more than 25% in a day, from 10)"]),
        ({"free": 100}, {"free": 250}, {"free": 300}, []),
        # What is suspicious already says its own reason.
        ({"a": 1_000}, {"a": 900}, {"a": 1_300}, ["a: 900 → 1,300 (changed by more than 25%)"]),
        ({"a": 1_000}, {"a": 1_000, "b": 5}, {"a": 1_000}, ["b: 5 → none (vanished)"]),
    ],
)  # fmt: skip
def test_a_change_that_exceeds_its_limit_within_a_day_is_suspicious(
    day_ago: dict[str, float],
    before: dict[str, float],
    after: dict[str, float],
    found: list[str],
) -> None:
    verdict = check_candidate(
        file(*values(**after)), file(*values(**before)), LIMITS, NOW, day_ago=metrics(**day_ago)
    )
    assert [str(one) for one in verdict.suspicious] == found


def test_slow_changes_are_listed_before_those_within_limits() -> None:
    verdict = check_candidate(
        file(*values(a=2, b=1_260)),
        file(*values(a=1, b=1_240)),
        LIMITS,
        NOW,
        day_ago=metrics(a=1, b=1_000),
    )
    assert [one.metric for one in verdict.differences] == ["b", "a"]
