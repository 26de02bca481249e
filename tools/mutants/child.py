"""Runs pytest in a fork of a process that has imported the libraries.

Importing Airflow, dbt and the other libraries takes most of the time of a short test run. The
server of forks imports this module once; each run of tests is a fork, in a copy of the checkout.
"""

import importlib
import os
import sys
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from tools.mutants.lines import Tracer

# Not Cosmos and the Fivetran provider: they read their settings when they are imported.
LIBRARIES = (
    "airflow.sdk",
    "airflow.models.dagrun",
    "airflow.models.taskinstance",
    "airflow.providers.common.sql.operators.sql",
    "airflow.providers.microsoft.azure.hooks.wasb",
    "airflow.providers.slack.hooks.slack_webhook",
    "airflow.providers.snowflake.hooks.snowflake",
    "airflow.providers.standard.operators.hitl",
    "airflow.providers.standard.operators.trigger_dagrun",
    "azure.storage.blob",
    "dbt.cli.main",
    "duckdb",
    "fastapi.testclient",
    "geopandas",
    "hypothesis",
    "pandas",
    "pyarrow.parquet",
    "pytest",
    "shapely",
    "snowflake.connector",
    "sqlglot",
    "streamlit.testing.v1",
    "uvicorn",
    "yaml",
)
# The project's modules, which a fork imports from its own copy.
_OWN = ("bench", "dags", "include", "local", "plugins", "tests", "tools")


class Runs:
    """A plugin of pytest: Airflow reads the tests' settings, and the quick tests run first."""

    def pytest_configure(self) -> None:
        """Called after conftest was imported."""
        if "airflow" in sys.modules and "AIRFLOW_HOME" in os.environ:
            configuration: Any = importlib.import_module("airflow.configuration")
            settings: Any = importlib.import_module("airflow.settings")
            configuration.AIRFLOW_HOME = settings.AIRFLOW_HOME = os.environ["AIRFLOW_HOME"]
            settings.initialize()

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Called after conftest has marked the slow tests."""
        items.sort(key=lambda item: item.get_closest_marker("slow") is not None)


def run_pytest(
    folder: Path,
    temporary: Path,
    output: Path,
    arguments: Sequence[str],
    *,
    traced: Sequence[str],
    lines: Path,
) -> None:
    """Run pytest in a folder; the exit code is pytest's.

    Args:
        folder: The copy of the checkout.
        temporary: The folder for temporary files.
        output: The file for its output.
        arguments: Pytest's arguments.
        traced: The files of code of which to note which tests run their lines.
        lines: The file for these notes.
    """
    with output.open("wb") as file:
        for stream in (1, 2):
            os.dup2(file.fileno(), stream)
    os.chdir(folder)
    os.environ["TMPDIR"] = tempfile.tempdir = str(temporary)
    for name in [name for name in sys.modules if name.split(".", 1)[0] in _OWN]:
        del sys.modules[name]
    here = str(Path(__file__).parents[2])
    sys.path[:] = [str(folder), *(path for path in sys.path if path not in ("", here))]
    plugins: list[Any] = [Runs()]
    tracer = Tracer(folder, traced) if traced else None
    if tracer:
        plugins.append(tracer)
    # pytest rewrites no assertion in a plugin that was imported before: none of them is ours.
    imported_before = "ignore::pytest.PytestAssertRewriteWarning"
    options = ["--rootdir", str(folder), "-W", imported_before]
    code = pytest.main([*arguments, *options], plugins=plugins)
    if tracer:
        tracer.save(lines)
    sys.stdout.flush()
    # Without the exit handlers of the libraries' threads.
    os._exit(int(code))


def import_libraries() -> None:
    """Import what the tests need, as far as it is installed."""
    before = os.environ.get("AIRFLOW_HOME")
    with tempfile.TemporaryDirectory() as home:
        # Airflow writes its configuration where it is imported.
        os.environ["AIRFLOW_HOME"] = home
        for name in LIBRARIES:
            with suppress(ImportError):
                importlib.import_module(name)
    if before is None:
        del os.environ["AIRFLOW_HOME"]
    else:
        os.environ["AIRFLOW_HOME"] = before
