"""Change limits: how far a metric may change between two versions without a person's review.

`change_limits` in `dbt_project.yml` is the default; a metric's own limits are in its mart's YAML.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from include.transform_project import (
    MetricDefinition,
    hand_kept_limits,
    metric_definitions,
    project_variables,
)


@dataclass(frozen=True)
class Limit:
    """The changes of a metric that need no review.

    Attributes:
        may_fall: Whether its value may become smaller; cumulative counts may not.
        jump: The largest change, as a share of the value before.
        least: A change of up to this many units is never too large, however small the value.
    """

    may_fall: bool = False
    jump: float = 0.25
    least: float = 25.0

    def jumps(self, before: float, after: float) -> bool:
        """True if a change from one value to another is too large."""
        return abs(after - before) > max(self.least, self.jump * abs(before))


@dataclass(frozen=True)
class Limits:
    """The limit of each metric; `default` applies to those without their own.

    Attributes:
        default: The limit of every metric without its own.
        own: The other metrics' limits, by name.
        computed: The names of the computed metrics, whose marts were reviewed as code.
    """

    default: Limit
    own: Mapping[str, Limit]
    computed: frozenset[str] = frozenset()

    def of(self, metric: str) -> Limit:
        """A metric's limit."""
        return self.own.get(metric, self.default)


def read_limits(
    default: Mapping[str, Any],
    computed: Iterable[MetricDefinition],
    hand_kept: Mapping[str, Mapping[str, Any]],
) -> Limits:
    """The limits as the dbt project declares them.

    Args:
        default: The limit of every metric without its own.
        computed: The computed metrics.
        hand_kept: The limits of metrics that staff enter, by name.

    Raises:
        TypeError: A limit has a key that is not a field of `Limit`.
    """
    limit = Limit(**default)
    of_computed = {metric.name: metric.limits for metric in computed}
    own = {
        name: replace(limit, **changes) for name, changes in (of_computed | dict(hand_kept)).items()
    }
    return Limits(limit, own, frozenset(of_computed))


@cache
def declared_limits() -> Limits:
    """The limits of this project's metrics.

    Raises:
        DefinitionError: A mart's YAML is wrong.
    """
    computed = (metric for metrics in metric_definitions().values() for metric in metrics)
    return read_limits(project_variables()["change_limits"], computed, hand_kept_limits())
