"""One Chromium for the tests of a file."""

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

CHROMIUM = shutil.which("chromium")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A Chromium; without one the test is skipped, but not in continuous integration."""
    if CHROMIUM is None and "CI" not in os.environ:
        pytest.skip("needs Chromium, which CI installs")
    assert CHROMIUM, "CI has to install Chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()
