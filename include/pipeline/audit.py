"""The audit as a task: in order, it is promoted; odd, a person is asked; broken, the run fails."""

import logging
from dataclasses import asdict
from typing import Any

from airflow.providers.standard.operators.trigger_dagrun import TriggerDagRunOperator
from airflow.sdk import XComArg, get_current_context, task
from airflow.sdk.exceptions import AirflowFailException

from include.pipeline.lineage import of_every_run, tell_lineage
from include.publishing.audit import Verdict, audit
from include.publishing.change_limits import declared_limits
from include.publishing.contract import ContractError
from include.publishing.differences import as_markdown
from include.publishing.holds import held
from include.publishing.names import CANDIDATES_CONTAINER, candidate_file
from include.publishing.store import Place, Store, Stored
from include.publishing.versions import PUBLISHED, Version, from_metadata, version_name
from include.storage import open_store
from include.times import utc_now

log = logging.getLogger(__name__)

APPROVAL_DAG = "approve_change"
IN_ORDER = "in order"
FINDING = "finding"


def audit_candidate(model: str) -> XComArg:
    """A task `audit` that chooses `promote` or `ask_a_person`, or neither where nothing changed."""

    @task.branch(task_id="audit")
    def look() -> str | None:
        context = get_current_context()
        store = open_store()
        place = Place(CANDIDATES_CONTAINER, candidate_file(model, context["run_id"]))
        candidate, served = store.need(place), store.read(PUBLISHED)
        tell_lineage(reads=[of_every_run(place), PUBLISHED])
        if why := held(store):
            log.warning("Nothing is published: %s", why)
            return None
        if served is not None and served.sha256 == candidate.sha256:
            log.info("The candidate is what is served already.")
            return None
        try:
            verdict = audit(
                candidate.content, served.content if served else None, declared_limits(), utc_now()
            )
        except ContractError as error:
            raise AirflowFailException(f"{error}. The public file stays as it was.") from error
        version = _version(candidate, verdict, context["run_id"])
        if verdict.odd and (other := waiting_elsewhere(store, version)):
            log.info("The same metrics wait for an answer already, in the run %s.", other)
            return None
        store.label(place, version.as_metadata())
        context["ti"].xcom_push(key=FINDING, value=_finding(place, version, served, verdict))
        for difference in verdict.differences:
            log.info("%s", difference)
        return "ask_a_person" if verdict.odd else "promote"

    return look()


def ask_a_person() -> TriggerDagRunOperator:
    """A task `ask_a_person` that starts the run in which a person decides.

    A run of its own, so that the next publication need not wait for the answer.
    """
    return TriggerDagRunOperator(
        task_id="ask_a_person",
        trigger_dag_id=APPROVAL_DAG,
        trigger_run_id="for_{{ run_id }}",
        reset_dag_run=True,
        conf={FINDING: "{{ ti.xcom_pull(task_ids='audit', key='finding') | tojson }}"},
    )


def waiting_elsewhere(store: Store, version: Version) -> str | None:
    """The run whose candidate, byte for byte the same, a person was asked about last."""
    known = filter(None, map(from_metadata, store.list(CANDIDATES_CONTAINER).values()))
    newest = max(known, key=lambda one: one.version, default=None)
    if newest is None or newest.sha256 != version.sha256 or newest.run == version.run:
        return None
    return newest.run


def _version(candidate: Stored, verdict: Verdict, run_id: str) -> Version:
    found = "; ".join(str(one) for one in verdict.odd) or IN_ORDER
    name = version_name(candidate.modified_at, candidate.sha256)
    return Version(name, candidate.sha256, run=run_id, audit=found)


def _finding(
    place: Place, version: Version, served: Stored | None, verdict: Verdict
) -> dict[str, Any]:
    return {
        "candidate": place.path,
        "version": asdict(version),
        "replacing": served.etag if served else None,
        "odd": [str(one) for one in verdict.odd],
        "table": as_markdown(verdict.differences),
    }
