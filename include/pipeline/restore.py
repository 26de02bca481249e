"""A person restores an earlier version, which holds publishing, and later releases the hold."""

from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from typing import Any

import structlog
from airflow.providers.standard.operators.hitl import HITLOperator
from airflow.sdk import Context, Param, XComArg, get_current_context, task
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

from include.incidents.notify import post_to_slack
from include.incidents.text import escape
from include.pipeline.lineage import emit_lineage
from include.pipeline.params import triggered_by
from include.publishing import promotion
from include.publishing.holds import Hold, current_hold, release_hold, set_hold
from include.publishing.store import Store
from include.publishing.versions import (
    PUBLISHED,
    Version,
    choices,
    choices_as_markdown,
    find_version,
    version_of,
)
from include.query_tags import ALL_SOURCES
from include.storage import open_store
from include.times import utc_now

log = structlog.get_logger(__name__)

CHOOSE_WITHIN = timedelta(hours=1)
RESTORE, RELEASE = "restore a version and hold publishing", "release the hold"

RESTORE_PARAMS: Mapping[str, Param] = {
    "action": Param(
        RESTORE,
        type="string",
        enum=[RESTORE, RELEASE],
        title="What to do",
        description="A restore holds automatic publishing until a second run releases the hold.",
    ),
    "version": Param(
        None,
        type=["null", "string"],
        title="Version",
        description=(
            "For example 20261124T142700Z-1a2b3c4d5e6f. Leave it empty to choose from a list, "
            "which the run shows under Required actions."
        ),
    ),
    "reason": Param(
        type="string",
        minLength=10,
        maxLength=500,
        title="Reason",
        description="For example: USACE's count doubled at 14:27, confirmed by phone with Ms. Roe.",
    ),
}


class ChooseOperator(HITLOperator):
    """Lists the saved versions and their differences, unless the run's parameters name one."""

    def execute(self, context: Context) -> Any:
        """Wait for a person's choice, if one is needed.

        Raises:
            AirflowFailException: There is no version to choose.
        """
        if context["params"]["action"] == RELEASE or context["params"]["version"]:
            return None
        store = open_store()
        self.options = choices(store)
        if not self.options:
            raise AirflowFailException("There is no earlier version to restore.")
        self.body = choices_as_markdown(store, utc_now())
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


def restore_version() -> XComArg:
    """A task `promote` that restores the chosen version and sets a hold, or releases the hold."""

    @task
    def promote() -> dict[str, str]:
        context = get_current_context()
        params, store = context["params"], open_store()
        answer = context["ti"].xcom_pull(task_ids="choose") or {}
        person, reason = _person(context, answer), params["reason"]
        if params["action"] == RELEASE:
            release(store, person, reason)
            raise AirflowSkipException("Automatic publishing resumes.")
        name = params["version"] or answer["chosen_options"][0].split()[0]
        return asdict(restore(store, name, person, reason, utc_now()))

    return promote()


def restore(store: Store, name: str, person: str, reason: str, now: datetime) -> Version:
    """Hold publishing, serve a saved version again, and say so in Slack.

    A version that is served already is only held.

    Args:
        store: The storage account.
        name: The version's name.
        person: Who restores it.
        reason: That person's reason.
        now: The current time, in UTC.

    Raises:
        AirflowFailException: There is no saved version of this name; nothing was changed.
        ChangedMeanwhileError: Another version was served meanwhile; publishing is held.
    """
    version = find_version(store, name)
    if version is None:
        raise AirflowFailException(f"There is no saved version {name}; nothing was changed.")
    served = store.read(PUBLISHED)
    # First the hold: no automatic publication may come in between.
    set_hold(store, Hold(name, person, reason, f"{now:%Y-%m-%dT%H:%MZ}"))
    restored = replace(version, decided_by=person, reason=f"restored: {reason}")
    if served is None or version_of(served).version != name:
        replacing = served.etag if served else None
        promotion.promote(store, version.place, restored, replacing=replacing)
    post_to_slack(
        f":rewind: *{escape(person)} restored version {name} of the public metrics.* "
        f"{escape(reason)}\nNothing else is published until somebody releases the hold with "
        "`restore_metrics`."
    )
    emit_lineage(reads=[version.place], writes=[PUBLISHED])
    log.info("restored", source=ALL_SOURCES, file=PUBLISHED.path, version=name, decided_by=person)
    return restored


def release(store: Store, person: str, reason: str) -> None:
    """Release the hold, and say so in Slack.

    Raises:
        AirflowSkipException: Publishing is not held.
    """
    if (hold := current_hold(store)) is None:
        raise AirflowSkipException("Publishing is not held.")
    release_hold(store)
    post_to_slack(
        f":arrow_forward: *{escape(person)} released the hold on {hold.version}.* "
        f"{escape(reason)}\nAutomatic publishing resumes with the next publication."
    )


def _person(context: Context, answer: Mapping[str, Any]) -> str:
    responder = (answer.get("responded_by_user") or {}).get("name")
    return str(responder or triggered_by(context) or "somebody")
