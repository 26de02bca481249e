"""Chromium, for tests that cannot do without it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, sync_playwright

from local import chromium

MISSING = chromium.path() is None and "CI" not in os.environ
REASON = "needs Chromium, which CI installs"
# For tests that would start servers first.
NEEDED = pytest.mark.skipif(MISSING, reason=REASON)


@contextmanager
def started() -> Iterator[Browser]:
    """Chromium; without one the test is skipped, but not in continuous integration."""
    if MISSING:
        pytest.skip(REASON)
    assert chromium.path(), "CI has to install Chromium"
    with sync_playwright() as playwright:
        browser = chromium.launch(playwright)
        yield browser
        browser.close()
