"""A person decides on an odd candidate; without an answer it is held."""

import json
import logging
import os
from datetime import timedelta
from typing import Any

from airflow.providers.standard.operators.hitl import HITLOperator
from airflow.sdk import Context, Param, XComArg, get_current_context, task
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

from include.incidents.notify import tell
from include.incidents.text import escape
from include.pipeline.audit import FINDING
from include.pipeline.promote import serve_finding
from include.publishing.audit import audit
from include.publishing.change_limits import declared_limits
from include.publishing.names import CANDIDATES_CONTAINER
from include.publishing.store import Place, Store
from include.publishing.versions import PUBLISHED, version_of
from include.storage import open_store
from include.times import utc_now

log = logging.getLogger(__name__)

PUBLISH, HOLD = "Publish", "Hold"
ANSWER_WITHIN = timedelta(hours=float(os.environ.get("DDRC_ANSWER_HOURS", "4")))

_REASON = Param(
    "",
    type="string",
    maxLength=500,
    title="Reason",
    description="Why it is right to publish, or not: who confirmed it, and how.",
)


class AskOperator(HITLOperator):
    """Asks in Airflow's UI and tells Slack where."""

    def execute(self, context: Context) -> Any:
        """Tell Slack, then wait."""
        finding = finding_of(context)
        self.body = finding["table"]
        link = self.generate_link_to_ui(task_instance=context["task_instance"])
        odd = "\n".join(f"• {escape(line)}" for line in finding["odd"][:10])
        tell(
            f":raised_hand: *A change of the public metrics waits for a person.*\n{odd}\n"
            f"The last version stays public. <{link}|Publish or hold>"
        )
        return super().execute(context)


def ask() -> HITLOperator:
    """A task `ask` that shows what differs and offers to publish or to hold."""
    return AskOperator(
        task_id="ask",
        subject="Publish these metrics?",
        options=[PUBLISH, HOLD],
        defaults=HOLD,
        params={"reason": _REASON},
        response_timeout=ANSWER_WITHIN,
    )


def promote_if_approved() -> XComArg:
    """A task `promote` that does what the person said, unless a newer candidate has come."""

    @task(task_id="promote")
    def act() -> dict[str, str]:
        context = get_current_context()
        finding, store = finding_of(context), open_store()
        answer = context["ti"].xcom_pull(task_ids="ask")
        person = (answer.get("responded_by_user") or {}).get("name") or ""
        reason = str(answer["params_input"].get("reason") or "").strip()
        newer = superseded_by(store, finding)
        if newer:
            raise AirflowSkipException(f"{newer} has come meanwhile and takes its place.")
        if answer["chosen_options"] != [PUBLISH]:
            _note_hold(store, finding, person, reason)
            raise AirflowSkipException(f"Held by {person or 'nobody: there was no answer'}.")
        still = still_approved(store, finding)
        return serve_finding(store, still, decided_by=person or "unknown", reason=reason)

    return act()


def finding_of(context: Context) -> dict[str, Any]:
    """What the audit found, as the run that asks was told it."""
    found: dict[str, Any] = json.loads((context["dag_run"].conf or {})[FINDING])
    return found


def still_approved(store: Store, finding: dict[str, Any]) -> dict[str, Any]:
    """The finding against what is served now, if that shows nothing odd that was not approved.

    An older candidate may have been published while this one waited.

    Raises:
        AirflowFailException: There is more to look at than the person was shown.
    """
    served = store.read(PUBLISHED)
    if served is None or served.etag == finding["replacing"]:
        return finding
    candidate = store.need(Place(CANDIDATES_CONTAINER, finding["candidate"]))
    verdict = audit(candidate.content, served.content, declared_limits(), utc_now())
    shown = {line.split(":")[0] for line in finding["odd"]}
    if more := [str(one) for one in verdict.odd if one.metric not in shown]:
        raise AirflowFailException(
            f"The served file changed since; now this is odd too: {'; '.join(more)}. "
            "Clear the task audit of the run that asked."
        )
    return finding | {"replacing": served.etag}


def superseded_by(store: Store, finding: dict[str, Any]) -> str | None:
    """A newer version that is served or was audited since; null if this is the newest."""
    own: str = finding["version"]["version"]
    served = store.read(PUBLISHED)
    versions = {
        metadata.get("version", "") for metadata in store.list(CANDIDATES_CONTAINER).values()
    }
    if served is not None and served.etag != finding["replacing"]:
        versions.add(version_of(served).version)
    newest = max(versions, default="")
    return newest if newest > own else None


def _note_hold(store: Store, finding: dict[str, Any], person: str, reason: str) -> None:
    candidate = Place(CANDIDATES_CONTAINER, finding["candidate"])
    decided = {"decided_by": person or "nobody", "reason": f"held: {reason or 'no answer'}"}
    store.label(candidate, finding["version"] | decided)
    who = (
        f"{escape(person)} holds it: {escape(reason)}" if person else "Nobody answered: it is held"
    )
    tell(f":no_entry: *The odd change of the public metrics is not published.* {who}.")
