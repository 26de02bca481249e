"""The incident log: one row for each event of an incident, for retrospectives.

The file of incidents has the events that are not logged; `keep_incident_log` writes them to the
warehouse.
"""

from collections.abc import Iterable

from include.history_tables import Connect, HistoryTable, timestamp
from include.incidents.incident_file import Entry

INCIDENT_LOG = HistoryTable(
    name="INCIDENT_LOG",
    comment="One row for each event of an incident.",
    key=("EVENT_ID",),
    columns={
        "EVENT_ID": ("VARCHAR NOT NULL", "Identifies the row."),
        "EVENT": ("VARCHAR NOT NULL", "For example `opened`, `reminded` or `recovered`."),
        "HAPPENED_AT": ("TIMESTAMP_NTZ NOT NULL", "The time of the event, in UTC."),
        "INCIDENT": ("VARCHAR NOT NULL", "The incident; its rows share it."),
        "KIND": ("VARCHAR NOT NULL", "The alert type, which is the name of its runbook page."),
        "SEVERITY": ("VARCHAR NOT NULL", "`high` or `low`, by what the public saw."),
        "WHY": ("VARCHAR", "The reason for this severity."),
        "PUBLIC_SEES": ("VARCHAR", "What the public saw."),
        "DAG": ("VARCHAR NOT NULL", "The DAGs; empty for a finding about the public file."),
        "TASKS": ("VARCHAR", "The failed tasks."),
        "RUN": ("VARCHAR", "The last run with this failure."),
        "RUNS": ("NUMBER(38, 0)", "The number of failed attempts so far."),
        "ERROR": ("VARCHAR", "The error, in one line."),
        "AFFECTED_METRICS": ("VARCHAR", "The public metrics that come from the failed step."),
        "RESPONDER": ("VARCHAR", "The person or group to respond."),
        "OPENED_AT": ("TIMESTAMP_NTZ NOT NULL", "When the first problem was seen, in UTC."),
        "CLOSED_AT": ("TIMESTAMP_NTZ", "The time of the recovery, in UTC; null while open."),
        "LOG_URL": ("VARCHAR", "The log of the task in Airflow."),
        "ISSUE_URL": ("VARCHAR", "The GitHub issue that was created; empty without one."),
    },
)


def write_entries(connect: Connect, entries: Iterable[Entry]) -> None:
    """Write events to the warehouse; an event that is already there is replaced.

    Args:
        connect: Opens a session as the role that owns the HISTORY schema.
        entries: The events.
    """
    INCIDENT_LOG.merge(connect, [_row(entry) for entry in entries])


def _row(entry: Entry) -> tuple[object, ...]:
    incident = entry.incident
    assessment = incident.assessment
    return (
        entry.id,
        entry.event.value,
        timestamp(entry.at),
        incident.id,
        incident.kind,
        incident.severity(entry.at),
        incident.rating.reason if incident.rating else assessment.why,
        assessment.public_sees,
        ", ".join(incident.dags),
        ", ".join(incident.tasks),
        incident.latest.run,
        incident.failures,
        incident.latest.error,
        ", ".join(incident.affected),
        incident.responder,
        timestamp(incident.opened_at),
        timestamp(incident.closed_at) if incident.closed_at else None,
        incident.latest.log_url,
        incident.issue_url,
    )
