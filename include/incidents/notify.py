"""The callbacks of every task, which post incidents to Slack.

A callback never raises: it must not fail the pipeline, nor hide the failure that called it.
"""

import logging
from dataclasses import replace
from datetime import datetime

from airflow.sdk import Context

from include.incidents import open_incidents, settings
from include.incidents.failure import Failure, describe_failure, fivetran_details
from include.incidents.incident import Event, Incident, new_incident
from include.incidents.incident_log import save_event
from include.incidents.issue import create_issue, new_issue_url
from include.incidents.message import Links, Message, failure_message, recovery_message
from include.incidents.on_call import Responder, choose_responder, declared_rotation
from include.incidents.severity import Assessment, assess_severity
from include.incidents.slack import deliver
from include.incidents.text import as_code, escape, one_line
from include.publishing.public_file import PublicFile, check_public_file
from include.publishing.store import Store
from include.storage import open_store
from include.times import utc_now

log = logging.getLogger(__name__)


def post_to_slack(text: str) -> None:
    """Post a text to the incidents channel; text from outside must be escaped."""
    deliver(_open_store(), Message(text).as_dict(), utc_now())


def notify_failure(context: Context) -> None:
    """Post the failure of a task whose retries are used up, unless its incident is known."""
    try:
        _report_failure(context, utc_now())
    except Exception:
        log.exception("The incident message could not be made; a short one is posted instead")
        instance = context["ti"]
        error = as_code(one_line(str(context.get("exception")), 300))
        post_to_slack(
            f":red_circle: *{escape(instance.dag_id)}* failed in `{instance.task_id}`: {error}"
        )


def notify_success(context: Context) -> None:
    """Post the recovery of each incident that a task's success closes."""
    instance, now = context["ti"], utc_now()
    try:
        store = open_store()
        closed = open_incidents.record_success(store, instance.dag_id, instance.task_id, now)
        for incident in closed:
            message = recovery_message(incident, _links(incident, responder=None))
            deliver(store, message.as_dict(), now)
            save_event(store, Event.RECOVERED, incident, now)
    except Exception:
        log.exception("The success could not be recorded: an incident may stay open")


def _report_failure(context: Context, now: datetime) -> None:
    failure = describe_failure(context, now, fivetran_details(context))
    store = _open_store()
    assessment = assess_severity(
        failure.dag, failure.task, failure.alert_type, _check_public_file(store, now)
    )
    event, incident = _record_failure(store, failure, assessment)
    if event is None:
        log.warning("Slack knows this failure as the incident %s", incident.id)
        return
    who = choose_responder(assessment.is_high, now, declared_rotation, settings.mentions())
    issue_url = _create_issue(incident, who) if event is Event.OPENED else incident.issue_url
    incident = replace(incident, responder=who.name, issue_url=issue_url)
    message = failure_message(event, incident, who, _links(incident, who.name))
    deliver(store, message.as_dict(), now)
    if store is not None:
        _save_event(store, event, incident, now)


def _record_failure(
    store: Store | None, failure: Failure, assessment: Assessment
) -> tuple[Event | None, Incident]:
    """Record the failure; without the storage account each failure is a new incident."""
    if store is not None:
        try:
            return open_incidents.record_failure(store, failure, assessment)
        except Exception:
            log.exception("The incident could not be recorded: each failure will be posted")
    return Event.OPENED, new_incident(failure, assessment)


def _save_event(store: Store, event: Event, incident: Incident, now: datetime) -> None:
    try:
        save_event(store, event, incident, now)
        open_incidents.save_response(store, incident)
    except Exception:
        log.exception("The event of the incident could not be saved")


def _check_public_file(store: Store | None, now: datetime) -> PublicFile | None:
    try:
        return check_public_file(store, now) if store else None
    except Exception:
        log.exception("The public file could not be checked")
        return None


def _open_store() -> Store | None:
    try:
        return open_store()
    except Exception:
        log.exception("The storage account could not be opened: messages cannot be saved")
        return None


def _create_issue(incident: Incident, who: Responder) -> str:
    """The address of the new issue; empty without a GitHub connection or if GitHub refuses."""
    repository, connection = settings.repository(), settings.github()
    if not repository or connection is None:
        return ""
    try:
        return create_issue(connection, repository, incident, who.name)
    except Exception:
        log.exception("GitHub did not create the issue; the message links to the form instead")
        return ""


def _links(incident: Incident, responder: str | None) -> Links:
    """The buttons; without an issue, the form for one if there is a responder."""
    repository, issue = settings.repository(), incident.issue_url
    if not issue and repository and responder is not None:
        issue = new_issue_url(repository, incident, responder)
    return Links(
        log=incident.log_url,
        run=incident.run_url,
        runbook=incident.alert_type.runbook_url(repository),
        issue=issue,
        issue_exists=bool(incident.issue_url),
    )
