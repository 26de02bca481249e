"""The docs' pictures of the dashboard: two views as they are, and the chart of docs/analysis.md."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page
from rich.console import Console

from local import dashboard, processes
from local.cloud import Cloud
from local.documented import block
from local.ports import HOST, free_ports

# Streamlit's mark of a page whose script has run through.
READY = '[data-testid="stApp"][data-test-script-state="notRunning"]'
CHART = ".vega-embed canvas, .vega-embed svg"
WIDE, TALL = {"width": 1400, "height": 900}, {"width": 1400, "height": 1150}
DRAWING_MILLISECONDS = 3000


def take(page: Page, cloud: Cloud, console: Console, folder: Path) -> None:
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
