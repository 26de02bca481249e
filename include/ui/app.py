"""The pages as an app that Airflow mounts: behind its login and its roles, and read-only."""

import logging
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

from airflow.api_fastapi.auth.managers.models.resource_details import AccessView, DagAccessEntity
from airflow.api_fastapi.common.db.common import SessionDep
from airflow.api_fastapi.core_api.security import requires_access_dag, requires_access_view
from fastapi import Depends, FastAPI
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader

from include.sources import SOURCES
from include.storage import open_store
from include.times import utc_now
from include.ui import filters
from include.ui.address import base_path
from include.ui.airflow_state import open_questions, source_state, source_states
from include.ui.models import POLICY, models_page
from include.ui.publication import publication
from include.ui.version import deployed_version

log = logging.getLogger(__name__)

# Nothing is loaded from elsewhere, and only Airflow's own pages may frame ours.
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline';"
        " frame-ancestors 'self'"
    ),
    "Cache-Control": "no-store",
}

_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
)
_TEMPLATES.filters.update(
    number=filters.number, change=filters.change, moment=filters.moment, age=filters.age
)


def create_app() -> FastAPI:
    """The app."""
    app = FastAPI(
        title="DDRC",
        docs_url=None,
        openapi_url=None,
        dependencies=[
            Depends(requires_access_view(AccessView.WEBSITE)),
            Depends(requires_access_dag("GET", DagAccessEntity.RUN)),
        ],
    )
    app.get("/publication", response_class=HTMLResponse)(show_publication)
    app.get("/sources", response_class=HTMLResponse)(show_sources)
    app.get("/sources/{dag_id}", response_class=HTMLResponse)(show_source)
    app.get("/models", response_class=HTMLResponse)(show_models)
    return app


def show_publication(
    session: SessionDep, now: Annotated[datetime, Depends(utc_now)]
) -> HTMLResponse:
    """What is public now, which versions there are, and what is open."""
    states = {state.source: state for state in source_states(session)}
    try:
        found, problem = publication(open_store(), now), ""
    except Exception as error:
        log.exception("The storage account could not be read")
        found, problem = None, type(error).__name__
    return _page(
        "publication.html",
        publication=found,
        problem=problem,
        states=states,
        questions=open_questions(session),
        now=now,
    )


def show_sources(session: SessionDep, now: Annotated[datetime, Depends(utc_now)]) -> HTMLResponse:
    """How every source is doing."""
    return _page("sources.html", states=source_states(session), now=now, only="")


def show_source(
    dag_id: str, session: SessionDep, now: Annotated[datetime, Depends(utc_now)]
) -> HTMLResponse:
    """How one source is doing; of another DAG, that it is none."""
    states = [source_state(session, dag_id)] if dag_id in SOURCES else []
    return _page("sources.html", states=states, now=now, only=dag_id)


def show_models() -> HTMLResponse:
    """The dbt project's documentation, or how it is made."""
    found = models_page()
    if found is None:
        return _page("models.html")
    return HTMLResponse(found, headers={**HEADERS, "Content-Security-Policy": POLICY})


def _page(template: str, **facts: Any) -> HTMLResponse:
    content = _TEMPLATES.get_template(template).render(
        base=base_path(), code=deployed_version(), **facts
    )
    return HTMLResponse(content, headers=HEADERS)
