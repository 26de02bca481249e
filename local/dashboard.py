"""Starts the dashboard on the laptop: `make dashboard`, after `make run`; `make stop` stops it."""

import json
import os
import shlex
import sys
import webbrowser
from collections.abc import Mapping
from pathlib import Path

import httpx
from rich.console import Console

from local import airflow, connections, processes, sample_history
from local.airflow_api import AirflowApi
from local.cloud import Cloud
from local.home import REPOSITORY, Home
from local.ports import HOST, Ports, choose_port
from local.starting import starting

NAME, PORT, READY_SECONDS = "dashboard", 8501, 60.0
APP = REPOSITORY / "include" / "dashboard" / "app.py"
HISTORY_DAG = "keep_history"
# One of them is set where Python's webbrowser can open a window; macOS needs none.
BROWSER_VARIABLES = ("BROWSER", "DISPLAY", "WAYLAND_DISPLAY")


def show(home: Home, console: Console) -> None:
    """Start the dashboard on the running cloud, and open it in a browser if there is one.

    Raises:
        ServerFailedError: The cloud is not running, or the dashboard did not start.
        PortTakenError: `DASHBOARD_PORT` is in use, or is not a port number.
        AlreadyStartingError: Another command is starting the laptop.
    """
    with starting(home):
        address = start(home, console)
    # Only now: `make stop` stops all that is started above.
    if sys.platform == "darwin" or any(os.environ.get(name) for name in BROWSER_VARIABLES):
        webbrowser.open(address)


def start(home: Home, console: Console) -> str:
    """Start the dashboard on the running cloud, unless it is running; return its address.

    Raises:
        ServerFailedError: The cloud is not running, or the dashboard did not start.
        PortTakenError: `DASHBOARD_PORT` is in use, or is not a port number.
    """
    started, settings = processes.load(home.processes)
    alive = {process.name for process in started if process.is_alive()}
    if "snowflake" not in alive:
        raise processes.ServerFailedError(
            "The laptop's cloud is not running; start it with: make run"
        )
    cloud = Cloud(home, Ports(**settings["ports"]), started)
    if NAME not in alive:
        settings[NAME], notice = choose_port(NAME, PORT)
        if notice:
            console.print(notice)
        serve(cloud, APP, settings[NAME], environment(cloud))
        cloud.record({NAME: settings[NAME]})
    # The statements of this process need the prefix of the laptop's schemas too.
    os.environ.update(environment(cloud))
    if rows := sample_history.write_sample_history(cloud):
        console.print(
            f"Wrote a made-up history for the charts: {rows:,} values, {sample_history.DAYS} days."
        )
    if any(name.startswith("airflow") for name in alive):
        _trigger_history(AirflowApi(cloud.url("airflow")), console)
    address = f"http://{HOST}:{settings[NAME]}"
    console.print("Dashboard       ", address, soft_wrap=True)
    exports = _exports(cloud)
    console.print("For a notebook  ", exports, soft_wrap=True, highlight=False, markup=False)
    return address


def serve(
    cloud: Cloud, app: Path, port: int, environment: Mapping[str, str], name: str = NAME
) -> processes.Running:
    """Start a Streamlit app; return its process once it is ready.

    Args:
        cloud: The running cloud.
        app: The app's script.
        port: The port to listen on.
        environment: Environment variables, from the function of that name.
        name: The name of its process and of its log.

    Raises:
        ServerFailedError: The app did not start.
    """
    options = {
        "server.address": HOST,
        "server.port": port,
        "server.headless": "true",
        "browser.gatherUsageStats": "false",
        "client.toolbarMode": "minimal",
    }
    argv = [sys.executable, "-m", "streamlit", "run", str(app)]
    argv += [f"--{name}={value}" for name, value in options.items()]
    log = cloud.home.logs / f"{name}.log"
    running = cloud.start(name, argv, environment)

    def responds() -> bool:
        try:
            return httpx.get(f"http://{HOST}:{port}/_stcore/health", timeout=2).is_success
        except httpx.HTTPError:
            return False

    try:
        processes.wait_until_ready(running, responds, log, READY_SECONDS)
    except BaseException:
        processes.stop([running])
        raise
    return running


def environment(cloud: Cloud) -> dict[str, str]:
    """The environment of the dashboard or a notebook: its connection and the laptop's schemas.

    The connection is the default one of the connector's `connections.toml`, as on any machine.
    """
    settings = connection_settings(cloud)
    folder = Path(str(settings["private_key_file"])).parent
    # TOML writes texts and numbers as JSON does.
    lines = [f"{name} = {json.dumps(value)}" for name, value in settings.items()]
    _write(folder / "connections.toml", "\n".join(["[default]", *lines, ""]))
    shared = ("DDRC_ENV", "DDRC_SCHEMA_PREFIX", "REQUESTS_CA_BUNDLE", "NO_PROXY", "PYTHONPATH")
    everything = airflow.environment(cloud)
    return {"SNOWFLAKE_HOME": str(folder), **{name: everything[name] for name in shared}}


def connection_settings(cloud: Cloud) -> dict[str, str | int]:
    """The dashboard's connection; its private key is written to a file."""
    key = cloud.home.root / "snowflake" / "dashboard.pem"
    key.parent.mkdir(parents=True, exist_ok=True)
    _write(key, cloud.credentials.private_key_pem)
    login = connections.dashboard_login()
    return {
        "account": "local",
        "user": login["login"],
        "private_key_file": str(key),
        **{name: login[name] for name in ("role", "warehouse", "database")},
        "host": HOST,
        "port": cloud.ports.snowflake,
        "login_timeout": 10,
        "network_timeout": 60,
    }


def _trigger_history(api: AirflowApi, console: Console) -> None:
    """Run the daily DAG whose snapshots the map shows, unless it has run on this laptop."""
    try:
        api.last_run(HISTORY_DAG)
    except LookupError:
        api.trigger(HISTORY_DAG)
        console.print(f"Started {HISTORY_DAG}: the map has data in about a minute.")


def _exports(cloud: Cloud) -> str:
    settings = environment(cloud)
    return "export " + " ".join(f"{name}={shlex.quote(settings[name])}" for name in settings)


def _write(file: Path, text: str) -> None:
    file.touch(mode=0o600)
    file.write_text(text)
