"""The public file in a browser: a page on another origin shows its numbers and times."""

import threading
from collections.abc import Callable, Iterator
from functools import partial
from hashlib import sha256
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Page

from include.publishing.azure_store import AzureStore
from include.publishing.names import CANDIDATES_CONTAINER
from include.publishing.promotion import promote
from include.publishing.store import Place
from include.publishing.versions import PUBLISHED, Version
from include.times import utc_now
from local.azurite import client
from local.cloud import Cloud
from tests.browser import chromium
from tests.publishing.samples import file, metric

pytestmark = chromium.NEEDED


@pytest.fixture
def read_page(cloud: Cloud, page: Page) -> Iterator[Callable[[str], str]]:
    """Reads the page's text for a metric of the public file."""
    handler = partial(SimpleHTTPRequestHandler, directory=str(Path(__file__).parent))
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()

    def read(name: str) -> str:
        query = urlencode([("q", cloud.published_url), ("q", name)])
        page.goto(f"http://127.0.0.1:{server.server_port}/page.html?{query}")
        page.get_by_text("loading").wait_for(state="detached")
        return str(page.locator("p").inner_text())

    yield read
    server.shutdown()
    server.server_close()


def test_a_page_shows_a_number_and_its_time_in_california(
    cloud: Cloud, read_page: Callable[[str], str]
) -> None:
    store = AzureStore(client(cloud.url("blob")))
    content = file(
        metric("schools", 7),
        metric(
            "funds", 1234567.5, METRIC_TYPE="dollars - millions",
            LAST_UPDATED="2025-08-21T06:27:03.120Z",
        ),
    )  # fmt: skip
    candidate = Place(CANDIDATES_CONTAINER, "page.json")
    store.write(candidate, content)
    served = store.read(PUBLISHED)
    version = Version("page", sha256(content).hexdigest(), run="page", audit="valid")
    promote(store, candidate, version, replacing=served.etag if served else None, now=utc_now())

    shown = read_page("funds")

    number, _, updated = shown.partition(" ")
    assert number == "1,234,567.5"
    assert updated.split() == ["8/20/2025,", "11:27:03", "PM", "PDT"]
