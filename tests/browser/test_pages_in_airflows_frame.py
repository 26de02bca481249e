"""The pages inside the sandbox of Airflow's UI: links, copying, dbt's documentation."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from playwright.sync_api import FrameLocator, Page, Request, Route

from include.publishing.public_file import PublicFile
from include.publishing.reconcile import Publishing
from include.publishing.released import Comparison
from include.publishing.versions import Version
from include.transform_project import MANIFEST
from include.ui import models
from include.ui.airflow_state import SourceState
from include.ui.publication import Publication
from include.ui.render import HEADERS, page_headers, render_page
from include.ui.sources import Stored, make_card
from include.ui.versions import PublicVersion
from tests.browser.parent_page import HOST, PARENT_PAGE

NOW = datetime(2026, 11, 24, tzinfo=UTC)


def framed(page: Page, body: str, headers: dict[str, str]) -> FrameLocator:
    """A page in Airflow's frame; every other address answers with its own path."""

    def answer(route: Route) -> None:
        path = route.request.url.removeprefix(HOST)
        if path == "/ddrc/page":
            route.fulfill(body=body, headers={**headers, "Content-Type": "text/html"})
        else:
            other = PARENT_PAGE if path == "/plugin/page" else f"<h1>{path}</h1>"
            route.fulfill(body=other, content_type="text/html")

    page.context.route("**/*", answer)
    page.goto(f"{HOST}/plugin/page")
    return page.frame_locator("iframe")


def sources_page() -> str:
    state = SourceState("epa", ended_at=NOW, duration=timedelta(seconds=9))
    card = make_card(state, Stored(), "")
    return text("sources.html", cards=[card], problem="", now=NOW, only="")


def text(template: str, **values: Any) -> str:
    return bytes(render_page(template, **values).body).decode()


def test_a_link_opens_in_the_whole_window(page: Page) -> None:
    framed(page, sources_page(), HEADERS).get_by_role("link", name="epa").click()
    page.wait_for_url(f"{HOST}/dags/epa")


def test_a_link_to_elsewhere_opens_a_tab_without_an_opener(page: Page) -> None:
    found = framed(page, publication_page(), HEADERS)
    with page.context.expect_page() as opened:
        found.get_by_role("link", name="Open the file").click()
    opened.value.wait_for_url(f"{HOST}/the-file")
    assert opened.value.evaluate("window.opener") is None
    assert page.url == f"{HOST}/plugin/page"


def test_a_versions_name_is_copied(page: Page) -> None:
    button = framed(page, publication_page(), HEADERS).get_by_role("button", name="Copy")
    button.click()
    page.frame_locator("iframe").get_by_role("button", name="Copied").wait_for()
    assert page.evaluate("navigator.clipboard.readText()") == "v1"


def test_the_models_documentation_works_and_loads_nothing_from_elsewhere(
    page: Page,
) -> None:
    rendered = models.render_models_page()
    assert rendered is not None, "run make manifest"
    model = "model.ddrc.pasadena_metrics"
    description = json.loads(MANIFEST.read_bytes())["nodes"][model]["description"]
    requested: list[str] = []

    def note(request: Request) -> None:
        requested.append(request.url)

    page.on("request", note)

    found = framed(page, rendered, page_headers(models.POLICY))
    found.get_by_placeholder("Search for models").wait_for()
    page.frames[-1].evaluate(f"location.hash = '#!/model/{model}'")

    found.get_by_text(description.strip()).first.wait_for()
    page.remove_listener("request", note)
    assert {url for url in requested if not url.startswith((HOST, "data:"))} == set()


def publication_page() -> str:
    """The page *Publication* with one version."""
    first = Version("v1", "0" * 64, "run 1", "valid")
    versions = (PublicVersion(first, NOW),)
    state = Publishing(Comparison("", (), None, ()), None, None, None)
    found = Publication(
        PublicFile(version=first), f"{HOST}/the-file", first, NOW, versions=versions, state=state
    )
    return text("publication.html", publication=found, states={}, questions=[], now=NOW)


def test_an_expired_login_leads_to_the_login_and_back(page: Page) -> None:
    body = text("refused.html", head="Your login has expired", text="…", is_login=True)
    framed(page, body, HEADERS).get_by_role("link", name="Log in again").click()
    page.wait_for_url(f"{HOST}/api/v2/auth/login?next=%2Fplugin%2Fpage")


def test_a_page_that_waits_shows_what_it_waits_for_and_then_only_its_content(page: Page) -> None:
    waiting = text("waiting.html", title="Publication", doing="Reading the public file …")
    frame = framed(page, waiting, HEADERS)
    frame.get_by_text("Reading the public file").wait_for()
    whole = waiting.partition("</main>")[0] + publication_page().partition("<!-- content -->")[2]
    page.context.unroute_all()
    frame = framed(page, whole, HEADERS)
    frame.get_by_role("heading", name="Versions").wait_for()
    assert not frame.get_by_text("Reading the public file").is_visible()


def test_the_first_tab_skips_to_the_content(page: Page) -> None:
    frame = framed(page, publication_page(), HEADERS)
    frame.get_by_role("heading", name="Publication", exact=True).wait_for()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    skip = frame.get_by_role("link", name="Skip to the content")
    assert skip.is_visible()
