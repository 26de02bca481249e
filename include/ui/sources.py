"""The page *Sources*: for each source what failed, since when, why, and what to do about it.

It reads Airflow's database and the storage account, and sends no request to a source or to
Fivetran: what Fivetran said of a connector is what its last sync stored.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated

from fastapi import Depends, FastAPI
from fastapi.responses import HTMLResponse

from include.incidents import settings
from include.incidents.alert_types import alert_type_of, page_url
from include.incidents.data_warnings import ENGINEERS, STAFF, DataWarning, read_warnings
from include.incidents.incident import Incident
from include.incidents.incident_file import read_state
from include.incidents.summary import remedy, runbook_page
from include.incidents.time_limit import within
from include.publishing.store import Store
from include.sources import ENTERED, SOURCES
from include.storage import open_store
from include.times import utc_now
from include.ui.airflow_state import SessionDep, read_source_state, read_source_states
from include.ui.links import trigger_link
from include.ui.render import render_page
from include.ui.run_form import run_page
from include.ui.source_state import FailedTask, SourceState
from include.words import last_run

log = logging.getLogger(__name__)

# Azure's client tries for a minute and more while the account does not answer.
STORAGE_SECONDS = 5.0

Now = Annotated[datetime, Depends(utc_now)]


@dataclass(frozen=True)
class Failure:
    """A failed task with its cause, as far as an incident knows it.

    Attributes:
        task: The failed task.
        error: The error in one line; empty without an incident.
        runbook: The address of its runbook page; empty without a repository, or if its incident
            has it.
    """

    task: FailedTask
    error: str
    runbook: str


@dataclass(frozen=True)
class OpenIncident:
    """An open incident of a source, with what to do and the address of its runbook page."""

    incident: Incident
    remedy: str
    runbook: str


@dataclass(frozen=True)
class SourceCard:
    """Everything that the page shows of a source.

    Attributes:
        state: Its runs, loads and failures, from Airflow.
        failures: The failed tasks, each with its cause.
        incidents: Its open incidents.
        warnings: Its data warnings, oldest first.
        keeper: Who keeps its data.
        forms: The addresses of the forms, by what they do.
    """

    state: SourceState
    failures: tuple[Failure, ...] = ()
    incidents: tuple[OpenIncident, ...] = ()
    warnings: tuple[DataWarning, ...] = ()
    keeper: str = ENGINEERS
    forms: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_failing(self) -> bool:
        """True if a task failed since the last complete run."""
        return bool(self.failures)

    @property
    def word(self) -> tuple[str, str]:
        """The state of the last run in words, and its color."""
        return last_run(self.state.state)


@dataclass(frozen=True)
class Stored:
    """What the storage account knows of the sources.

    Attributes:
        incidents: The open incidents.
        warnings: The data warnings by source.
        problem: Why it does not answer; empty if it does.
    """

    incidents: tuple[Incident, ...] = ()
    warnings: Mapping[str, tuple[DataWarning, ...]] = field(default_factory=dict)
    problem: str = ""


def add_pages(app: FastAPI) -> None:
    """Add the page *Sources*, that of one source, and the form of a run."""
    app.get("/sources", response_class=HTMLResponse)(sources_page)
    app.get("/sources/{dag_id}", response_class=HTMLResponse)(source_page)
    app.get("/run/{dag_id}", response_class=HTMLResponse)(run_page)


def sources_page(session: SessionDep, now: Now) -> HTMLResponse:
    """The page with every source."""
    return _render(read_source_states(session), now)


def source_page(dag_id: str, session: SessionDep, now: Now) -> HTMLResponse:
    """The page with one source; for another DAG, a note that it is not a source."""
    states = [read_source_state(session, dag_id)] if dag_id in SOURCES else []
    return _render(states, now, only=dag_id)


def make_card(state: SourceState, stored: Stored, repository: str) -> SourceCard:
    """Join what Airflow and the storage account know of a source.

    Args:
        state: The source's state in Airflow.
        stored: What the storage account knows.
        repository: `owner/name` of the repository with the runbooks; empty without one.
    """
    own = [one for one in stored.incidents if _concerns(one, state.source)]
    return SourceCard(
        state,
        failures=tuple(_failure(task, own, repository) for task in state.failures),
        incidents=tuple(
            OpenIncident(one, remedy(one), page_url(repository, runbook_page(one))) for one in own
        ),
        warnings=stored.warnings.get(state.source, ()),
        keeper=STAFF if state.source in ENTERED else ENGINEERS,
        forms=_forms(state),
    )


def _concerns(incident: Incident, source: str) -> bool:
    """True if one of the incident's problems is the source's own or of its freshness."""
    return any(
        one.dag == source or (one.dag == "check_freshness" and one.task == source)
        for one in incident.problems
    )


def _failure(task: FailedTask, incidents: Sequence[Incident], repository: str) -> Failure:
    key = f"{task.dag}.{task.task}"
    known = [one for each in incidents for one in each.problems if one.key == key]
    if known:
        # The incident is shown too, with what to do and its runbook page.
        return Failure(task, known[0].error, "")
    try:
        page = alert_type_of(task.dag, task.task).runbook_url(repository)
    except KeyError:
        page = ""
    return Failure(task, "", page)


def _forms(state: SourceState) -> dict[str, str]:
    """The addresses of the forms that start a run of the source."""
    source = state.source
    forms = {
        "Trigger": trigger_link(source),
        "Force a full load": trigger_link(source, force_full_load=True),
    }
    if not state.is_synced:
        forms["Accept a drop in rows"] = trigger_link(source, accept_drop="")
    return forms


def _render(states: Sequence[SourceState], now: datetime, only: str = "") -> HTMLResponse:
    """Without the storage account, the page says so and shows what Airflow knows."""
    stored = Stored()
    if states:
        try:
            stored = within(STORAGE_SECONDS, lambda: _read_stored(open_store(), only))
        except Exception as error:
            log.exception("The storage account could not be read")
            stored = Stored(problem=type(error).__name__)
    repository = settings.repository()
    cards = [make_card(state, stored, repository) for state in states]
    # What a person has to act on comes first.
    cards.sort(key=lambda card: (not card.failures, not card.incidents))
    return render_page("sources.html", cards=cards, problem=stored.problem, now=now, only=only)


def _read_stored(store: Store, only: str) -> Stored:
    warnings = {
        source: tuple(
            sorted(
                (one for found in by_test.values() for one in found),
                key=lambda each: (each.since, each.text),
            )
        )
        for source, by_test in read_warnings(store, only).items()
    }
    return Stored(read_state(store).open, warnings)
