"""Change limits: how far a metric may change between two versions without a person's review.

The limits are set beside the metrics' definitions, in the variables of the dbt project.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from include.transform_project import project_variables


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


@dataclass(frozen=True)
class Limits:
    """The limit of each metric; `default` applies to those without their own."""

    default: Limit
    own: Mapping[str, Limit]

    def of(self, metric: str) -> Limit:
        """A metric's limit."""
        return self.own.get(metric, self.default)


def read_limits(variables: Mapping[str, Any]) -> Limits:
    """The limits in a dbt project's variables.

    Raises:
        TypeError: A limit has a key that is not a field of `Limit`.
    """
    default = Limit(**variables["change_limits"])
    computed = (metric for source in variables["metric_definitions"].values() for metric in source)
    given = {metric["name"]: metric.get("limits", {}) for metric in computed}
    given |= variables["hand_kept_limits"]
    return Limits(default, {name: replace(default, **limit) for name, limit in given.items()})


@cache
def declared_limits() -> Limits:
    """The limits of this project's metrics."""
    return read_limits(project_variables())
