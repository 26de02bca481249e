"""The callbacks of every task, and what else is told to Slack.

A callback never raises: it may neither fail the pipeline nor hide the failure that it was called
for.
"""

import logging
from dataclasses import replace
from datetime import datetime

from airflow.sdk import Context

from include.incidents import open_incidents, settings
from include.incidents.failure import Failure, describe, sync_details
from include.incidents.incident import Incident, opened
from include.incidents.incident_log import keep_event
from include.incidents.issue import create_issue, new_issue_url
from include.incidents.message import Links, Message, failure_message, recovery_message
from include.incidents.on_call import Responder, declared_rotation, responder
from include.incidents.open_incidents import Step
from include.incidents.severity import Judgement, judge
from include.incidents.slack import deliver
from include.incidents.text import as_code, escape, one_line
from include.publishing.public_file import PublicFile, look
from include.publishing.store import Store
from include.storage import open_store
from include.times import utc_now

log = logging.getLogger(__name__)


def tell(text: str) -> None:
    """Post a text to the incidents channel; what comes from outside has to be escaped."""
    deliver(_store(), Message(text).as_dict(), utc_now())


def notify_failure(context: Context) -> None:
    """Tell of a task that has failed for good, unless its incident was told of already."""
    try:
        _tell_of_failure(context, utc_now())
    except Exception:
        log.exception("The incident could not be described; it is told in short")
        instance = context["ti"]
        error = as_code(one_line(str(context.get("exception")), 300))
        tell(f":red_circle: *{escape(instance.dag_id)}* failed in `{instance.task_id}`: {error}")


def notify_success(context: Context) -> None:
    """Tell of the incidents that are over by a task's success."""
    instance, now = context["ti"], utc_now()
    try:
        store = open_store()
        for incident in open_incidents.note_success(store, instance.dag_id, instance.task_id, now):
            message = recovery_message(incident, _links(incident, responds=None))
            deliver(store, message.as_dict(), now)
            keep_event(store, "recovered", incident, now)
    except Exception:
        log.exception("Whether an incident is over could not be noted")


def _tell_of_failure(context: Context, now: datetime) -> None:
    details = sync_details(context) if context["ti"].task_id in ("sync", "wait_for_sync") else ()
    failure = describe(context, now, details)
    store = _store()
    judgement = judge(failure.dag, failure.task, failure.kind, _seen(store, now))
    step, incident = _noted(store, failure, judgement)
    if step is Step.QUIET:
        log.warning("Told before, as the incident %s; Slack is reminded of it later", incident.id)
        return
    who = responder(judgement.high, now, declared_rotation, settings.mentions())
    issue_url = _create_issue(incident, who) if step is Step.OPENED else incident.issue_url
    told = replace(incident, responder=who.name, issue_url=issue_url)
    deliver(store, failure_message(step, told, who, _links(told, who.name)).as_dict(), now)
    if store is not None:
        _remember(store, told, step, now)


def _remember(store: Store, told: Incident, step: Step, now: datetime) -> None:
    try:
        keep_event(store, step.value, told, now)
        open_incidents.note(store, told)
    except Exception:
        log.exception("That the incident was told of could not be noted")


def _noted(store: Store | None, failure: Failure, judgement: Judgement) -> tuple[Step, Incident]:
    """The incident; without the storage account, each failure is told of as a new one."""
    if store is not None:
        try:
            return open_incidents.note_failure(store, failure, judgement)
        except Exception:
            log.exception("The incident could not be noted: it is told of every time")
    return Step.OPENED, opened(failure, judgement)


def _seen(store: Store | None, now: datetime) -> PublicFile | None:
    try:
        return look(store, now) if store else None
    except Exception:
        log.exception("What is served could not be looked at")
        return None


def _store() -> Store | None:
    try:
        return open_store()
    except Exception:
        log.exception("There is no storage account to keep messages in")
        return None


def _create_issue(incident: Incident, who: Responder) -> str:
    """The address of the issue that was created; empty where people open it by the link."""
    repository, connection = settings.repository(), settings.github()
    if not repository or connection is None:
        return ""
    try:
        return create_issue(connection, repository, incident, who.name)
    except Exception:
        log.exception("GitHub did not take the issue; the message has a link for it")
        return ""


def _links(incident: Incident, responds: str | None) -> Links:
    """The buttons; where no issue was created, the form for one if somebody is to respond."""
    repository, issue = settings.repository(), incident.issue_url
    if not issue and repository and responds is not None:
        issue = new_issue_url(repository, incident, responds)
    return Links(
        log=incident.log_url,
        run=incident.run_url,
        runbook=incident.alert.page_url(repository),
        issue=issue,
        issue_exists=bool(incident.issue_url),
    )
