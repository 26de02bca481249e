"""A person's review of a suspicious candidate; without an answer it is held."""

import os
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from airflow.providers.standard.operators.hitl import HITLOperator
from airflow.sdk import Context, Param, XComArg, get_current_context, task
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

from include.incidents.notify import post_to_slack
from include.incidents.text import escape
from include.pipeline.audit import CANDIDATE
from include.pipeline.promote import promote_audited
from include.publishing.audit import check_candidate
from include.publishing.change_limits import declared_limits
from include.publishing.differences import as_markdown
from include.publishing.names import CANDIDATES_CONTAINER
from include.publishing.store import MalformedCandidateError, Store
from include.publishing.versions import PUBLISHED, AuditedCandidate, version_of
from include.storage import open_store
from include.times import utc_now

PUBLISH, HOLD = "Publish", "Hold"
ANSWER_WITHIN = timedelta(hours=float(os.environ.get("DDRC_ANSWER_HOURS", "4")))
_LINES_IN_SLACK = 10

_REASON = Param(
    "",
    type="string",
    maxLength=500,
    title="Reason",
    description="Why the change is correct or not: who confirmed it, and how.",
)


class AskOperator(HITLOperator):
    """Asks for a review in Airflow's UI, and posts the link to Slack."""

    def execute(self, context: Context) -> Any:
        """Post to Slack, then wait for the answer."""
        candidate = candidate_of(context)
        self.body = as_markdown(candidate.differences)
        link = self.generate_link_to_ui(task_instance=context["task_instance"])
        suspicious = candidate.suspicious[:_LINES_IN_SLACK]
        lines = "\n".join(f"• {escape(str(difference))}" for difference in suspicious)
        post_to_slack(
            f":raised_hand: *A suspicious change of the public metrics needs review.*\n{lines}\n"
            f"Until then, the last version stays public. <{link}|Publish or hold>"
        )
        return super().execute(context)


def ask() -> HITLOperator:
    """A task `ask` that shows the differences and offers to publish or to hold."""
    return AskOperator(
        task_id="ask",
        subject="Publish these metrics?",
        options=[PUBLISH, HOLD],
        defaults=HOLD,
        params={"reason": _REASON},
        response_timeout=ANSWER_WITHIN,
    )


def promote_if_approved() -> XComArg:
    """A task `promote` that publishes or holds as answered, unless a newer candidate exists."""

    @task
    def promote() -> dict[str, str]:
        context = get_current_context()
        answer = context["ti"].xcom_pull(task_ids="ask")
        return act_on_answer(open_store(), candidate_of(context), answer)

    return promote()


def act_on_answer(
    store: Store, candidate: AuditedCandidate, answer: Mapping[str, Any]
) -> dict[str, str]:
    """Promote or hold a candidate as a person answered.

    Args:
        store: The storage account.
        candidate: The candidate that the person reviewed.
        answer: The result of `ask`: `chosen_options`, `params_input` with the `reason`, and
            `responded_by_user` with a `name`, or `None` if nobody answered in time.

    Returns:
        The promoted version, for the next tasks.

    Raises:
        AirflowSkipException: It is held, a newer version replaces it, or publishing is held.
        AirflowFailException: The served file has changed, and the difference needs a review too.
    """
    person = (answer.get("responded_by_user") or {}).get("name") or ""
    reason = str(answer["params_input"].get("reason") or "").strip()
    if newer := newer_version(store, candidate):
        raise AirflowSkipException(f"The newer version {newer} replaces this candidate.")
    if answer["chosen_options"] != [PUBLISH]:
        _report_hold(store, candidate, person, reason)
        raise AirflowSkipException(f"Held by {person or 'default: nobody answered'}.")
    current = recheck(store, candidate)
    return promote_audited(store, current, decided_by=person or "unknown", reason=reason)


def candidate_of(context: Context) -> AuditedCandidate:
    """The candidate that the run was triggered for.

    Raises:
        AirflowFailException: The run's conf does not describe one.
    """
    conf = context["dag_run"].conf or {}
    try:
        return AuditedCandidate.from_json(conf.get(CANDIDATE, ""))
    except MalformedCandidateError as error:
        raise AirflowFailException(
            f"{error} The task ask_a_person of publish_metrics has to start this run."
        ) from error


def recheck(store: Store, candidate: AuditedCandidate) -> AuditedCandidate:
    """Compare an approved candidate with the file that is served by now.

    An older candidate may have been published while this one waited.

    Args:
        store: The storage account.
        candidate: The candidate, as the person saw it.

    Returns:
        The candidate, compared with the served file.

    Raises:
        AirflowFailException: There are suspicious differences that the person has not seen.
    """
    served = store.read(PUBLISHED)
    if served is None or served.etag == candidate.replacing:
        return candidate
    content = store.need(candidate.place).content
    verdict = check_candidate(content, served.content, declared_limits(), utc_now())
    seen = {difference.metric for difference in candidate.suspicious}
    if unseen := [str(one) for one in verdict.suspicious if one.metric not in seen]:
        raise AirflowFailException(
            f"The served file has changed since the review, and this needs review too: "
            f"{'; '.join(unseen)}. Clear the task audit of the run that asked."
        )
    return replace(candidate, replacing=served.etag)


def newer_version(store: Store, candidate: AuditedCandidate) -> str | None:
    """The newest version that was served or audited after a candidate; `None` if there is none.

    Args:
        store: The storage account.
        candidate: The candidate.
    """
    served = store.read(PUBLISHED)
    versions = {
        metadata.get("version", "") for metadata in store.list(CANDIDATES_CONTAINER).values()
    }
    if served is not None and served.etag != candidate.replacing:
        versions.add(version_of(served).version)
    newest = max(versions, default="")
    return newest if newest > candidate.version.version else None


def _report_hold(store: Store, candidate: AuditedCandidate, person: str, reason: str) -> None:
    held = replace(
        candidate.version, decided_by=person or "nobody", reason=f"held: {reason or 'no answer'}"
    )
    store.set_metadata(candidate.place, held.as_metadata())
    who = f"{escape(person)} held it: {escape(reason)}" if person else "Nobody answered"
    post_to_slack(
        f":no_entry: *The suspicious change of the public metrics is not published.* {who}."
    )
