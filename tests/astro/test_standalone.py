"""`astro dev start --standalone`: Airflow on this machine, in an environment of the CLI's own."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from rich.console import Console

from include.connections import FIVETRAN
from local import commands, processes
from local.airflow import PLUGINS_FOLDER
from local.home import REPOSITORY, Home
from local.ports import Ports, free_ports
from tests.astro import cli


def test_the_checkout_is_an_astro_project() -> None:
    assert cli.is_project(REPOSITORY)


def test_what_the_cli_writes_and_deletes_is_not_ours() -> None:
    makefile = (REPOSITORY / "Makefile").read_text()
    environment_folder = re.search(r"^VENV := (\S+)$", makefile, re.MULTILINE)
    assert environment_folder
    for path in cli.KILLED:
        assert not Path(environment_folder[1]).is_relative_to(path)
        ignored = ["git", "check-ignore", "--quiet", f"{path}/file"]
        assert subprocess.run(ignored, cwd=REPOSITORY, check=False).returncode == 0, path
        tracked = subprocess.check_output(["git", "ls-files", path], cwd=REPOSITORY)
        assert tracked == b""


def test_the_cli_reads_the_runtime_and_its_python_from_the_dockerfile() -> None:
    (image,) = re.findall(r"^FROM (\S+)$", (REPOSITORY / "Dockerfile").read_text(), re.MULTILINE)

    assert cli.runtime(image) == ("3.3-8", "3.12")


def plugins_in(environment: dict[str, str], project: Path) -> list[str]:
    """The project's plugins that Airflow loads, and the address of the Fivetran hook."""
    code = (
        "from airflow import plugins_manager as manager\n"
        "plugins, errors = manager._get_plugins()\n"
        "assert not errors, errors\n"
        "from fivetran_provider_async.hooks import FivetranHook as hook\n"
        "own = [p.name for p in plugins if 'PLUGINS_FOLDER' in str(p.source)]\n"
        "print(*sorted(own), hook.api_protocol + '://' + hook.api_host)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=project,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.splitlines()[-1].split()


def inherited() -> dict[str, str]:
    """A developer's terminal, without what the tests set for Airflow."""
    return {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}


@pytest.mark.slow
def test_with_the_env_of_the_laptop_it_finds_the_plugins_and_the_laptops_fivetran(
    tmp_path: Path,
) -> None:
    home, ports = Home(tmp_path / "home"), Ports(*free_ports(6))
    # `make env` needs a running cloud; of this one only the settings are read.
    sleep = [sys.executable, "-c", "import time; time.sleep(60)"]
    server = processes.start("snowflake", sleep, {}, tmp_path / "log")
    processes.save(home.processes, [server], {"ports": ports.as_dict()})
    try:
        commands.write_env(home, tmp_path / ".env", Console())
    finally:
        processes.stop([server])

    started = cli.standalone_environment(REPOSITORY, tmp_path / ".env", inherited())
    # The test has no need to write into the checkout.
    started["AIRFLOW_HOME"] = str(tmp_path / "airflow")

    address = f"http://127.0.0.1:{ports.as_dict()['fivetran']}"
    assert plugins_in(started, REPOSITORY) == ["ddrc_pages", "fivetran_api", address]
    assert f"AIRFLOW_CONN_{FIVETRAN.upper()}" in started


@pytest.mark.slow
def test_with_the_env_of_an_account_it_finds_the_plugins_and_the_real_fivetran(
    tmp_path: Path,
) -> None:
    started = cli.standalone_environment(REPOSITORY, REPOSITORY / ".env.example", inherited())
    started["AIRFLOW_HOME"] = str(tmp_path)

    assert plugins_in(started, REPOSITORY) == ["ddrc_pages", "https://api.fivetran.com"]


@pytest.mark.slow
def test_without_the_setting_it_finds_no_plugin(tmp_path: Path) -> None:
    """Remove the setting from `.env.example` and `make env` when this fails."""
    started = cli.standalone_environment(REPOSITORY, tmp_path / "none", inherited())
    started["AIRFLOW_HOME"] = str(tmp_path)

    assert PLUGINS_FOLDER not in started
    assert plugins_in(started, REPOSITORY) == ["https://api.fivetran.com"]


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ('A={"b": "c d"}', '{"b": "c d"}'),
        ("A='quoted'", "quoted"),
        ("# A=comment", None),
        ("A=", ""),
        ("A=b=c", "b=c"),
    ],
)
def test_the_env_file_is_read_as_the_cli_reads_it(
    tmp_path: Path, line: str, value: str | None
) -> None:
    (tmp_path / ".env").write_text(f"{line}\n")

    assert cli.standalone_environment(tmp_path, tmp_path / ".env", {"PATH": ""}).get("A") == value
