"""A person in Airflow's UI, in a browser or, without one, through the API that the UI uses."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, Response, sync_playwright

from local import chromium
from local.airflow_api import AirflowApi, Run
from local.home import REPOSITORY
from tests.people import People

# Left after the tests, for people; continuous integration saves them.
PICTURES = Path(os.environ.get("DDRC_PICTURES", str(REPOSITORY / ".local" / "pictures")))
SLOW_MILLISECONDS = 60_000


class Person:
    """A person who reads pages in Airflow and clears tasks."""

    def __init__(self, api: AirflowApi, url: str, page: Page | None) -> None:
        self._api = api
        self._url = url
        self._page = page

    def clear(self, run: Run, task: str) -> None:
        """Clear a task and its downstream tasks."""
        if self._page is None:
            People(self._api).clear(run, task)
            return
        self._page.goto(f"{self._url}/dags/{run.dag}/runs/{run.id}/tasks/{task}")
        self._page.get_by_label("Press shift+c to clear").click()
        self._page.get_by_text("Affected Tasks:").wait_for()
        self._picture(f"clear-{run.dag}-{task.rsplit('.', maxsplit=1)[-1]}")
        # The dialog closes at once, before the API has responded.
        with self._page.expect_response(_clears) as responded:
            self._page.get_by_role("button", name="Confirm").click()
        assert responded.value.ok, responded.value.text()
        self._leave()

    def read(self, route: str) -> str | None:
        """The text of one of the project's pages in Airflow; `None` without a browser."""
        if self._page is None:
            return None
        self._page.goto(f"{self._url}/{route}")
        frame = self._page.frame_locator("iframe")
        # A page sends its foot when its content is complete.
        frame.locator("footer").wait_for()
        self._picture(route.replace("/", "-"))
        text = str(frame.locator("main").inner_text())
        self._leave()
        return text

    def _leave(self) -> None:
        # An open page polls Airflow.
        assert self._page is not None
        self._page.goto("about:blank")

    def _picture(self, name: str) -> None:
        assert self._page is not None
        PICTURES.mkdir(parents=True, exist_ok=True)
        self._page.screenshot(path=PICTURES / f"{name}.png")


def _clears(response: Response) -> bool:
    """True if the response is to a request that clears tasks, not one that only lists them."""
    if "clearTaskInstances" not in response.url:
        return False
    body = response.request.post_data_json
    return body is not None and not body["dry_run"]


@contextmanager
def a_person(api: AirflowApi, url: str) -> Iterator[Person]:
    """A person with a browser; in continuous integration there has to be one."""
    if chromium.path() is None:
        assert "CI" not in os.environ, "CI has to install Chromium"
        yield Person(api, url, None)
        return
    with sync_playwright() as playwright:
        browser = chromium.launch(playwright)
        page = browser.new_page(viewport={"width": 1400, "height": 900})
        page.set_default_timeout(SLOW_MILLISECONDS)
        yield Person(api, url, page)
        browser.close()
