"""How grave a failure is, by what the public sees now and by what the step could have touched."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import yaml  # type: ignore[import-untyped]

from include.incidents.alert_types import Kind
from include.incidents.text import listed
from include.publishing.change_limits import PROJECT
from include.publishing.public_file import PublicFile
from include.sources import AIRTABLE

HIGH, LOW = "high", "low"
_NAMED = 6


@dataclass(frozen=True)
class Judgement:
    """The severity of a failure, and why.

    Attributes:
        severity: `high` or `low`.
        why: The reason, in one sentence.
        sees: What the public sees now, in one sentence.
        affected: The metrics that the failed step stands for.
    """

    severity: str
    why: str
    sees: str
    affected: tuple[str, ...] = ()

    @property
    def high(self) -> bool:
        """Whether the public sees something wrong."""
        return self.severity == HIGH


def judge(dag: str, task: str, kind: Kind, seen: PublicFile | None) -> Judgement:
    """Judge a failure.

    Args:
        seen: What is at the public address; null where that could not be found out.
    """
    if seen is None:
        return _in_the_dark(kind)
    affected = affected_metrics(dag, task, seen.metrics, computed_metrics())
    if seen.not_yet:
        nothing = "Nothing has been published yet, so nothing wrong is public."
        return Judgement(LOW, nothing, "No file yet.", affected)
    if seen.wrong:
        return Judgement(HIGH, seen.wrong[0], "Something wrong, or nothing.", affected)
    if late := tuple(name for name in affected if name in seen.late):
        return Judgement(
            HIGH, seen.late[late[0]], f"Values beyond their time: {listed(late, _NAMED)}.", affected
        )
    version = seen.version.version if seen.version else "unknown"
    run = f", promoted by the run {seen.version.run}" if seen.version and seen.version.run else ""
    could = "checked after the failure" if kind.touches else "which this step does not touch"
    return Judgement(
        LOW,
        f"The last good version is served, {could}.",
        f"Right values, as of version {version}{run}.",
        affected,
    )


def affected_metrics(
    dag: str, task: str, published: tuple[str, ...], computed: Mapping[str, tuple[str, ...]]
) -> tuple[str, ...]:
    """The metrics whose values a failed step stands for.

    Args:
        published: The metrics that are public.
        computed: The metrics that are computed from a source, by the source.
    """
    source = task if dag == "check_freshness" else dag
    if source == AIRTABLE.name:
        ours = {name for names in computed.values() for name in names}
        return tuple(name for name in published if name not in ours)
    if source in _variables()["for_analysis"]:
        return ()  # They are not in the public file.
    return computed.get(source, published)


def _in_the_dark(kind: Kind) -> Judgement:
    why = "What is served could not be looked at: the storage account does not answer."
    if kind.touches:
        return Judgement(HIGH, f"{why} This step may have changed it.", "Unknown.")
    return Judgement(LOW, f"{why} This step does not touch it.", "Most likely the last version.")


def computed_metrics() -> dict[str, tuple[str, ...]]:
    """The metrics that are computed from a source, by the source."""
    return {
        source: tuple(metric["name"] for metric in metrics)
        for source, metrics in _variables()["metric_definitions"].items()
    }


@cache
def _variables() -> dict[str, Any]:
    variables: dict[str, Any] = yaml.safe_load(PROJECT.read_text())["vars"]
    return variables
