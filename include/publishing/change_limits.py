"""How far a metric may change between two versions before a person has to look.

The limits stand beside the metrics' definitions, in the vars of the dbt project.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import yaml  # type: ignore[import-untyped]

PROJECT = Path(__file__).parents[1] / "transform" / "dbt_project.yml"


@dataclass(frozen=True)
class Limit:
    """What is ordinary for a metric.

    Attributes:
        may_fall: Whether its value may become smaller; cumulative counts may not.
        jump: The largest ordinary change, as a share of the value before.
        least: A change up to this many units is never a jump, however small the value.
    """

    may_fall: bool = False
    jump: float = 0.25
    least: float = 25.0


@dataclass(frozen=True)
class Limits:
    """The limit of each metric; `default` for those that have none of their own."""

    default: Limit
    own: Mapping[str, Limit]

    def of(self, metric: str) -> Limit:
        """A metric's limit."""
        return self.own.get(metric, self.default)


def read_limits(variables: Mapping[str, Any]) -> Limits:
    """The limits in a dbt project's vars.

    Raises:
        TypeError: A limit has a name that `Limit` has not.
    """
    default = Limit(**variables["change_limits"])
    computed = (metric for source in variables["metric_definitions"].values() for metric in source)
    given = {metric["name"]: metric.get("limits", {}) for metric in computed}
    given |= variables["hand_kept_limits"]
    return Limits(default, {name: replace(default, **limit) for name, limit in given.items()})


@cache
def declared_limits() -> Limits:
    """The limits of this project's metrics."""
    return read_limits(yaml.safe_load(PROJECT.read_text())["vars"])
