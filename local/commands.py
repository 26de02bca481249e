"""The commands behind the Makefile's targets: run, stop, env, analysis, screenshots, break, fix."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path

from rich.console import Console

from include.sources import SOURCES
from local import airflow_server, processes, servers
from local.airflow import PLUGINS_FOLDER, PROCESSES, environment
from local.airflow_api import AirflowApi
from local.cloud import Cloud
from local.dashboard import environment as dashboard_environment
from local.faults import clear_faults, set_fault, usage
from local.home import REPOSITORY, Home
from local.marks import home_mark
from local.ports import Ports, choose_ports
from local.refresh import Failure, Progress, Refresh
from local.report import print_addresses, print_open_questions, print_published
from local.starting import ending, starting, stopping

LOG_LINES = 25


def run(home: Home, console: Console) -> int:
    """Start everything, refresh every source, print the published metrics; return the exit code.

    What it starts continues afterwards, but not if the command is ended earlier.

    Raises:
        ServerFailedError: A server did not start.
        PortTakenError: A chosen port is in use.
        AzuriteInstallError: Azurite could not be installed.
        AlreadyStartingError: Another command is starting this home.
    """
    with starting(home):
        cloud = _ensure_running(home, console, with_airflow=True)
        with Progress(console) as progress:
            refresh = Refresh(AirflowApi(cloud.url("airflow")), progress)
            failures = refresh.run()
    return _report(cloud, refresh, failures, console)


def _report(cloud: Cloud, refresh: Refresh, failures: list[Failure], console: Console) -> int:
    if refresh.unchanged:
        console.print(f"Not loaded again, unchanged: {', '.join(sorted(refresh.unchanged))}.")
    for failure in failures:
        _print_failure(failure, console)
    if failures:
        tasks = "1 task" if len(failures) == 1 else f"{len(failures)} tasks"
        console.print(f"[red]{tasks} failed.[/] Fix the cause, then clear the tasks in Airflow.")
        print_addresses(cloud, console)
        return 1
    print_published(cloud, console)
    print_open_questions(AirflowApi(cloud.url("airflow")).open_questions(), console)
    print_addresses(cloud, console)
    return 0


def bring_up(home: Home, console: Console, *, with_airflow: bool = True) -> Cloud:
    """Start the cloud of this home unless it is running.

    Args:
        home: The folder of the cloud.
        console: The terminal to report to.
        with_airflow: Start Airflow too, not only the emulated services.

    Raises:
        ServerFailedError: A server did not start.
        PortTakenError: A chosen port is in use.
        AzuriteInstallError: Azurite could not be installed.
        AlreadyStartingError: Another command is starting this home.
    """
    with starting(home):
        return _ensure_running(home, console, with_airflow=with_airflow)


@contextmanager
def temporary_laptop(console: Console) -> Iterator[Cloud]:
    """A laptop with Airflow in a folder of its own, which ends with the block or this process.

    Args:
        console: The terminal to report to.

    Raises:
        ServerFailedError: A server did not start.
    """
    with tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder))
        with ending(home):
            yield bring_up(home, console)


def _ensure_running(home: Home, console: Console, *, with_airflow: bool) -> Cloud:
    started, settings = processes.load(home.processes)
    names = {process.name for process in started if process.is_alive()}
    needed = {field.name for field in fields(Ports)} - {"airflow"}
    if with_airflow:
        needed |= {f"airflow-{name}" for name in PROCESSES}
    # The settings have no data before all servers are ready.
    if needed <= names and settings.get("data") == str(home.data):
        # Each server reads the sources when it starts.
        if settings.get("sources") == list(SOURCES):
            console.print("Already running.")
            return Cloud(home, Ports(**settings["ports"]), started)
        console.print("The project has other sources than the running laptop: starting it again.")
    processes.stop(started, mark=home_mark(home))
    home.processes.unlink(missing_ok=True)
    ports, notices = choose_ports()
    for notice in notices:
        console.print(notice)
    cloud = Cloud(home, ports)

    def report(server: str) -> None:
        console.print(f"Starting: {server}")

    servers.start(cloud, report)
    if with_airflow:
        airflow_server.start(cloud, report)
    cloud.record({"ports": ports.as_dict(), "data": str(home.data), "sources": list(SOURCES)})
    return cloud


def stop(home: Home, console: Console) -> None:
    """Stop the processes that this home started, and no others; end a start that is running.

    Raises:
        AlreadyStartingError: A start does not end.
        ServerFailedError: A process belongs to another user.
    """
    with stopping(home) as has_ended_a_start:
        if has_ended_a_start:
            console.print("Ended the command that was starting the laptop.")
        started, _ = processes.load(home.processes)
        servers_running = sum(process.is_alive() for process in started)
        stopped = processes.stop(started, mark=home_mark(home))
        home.processes.unlink(missing_ok=True)
    if servers_running:
        console.print(f"Stopped {servers_running} servers.")
    elif stopped:
        console.print(f"Stopped {stopped} processes that an interrupted command had left.")
    else:
        console.print("Not running.")


def write_env(home: Home, file: Path, console: Console) -> None:
    """Write the settings that connect another Airflow (the Astro CLI's) to the running cloud.

    Args:
        home: The folder of the cloud.
        file: The file to write, one `NAME=value` a line.
        console: The terminal to report to.

    Raises:
        ServerFailedError: The cloud is not running.
    """
    everything = environment(_running_cloud(home, server="snowflake", start="make cloud"))
    written = {name: value for name, value in everything.items() if _is_of_the_project(name)}
    file.touch(mode=0o600)
    file.write_text("".join(f"{name}={value}\n" for name, value in written.items()))
    console.print(f"Wrote {file.name}: {len(written)} settings of the running cloud.")


def _is_of_the_project(name: str) -> bool:
    """True if a setting configures the pipeline rather than the laptop's own Airflow."""
    if name == PLUGINS_FOLDER:
        return True
    return name != "PATH" and not name.startswith(("AIRFLOW_HOME", "AIRFLOW__"))


def run_analysis(home: Home, name: str) -> int:
    """Run analyses of `include.dashboard.analyses` as the dashboard's role; return the exit code.

    In a process of its own: the connector reads `SNOWFLAKE_HOME` when it is imported.

    Args:
        home: The folder of the cloud.
        name: An analysis, or `all`; empty to list them.

    Raises:
        ServerFailedError: The cloud is not running.
    """
    command = [sys.executable, "-m", "include.dashboard.analyses", *([name] if name else [])]
    cloud = _running_cloud(home, server="snowflake", start="make run")
    variables = {**os.environ, **dashboard_environment(cloud)}
    return subprocess.run(command, cwd=REPOSITORY, env=variables, check=False).returncode


def take_screenshots(home: Home, console: Console) -> None:
    """Take the screenshots of the docs on the running cloud.

    Raises:
        ServerFailedError: Airflow is not running, or a page does not show what it should.
        AlreadyStartingError: Another command is starting this home.
    """
    from local import screenshots

    cloud = _running_cloud(home, server="airflow-api-server", start="make run")
    with starting(home):
        screenshots.take(cloud, console)


def _running_cloud(home: Home, *, server: str, start: str) -> Cloud:
    started, settings = processes.load(home.processes)
    if not any(process.name == server for process in started if process.is_alive()):
        raise processes.ServerFailedError(
            f"The laptop's cloud is not running; start it with: {start}"
        )
    return Cloud(home, Ports(**settings["ports"]), started)


def _print_failure(failure: Failure, console: Console) -> None:
    """Print the name of the failed task and the end of its log."""
    console.print(
        f"\n[red]Failed: {failure.run.dag}.{failure.task.id}[/]"
        f" (attempt {failure.task.try_number}, run {failure.run.id}). The end of its log:",
        soft_wrap=True,
    )
    for line in failure.log[-LOG_LINES:]:
        console.print(f"  {line}", markup=False, highlight=False, soft_wrap=True)


def break_source(home: Home, source: str, fault: str, console: Console) -> None:
    """Inject a fault into a source, from its next request on; without one, print the choice.

    Args:
        home: The folder of the cloud.
        source: The name of the source, or nothing.
        fault: One of its faults, see `local.faults`, or nothing.
        console: The terminal to report to.

    Raises:
        UnknownFaultError: The source or the fault is unknown.
    """
    if not source or not fault:
        console.print(usage(source), soft_wrap=True, highlight=False)
        return
    home.prepare()
    set_fault(home.faults, source, fault)
    console.print(f"{source} now has the fault {fault}; remove it with: make fix")


def fix(home: Home, console: Console) -> None:
    """Remove all faults."""
    home.prepare()
    clear_faults(home.faults)
    console.print("All faults are removed. Clear the failed tasks in Airflow, or: make run")
