"""Takes the pictures of the docs on the running laptop: `make screenshots`, after `make run`.

After the dashboard's and Airflow's, it breaks a source, waits for the message, mends it, clears the
task as a person would, and waits for the recovery.
"""

import re
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
from PIL import Image
from playwright.sync_api import Page, sync_playwright
from rich.console import Console

from local import dashboard, processes
from local.airflow_api import AirflowApi
from local.cloud import Cloud
from local.faults import clear_faults, set_fault
from local.home import REPOSITORY
from local.ports import HOST, free_ports
from local.processes import ServerFailedError


def block(page: str, language: str) -> str:
    """The first block of code of a language on a page, for example `python` of `analysis.md`.

    Raises:
        LookupError: The page has none.
    """
    text = (REPOSITORY / "docs" / page).read_text()
    found = re.search(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    if found is None:
        raise LookupError(f"docs/{page} has no block of {language}.")
    return found[1]


IMAGES = REPOSITORY / "docs" / "images"
WIDE, DEADLINE_SECONDS = {"width": 1400, "height": 900}, 120.0
SOURCE, TASK, FAULT = "usace", "load", "error-200"


def take(cloud: Cloud, console: Console, folder: Path = IMAGES) -> None:
    """Take every picture.

    Raises:
        ServerFailedError: There is no Chromium, or what is to be seen does not come.
    """
    chromium = shutil.which("chromium")
    if chromium is None:
        raise ServerFailedError("Pictures need Chromium: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(viewport=WIDE)
        try:
            _dashboard(page, cloud, console, folder)
            _airflow(page, cloud, folder)
            _incident(page, cloud, folder)
        finally:
            clear_faults(cloud.home.faults)
            browser.close()
    console.print(f"Took the pictures in {folder}.")


def _airflow(page: Page, cloud: Cloud, folder: Path) -> None:
    url = cloud.url("airflow")
    page.goto(f"{url}/dags")
    page.get_by_text("watch_publication").first.wait_for()
    page.wait_for_load_state("networkidle")
    page.screenshot(path=folder / "airflow-dags.png")
    for name in ("publication", "sources"):
        page.goto(f"{url}/plugin/{name}")
        page.frame_locator("iframe").locator("footer").wait_for()
        page.screenshot(path=folder / f"ui-{name}.png")


def _incident(page: Page, cloud: Cloud, folder: Path) -> None:
    api, slack = AirflowApi(cloud.url("airflow")), cloud.url("slack")
    set_fault(cloud.home.faults, SOURCE, FAULT)
    run = api.trigger(SOURCE)
    _until(lambda: _last(slack).startswith(":large_yellow_circle: *usace*"), "the message")
    _picture_of_newest(page, slack, folder / "incident-message.png")
    _until(lambda: api.run(run).is_finished, "the end of the failed run")
    clear_faults(cloud.home.faults)
    page.goto(f"{cloud.url('airflow')}/dags/{run.dag}/runs/{run.id}/tasks/{TASK}")
    page.get_by_label("Press shift+c to clear").click()
    page.get_by_text("Affected Tasks:").wait_for()
    page.screenshot(path=folder / "clear-task.png")
    page.get_by_role("button", name="Confirm").click()
    _until(lambda: "*usace* works again" in _last(slack), "the recovery")
    _picture_of_newest(page, slack, folder / "incident-recovery.png")


def _picture_of_newest(page: Page, slack: str, file: Path) -> None:
    page.goto(slack)
    page.locator("article").first.screenshot(path=file)


def _last(slack: str) -> str:
    received = httpx.get(f"{slack}/messages.json").raise_for_status().json()
    return str(received[-1]["message"]["text"]) if received else ""


def _until(found: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not found():
        if time.monotonic() > deadline:
            raise ServerFailedError(f"Waited in vain for {what}.")
        time.sleep(1)


# Streamlit's mark of a page whose script has run through.
READY = '[data-testid="stApp"][data-test-script-state="notRunning"]'
CHART = ".vega-embed canvas, .vega-embed svg"
TALL = {"width": 1400, "height": 1150}
DRAWING_MILLISECONDS = 3000


def _dashboard(page: Page, cloud: Cloud, console: Console, folder: Path) -> None:
    """Take them, on the running laptop.

    Raises:
        ServerFailedError: the dashboard does not come up.
    """
    address = dashboard.start(cloud.home, console)
    _view(page, address, "stMetricValue", folder / "dashboard-now.png")
    page.set_viewport_size(TALL)
    _view(page, f"{address}/on_a_map", "stVegaLiteChart", folder / "dashboard-map.png")
    page.set_viewport_size(WIDE)
    with _analysis(cloud) as chart:
        page.goto(chart)
        page.locator(CHART).first.wait_for()
        page.wait_for_timeout(DRAWING_MILLISECONDS)
        page.get_by_test_id("stVegaLiteChart").screenshot(path=folder / "analysis.png")
    for name in ("dashboard-now", "dashboard-map", "analysis"):
        _shrink(folder / f"{name}.png")


def _view(page: Page, address: str, what: str, file: Path) -> None:
    page.goto(address)
    page.get_by_test_id(what).first.wait_for()
    page.locator(READY).wait_for()
    # Charts are drawn after their page, and say nothing when they are.
    page.wait_for_timeout(DRAWING_MILLISECONDS)
    page.screenshot(path=file)


def _shrink(file: Path) -> None:
    """Keep 256 colours, which are all that can be told apart here, for a third of the bytes."""
    with Image.open(file) as picture:
        few = picture.convert("RGB").quantize(256, method=Image.Quantize.FASTOCTREE)
        few.save(file, optimize=True)


@contextmanager
def _analysis(cloud: Cloud) -> Iterator[str]:
    """The address of a page that shows the documented analysis' chart, and nothing else."""
    script = cloud.home.root / "analysis.py"
    script.write_text(
        f"{block('analysis.md', 'python')}\nimport streamlit\nstreamlit.altair_chart(chart)\n"
    )
    [port] = free_ports(1)
    running = dashboard.serve(cloud, script, port, dashboard.environment(cloud))
    try:
        yield f"http://{HOST}:{port}"
    finally:
        processes.stop([running])
