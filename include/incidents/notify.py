"""The failure callback of every task: the quick way, within ten seconds whatever does not answer.

A callback never raises: it must not fail the pipeline, nor hide the failure that called it. What it
loses, because its process is killed or a service does not answer, the watch finds by comparison.
"""

import logging
import tempfile
from datetime import datetime
from pathlib import Path
from time import monotonic

from airflow.sdk import Context

from include.incidents import settings, slack
from include.incidents.decide import Decision, Observation, decide
from include.incidents.failed_task import POSTED, assessed, failed_task
from include.incidents.failure_log import end_log, failure_lines
from include.incidents.incident import Event, Problem, new_incident
from include.incidents.incident_file import Post, State
from include.incidents.report import note_sent, post_text, record, send
from include.incidents.text import as_code, escape, mask_secrets, one_line
from include.incidents.time_limit import within
from include.publishing.store import Store
from include.storage import open_store
from include.times import utc_now

STORAGE_SECONDS = 4.0

log = logging.getLogger(__name__)


def post_to_slack(text: str) -> None:
    """Post a text to the incidents channel; text from outside must be escaped."""
    post_text(_open_store(), text, utc_now())


def notify_failure(context: Context) -> None:
    """Report a task whose retries are used up; Slack has it within ten seconds.

    The task's log ends with what failed, what the public sees, what to do and the runbook.
    """
    now, problem = utc_now(), None
    try:
        problem = _report_failure(context, now)
    except Exception:
        log.exception("The incident message could not be made; a short one is posted instead")
        instance = context["ti"]
        error = as_code(one_line(str(context.get("exception")), 300))
        text = f":red_circle: *{escape(instance.dag_id)}* failed in `{instance.task_id}`: {error}"
        try:
            slack.send({"text": text})
        except Exception:
            log.exception("A MESSAGE DID NOT REACH SLACK: %s", text)
    try:
        problem = problem or failed_task(context, now)
        end_log(failure_lines(problem, settings.repository(), now))
    except Exception:
        log.exception("The last lines of this log could not be made")


def _report_failure(context: Context, now: datetime) -> Problem:
    """Report the failure; return its problem, assessed as far as the storage account answers."""
    problem = failed_task(context, now)
    too_late = monotonic() + STORAGE_SECONDS

    def decision(state: State) -> Decision:
        if monotonic() > too_late:
            raise TimeoutError("the failure was posted without the storage account by now")
        seen = Observation(now, (assessed(problem, state.last_check, now),))
        return decide(state.incidents, seen, now)

    store = _open_store()
    if store is None:
        report_without_storage(problem, now, store)
        return problem
    try:
        state, posts = within(STORAGE_SECONDS, lambda: record(store, decision, now))
    except Exception as error:
        log.warning("The storage account does not answer: %s", mask_secrets(str(error)))
        report_without_storage(problem, now, store)
        return problem
    if not posts:
        log.warning("Slack knows this failure's cause")
    sent = [done for post in posts if (done := send(post, now, store)) is not None]
    try:
        within(STORAGE_SECONDS, lambda: note_sent(store, sent))
    except Exception:
        log.exception("A posted message could not be noted: the watch will post it again")
    return assessed(problem, state.last_check, now)


def report_without_storage(problem: Problem, now: datetime, store: Store | None) -> None:
    """Post a problem that cannot be recorded, once an hour for each cause on this machine.

    Args:
        problem: The problem.
        now: The current time, in UTC.
        store: The storage account, for its public address; it is not read.
    """
    folder, name = Path(tempfile.gettempdir()), f"ddrc-posted-{problem.cause}-"
    mark = folder / f"{name}{now:%Y%m%d%H}"
    old = list(folder.glob(f"{name}*"))
    try:
        mark.touch(exist_ok=False)
    except FileExistsError:
        log.warning("%s: its cause was posted within this hour", POSTED)
        return
    for path in old:
        path.unlink(missing_ok=True)
    post = Post(now, Event.OPENED, (new_incident(problem, now),))
    if send(post, now, store) is None:
        mark.unlink(missing_ok=True)
    else:
        log.warning("%s: the watch records it later", POSTED)


def _open_store() -> Store | None:
    try:
        return within(STORAGE_SECONDS, open_store)
    except Exception:
        log.exception("The storage account could not be opened: messages cannot be saved")
        return None
