"""Severity of a failure: by what the public sees now, and by what the failed step can change."""

from collections.abc import Mapping
from dataclasses import dataclass

from include.incidents.alert_types import AlertType
from include.incidents.text import join_names
from include.publishing.public_file import PublicFile
from include.sources import SOURCES
from include.transform_project import metric_definitions

HIGH, LOW = "high", "low"
_MOST_NAMES = 6


@dataclass(frozen=True)
class Assessment:
    """The severity of a failure, with its reason.

    Attributes:
        severity: `high` or `low`.
        why: The reason, in one sentence.
        public_sees: What the public sees now, in one sentence.
        affected: The public metrics that come from the failed step.
    """

    severity: str
    why: str
    public_sees: str
    affected: tuple[str, ...] = ()

    @property
    def is_high(self) -> bool:
        """True if the public sees something wrong."""
        return self.severity == HIGH


def assess_severity(
    dag: str, task: str, alert_type: AlertType, public_file: PublicFile | None
) -> Assessment:
    """Assess the severity of a failed task.

    Args:
        dag: The DAG of the failed task.
        task: The failed task.
        alert_type: The task's alert type.
        public_file: The state of the public file; `None` if it could not be checked.
    """
    if public_file is None:
        return _without_public_file(alert_type)
    affected = affected_metrics(dag, task, public_file.metrics, computed_metrics())
    if public_file.not_yet:
        why = "Nothing has been published yet, so nothing wrong is public."
        return Assessment(LOW, why, "No file yet.", affected)
    if public_file.wrong:
        return Assessment(HIGH, public_file.wrong[0], "Wrong data, or no data.", affected)
    if late := tuple(name for name in affected if name in public_file.late):
        return Assessment(
            HIGH,
            public_file.late[late[0]],
            f"Values that are out of date: {join_names(late, _MOST_NAMES)}.",
            affected,
        )
    version = public_file.version.version if public_file.version else "unknown"
    run = public_file.version.run if public_file.version else ""
    reason = (
        "it was checked after the failure"
        if alert_type.may_change_public_file
        else "this step cannot change it"
    )
    return Assessment(
        LOW,
        f"The last good version is still served; {reason}.",
        f"The last good values: version {version}{f', promoted by run {run}' if run else ''}.",
        affected,
    )


def affected_metrics(
    dag: str, task: str, published: tuple[str, ...], computed: Mapping[str, tuple[str, ...]]
) -> tuple[str, ...]:
    """The public metrics that come from a failed step.

    Args:
        dag: The DAG of the failed task.
        task: The failed task.
        published: The metrics in the public file.
        computed: For each source the metrics that are computed from it.
    """
    name = task if dag == "check_freshness" else dag
    kind = SOURCES[name].metrics if name in SOURCES else None
    if kind == "entered by staff":
        from_rows = {name for names in computed.values() for name in names}
        return tuple(name for name in published if name not in from_rows)
    if kind == "for analysis":
        return ()  # These are not in the public file.
    return computed.get(name, published)


def computed_metrics() -> dict[str, tuple[str, ...]]:
    """For each source the metrics that are computed from it.

    Raises:
        DefinitionError: A mart's YAML is wrong.
    """
    return {
        source: tuple(metric.name for metric in metrics)
        for source, metrics in metric_definitions().items()
    }


def _without_public_file(alert_type: AlertType) -> Assessment:
    why = "The public file could not be checked: the storage account does not answer."
    if alert_type.may_change_public_file:
        return Assessment(HIGH, f"{why} This step may have changed the file.", "Unknown.")
    return Assessment(
        LOW, f"{why} This step cannot change the file.", "Most likely the last good values."
    )
