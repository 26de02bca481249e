"""A person's review of a suspicious candidate; without an answer it is held."""

import os
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from airflow.providers.standard.operators.hitl import HITLOperator
from airflow.sdk import Context, Param, XComArg, get_current_context, task
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

from include.incidents.notify import post_to_slack
from include.incidents.text import escape
from include.pipeline.audit import CANDIDATE, OLDER
from include.pipeline.change_detection import skip_the_rest
from include.pipeline.promote import fingerprint_of, promote_audited
from include.publishing.audit import check_candidate
from include.publishing.change_limits import declared_limits
from include.publishing.differences import as_markdown
from include.publishing.promotion import is_served
from include.publishing.reconcile import read_publishing
from include.publishing.reviews import Review, hold_reviewed, save_review
from include.publishing.store import MalformedCandidateError, Store
from include.publishing.versions import PUBLISHED, AuditedCandidate
from include.storage import open_store
from include.times import california_time, duration, utc_now

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
        """Post to Slack, then wait for the answer, unless there is nothing to ask any more."""
        candidate, store, now = candidate_of(context), open_store(), utc_now()
        if reason := reason_not_to_ask(store, candidate, now):
            skip_the_rest(context, reason)
        self.body = as_markdown(candidate.differences)
        link = self.generate_link_to_ui(task_instance=context["task_instance"])
        post_to_slack(question(candidate, store.need(candidate.place).modified_at, link, now))
        metrics = fingerprint_of(store, candidate, now)
        save_review(store, Review(context["run_id"], metrics, candidate.replacing, now))
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

    @task(multiple_outputs=False)
    def promote() -> dict[str, str]:
        context = get_current_context()
        answer = context["ti"].xcom_pull(task_ids="ask")
        if answer is None:
            raise AirflowSkipException("Nobody was asked: somebody marked the task ask. Clear it.")
        return act_on_answer(open_store(), candidate_of(context), answer, context["run_id"])

    return promote()


def act_on_answer(
    store: Store, candidate: AuditedCandidate, answer: Mapping[str, Any], run: str
) -> dict[str, str]:
    """Promote or hold a candidate as a person answered.

    Args:
        store: The storage account.
        candidate: The candidate that the person reviewed.
        answer: The result of `ask`: `chosen_options`, `params_input` with the `reason`, and
            `responded_by_user` with a `name`, or `None` if nobody answered in time.
        run: The run that asked.

    Returns:
        The promoted version, for the next tasks.

    Raises:
        AirflowSkipException: The candidate is held, the sources have released other metrics since,
            publishing is held, or a difference from what is served by now needs a review too.
    """
    person = (answer.get("responded_by_user") or {}).get("name") or ""
    reason = str(answer["params_input"].get("reason") or "").strip()
    change = "The suspicious change of the public metrics"
    if answer["chosen_options"] != [PUBLISH]:
        hold_reviewed(store, run, person, reason, utc_now())
        who = f"{escape(person)} held it" if person else "Nobody answered in time"
        asks = "in a day, or when the metrics change" if person else "with the next publication"
        post_to_slack(
            f":no_entry: *{change} is not published.* {who}{_because(reason)}\n"
            f"*The public sees*: still the last good values. A person is asked again {asks}."
        )
        raise AirflowSkipException(f"Held by {person or 'default: nobody answered'}.")
    # A promotion that was killed before it was logged is finished.
    is_public = is_served(store.read(PUBLISHED), candidate.version)
    if not is_public and (outdated := reason_not_to_ask(store, candidate, utc_now())):
        raise AirflowSkipException(f"{outdated}.")
    current = recheck(store, candidate)
    version = promote_audited(store, current, decided_by=person or "unknown", reason=reason)
    if not is_public:
        post_to_slack(
            f":white_check_mark: *{change} is published.* {escape(person) or 'Somebody'} approved"
            f" it{_because(reason)}\n*The public sees*: the new values, within a minute."
        )
    return version


def question(candidate: AuditedCandidate, made_at: datetime, link: str, now: datetime) -> str:
    """The Slack message that asks for a review.

    Args:
        candidate: The candidate.
        made_at: When it was unloaded, in UTC.
        link: The address of the form.
        now: When the question is asked, in UTC.
    """
    suspicious = candidate.suspicious
    lines = [f"• {escape(str(one))}" for one in suspicious[:_LINES_IN_SLACK]]
    if len(suspicious) > len(lines):
        lines.append(f"• and {len(suspicious) - len(lines)} more, which the form lists")
    made = f"{california_time(made_at)}, {duration(now - made_at)} ago"
    until = california_time(now + ANSWER_WITHIN)
    return "\n".join(
        (
            ":raised_hand: *A suspicious change of the public metrics needs review.*",
            "*The public sees*: the last good values, until somebody decides.",
            "*Who may answer*: anyone of CalData or Analytica staff with access to Airflow.",
            f"*Until*: {until}. Without an answer it is held, and the next publication asks again.",
            f"*What to do*: compare the values with the source, then <{link}|publish or hold>.",
            f"*What changes*, by the values of {made}:",
            *lines,
        )
    )


def _because(reason: str) -> str:
    return f": {escape(reason)}" if reason else "."


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


def reason_not_to_ask(store: Store, candidate: AuditedCandidate, now: datetime) -> str:
    """Why a candidate needs no review any more, without a full stop; empty if it does.

    Args:
        store: The storage account.
        candidate: The candidate.
        now: The current time, in UTC.
    """
    state = read_publishing(store, now)
    if state.hold:
        return f"Nothing is published: {state.hold}"
    if state.comparison.is_public:
        return "The public file says what the sources have released"
    if fingerprint_of(store, candidate, now) != state.comparison.wanted:
        return OLDER
    return ""


def recheck(store: Store, candidate: AuditedCandidate) -> AuditedCandidate:
    """Compare an approved candidate with the file that is served by now.

    Another version may have been published or restored while this one waited.

    Args:
        store: The storage account.
        candidate: The candidate, as the person saw it.

    Returns:
        The candidate, compared with the served file.

    Raises:
        AirflowSkipException: There are suspicious differences that the person has not seen; the
            next publication asks about them.
    """
    served = store.read(PUBLISHED)
    if served is None or served.etag == candidate.replacing:
        return candidate
    content = store.need(candidate.place).content
    verdict = check_candidate(content, served.content, declared_limits(), utc_now())
    seen = {(one.metric, one.before, one.after) for one in candidate.suspicious}
    if unseen := [
        str(one) for one in verdict.suspicious if (one.metric, one.before, one.after) not in seen
    ]:
        raise AirflowSkipException(
            f"The served file has changed since the review, and this needs review too: "
            f"{'; '.join(unseen)}. The next publication asks."
        )
    return replace(candidate, replacing=served.etag)
