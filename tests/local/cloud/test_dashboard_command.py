"""`make dashboard`: its error without a cloud, the connection of clients, the made-up history."""

import os
import subprocess
import tomllib
from pathlib import Path

import pytest

from include.dashboard import queries
from include.publishing.contract import Metric
from include.publishing.history import write_published_metrics
from include.publishing.promotion_log import Promotion
from include.publishing.versions import Version
from local import dashboard, marks, provision, sample_history
from local.cloud import Cloud
from local.home import Home
from local.ports import Ports
from tests.dashboard import year
from tests.local.cloud.test_commands import run


def test_without_a_running_cloud_one_line_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LOCAL_HOME", str(tmp_path))

    assert run(monkeypatch, "dashboard") == 2
    assert capsys.readouterr().out == (
        "The laptop's cloud is not running; start it with: make run\n"
    )


@pytest.fixture
def opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The addresses that `make dashboard` opens, with a dashboard that is running already."""
    monkeypatch.setenv("LOCAL_HOME", str(tmp_path))
    for name in dashboard.BROWSER_VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setattr("local.dashboard.start", lambda home, console: "http://127.0.0.1:8501")
    addresses: list[str] = []
    monkeypatch.setattr("webbrowser.open", addresses.append)
    return addresses


@pytest.mark.parametrize("name", dashboard.BROWSER_VARIABLES)
def test_the_dashboard_is_opened_in_a_browser(
    name: str, opened: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, "yes")

    assert run(monkeypatch, "dashboard") == 0
    assert opened == ["http://127.0.0.1:8501"]


def test_without_a_display_no_browser_is_opened(
    opened: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run(monkeypatch, "dashboard") == 0
    assert opened == []


def test_stopping_the_laptop_leaves_the_browser_open(
    opened: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    marked = []
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.setattr("webbrowser.open", lambda _: marked.append(marks.HOME in os.environ))

    run(monkeypatch, "dashboard")

    assert marked == [False]


def test_the_line_for_a_notebook_is_one_that_a_shell_reads_in_a_folder_with_spaces(
    tmp_path: Path,
) -> None:
    cloud = Cloud(Home(tmp_path / "my own $HOME"), Ports())

    exports = dashboard._exports(cloud)

    script = f'{exports}; test -d "$SNOWFLAKE_HOME" && printf %s "$SNOWFLAKE_HOME"'
    done = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == str(cloud.home.root / "snowflake")


def test_the_connection_has_a_role_of_its_own_and_a_private_key_file(cloud: Cloud) -> None:
    settings = dashboard.environment(cloud)

    folder = Path(settings["SNOWFLAKE_HOME"])
    connection = tomllib.loads((folder / "connections.toml").read_text())["default"]
    assert (connection["user"], connection["role"]) == ("DASHBOARD_DDRC_DEV", "DASHBOARD_DDRC_DEV")
    assert Path(connection["private_key_file"]).stat().st_mode & 0o077 == 0
    assert (folder / "connections.toml").stat().st_mode & 0o077 == 0


def test_before_the_first_publication_there_is_no_sample_history(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DDRC_SCHEMA_PREFIX", "NO_PAST")

    assert sample_history.write_sample_history(cloud) == 0


def test_the_sample_history_is_written_once_and_leads_to_the_published_values(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DDRC_SCHEMA_PREFIX", "PAST")
    metric = Metric.model_validate(
        {
            "METRIC_NAME": "phase2_parcels_completed",
            "METRIC_VALUE": 1000,
            "METRIC_TYPE": "count",
            "METRIC_UNIT_LABEL": "parcels",
            "UPDATE_FREQUENCY": "daily",
            "LAST_UPDATED": "2026-11-20T12:00:00.000Z",
        }
    )
    promotion = Promotion(year.NOW, Version("v1", "hash", run="run", audit="valid"))
    write_published_metrics(lambda: provision.connect(cloud), promotion, [metric])

    assert sample_history.write_sample_history(cloud) == sample_history.DAYS
    assert sample_history.write_sample_history(cloud) == 0

    with provision.connect(cloud) as connection:
        days = queries.published_by_day(connection, year.TODAY.replace(year=2026, month=1))
        now = queries.public_now(connection, year.TODAY)
    assert len(days) == sample_history.DAYS + 1
    assert days.metric_value.is_monotonic_increasing
    assert (days.metric_value % 1 == 0).all()
    assert now.metric_value.tolist() == [1000]
