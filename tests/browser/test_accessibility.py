"""Every page can be read and used by everybody: axe-core's rules, the keyboard, both themes."""

import mimetypes
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import ConsoleMessage, Error, Page, Route, expect

from tests.browser import axe
from tests.browser.parent_page import HOST
from tests.browser.sample_pages import (
    DBT_ROUTES,
    SITE_PAGES,
    Sample,
    build_docs,
    models_page,
    ui_pages,
)
from tests.ui.sample_publication import SITUATIONS

UI_PAGES = (
    *(f"publication, {situation}" for situation in SITUATIONS),
    *("sources", "one source", "no source", "refused", "models without a manifest", "waiting"),
    *("form", "form that asks"),
)
# Where a keyboard can go. What is in a closed `details` is not visible.
CONTROLS = "a[href], button, input, select, textarea, summary, [tabindex='0']"

Open = Callable[..., Page]


@pytest.fixture(scope="module")
def samples() -> dict[str, Sample]:
    return ui_pages() | {"models": models_page()}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_docs(tmp_path_factory.mktemp("site"))


@pytest.fixture
def show(page: Page) -> Iterator[Open]:
    """Opens a page, or a file of a folder; fails on errors in its console.

    A request to another server is an error too.
    """
    errors: list[str] = []

    def on_error(error: Error) -> None:
        errors.append(str(error))

    def on_console(said: ConsoleMessage) -> None:
        if said.type == "error":
            errors.append(said.text)

    def opened(shown: Sample | Path, at: str = "") -> Page:
        def answer(route: Route) -> None:
            address = urlsplit(route.request.url)
            if f"{address.scheme}://{address.netloc}" != HOST:
                errors.append(f"another server: {route.request.url}")
            if isinstance(shown, Sample):
                headers = {**shown.headers, "Content-Type": "text/html"}
                route.fulfill(body=shown.body, headers=headers)
            else:
                file = shown / address.path.lstrip("/")
                kind = mimetypes.guess_type(file.name)[0] or "text/plain"
                route.fulfill(body=file.read_bytes(), content_type=kind)

        page.context.route("**/*", answer)
        page.goto(f"{HOST}/{at}")
        return page

    width, height = axe.DESKTOP
    page.set_viewport_size({"width": width, "height": height})
    page.on("pageerror", on_error)
    page.on("console", on_console)
    yield opened
    page.goto("about:blank")
    page.remove_listener("pageerror", on_error)
    page.remove_listener("console", on_console)
    assert errors == []


@pytest.mark.parametrize("name", UI_PAGES)
def test_axe_finds_no_violation_on_a_page_of_the_ui(
    name: str, samples: dict[str, Sample], show: Open
) -> None:
    assert axe.violations_by_look(show(samples[name])) == {}


@pytest.mark.parametrize("route", DBT_ROUTES)
def test_axe_finds_no_violation_in_the_models_documentation(
    route: str, samples: dict[str, Sample], show: Open
) -> None:
    page = show(samples["models"], f"page{route}")
    _wait_for_dbt(page)
    assert axe.violations_by_look(page) == {}


def test_axe_finds_no_violation_in_what_a_search_of_the_models_finds(
    samples: dict[str, Sample], show: Open
) -> None:
    page = show(samples["models"])
    _wait_for_dbt(page)
    page.get_by_role("textbox", name="Search").press_sequentially("epa")
    expect(page.get_by_role("main")).to_contain_text("search results")
    page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    assert axe.violations_by_look(page) == {}
    page.get_by_role("link", name=re.compile("^epa_metrics ")).press("Enter")
    expect(page.get_by_role("main").get_by_role("heading", name="epa_metrics")).to_be_visible()


@pytest.mark.parametrize("name", SITE_PAGES)
def test_axe_finds_no_violation_on_a_page_of_the_documentation(
    name: str, site: Path, show: Open
) -> None:
    assert axe.violations_by_look(show(site, name)) == {}


def test_axe_finds_what_is_wrong(show: Open) -> None:
    pale = Sample("<html><title>A page</title><p style='color: #aaa'>pale</p>", {})
    found = [each.partition(":")[0] for each in axe.violations(show(pale))]
    assert {"color-contrast", "html-has-lang", "landmark-one-main"} <= set(found)


@pytest.mark.parametrize("name", UI_PAGES)
def test_every_control_is_reached_by_the_keyboard_and_shows_the_focus(
    name: str, samples: dict[str, Sample], show: Open
) -> None:
    page = show(samples[name])
    page.evaluate("document.activeElement.blur()")
    visible = "all => all.filter(one => one.checkVisibility({visibilityProperty: true})).length"
    # The skip link moves into the window with its focus.
    count = page.locator(CONTROLS).evaluate_all(visible)
    page.evaluate("getSelection().setPosition(document.body, 0)")
    reached = []
    for _ in range(count):
        page.keyboard.press("Tab")
        reached.append(page.evaluate(_FOCUSED))
    assert None not in reached
    assert len({place for place, _ in reached}) == count
    assert [place for place, width in reached if width < 2] == []


def test_the_keyboard_skips_to_the_content_of_the_models_and_opens_one(
    samples: dict[str, Sample], show: Open
) -> None:
    page = show(samples["models"])
    _wait_for_dbt(page)
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("main")).to_be_focused()
    for folder in ("ddrc", "models", "marts", "parcels", "epa"):
        found = page.get_by_role("navigation").get_by_role("button", name=folder, exact=True)
        found.last.press("Enter")
        expect(found.last).to_have_attribute("aria-expanded", "true")
    page.get_by_role("button", name="epa_parcels_by_status").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("epa_parcels_by_status")


def test_the_models_documentation_opens_on_the_projects_models(
    samples: dict[str, Sample], show: Open
) -> None:
    page = show(samples["models"])
    heading = page.get_by_role("heading", level=1)
    expect(heading).to_have_text("The models behind California's recovery metrics")
    page.get_by_role("main").get_by_role("link", name="ddrc_metrics").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("ddrc_metrics")


def test_the_models_documentation_follows_the_theme(samples: dict[str, Sample], show: Open) -> None:
    page = show(samples["models"])
    _wait_for_dbt(page)
    for scheme, colour in zip(axe.SCHEMES, ("rgb(255, 255, 255)", "rgb(15, 18, 22)"), strict=True):
        page.emulate_media(color_scheme=scheme)
        expect(page.locator("body")).to_have_css("background-color", colour)


def _wait_for_dbt(page: Page) -> None:
    page.get_by_role("main").get_by_role("heading").first.wait_for()
    # The attributes come with the next frame.
    page.locator(".menu a[ng-click]:not([role])").first.wait_for(state="detached")
    page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")


# The focused element's place in the document and the width of its outline; null if it is lost.
_FOCUSED = """() => {
  const one = document.activeElement;
  if (one === document.body) return null;
  const place = Array.from(document.querySelectorAll("*")).indexOf(one);
  return [place, parseFloat(getComputedStyle(one).outlineWidth) || 0];
}"""
