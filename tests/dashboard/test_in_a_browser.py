"""The dashboard in a browser: its numbers, its map, and no request to another server."""

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from local import dashboard, processes
from local.cloud import Cloud
from local.ports import HOST, free_ports
from tests.browser import axe, chromium
from tests.dashboard import year
from tests.end_to_end.browser import PICTURES, SLOW_MILLISECONDS

VIEWS = ("Recovery now", "Over time", "On a map", "Permits", "Page feedback", "Pipeline health",
         "Warehouse cost")  # fmt: skip
# Vega makes each layer of a chart a graphic, and gives it no name while it has no marks. The chart
# has a name: `draw_chart` demands it, and Streamlit names the small chart of a number.
OTHERS = {"Recovery now": ["svg-img-alt"], "Page feedback": ["svg-img-alt"]}

pytestmark = chromium.NEEDED


@pytest.fixture(scope="module")
def address(filled: Cloud) -> Iterator[str]:
    """The address of a running dashboard, which reads its connection as on any machine."""
    [port] = free_ports(1)
    settings = dashboard.environment(filled) | {"DDRC_SCHEMA_PREFIX": year.PREFIX}
    running = dashboard.serve(filled, dashboard.APP, port, settings)
    yield f"http://{HOST}:{port}"
    processes.stop([running])


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One Chromium for this file."""
    with chromium.started() as browser:
        yield browser


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page of a person who has not seen the dashboard yet."""
    opened = browser.new_page(viewport={"width": 1400, "height": 900})
    opened.set_default_timeout(SLOW_MILLISECONDS)
    expect.set_options(timeout=SLOW_MILLISECONDS)
    yield opened
    opened.close()


def test_the_numbers_and_the_map_are_shown_without_another_server(address: str, page: Page) -> None:
    hosts: set[str | None] = set()
    page.on("request", lambda request: hosts.add(urlsplit(request.url).hostname))

    page.goto(address)
    expect(page.get_by_test_id("stMetricValue").first).to_have_text("18,520")
    _picture(page, "dashboard-now")
    page.get_by_role("link", name="On a map").click()
    expect(page.locator(".vega-embed canvas, .vega-embed svg").first).to_be_visible()
    _picture(page, "dashboard-map")

    assert page.get_by_test_id("stException").count() == 0
    assert hosts - {None} == {HOST}


def test_axe_finds_no_violation_on_any_view(address: str, page: Page) -> None:
    page.goto(address)
    found = {}
    for view in VIEWS:
        page.set_viewport_size({"width": 1440, "height": 900})
        page.get_by_role("link", name=view, exact=True).first.click()
        expect(page.get_by_role("heading", name=view, level=1)).to_be_visible()
        expect(page.get_by_test_id("stStatusWidget")).to_have_count(0)
        if broken := axe.violations_by_look(page, OTHERS.get(view, ())):
            found[view] = broken

    assert found == {}


def _picture(page: Page, name: str) -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=PICTURES / f"{name}.png")
