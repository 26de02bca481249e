"""The pages' app: what it serves, whom it asks for rights, and what it hands to the templates."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from airflow.api_fastapi.auth.managers.models.resource_details import AccessView, DagAccessEntity
from airflow.api_fastapi.auth.managers.simple.simple_auth_manager import SimpleAuthManager
from airflow.utils.session import create_session
from fastapi.responses import HTMLResponse, Response
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient
from sqlalchemy.orm import Session

from include.publishing.store import Place, Store
from include.publishing.versions import PUBLISHED
from include.sources import SOURCES
from include.ui import app
from include.ui.airflow_state import Question, SourceState
from include.ui.answers import State
from include.ui.models import POLICY, render_models_page
from include.ui.publication import read_publication
from include.ui.render import page_headers
from tests.publishing.memory_store import MemoryStore
from tests.publishing.samples import NOW, file, publish
from tests.ui.airflow_rows import NOON, add_dag, add_question, add_run, add_task, clear

PAGES = ["/publication", "/models", "/sources", "/sources/{dag_id}", "/run/{dag_id}"]


def test_the_app_serves_pages_and_no_description_of_itself() -> None:
    made = app.create_app()
    pages = {
        route.path: route.response_class
        for route in made.routes
        if isinstance(route, APIRoute) and route.methods == {"GET"}
    }
    pages.pop("/clean-up")
    assert pages == dict.fromkeys(PAGES, HTMLResponse)
    assert {getattr(route, "path", "") for route in made.routes} == {*PAGES, "/clean-up"}
    assert (made.title, made.docs_url, made.openapi_url) == ("DDRC", None, None)


@pytest.mark.parametrize("path", ["/publication", "/sources", "/models"])
def test_a_page_of_every_source_is_not_shown_for_the_right_to_one_dag(
    path: str, anyone: TestClient, token: str
) -> None:
    answer = anyone.get(f"/ddrc{path}?dag_id=epa", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 400


@pytest.mark.parametrize("path", [page.replace("{dag_id}", "epa") for page in PAGES])
def test_a_page_needs_the_rights_to_see_the_website_and_the_runs(
    path: str, anyone: TestClient, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []
    allowed: dict[object, bool] = {}

    def view(_: object, *, access_view: AccessView, user: object) -> bool:
        asked.append(access_view)
        return allowed[access_view]

    def dag(_: object, *, method: str, access_entity: DagAccessEntity, **more: object) -> bool:
        asked.append((method, access_entity))
        return allowed[access_entity]

    monkeypatch.setattr(SimpleAuthManager, "is_authorized_view", view)
    monkeypatch.setattr(SimpleAuthManager, "is_authorized_dag", dag)
    for denied in (AccessView.WEBSITE, DagAccessEntity.RUN):
        allowed = {AccessView.WEBSITE: True, DagAccessEntity.RUN: True, denied: False}
        answer = anyone.get(f"/ddrc{path}", headers={"Authorization": f"Bearer {token}"})
        assert answer.status_code == 403
    assert asked == [AccessView.WEBSITE, AccessView.WEBSITE, ("GET", DagAccessEntity.RUN)]


@pytest.fixture
def session(airflow_database: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Session]:
    """A session in which one source and one question are known; it is never committed."""
    monkeypatch.setenv("AIRFLOW_VAR_INCIDENT_REPOSITORY", "owner/name")
    with create_session() as opened:
        clear(opened)
        add_dag(opened, "epa", is_paused=True)
        add_dag(opened, "publish_metrics", is_paused=True)
        add_dag(opened, "review_metrics")
        run = add_run(opened, "review_metrics", "r1", NOON)
        add_question(opened, add_task(opened, run, "ask", "deferred"), "Publish v2?", NOON)
        yield opened
        opened.rollback()


STATES = [SourceState(source, is_paused=source == "epa") for source in SOURCES]
# The DAG that publishes: if it is paused, the page says so.
PUBLISHING = SourceState("publish_metrics", is_paused=True)
QUESTIONS = [Question("review_metrics", "r1", "ask", "Publish v2?", NOON)]


@pytest.fixture
def rendered(monkeypatch: pytest.MonkeyPatch) -> dict[str, dict[str, Any]]:
    """The templates that were rendered, each with its variables."""
    found: dict[str, dict[str, Any]] = {}

    def render(template: str, **values: object) -> HTMLResponse:
        found[template] = values
        return HTMLResponse(template)

    def stream(
        template: str, title: str, doing: str, read: Callable[[], dict[str, object]]
    ) -> HTMLResponse:
        return render(template, **read())

    monkeypatch.setattr(app, "render_page", render)
    monkeypatch.setattr(app, "stream_page", stream)
    return found


def body(answer: Response) -> str:
    return bytes(answer.body).decode()


def test_the_page_publication_gets_what_is_published_and_what_airflow_knows(
    session: Session, store: Store, rendered: dict[str, Any]
) -> None:
    publish(store, file())
    assert body(app.publication_page(session, NOW)) == "publication.html"
    values = rendered["publication.html"]
    found = read_publication(store, NOW)
    assert values.pop("publication") == found
    [answer] = values.pop("answers")
    assert answer.state is State.BEHIND, "nothing has released what is public"
    assert values == {
        "states": {state.source: state for state in (*STATES, PUBLISHING)},
        "questions": QUESTIONS,
        "repository": "owner/name",
        "now": NOW,
    }


def test_without_the_storage_account_it_gets_what_airflow_knows(
    session: Session,
    rendered: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def gone() -> Store:
        raise ConnectionError("it is gone")

    monkeypatch.setattr(app, "open_store", gone)
    assert body(app.publication_page(session, NOW)) == "publication.html"
    values = rendered["publication.html"]
    [answer] = values.pop("answers")
    assert answer.state is State.UNKNOWN
    assert "(ConnectionError)" in answer.text
    assert values == {
        "publication": None,
        "states": {state.source: state for state in (*STATES, PUBLISHING)},
        "questions": QUESTIONS,
        "repository": "owner/name",
        "now": NOW,
    }
    assert "it is gone" in caplog.text


def test_an_account_that_answers_only_in_public_is_checked_by_its_address(
    session: Session,
    store: MemoryStore,
    rendered: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def gone(place: Place) -> None:
        raise ConnectionError("it is gone")

    publish(store, file())
    monkeypatch.setattr(store, "read", gone)
    for content, states in ((file(), [State.UNKNOWN]), (b"no JSON", [State.WRONG, State.UNKNOWN])):
        store.write(PUBLISHED, content)
        app.publication_page(session, NOW)
        assert [one.state for one in rendered["publication.html"]["answers"]] == states


def test_the_page_models_is_dbts_page_or_says_how_to_make_it(
    rendered: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app, "render_models_page", lambda: None)
    assert body(app.models_page()) == "models.html"
    assert rendered == {"models.html": {}}
    monkeypatch.setattr(app, "render_models_page", lambda: "dbt's page")
    answer = app.models_page()
    assert body(answer) == "dbt's page"
    for name, value in page_headers(POLICY).items():
        assert answer.headers[name] == value


def test_dbts_page_contains_the_manifest_and_an_empty_catalog(tmp_path: Path) -> None:
    manifest = tmp_path / "manifest.json"
    assert render_models_page(manifest) is None
    manifest.write_text('{"nodes": {"é": "</script>"}}')
    page = render_models_page(manifest) or ""
    assert page.count('{"nodes": {"\\u00e9": "\\u003c/script>"}}') == 1
    assert page.count('{"metadata": {}, "nodes": {}, "sources": {}, "errors": null}') == 1
    assert "INLINE DATA" not in page.split("</script>")[-2]
