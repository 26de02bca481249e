"""The audit as a task: a valid candidate is promoted, a suspicious one needs a person's review.

An invalid candidate fails the run.
"""

import logging
from datetime import datetime

from airflow.providers.standard.operators.trigger_dagrun import TriggerDagRunOperator
from airflow.sdk import XComArg, get_current_context, task
from airflow.sdk.exceptions import AirflowFailException

from include.pipeline.lineage import candidates_of, emit_lineage
from include.publishing.audit import Verdict, check_candidate
from include.publishing.change_limits import declared_limits
from include.publishing.contract import ContractError
from include.publishing.holds import current_hold
from include.publishing.names import CANDIDATES_CONTAINER, candidate_file
from include.publishing.store import Place, Store, Stored
from include.publishing.versions import PUBLISHED, AuditedCandidate, Version, version_name
from include.storage import open_store
from include.times import utc_now

log = logging.getLogger(__name__)

APPROVAL_DAG = "approve_change"
VALID = "valid"
# The key of the audited candidate: in the XCom of `audit`, and in the conf of an approval's run.
CANDIDATE = "candidate"


def audit_candidate(model: str) -> XComArg:
    """A task `audit` that chooses `promote`, `ask_a_person`, or neither if nothing changed."""

    @task.branch
    def audit() -> str | None:
        context = get_current_context()
        place = Place(CANDIDATES_CONTAINER, candidate_file(model, context["run_id"]))
        emit_lineage(reads=[candidates_of(place), PUBLISHED])
        candidate = audit_stored(open_store(), place, context["run_id"], utc_now())
        if candidate is None:
            return None
        context["ti"].xcom_push(key=CANDIDATE, value=candidate.as_dict())
        return "ask_a_person" if candidate.suspicious else "promote"

    return audit()


def audit_stored(store: Store, place: Place, run_id: str, now: datetime) -> AuditedCandidate | None:
    """Audit a run's candidate, and write the result into its metadata.

    Args:
        store: The storage account.
        place: The candidate's location.
        run_id: The run that unloaded it.
        now: The current time, in UTC.

    Returns:
        The candidate, to promote or to ask about; `None` if there is nothing to publish: during a
        hold, if the same file is served, or if another run has asked about the same metrics.

    Raises:
        AirflowFailException: The candidate breaks the contract.
        MissingFileError: There is no candidate.
    """
    candidate, served = store.need(place), store.read(PUBLISHED)
    if hold := current_hold(store):
        log.warning("Nothing is published: %s", hold)
        return None
    if served is not None and served.sha256 == candidate.sha256:
        log.info("The candidate is the same as the served file: there is nothing to publish.")
        return None
    try:
        verdict = check_candidate(
            candidate.content, served.content if served else None, declared_limits(), now
        )
    except ContractError as error:
        raise AirflowFailException(f"{error}. The public file stays as it was.") from error
    for difference in verdict.differences:
        log.info("%s", difference)
    version = _version(candidate, verdict, run_id)
    if verdict.suspicious and (run := waiting_run(store, version)):
        log.info("The run %s has already asked for a review of the same metrics.", run)
        return None
    store.set_metadata(place, version.as_metadata())
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


def waiting_run(store: Store, version: Version) -> str | None:
    """The other run that asked last for a review, if its candidate has the same content.

    Args:
        store: The storage account.
        version: The candidate at hand.
    """
    known = filter(None, map(Version.from_metadata, store.list(CANDIDATES_CONTAINER).values()))
    newest = max(known, key=lambda one: one.version, default=None)
    if newest is None or newest.sha256 != version.sha256 or newest.run == version.run:
        return None
    return newest.run


def _version(candidate: Stored, verdict: Verdict, run_id: str) -> Version:
    result = "; ".join(map(str, verdict.suspicious)) or VALID
    name = version_name(candidate.modified_at, candidate.sha256)
    return Version(name, candidate.sha256, run=run_id, audit=result)
