"""The dashboard on the laptop: `make dashboard`, after `make run`; `make stop` ends it too."""

import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
from rich.console import Console

from local import airflow, connections, processes, sample_history
from local.airflow_api import AirflowApi
from local.cloud import Cloud
from local.home import REPOSITORY, Home
from local.ports import HOST, Ports, choose_one

NAME, PORT, READY_SECONDS = "dashboard", 8501, 60.0
APP = REPOSITORY / "include" / "dashboard" / "app.py"
HISTORY = "keep_history"


def start(home: Home, console: Console) -> str:
    """Start the dashboard on the running cloud, if it does not run yet; its address.

    Raises:
        ServerFailedError: the cloud does not run, or the dashboard does not come up.
        PortTakenError: `DASHBOARD_PORT` is in use, or is no port number.
    """
    remembered, settings = processes.recall(home.processes)
    alive = {process.name for process in remembered if process.is_alive()}
    if "snowflake" not in alive:
        raise processes.ServerFailedError("The laptop's cloud does not run; start it: make run")
    cloud = Cloud(home, Ports(**settings["ports"]), remembered)
    if NAME not in alive:
        settings[NAME], told = choose_one(NAME, PORT)
        if told:
            console.print(told)
        running = serve(cloud, APP, settings[NAME], environment(cloud))
        processes.remember(home.processes, [*remembered, running], settings)
    os.environ.update(environment(cloud))  # Whose schemas they are, for our own statements too.
    if added := sample_history.invent(cloud):
        console.print(
            f"Made up a past for the charts: {added:,} values of {sample_history.DAYS} days."
        )
    if any(name.startswith("airflow") for name in alive):
        _have_a_history(AirflowApi(cloud.url("airflow")), console)
    address = f"http://{HOST}:{settings[NAME]}"
    console.print("Dashboard       ", address, soft_wrap=True)
    console.print("For a notebook  ", _exports(cloud), soft_wrap=True, highlight=False)
    return address


def serve(cloud: Cloud, app: Path, port: int, environment: Mapping[str, str]) -> processes.Running:
    """A Streamlit app on this cloud, when it answers.

    Raises:
        ServerFailedError: it does not come up.
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
    log = cloud.home.logs / f"{NAME}.log"
    running = processes.start(NAME, argv, environment, log)

    def answers() -> bool:
        try:
            return httpx.get(f"http://{HOST}:{port}/_stcore/health", timeout=2).is_success
        except httpx.HTTPError:
            return False

    try:
        processes.wait_until_ready(running, answers, log, READY_SECONDS)
    except BaseException:
        processes.stop([running])
        raise
    return running


def environment(cloud: Cloud) -> dict[str, str]:
    """What the dashboard or a notebook is told of where it runs: its connection, and whose schemas.

    The connection is the connector's default one, as on any machine: `connections.toml`.
    """
    settings = connection_settings(cloud)
    folder = Path(settings["private_key_file"]).parent
    # JSON's texts and numbers are TOML's too.
    lines = [f"{name} = {json.dumps(value)}" for name, value in settings.items()]
    _write(folder / "connections.toml", "\n".join(["[default]", *lines, ""]))
    kept = ("DDRC_ENV", "DDRC_SCHEMA_PREFIX", "REQUESTS_CA_BUNDLE", "NO_PROXY", "PYTHONPATH")
    everything = airflow.environment(cloud)
    return {"SNOWFLAKE_HOME": str(folder), **{name: everything[name] for name in kept}}


def connection_settings(cloud: Cloud) -> dict[str, Any]:
    """How the dashboard connects; its key is in a file, made now."""
    key = cloud.home.root / "snowflake" / "dashboard.pem"
    key.parent.mkdir(parents=True, exist_ok=True)
    _write(key, cloud.credentials.private_key_pem)
    login = connections.snowflake_login("reporter")
    return {
        "account": "local",
        # Its own user, as in a real account.
        "user": login["login"].replace("AIRFLOW_REPORTER", "DASHBOARD"),
        "private_key_file": str(key),
        **{name: login[name] for name in ("role", "warehouse", "database")},
        "host": HOST,
        "port": cloud.ports.snowflake,
        "login_timeout": 10,
        "network_timeout": 60,
    }


def _have_a_history(api: AirflowApi, console: Console) -> None:
    """The map reads what is kept once a day: on a new laptop that has not happened yet."""
    try:
        api.last_run(HISTORY)
    except LookupError:
        api.trigger(HISTORY)
        console.print(
            f"Started {HISTORY}, which keeps what the map shows: wait for about a minute."
        )


def _exports(cloud: Cloud) -> str:
    return "export " + " ".join(f"{name}={value}" for name, value in environment(cloud).items())


def _write(file: Path, text: str) -> None:
    file.touch(mode=0o600)
    file.write_text(text)
