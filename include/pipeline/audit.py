"""The audit as a task: a valid candidate is promoted, a suspicious one needs a person's review.

An invalid candidate fails the run.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from airflow.providers.standard.operators.trigger_dagrun import TriggerDagRunOperator
from airflow.sdk import XComArg, get_current_context, task
from airflow.sdk.exceptions import AirflowFailException

from include.pipeline.lineage import candidates_of, emit_lineage
from include.pipeline.reviews import APPROVAL_DAG, is_asking
from include.publishing.audit import Verdict, check_candidate
from include.publishing.change_limits import declared_limits
from include.publishing.contract import ContractError, Metric, parse, parse_if_valid
from include.publishing.names import CANDIDATES_CONTAINER, candidate_file
from include.publishing.promotion_log import last_promotion, promotions
from include.publishing.reconcile import read_publishing
from include.publishing.released import fingerprint
from include.publishing.reviews import Review
from include.publishing.store import Place, Store, Stored
from include.publishing.versions import (
    PUBLISHED,
    AuditedCandidate,
    Version,
    read_metrics,
    version_name,
)
from include.storage import open_store
from include.times import utc_now

log = logging.getLogger(__name__)

VALID = "valid"
# The key of the audited candidate: in the XCom of `audit`, and in the conf of an approval's run.
CANDIDATE = "candidate"
# Why an old candidate is not published.
OLDER = "The sources have released other metrics since: a newer run publishes them"
# A metric's slow changes are added up over this time.
DAY = timedelta(hours=24)


def audit_candidate(model: str) -> XComArg:
    """A task `audit` that chooses `promote`, `ask_a_person`, or neither if nothing is to do."""

    @task.branch
    def audit() -> str | None:
        context = get_current_context()
        run, ti = context["run_id"], context["ti"]
        place = Place(CANDIDATES_CONTAINER, candidate_file(model, run))
        emit_lineage(reads=[candidates_of(place), PUBLISHED])
        candidate = audit_stored(
            open_store(), place, run, utc_now(), lambda review: is_asking(ti, review)
        )
        if candidate is None:
            return None
        ti.xcom_push(key=CANDIDATE, value=candidate.as_dict())
        return "ask_a_person" if candidate.suspicious else "promote"

    return audit()


def audit_stored(
    store: Store,
    place: Place,
    run_id: str,
    now: datetime,
    is_asking: Callable[[Review | None], bool],
) -> AuditedCandidate | None:
    """Audit a run's candidate.

    Args:
        store: The storage account.
        place: The candidate's location.
        run_id: The run that unloaded it.
        now: The current time, in UTC.
        is_asking: Whether the run that asked for a review waits for its answer.

    Returns:
        The candidate, to promote or to ask about; `None` if there is nothing to publish: the same
        metrics are served, publishing is held, a person is asked about the same metrics or has held
        them, or a source has released others since.

    Raises:
        AirflowFailException: The candidate breaks the contract.
        MissingFileError: There is no candidate.
    """
    candidate, state = store.need(place), read_publishing(store, now)
    served = state.served
    if served is not None and served.sha256 == candidate.sha256:
        log.info("The candidate is the same as the served file: there is nothing to publish.")
        return None
    if stop := state.stopped_by(now, is_asking=is_asking(state.last_review)):
        log.warning("Nothing is published: %s", stop)
        return None
    public = served.content if served and parse_if_valid(served.content, now) else None
    try:
        metrics = parse(candidate.content, now)
        if fingerprint(metrics) != state.comparison.wanted:
            log.info(OLDER)
            return None
        verdict = check_candidate(
            candidate.content,
            public or last_version(store, now),
            declared_limits(),
            now,
            day_ago=metrics_a_day_ago(store, now),
        )
    except ContractError as error:
        raise AirflowFailException(f"{error}. The public file stays as it was.") from error
    for difference in verdict.differences:
        log.info("%s", difference)
    version = _version(candidate, verdict, run_id)
    replacing = served.etag if served else None
    return AuditedCandidate(place.path, version, replacing, verdict.differences)


def ask_a_person() -> TriggerDagRunOperator:
    """A task `ask_a_person` that starts the run in which a person reviews the candidate.

    It is a separate run, so that the next publication does not wait for the answer.
    """
    return TriggerDagRunOperator(
        task_id="ask_a_person",
        trigger_dag_id=APPROVAL_DAG,
        trigger_run_id="for_{{ run_id }}",
        reset_dag_run=True,
        conf={CANDIDATE: f"{{{{ ti.xcom_pull(task_ids='audit', key='{CANDIDATE}') | tojson }}}}"},
    )


def last_version(store: Store, now: datetime) -> bytes | None:
    """The file of the version that was promoted last, to compare with if the served one is gone."""
    last = last_promotion(store, now)
    saved = store.read(last.version.place) if last else None
    return saved.content if saved else None


def metrics_a_day_ago(store: Store, now: datetime) -> list[Metric]:
    """The metrics that slow changes are added up from.

    They are those that were public a day ago, or that a person has approved or restored since.
    Within the first day they are the first ones.
    """
    start = None
    for start in promotions(store, now):
        if start.version.decided_by or now - start.at >= DAY:
            break
    return read_metrics(store, start.version.place, now) if start else []


def _version(candidate: Stored, verdict: Verdict, run_id: str) -> Version:
    result = "; ".join(map(str, verdict.suspicious)) or VALID
    name = version_name(candidate.modified_at, candidate.sha256)
    return Version(name, candidate.sha256, run=run_id, audit=result)
