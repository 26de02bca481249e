"""The app with the pages, which Airflow mounts behind its login: they only read.

One request changes something: `clean-up` deletes old rows of Airflow's database.
"""

import logging
from datetime import datetime
from http import HTTPStatus
from typing import Annotated

from fastapi import Depends, FastAPI, HTTPException
from fastapi.responses import HTMLResponse

from include.incidents.data_warnings import DataWarning, read_warnings
from include.sources import SOURCES
from include.storage import open_store
from include.times import utc_now
from include.ui.airflow_state import (
    READ_ACCESS,
    SessionDep,
    SourceState,
    read_open_questions,
    read_source_state,
    read_source_states,
)
from include.ui.clean_up import DELETE_ACCESS, KEPT, AlreadyRunningError, clean_up
from include.ui.models import POLICY, render_models_page
from include.ui.publication import read_publication
from include.ui.render import HEADERS, render_page

log = logging.getLogger(__name__)

Now = Annotated[datetime, Depends(utc_now)]


def create_app() -> FastAPI:
    """Create the app."""
    app = FastAPI(title="DDRC", docs_url=None, openapi_url=None, dependencies=READ_ACCESS)
    app.get("/publication", response_class=HTMLResponse)(publication_page)
    app.get("/sources", response_class=HTMLResponse)(sources_page)
    app.get("/sources/{dag_id}", response_class=HTMLResponse)(source_page)
    app.get("/models", response_class=HTMLResponse)(models_page)
    app.get("/clean-up", dependencies=DELETE_ACCESS)(clean_up_rule)
    app.post("/clean-up", dependencies=DELETE_ACCESS)(delete_old_rows)
    return app


def publication_page(session: SessionDep, now: Now) -> HTMLResponse:
    """The page *Publication*; without the storage account, the part that Airflow knows."""
    states = {state.source: state for state in read_source_states(session)}
    questions = read_open_questions(session)
    try:
        asking = {question.run for question in questions}
        publication, problem = read_publication(open_store(), now, asking), ""
    except Exception as error:
        log.exception("The storage account could not be read")
        publication, problem = None, type(error).__name__
    return render_page(
        "publication.html",
        publication=publication,
        problem=problem,
        states=states,
        questions=questions,
        now=now,
    )


def sources_page(session: SessionDep, now: Now) -> HTMLResponse:
    """The page *Sources*, with every source."""
    return _render_sources(read_source_states(session), now)


def source_page(dag_id: str, session: SessionDep, now: Now) -> HTMLResponse:
    """The page *Sources* with one source; for another DAG, a note that it is not a source."""
    states = [read_source_state(session, dag_id)] if dag_id in SOURCES else []
    return _render_sources(states, now, only=dag_id)


def _render_sources(states: list[SourceState], now: datetime, only: str = "") -> HTMLResponse:
    """Without the storage account, the page says so and shows what Airflow knows."""
    warnings: dict[str, list[DataWarning]] = {}
    problem = ""
    try:
        for source, by_test in read_warnings(open_store(), only).items() if states else ():
            found = [warning for of_test in by_test.values() for warning in of_test]
            warnings[source] = sorted(found, key=lambda each: (each.since, each.text))
    except Exception as error:
        log.exception("The data warnings could not be read")
        problem = type(error).__name__
    return render_page(
        "sources.html", states=states, warnings=warnings, problem=problem, now=now, only=only
    )


def models_page() -> HTMLResponse:
    """The page *Data models*: dbt's documentation; without a manifest, the way to make one."""
    page = render_models_page()
    if page is None:
        return render_page("models.html")
    return HTMLResponse(page, headers={**HEADERS, "Content-Security-Policy": POLICY})


def delete_old_rows(session: SessionDep, now: Now) -> dict[str, int]:
    """Delete old rows of Airflow's database; the number of deleted rows by table."""
    try:
        return clean_up(session, now)
    except AlreadyRunningError:
        raise HTTPException(HTTPStatus.CONFLICT, "A clean-up is running already.") from None


def clean_up_rule() -> dict[str, int]:
    """After how many days rows are deleted; only who may delete them may ask."""
    return {"days": KEPT.days}
