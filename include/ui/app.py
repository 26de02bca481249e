"""The app with the pages, which Airflow mounts behind its login: they only read.

One request changes something: `clean-up` deletes old rows of Airflow's database.
"""

import logging
from collections.abc import Collection, Sequence
from datetime import datetime
from http import HTTPStatus
from typing import Annotated

from fastapi import Depends, FastAPI, Request
from fastapi.exception_handlers import http_exception_handler
from fastapi.responses import HTMLResponse, Response, StreamingResponse
from starlette.exceptions import HTTPException

from include.incidents import settings
from include.publishing.public_file import PublicFile, check_address
from include.publishing.store import Store
from include.publishing.versions import PUBLISHED
from include.storage import open_store
from include.times import utc_now
from include.ui import sources
from include.ui.airflow_state import (
    READ_ACCESS,
    SessionDep,
    read_open_questions,
    read_source_state,
    read_source_states,
)
from include.ui.answers import PUBLISH, Facts, find_answers
from include.ui.clean_up import DELETE_ACCESS, KEPT, AlreadyRunningError, clean_up
from include.ui.metrics import source_of
from include.ui.models import POLICY, render_models_page
from include.ui.publication import Publication, read_publication
from include.ui.render import page_headers, render_page, stream_page
from include.ui.source_state import Question, SourceState

log = logging.getLogger(__name__)

Now = Annotated[datetime, Depends(utc_now)]

# Airflow's detail of a token that is not valid; its own pages lead to the login then too
# (airflow/ui/src/main.tsx).
_NO_LOGIN = "Invalid JWT token"


def create_app() -> FastAPI:
    """Create the app."""
    app = FastAPI(title="DDRC", docs_url=None, openapi_url=None, dependencies=READ_ACCESS)
    app.get("/publication", response_class=HTMLResponse)(publication_page)
    app.get("/models", response_class=HTMLResponse)(models_page)
    sources.add_pages(app)
    app.get("/clean-up", dependencies=DELETE_ACCESS)(clean_up_rule)
    app.post("/clean-up", dependencies=DELETE_ACCESS)(delete_old_rows)
    app.exception_handler(HTTPException)(refuse)
    return app


async def refuse(request: Request, error: HTTPException) -> Response:
    """The answer to a request that is refused: a page in words for a person."""
    if request.method != "GET":
        return await http_exception_handler(request, error)
    status, detail = error.status_code, str(error.detail)
    is_login = status == HTTPStatus.UNAUTHORIZED or detail == _NO_LOGIN
    head, text = "This page does not exist", detail
    if is_login:
        head, text = "Your login has expired", "A new login leads back to this page."
    elif status == HTTPStatus.FORBIDDEN:
        head = "Your role may not see this page"
        text = "It needs the right to see DAG runs. Ask an administrator of Airflow for the role."
    return render_page("refused.html", status=status, head=head, text=text, is_login=is_login)


def publication_page(session: SessionDep, now: Now) -> StreamingResponse:
    """The page *Publication*; without the storage account, the part that Airflow knows."""
    states = {state.source: state for state in read_source_states(session)}
    states[PUBLISH.dag] = read_source_state(session, PUBLISH.dag)
    questions = read_open_questions(session)
    return stream_page(
        "publication.html",
        "Publication",
        "Reading the public file and its versions …",
        lambda: publication_values(states, questions, now),
    )


def publication_values(
    states: dict[str, SourceState], questions: Sequence[Question], now: datetime
) -> dict[str, object]:
    """What the page *Publication* shows.

    Args:
        states: The state of each source's DAG, by name.
        questions: The questions that wait for a person.
        now: The current time, in UTC.
    """
    publication, public_file, problem = _read({question.run for question in questions}, now)
    facts = Facts(
        now,
        public_file,
        publication.state if publication else None,
        publication.behind_since if publication else None,
        publication.other_version if publication else "",
        questions,
        publication.incidents if publication else (),
        states,
        source_of(),
        problem,
    )
    return {
        "publication": publication,
        "answers": find_answers(facts),
        "states": states,
        "questions": questions,
        "repository": settings.repository(),
        "now": now,
    }


def _read(
    asking: Collection[str], now: datetime
) -> tuple[Publication | None, PublicFile | None, str]:
    """What is published and the state of the public file, or why that is not known."""
    store: Store | None = None
    try:
        store = open_store()
        publication = read_publication(store, now, asking)
    except Exception as error:
        log.exception("The storage account could not be read")
        alone = check_address(store.public_url(PUBLISHED), now) if store else None
        return None, alone, type(error).__name__
    return publication, publication.public_file, ""


def models_page() -> HTMLResponse:
    """The page *Data models*: dbt's documentation; without a manifest, the way to make one."""
    page = render_models_page()
    if page is None:
        return render_page("models.html")
    return HTMLResponse(page, headers=page_headers(POLICY))


def delete_old_rows(session: SessionDep, now: Now) -> dict[str, int]:
    """Delete old rows of Airflow's database; the number of deleted rows by table."""
    try:
        return clean_up(session, now)
    except AlreadyRunningError:
        raise HTTPException(HTTPStatus.CONFLICT, "A clean-up is running already.") from None


def clean_up_rule() -> dict[str, int]:
    """After how many days rows are deleted; only who may delete them may ask."""
    return {"days": KEPT.days}
