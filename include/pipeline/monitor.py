"""The watch: compares what is with what has to be, every 15 minutes, and reports the difference.

It needs no event: what a callback has lost, a killed task for example, it finds here. A finding is
an incident and fails no task; a task of the watch fails only if it cannot check.
"""

import logging
from collections.abc import Collection, Iterator
from dataclasses import replace
from datetime import datetime

from airflow.sdk import BaseHook, XComArg, get_current_context, task
from airflow.sdk.exceptions import AirflowSkipException
from airflow.sdk.observability import stats

from include import connections, warehouse
from include.airflow_api import AirflowClient
from include.incidents import settings
from include.incidents.decide import Observation, decide
from include.incidents.incident import PUBLIC_FILE, Problem
from include.incidents.incident_file import change_state, read_state
from include.incidents.incident_log import write_entries
from include.incidents.notify import report_without_storage
from include.incidents.report import deliver_pending, report
from include.incidents.severity import Assessment, Impact, LastCheck, computed_metrics
from include.incidents.text import mask_secrets
from include.pipeline.airflow_problems import observe_airflow
from include.pipeline.credits import is_due, observe_credits, read_credits
from include.pipeline.dag_problems import read_dags
from include.pipeline.reviews import is_asking
from include.pipeline.secret_dates import observe_secret_dates, read_secret_dates
from include.pipeline.snowflake import snowflake_hook
from include.publishing.earlier import earlier_url, read_earlier
from include.publishing.heartbeat import write_heartbeat
from include.publishing.page_file import EARLIER, check_page_file
from include.publishing.public_file import PublicFile, check_address, check_again
from include.publishing.reconcile import Delay, find_delays, read_publishing
from include.publishing.store import Store
from include.publishing.versions import PUBLISHED
from include.sources import SOURCES
from include.sources.airtable import AIRTABLE
from include.storage import open_store
from include.times import utc_now

log = logging.getLogger(__name__)

# The DAGs that have to complete a run every hour, and every day.
HOURLY_DAGS = (*SOURCES, "publish_metrics")
DAILY_DAGS = ("check_freshness", "clean_up", "keep_history")


def watch_public_file() -> XComArg:
    """A task `watch_public_file` that checks the public file from outside.

    It compares the file with the version that was promoted last, and with what the sources have
    released; until the switch it checks the earlier system's file. At the end it writes the
    heartbeat.
    """

    @task
    def watch_public_file() -> None:
        store, began, ti = open_store(), utc_now(), get_current_context()["ti"]
        try:
            found = check_again(lambda: check_page_file(store, utc_now()))
            state = read_publishing(store, began)
            asking = is_asking(ti, state.last_review)
            delays = find_delays(store, state, began, is_asking=asking)
        except Exception:
            _check_without_storage(store)
            raise
        if found.promoted_at:
            age = began - found.promoted_at
            stats.gauge("ddrc.publication.age", age.total_seconds())
        paused = _paused_dags()
        problems = tuple(
            public_file_problems(found, delays, SOURCES if paused is None else paused, began)
        )
        # Without an answer, what was late stays late.
        lasting = {_key(_late(name)) for name in found.late if paused is None}
        for problem in problems:
            log.warning("%s", problem.error)
        check = LastCheck(
            at=began,
            wrong=found.wrong,
            late=dict(found.late),
            metrics=found.metrics,
            version=found.version.version if found.version else "",
            not_yet=found.not_yet,
            earlier=found.earlier,
        )
        scope, now = frozenset({PUBLIC_FILE}), utc_now()
        seen = Observation(began, problems, scope, frozenset(lasting), check=check)
        report(store, lambda state: decide(state.incidents, seen, now), now, last_check=check)
        write_heartbeat(store, now)

    return watch_public_file()


def watch_dags() -> XComArg:
    """A task `watch_dags` that finds failed tasks, and DAGs that do not run as they have to.

    It checks first which secrets end soon: with an ended token, Airflow's API refuses the rest.
    """

    @task
    def watch_dags() -> None:
        store, began = open_store(), utc_now()
        _watch_secrets(store, began)
        known = read_state(store)
        with _airflow_api() as api:
            url = settings.airflow_url()
            seen = observe_airflow(api, HOURLY_DAGS, known, url, began, daily=DAILY_DAGS)
        for problem in seen.problems:
            log.warning("%s: %s", problem.key, problem.error)
        now = utc_now()
        report(store, lambda state: decide(state.incidents, seen, now), now)

    return watch_dags()


def watch_credits() -> XComArg:
    """A task `watch_credits` that compares the month's Snowflake credits with the quota, hourly."""

    @task(multiple_outputs=False)
    def watch_credits() -> dict[str, float]:
        context = get_current_context()
        run, store = context["dag_run"], open_store()
        ti = context["ti"]
        failing = {key for one in read_state(store).open for key in one.tasks}
        is_failing = f"{ti.dag_id}.{ti.task_id}" in failing
        if not is_due(run.run_id, run.run_after, is_failing=is_failing):
            raise AirflowSkipException("The credits are read by the first run of each hour.")
        monitor, began = warehouse.resource_monitor(), utc_now()
        month = read_credits(snowflake_hook(connections.TRANSFORMER).get_conn, monitor)
        seen = observe_credits(month, began)
        for problem in seen.problems:
            log.warning("%s", problem.error)
        now = utc_now()
        report(store, lambda state: decide(state.incidents, seen, now), now)
        return {"used": month.used, "quota": month.quota}

    return watch_credits()


def keep_incident_log() -> XComArg:
    """A task `keep_incident_log`: writes incidents to the warehouse and resends Slack messages."""

    @task(multiple_outputs=False)
    def keep_incident_log() -> dict[str, int]:
        store = open_store()
        state = read_state(store)
        delivered = deliver_pending(store, state, utc_now())
        if state.entries:
            write_entries(snowflake_hook(connections.TRANSFORMER).get_conn, state.entries)
            change_state(store, lambda current: current.without_entries(state.entries))
        return {"logged": len(state.entries), "delivered": delivered}

    return keep_incident_log()


def public_file_problems(
    found: PublicFile, delays: Collection[Delay], paused: Collection[str], now: datetime
) -> Iterator[Problem]:
    """The problems of the public file.

    Args:
        found: The checked file.
        delays: What lasts too long in publishing.
        paused: The paused DAGs: the metrics of a source that is switched off are not late.
        now: The current time, in UTC.
    """
    earlier = f"The earlier system's file, {found.earlier}." if found.earlier else ""
    for fault in found.faults:
        impact = Impact.WRONG if fault.is_wrong else Impact.NONE
        sees = _sees(fault.key) if fault.is_wrong else earlier or "The right values."
        assessment = Assessment(impact, fault.text, sees, fault.affected)
        yield _problem(fault.key, fault.text, assessment, now)
    source_of = {name: source for source, names in computed_metrics().items() for name in names}
    for name, text in found.late.items():
        source = source_of.get(name, AIRTABLE.name)
        if source not in paused:
            sees = f"A value that is out of date: {name}."
            assessment = Assessment(Impact.LATE, text, sees, (name,))
            yield replace(_problem(_late(name), text, assessment, now), dag=source)
    for key, text in delays:
        assessment = Assessment(Impact.NONE, text, earlier or "The last good values.")
        yield _problem(key, text, assessment, now)


def _watch_secrets(store: Store, now: datetime) -> None:
    """Report the secrets that end soon."""
    seen = observe_secret_dates(read_secret_dates(), now)
    for problem in seen.problems:
        log.warning("%s", problem.error)
    report(store, lambda state: decide(state.incidents, seen, now), now)


def _problem(key: str, text: str, assessment: Assessment, now: datetime) -> Problem:
    name = _key(key)
    error, why = mask_secrets(text), mask_secrets(assessment.why)
    safe = replace(assessment, why=why)
    return Problem(name, PUBLIC_FILE, name, "public-file", error, safe, now)


def _key(name: str) -> str:
    return f"{PUBLIC_FILE}: {name}"


def _late(metric: str) -> str:
    return f"{metric} is late"


def _sees(fault: str) -> str:
    return {
        EARLIER: "Nothing: the page shows no numbers.",
        "missing": "Nothing: the page shows no numbers.",
        "unreachable": "Nothing: the page shows no numbers.",
        "altered": "Numbers that this pipeline did not publish.",
        "not promoted": "Numbers that this pipeline did not publish.",
    }.get(fault, "Wrong numbers, or none.")


def _check_without_storage(store: Store) -> None:
    """Post what the public address shows while the storage account does not answer."""
    now = utc_now()
    if (url := earlier_url()) and not read_earlier(url, now).fault:
        # Only the storage account knows which of both files the page reads; one of them is right.
        return
    found = check_again(lambda: check_address(store.public_url(PUBLISHED), now))
    for problem in public_file_problems(found, (), (), now):
        if problem.assessment.impact is Impact.WRONG:
            report_without_storage(problem, now, store)


def _paused_dags() -> frozenset[str] | None:
    """The paused DAGs; `None` if Airflow's API does not answer, which `watch_dags` reports."""
    try:
        with _airflow_api() as api:
            return read_dags(api).paused
    except Exception:
        log.exception("Airflow's API did not return the paused DAGs")
        return None


def _airflow_api() -> AirflowClient:
    connection = BaseHook.get_connection(connections.AIRFLOW_API)
    return AirflowClient(connections.base_url(connection), connection.password)
