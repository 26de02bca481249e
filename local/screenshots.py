"""Takes the screenshots of the docs: `make screenshots`, after `make run`.

It pictures the dashboard and Airflow. Then it breaks a source, waits for the incident's message,
fixes the source, clears the task in the UI as a person would, has the watch post the recovery, and
runs the analyses.
"""

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
from PIL import Image
from playwright.sync_api import Page, sync_playwright
from rich.console import Console

from include.incidents.airflow_links import run_form
from local import chromium, dashboard, processes
from local.airflow_api import AirflowApi
from local.cloud import Cloud
from local.faults import clear_faults, set_fault
from local.home import REPOSITORY
from local.ports import HOST, free_ports
from local.processes import ServerFailedError

IMAGES = REPOSITORY / "docs" / "images"
WIDE = {"width": 1400, "height": 900}
TALL = {"width": 1400, "height": 1150}
DEADLINE_SECONDS = 120.0
# The form that starts a source, as the page *Sources* links it.
FORM = run_form("", "usace", {}).removeprefix("/plugin/")
SOURCE, TASK, FAULT = "usace", "load", "error-200"
# Streamlit's mark of a page whose script has ended.
STREAMLIT_READY = '[data-testid="stApp"][data-test-script-state="notRunning"]'
CHART = ".vega-embed canvas, .vega-embed svg"
# Charts are drawn after their page, without a mark of their end.
DRAWING_MILLISECONDS = 3000


def take(cloud: Cloud, console: Console, folder: Path = IMAGES) -> None:
    """Take every screenshot.

    Args:
        cloud: The running cloud, with Airflow.
        console: The terminal to report to.
        folder: The folder of the images.

    Raises:
        ServerFailedError: Chromium is missing, or a page does not show what it should.
    """
    if chromium.path() is None:
        raise ServerFailedError("Screenshots need Chromium: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = chromium.launch(playwright)
        page = browser.new_page(viewport=WIDE)
        try:
            _dashboard(page, cloud, console, folder)
            _airflow(page, cloud, folder)
            _incident(page, cloud, folder)
            _analyses(cloud, folder / "analyses")
        finally:
            clear_faults(cloud.home.faults)
            browser.close()
    console.print(f"Took the screenshots in {folder}.")


def _dashboard(page: Page, cloud: Cloud, console: Console, folder: Path) -> None:
    address = dashboard.start(cloud.home, console)
    _streamlit_page(page, address, "stMetricValue", folder / "dashboard-now.png")
    page.set_viewport_size(TALL)
    # The first start of the dashboard triggers the snapshots that the map reads.
    api = AirflowApi(cloud.url("airflow"))
    _wait_until(
        lambda: all(run.dag != "keep_history" for run in api.unfinished_runs()),
        "the end of keep_history",
    )
    _streamlit_page(page, f"{address}/on_a_map", "stVegaLiteChart", folder / "dashboard-map.png")
    page.set_viewport_size(WIDE)
    with _documented_analysis(cloud) as address:
        page.goto(address)
        page.locator(CHART).first.wait_for()
        page.wait_for_timeout(DRAWING_MILLISECONDS)
        page.get_by_test_id("stVegaLiteChart").screenshot(path=folder / "analysis.png")
    for name in ("dashboard-now", "dashboard-map", "analysis"):
        _shrink(folder / f"{name}.png")


def _streamlit_page(page: Page, address: str, test_id: str, file: Path) -> None:
    page.goto(address)
    page.get_by_test_id(test_id).first.wait_for()
    page.locator(STREAMLIT_READY).wait_for()
    page.wait_for_timeout(DRAWING_MILLISECONDS)
    page.screenshot(path=file)


@contextmanager
def _documented_analysis(cloud: Cloud) -> Iterator[str]:
    """Serve a page that shows only the chart of the documented analysis; yield its address."""
    script = cloud.home.root / "analysis.py"
    code = code_block("analysis.md", "python")
    script.write_text(f"{code}\nimport streamlit\nstreamlit.altair_chart(chart)\n")
    [port] = free_ports(1)
    running = dashboard.serve(cloud, script, port, dashboard.environment(cloud), "analysis")
    try:
        yield f"http://{HOST}:{port}"
    finally:
        processes.stop([running])


def code_block(page: str, language: str) -> str:
    """The first code block in a given language on a page, for example `python` in `analysis.md`.

    Raises:
        LookupError: The page has none.
    """
    text = (REPOSITORY / "docs" / page).read_text()
    found = re.search(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    if found is None:
        raise LookupError(f"docs/{page} has no {language} code block.")
    return found[1]


def _shrink(file: Path) -> None:
    """Reduce an image to 256 colours: it looks the same with a third of the bytes."""
    with Image.open(file) as image:
        reduced = image.convert("RGB").quantize(256, method=Image.Quantize.FASTOCTREE)
        reduced.save(file, optimize=True)


def _airflow(page: Page, cloud: Cloud, folder: Path) -> None:
    url = cloud.url("airflow")
    page.goto(f"{url}/dags")
    page.get_by_text("watch_publication").first.wait_for()
    page.wait_for_load_state("networkidle")
    page.screenshot(path=folder / "airflow-dags.png")
    pages = {"publication": "publication", "sources": "sources", "run": FORM}
    for name, path in pages.items():
        page.goto(f"{url}/plugin/{path}")
        page.frame_locator("iframe").locator("footer").wait_for()
        page.screenshot(path=folder / f"ui-{name}.png")
        _shrink(folder / f"ui-{name}.png")


def _incident(page: Page, cloud: Cloud, folder: Path) -> None:
    api, slack = AirflowApi(cloud.url("airflow")), cloud.url("slack")
    set_fault(cloud.home.faults, SOURCE, FAULT)
    run = api.trigger(SOURCE)
    # A failure that returns within hours reopens its incident without another message.
    failed, recovered = f"{SOURCE}: a load failed", f"Recovered · {SOURCE}"
    _wait_until(lambda: _is_posted(slack, failed), "the message")
    _message(page, slack, failed, folder / "incident-message.png")
    _wait_until(lambda: api.run(run).is_finished, "the end of the failed run")
    clear_faults(cloud.home.faults)
    page.goto(f"{cloud.url('airflow')}/dags/{run.dag}/runs/{run.id}/tasks/{TASK}")
    page.get_by_label("Press shift+c to clear").click()
    page.get_by_text("Affected Tasks:").wait_for()
    page.screenshot(path=folder / "clear-task.png")
    page.get_by_role("button", name="Confirm").click()
    _wait_until(lambda: api.run(run).state == "success", "the end of the cleared run")

    def is_recovered() -> bool:
        # The watch leaves a new failure to its callback for a minute.
        check = api.trigger("watch_publication")
        _wait_until(lambda: api.run(check).is_finished, "the end of the watch")
        return _is_posted(slack, recovered)

    _wait_until(is_recovered, "the recovery")
    _message(page, slack, recovered, folder / "incident-recovery.png")


def _analyses(cloud: Cloud, folder: Path) -> None:
    """The pictures that `make analysis NAME=all` makes; after an incident, so that one is shown."""
    made = cloud.home.root / "analyses"
    command = [sys.executable, "-m", "include.dashboard.analyses", "all", "--to", str(made)]
    variables = {**os.environ, **dashboard.environment(cloud)}
    subprocess.run(command, cwd=REPOSITORY, env=variables, check=True)
    folder.mkdir(exist_ok=True)
    for picture in sorted(made.glob("*.png")):
        shutil.copy(picture, folder)
        _shrink(folder / picture.name)


def _message(page: Page, slack: str, text: str, file: Path) -> None:
    page.goto(slack)
    page.locator("article").filter(has=page.get_by_role("heading", name=text)).first.screenshot(
        path=file
    )


def _is_posted(slack: str, heading: str) -> bool:
    received = httpx.get(f"{slack}/messages.json").raise_for_status().json()
    headings = (
        block["text"]["text"]
        for each in received
        for block in each["message"].get("blocks", [])
        if block["type"] == "header"
    )
    return any(heading in one for one in headings)


def _wait_until(is_true: Callable[[], bool], event: str) -> None:
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not is_true():
        if time.monotonic() > deadline:
            raise ServerFailedError(f"Waited {DEADLINE_SECONDS:.0f} s in vain for {event}.")
        time.sleep(1)
