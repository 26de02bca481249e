"""One window of Chromium for all tests of the folder."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from tests.browser import chromium


@pytest.fixture(scope="package")
def window() -> Iterator[Page]:
    """The window. A test asks for `page` instead."""
    # Playwright's event loop runs in this thread until Chromium ends. Tests of other folders start
    # their own, so the window does not stay open for the session.
    with chromium.started() as browser:
        permissions = ["clipboard-read", "clipboard-write"]
        yield browser.new_context(permissions=permissions).new_page()


@pytest.fixture
def page(window: Page) -> Page:
    """The window as if it were new: another one would be another process, with axe-core's code."""
    for tab in window.context.pages:
        if tab != window:
            tab.close()
    window.goto("about:blank")
    window.context.unroute_all()
    window.context.set_storage_state({})
    window.mouse.move(-1, -1)
    window.set_viewport_size({"width": 1280, "height": 720})
    window.emulate_media(color_scheme="light", reduced_motion="no-preference")
    return window
