"""The laptop's plugins folder has production's plugins too, and the Astro CLI's Airflow uses it."""

import os
import subprocess
import sys
from pathlib import Path

from airflow.plugins_manager import AirflowPlugin
from rich.console import Console

from local import commands, processes
from local.airflow import PLUGINS_FOLDER
from local.home import REPOSITORY, Home
from local.plugins import production_plugins
from local.ports import Ports, free_ports


def test_every_plugin_of_production_is_a_plugin_of_the_laptop() -> None:
    files = {file.stem for file in (REPOSITORY / "plugins").glob("*.py")}
    plugins = [getattr(production_plugins, name) for name in production_plugins.__all__]

    assert {plugin.__module__ for plugin in plugins} == {f"plugins.{name}" for name in files}
    assert all(issubclass(plugin, AirflowPlugin) for plugin in plugins)


def test_airflow_loads_both(tmp_path: Path) -> None:
    code = (
        "from airflow import plugins_manager as manager\n"
        "plugins, errors = manager._get_plugins()\n"
        "own = [plugin.name for plugin in plugins if 'PLUGINS_FOLDER' in str(plugin.source)]\n"
        "print(errors, *sorted(own))"
    )
    environment = {**os.environ, "AIRFLOW_HOME": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )

    assert done.stdout.splitlines()[-1] == "{} ddrc_pages fivetran_api"


def test_the_astro_clis_airflow_reads_the_same_folder(tmp_path: Path) -> None:
    home = Home(tmp_path)
    sleep = [sys.executable, "-c", "import time; time.sleep(60)"]
    server = processes.start("snowflake", sleep, {}, tmp_path / "log")
    processes.save(home.processes, [server], {"ports": Ports(*free_ports(6)).as_dict()})

    try:
        commands.write_env(home, tmp_path / ".env", Console())
    finally:
        processes.stop([server])

    folder = REPOSITORY / "local" / "plugins"
    assert f"{PLUGINS_FOLDER}={folder}" in (tmp_path / ".env").read_text().splitlines()
