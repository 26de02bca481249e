"""The plugin that points the Fivetran hook at another address."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from fivetran_provider_async.hooks import FivetranHook, FivetranHookAsync

from local.home import REPOSITORY
from local.plugins.fivetran_api import VARIABLE, FivetranApiUrlError, point_hook

REAL = ("https", "api.fivetran.com")


@pytest.fixture(autouse=True)
def _restore_hook(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(FivetranHook, "api_protocol", REAL[0])
    monkeypatch.setattr(FivetranHook, "api_host", REAL[1])


def address(hook: type[FivetranHook]) -> tuple[str, str]:
    return hook.api_protocol, hook.api_host


@pytest.mark.parametrize("url", ["http://127.0.0.1:8087", "http://127.0.0.1:8087/"])
def test_both_hooks_take_the_address(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv(VARIABLE, url)
    point_hook()
    assert address(FivetranHook) == address(FivetranHookAsync) == ("http", "127.0.0.1:8087")


@pytest.mark.parametrize("url", [None, ""])
def test_without_the_variable_nothing_changes(
    monkeypatch: pytest.MonkeyPatch, url: str | None
) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    if url is not None:
        monkeypatch.setenv(VARIABLE, url)
    point_hook()
    assert address(FivetranHook) == REAL


@pytest.mark.parametrize(
    "url",
    [
        "127.0.0.1:8087",
        "ftp://127.0.0.1",
        "http://",
        "http://127.0.0.1:port",
        "http://127.0.0.1:99999",
        "http://[::1",
        "http://127.0.0.1/v1",
        "http://key:secret@127.0.0.1",
    ],
)
def test_a_malformed_address_is_reported_and_no_call_goes_anywhere(
    monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    monkeypatch.setenv(VARIABLE, url)
    with pytest.raises(FivetranApiUrlError, match=VARIABLE):
        point_hook()
    monkeypatch.setenv("AIRFLOW_CONN_FIVETRAN_TEST", "fivetran://key:secret@")
    with pytest.raises(FivetranApiUrlError, match="with no path"):
        FivetranHook("fivetran_test").get_connector("any")


@pytest.mark.parametrize("manager", ["airflow.plugins_manager", "airflow.sdk.plugins_manager"])
def test_both_of_airflows_plugin_managers_load_it(tmp_path: Path, manager: str) -> None:
    """The core's serves the triggerer, the task SDK's serves tasks; each in a fresh process."""
    code = (
        f"import {manager} as manager; manager._get_plugins()\n"
        "from fivetran_provider_async.hooks import FivetranHookAsync as hook\n"
        "print(hook.api_protocol, hook.api_host)"
    )
    environment = {
        **os.environ,
        "AIRFLOW_HOME": str(tmp_path),
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(REPOSITORY / "local" / "plugins"),
        VARIABLE: "http://127.0.0.1:8087",
    }
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "http 127.0.0.1:8087"
