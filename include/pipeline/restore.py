"""A person puts an earlier version back, and later lets automatic publishing go on."""

from dataclasses import asdict, replace
from datetime import timedelta
from typing import Any

import structlog
from airflow.providers.standard.operators.hitl import HITLOperator
from airflow.sdk import Context, Param, XComArg, get_current_context, task
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

from include.incidents.notify import tell
from include.incidents.text import escape
from include.pipeline.lineage import tell_lineage
from include.publishing.holds import Hold, held, hold, release
from include.publishing.promotion import promote
from include.publishing.versions import PUBLISHED, choices, find, table, version_of
from include.query_tags import ALL_SOURCES
from include.storage import open_store
from include.times import utc_now

log = structlog.get_logger(__name__)

CHOOSE_WITHIN = timedelta(hours=1)
RESTORE, RELEASE = "restore a version and hold publishing", "release the hold"

RESTORE_FORM: dict[str, Any] = {
    "action": Param(
        RESTORE,
        type="string",
        enum=[RESTORE, RELEASE],
        title="What to do",
        description="Restoring holds automatic publishing until a second run releases it.",
    ),
    "version": Param(
        None,
        type=["null", "string"],
        title="Version",
        description=(
            "For example 20261124T142700Z-1a2b3c4d5e6f. Leave it empty to choose from the list of "
            "versions, which the run then shows under Required actions."
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
    """Shows the kept versions, with what differs from now, unless the form names one."""

    def execute(self, context: Context) -> Any:
        """Wait for a person's choice, if one is needed."""
        if context["params"]["action"] == RELEASE or context["params"]["version"]:
            return None
        store = open_store()
        self.options = choices(store)
        if not self.options:
            raise AirflowFailException("No earlier version is kept: there is nothing to restore.")
        self.body = table(store, utc_now())
        return super().execute(context)

    def validate_chosen_options(self, chosen_options: list[str]) -> None:
        """The options are those that were shown; a version that is gone is told of later."""


def choose_version() -> HITLOperator:
    """A task `choose` that lists the versions for a person to choose from."""
    return ChooseOperator(
        task_id="choose",
        subject="Which version is to be public again?",
        options=["The versions are listed when the run has started."],
        response_timeout=CHOOSE_WITHIN,
    )


def restore_version() -> XComArg:
    """A task `promote` that holds publishing and serves the chosen version, or ends the hold."""

    @task(task_id="promote")
    def act() -> dict[str, str]:
        context = get_current_context()
        form, store = context["params"], open_store()
        answer = context["ti"].xcom_pull(task_ids="choose") or {}
        person = _person(context, answer)
        if form["action"] == RELEASE:
            _release(person, form["reason"])
            raise AirflowSkipException("Automatic publishing goes on.")
        chosen = form["version"] or answer["chosen_options"][0].split()[0]
        version = find(store, chosen)
        if version is None:
            raise AirflowFailException(f"No version {chosen} is kept; nothing was changed.")
        served = store.read(PUBLISHED)
        # First the hold: no automatic publication may come in between.
        hold(store, Hold(version.version, person, form["reason"], f"{utc_now():%Y-%m-%dT%H:%MZ}"))
        restored = replace(version, decided_by=person, reason=f"restored: {form['reason']}")
        if served is None or version_of(served).version != version.version:
            promote(store, version.place, restored, replacing=served.etag if served else None)
        tell(
            f":rewind: *{escape(person)} restored the public metrics of {version.version}.* "
            f"{escape(form['reason'])}\nNothing else is published until the hold is released in "
            "`restore_metrics`."
        )
        tell_lineage(reads=[version.place], writes=[PUBLISHED])
        log.info(
            "restored",
            source=ALL_SOURCES,
            file=PUBLISHED.path,
            version=version.version,
            decided_by=person,
        )
        return asdict(restored)

    return act()


def _release(person: str, reason: str) -> None:
    store = open_store()
    if (was := held(store)) is None:
        raise AirflowSkipException("Nothing is held.")
    release(store)
    tell(
        f":arrow_forward: *{escape(person)} released the hold on {was.version}.* {escape(reason)}\n"
        "The next publication is public again."
    )


def _person(context: Context, answer: dict[str, Any]) -> str:
    responder = (answer.get("responded_by_user") or {}).get("name")
    triggered = getattr(context["dag_run"], "triggering_user_name", None)
    return str(responder or triggered or "somebody")
