"""Our pages inside the sandbox that Airflow's UI puts them in: links, copying, dbt's pages."""

import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import FrameLocator, Page, Route, sync_playwright

from include.publishing.public_file import PublicFile
from include.publishing.versions import Version
from include.ui import app, models
from include.ui.airflow_state import SourceState
from include.ui.publication import Kept, Publication

CHROMIUM = shutil.which("chromium")
NOW = datetime(2026, 11, 24, tzinfo=UTC)
HOST = "http://127.0.0.1:9"  # Nothing is asked of it: every answer is made here.
# What airflow/ui/dist gives to a plugin's view.
AROUND = (
    '<body><iframe sandbox="allow-scripts allow-same-origin allow-forms allow-downloads"'
    ' style="width:100%;height:90vh" src="/ddrc/page"></iframe></body>'
)

pytestmark = pytest.mark.skipif(
    CHROMIUM is None and "CI" not in os.environ, reason="needs Chromium, which CI installs"
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    assert CHROMIUM, "CI has to install Chromium"
    with sync_playwright() as playwright:
        made = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield made
        made.close()


@pytest.fixture
def page(browser: Any) -> Iterator[Page]:
    context = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
    yield context.new_page()
    context.close()


def framed(page: Page, body: str, headers: dict[str, str]) -> FrameLocator:
    """One of our pages in Airflow's frame; every other address answers its own path."""

    def answer(route: Route) -> None:
        path = route.request.url.removeprefix(HOST)
        if path == "/ddrc/page":
            route.fulfill(body=body, headers={**headers, "Content-Type": "text/html"})
        else:
            around = AROUND if path == "/plugin/page" else f"<h1>{path}</h1>"
            route.fulfill(body=around, content_type="text/html")

    page.context.route("**/*", answer)
    page.goto(f"{HOST}/plugin/page")
    return page.frame_locator("iframe")


def sources_page() -> str:
    state = SourceState("epa", ended_at=NOW, duration=timedelta(seconds=9))
    return text("sources.html", states=[state], now=NOW, only="")


def text(template: str, **facts: Any) -> str:
    return bytes(app._page(template, **facts).body).decode()


def test_a_link_leads_the_whole_window_on(page: Page) -> None:
    framed(page, sources_page(), app.HEADERS).get_by_role("link", name="epa").click()
    page.wait_for_url(f"{HOST}/dags/epa")


def test_a_link_to_elsewhere_opens_a_tab_that_knows_nothing_of_this_one(page: Page) -> None:
    found = framed(page, publication_page(), app.HEADERS)
    with page.context.expect_page() as opened:
        found.get_by_role("link", name="The file").click()
    opened.value.wait_for_url(f"{HOST}/the-file")
    assert opened.value.evaluate("window.opener") is None
    assert page.url == f"{HOST}/plugin/page"


def test_a_kept_versions_name_is_copied(page: Page) -> None:
    button = framed(page, publication_page(), app.HEADERS).get_by_role("button", name="Copy")
    button.click()
    page.frame_locator("iframe").get_by_role("button", name="Copied").wait_for()
    assert page.evaluate("navigator.clipboard.readText()") == "v1"


def test_the_models_documentation_works_under_its_policy_and_asks_nobody(page: Page) -> None:
    made = models.models_page()
    assert made is not None, "make manifest makes it"
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))

    found = framed(page, made, {**app.HEADERS, "Content-Security-Policy": models.POLICY})
    found.get_by_placeholder("Search for models").wait_for()
    page.frames[-1].evaluate("location.hash = '#!/model/model.ddrc.pasadena_metrics'")

    told = "The metrics that are counted from Pasadena's rebuild permits."
    found.get_by_text(told).first.wait_for()
    assert {url for url in asked if not url.startswith((HOST, "data:"))} == set()


def publication_page() -> str:
    """The page of a second version, with the first one kept."""
    first = Version("v1", "0" * 64, "run 1", "in order")
    kept = Kept(first, ())
    found = Publication(PublicFile(version=first), f"{HOST}/the-file", first, NOW, kept=(kept,))
    return text("publication.html", publication=found, problem="", states={}, questions=[], now=NOW)
