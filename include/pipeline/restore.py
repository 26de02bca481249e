"""A person restores an earlier version, which holds publishing, and later releases the hold.

Beside an earlier system, a person releases the hold that lasts until the switch, or sets it again.
"""

from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from typing import Any

import structlog
from airflow.providers.standard.operators.hitl import HITLOperator
from airflow.providers.standard.operators.trigger_dagrun import TriggerDagRunOperator
from airflow.sdk import Context, Param, TriggerRule, XComArg, get_current_context, task
from airflow.sdk.exceptions import AirflowSkipException

from include.incidents.airflow_links import form_url
from include.incidents.notify import post_to_slack
from include.incidents.text import escape
from include.pipeline.change_detection import skip_the_rest
from include.pipeline.lineage import emit_lineage
from include.pipeline.params import triggered_by
from include.pipeline.version_choices import (
    differences_table,
    find_chosen,
    list_versions,
    restore_differences,
    version_time,
)
from include.publishing import holds, promotion
from include.publishing.earlier import EARLIER_URL, earlier_url, shown_address
from include.publishing.holds import Hold, current_hold, last_hold, set_hold
from include.publishing.promotion_log import last_promotion
from include.publishing.store import Store
from include.publishing.versions import (
    PUBLISHED,
    Version,
    find_version,
    restorable_versions,
    version_of,
)
from include.query_tags import ALL_SOURCES
from include.storage import open_store
from include.times import california_time, utc_now

log = structlog.get_logger(__name__)

CHOOSE_WITHIN = timedelta(hours=1)
# A person chooses within an hour; then come the retries of a task.
RESTORED_WITHIN = timedelta(hours=2)
RESTORE, RELEASE = "restore a version and hold publishing", "release the hold"
HOLD = "hold publishing until the switch"
CONFIRMED, DECLINED = "Restore it", "Change nothing"


def _reason() -> Param:
    """A parameter of its own for each DAG: a parameter keeps what it has resolved."""
    return Param(
        type="string",
        minLength=10,
        maxLength=500,
        title="Reason",
        description=(
            "Ten to 500 characters; they are stored with the version and posted to Slack. For"
            " example: USACE's count doubled at 2:27 PM, confirmed by phone with Ms. Roe."
        ),
    )


RELEASE_PARAMS: Mapping[str, Param] = {"reason": _reason()}
RESTORE_PARAMS: Mapping[str, Param] = {
    "action": Param(
        RESTORE,
        type="string",
        enum=[RESTORE, RELEASE, HOLD],
        title="What to do",
        description=(
            "A restore replaces the public file within a minute, and holds automatic publishing"
            " until somebody releases the hold, here or with release_hold: then the newest released"
            " values are published. The last choice is only for the time in which the page reads an"
            " earlier system's file, and leaves the public file as it is."
        ),
    ),
    "version": Param(
        None,
        type=["null", "string"],
        pattern=r"^\s*([0-9]{8}T[0-9]{6}Z-[0-9a-f]{12}\s*)?$",
        title="Version",
        rule="A version's name as the page Publication has it",
        description=(
            "The name that the page Publication shows, for example"
            " 20261124T142700Z-1a2b3c4d5e6f (its time is UTC). Leave it empty to choose from a list"
            " of times and values, which the run shows under Required actions; it asks once more"
            " before it restores. A name that does not exist changes nothing."
        ),
    ),
    "reason": _reason(),
}


class ChooseOperator(HITLOperator):
    """Lists the saved versions and their differences, unless the run's parameters name one."""

    def execute(self, context: Context) -> Any:
        """Wait for a person's choice, if one is needed; skip the rest if there is none."""
        if context["params"]["action"] != RESTORE:
            return None
        store, now = open_store(), utc_now()
        if name := named_version(context):
            if find_version(store, name) is None:
                skip_the_rest(context, no_version(name))
            return None
        versions = restorable_versions(store, now)
        if not versions:
            skip_the_rest(context, "There is no earlier version to restore")
        self.options, self.body = list_versions(store, versions, now)
        return super().execute(context)

    def validate_chosen_options(self, chosen_options: list[str]) -> None:
        """Accept any option: the versions are known only at run time, and `promote` checks."""


def choose_version() -> HITLOperator:
    """A task `choose` that lists the versions for a person to choose from."""
    return ChooseOperator(
        task_id="choose",
        subject="Restore which version?",
        options=["The versions are listed when the run has started."],
        response_timeout=CHOOSE_WITHIN,
    )


class ConfirmOperator(HITLOperator):
    """Asks once more before it restores the version that a person chose from the list."""

    def execute(self, context: Context) -> Any:
        """Wait for a person's answer, unless the run's parameters name what to do."""
        chosen = _chosen(context)
        if context["params"]["action"] != RESTORE or not chosen:
            return None
        store, now = open_store(), utc_now()
        name = find_chosen(store, chosen, now)
        version = find_version(store, name)
        if version is None:
            skip_the_rest(context, no_version(chosen))
        self.subject = f"Restore the version of {version_time(version.version)}?"
        self.body = "\n\n".join(
            (
                "The public sees these values within a minute, and nothing newer is published until"
                " somebody releases the hold.",
                differences_table(restore_differences(store, version, now)),
                f"Version `{version.version}`, audit: {version.audit}.",
            )
        )
        return super().execute(context)

    def execute_complete(self, context: Context, event: dict[str, Any]) -> Any:
        """Go on if the answer is yes; skip the rest otherwise."""
        answer = super().execute_complete(context, event)
        if CONFIRMED not in event["chosen_options"]:
            person = _person(context, event)
            skip_the_rest(context, f"{person} decided not to restore; nothing was changed")
        return answer


def confirm_version() -> HITLOperator:
    """A task `confirm` that asks once more about the version that was chosen from the list."""
    return ConfirmOperator(
        task_id="confirm",
        subject="Restore this version?",
        options=[CONFIRMED, DECLINED],
        response_timeout=CHOOSE_WITHIN,
    )


def restore_version() -> XComArg:
    """A task `promote` that holds publishing and restores the chosen version."""

    @task(multiple_outputs=False)
    def promote() -> dict[str, str]:
        context = get_current_context()
        if context["params"]["action"] == RELEASE:
            raise AirflowSkipException("The hold is released; no version is restored.")
        if context["params"]["action"] == HOLD:
            return hold_again(open_store(), context, utc_now())
        chosen = named_version(context) or _chosen(context)
        if not chosen:
            raise AirflowSkipException("Nobody chose a version. Clear the task choose.")
        store, now = open_store(), utc_now()
        name = find_chosen(store, chosen, now)
        if not name:
            raise AirflowSkipException(f"{no_version(chosen)}.")
        person, reason = _person(context, _answer(context)), context["params"]["reason"]
        if reason_not_to := superseded(store, name, context, now):
            raise AirflowSkipException(f"{reason_not_to}. To restore again, trigger this DAG.")
        return asdict(
            restore(store, name, context["run_id"], person=person, reason=reason, now=now)
        )

    return promote()


def release_hold() -> XComArg:
    """A task `release_hold` that lets automatic publishing resume, if the run is for that."""

    @task
    def release_hold() -> None:
        context = get_current_context()
        # The DAG release_hold has no choice of what to do.
        if context["params"].get("action", RELEASE) != RELEASE:
            raise AirflowSkipException("This run releases nothing; the hold stays.")
        person, reason = _person(context, {}), context["params"]["reason"]
        asked_at = context["dag_run"].run_after
        release(open_store(), asked_at, person=person, reason=reason, now=utc_now())

    return release_hold()


def publish_released() -> TriggerDagRunOperator:
    """A task `publish` that starts a publication after the hold was released."""
    return TriggerDagRunOperator(
        task_id="publish",
        trigger_dag_id="publish_metrics",
        trigger_run_id="after_{{ run_id }}",
        reset_dag_run=True,
        trigger_rule=TriggerRule.ALL_SUCCESS,
    )


def named_version(context: Context) -> str:
    """The version that the run's parameters name; empty if they name none."""
    return str(context["params"]["version"] or "").strip()


def superseded(store: Store, name: str, context: Context, now: datetime) -> str:
    """Why a cleared run restores nothing, without a full stop; empty if it has to.

    Nothing that was published after the run was triggered is undone by clearing it.

    Args:
        store: The storage account.
        name: The version's name.
        context: The running task's context.
        now: The current time, in UTC.
    """
    ti, run = context["ti"], context["dag_run"]
    # Airflow adds the retries of a cleared task to the attempts that it had. A task that never ran
    # had none, but is late.
    is_cleared = ti.max_tries > (context["task"].retries or 0)
    if not is_cleared and now - run.run_after < RESTORED_WITHIN:
        return ""
    hold, last = last_hold(store), last_promotion(store, now)
    if hold and hold.run == run.run_id and hold.released_at:
        return f"The hold of this run was released {california_time(hold.released_at)}"
    if hold and hold.run != run.run_id and hold.since > run.run_after:
        return f"The run {hold.run} has held {hold.version} after this run was triggered"
    if last and last.at > run.run_after and last.version.version != name:
        return f"The version {last.version.version} was published after this run was triggered"
    return ""


def restore(
    store: Store, name: str, run: str, *, person: str, reason: str, now: datetime
) -> Version:
    """Hold publishing, serve a saved version again, and say so in Slack.

    A version that is served already is only held.

    Args:
        store: The storage account.
        name: The version's name.
        run: The run that restores it.
        person: Who restores it.
        reason: That person's reason.
        now: The current time, in UTC.

    Raises:
        AirflowSkipException: There is no saved version of this name; nothing was changed.
        ChangedMeanwhileError: Another version was served meanwhile; publishing is held.
    """
    version, served = find_version(store, name), store.read(PUBLISHED)
    if version is None:
        raise AirflowSkipException(f"{no_version(name)}.")
    saved_at = california_time(store.need(version.place).modified_at)
    # First the hold: no automatic publication may come in between.
    before = current_hold(store)
    is_until_switch = before is not None and before.is_until_switch
    hold = Hold(name, person, reason, now, run, is_until_switch=is_until_switch)
    set_hold(store, hold)
    restored = replace(version, decided_by=person, reason=f"restored: {reason}")
    # Also if it is served: a killed restore may have served and not logged it.
    replacing = served.etag if served else None
    promotion.promote(store, version.place, restored, replacing=replacing, now=now)
    sees = f"the values saved {saved_at}, within a minute."
    if is_until_switch:
        sees = "still the earlier system's file."
    post_to_slack(
        f":rewind: *{escape(person)} restored version {name} of the public metrics.* "
        f"{escape(reason)}\n*The public sees*: {sees}"
        f" Nothing else is published until somebody releases the hold{_release_link()}."
    )
    emit_lineage(reads=[version.place], writes=[PUBLISHED])
    log.info("restored", source=ALL_SOURCES, file=PUBLISHED.path, version=name, decided_by=person)
    return restored


def release(store: Store, asked_at: datetime, *, person: str, reason: str, now: datetime) -> None:
    """Release the hold, and say so in Slack.

    Args:
        store: The storage account.
        asked_at: When the run was triggered, in UTC; a later hold stays.
        person: Who releases it.
        reason: That person's reason.
        now: The current time, in UTC.

    Raises:
        AirflowSkipException: Publishing was not held when the run was triggered; nothing was
            changed.
    """
    if (hold := current_hold(store)) is None:
        raise AirflowSkipException("Publishing is not held.")
    if hold.since > asked_at:
        raise AirflowSkipException(f"This hold is newer than the run, and stays: {hold}")
    holds.release_hold(store, hold, now)
    what = "the hold until the switch" if hold.is_until_switch else f"the hold on {hold.version}"
    newest = "the newest released values, as soon as they pass their audit"
    sees = f"still the earlier system's file, until the page reads {store.public_url(PUBLISHED)}:"
    post_to_slack(
        f":arrow_forward: *{escape(person)} released {what}.* {escape(reason)}\n"
        f"*The public sees*: {f'{sees} {newest}' if hold.is_until_switch else newest}."
        " Automatic publishing resumes now."
    )


def hold_again(store: Store, context: Context, now: datetime) -> dict[str, str]:
    """Hold publishing until the switch, which is the way back from it, and say so in Slack.

    The served file stays as it is.

    Args:
        store: The storage account.
        context: The running task's context.
        now: The current time, in UTC.

    Returns:
        The served version, for the next tasks.

    Raises:
        AirflowSkipException: There is no earlier system, publishing is held already, something
            happened since the run was triggered, or nothing is served that the next tasks could
            verify.
    """
    url, hold, served = earlier_url(), current_hold(store), store.read(PUBLISHED)
    if not url:
        raise AirflowSkipException(
            f"There is no earlier system: {EARLIER_URL} is not set. To hold publishing, restore a"
            " version; the served one is one of them."
        )
    if hold and hold.is_until_switch and hold.run != context["run_id"]:
        raise AirflowSkipException(f"Publishing is held already: {hold}")
    version = version_of(served) if served else None
    name = version.version if version else ""
    if reason_not_to := superseded(store, name, context, now):
        raise AirflowSkipException(f"{reason_not_to}. To hold again, trigger this DAG.")
    person, reason = _person(context, {}), context["params"]["reason"]
    run = context["run_id"]
    set_hold(store, Hold(name, person, reason, now, run, is_until_switch=True))
    post_to_slack(
        f":double_vertical_bar: *{escape(person)} holds publishing until the switch.*"
        f" {escape(reason)}\n*The public sees*: what its page reads. Have it read the earlier"
        f" system's file again, {escape(shown_address(url))}. Nothing else is published until"
        f" somebody releases the hold{_release_link()}."
    )
    if version is None:
        raise AirflowSkipException(
            "Publishing is held until the switch; nothing is served, so nothing is verified."
        )
    return asdict(version)


def no_version(name: str) -> str:
    """The sentence about a version that does not exist, without a full stop."""
    return f"There is no saved version {name}; nothing was changed"


def _release_link() -> str:
    """Where the hold is released: a link to the form, or the DAG's name."""
    url = form_url("release_hold")
    return f": <{url}|release the hold>" if url else " with `release_hold`"


def _answer(context: Context) -> Mapping[str, Any]:
    """The last answer about the version: the confirmation, else the choice; empty without one."""
    ti = context["ti"]
    return ti.xcom_pull(task_ids="confirm") or ti.xcom_pull(task_ids="choose") or {}


def _chosen(context: Context) -> str:
    """The line that a person chose from the list; empty if nobody did."""
    answer = context["ti"].xcom_pull(task_ids="choose") or {}
    return next(iter(answer.get("chosen_options", [])), "")


def _person(context: Context, answer: Mapping[str, Any]) -> str:
    responder = (answer.get("responded_by_user") or {}).get("name")
    return str(responder or triggered_by(context) or "somebody")
