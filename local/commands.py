"""What the Makefile's targets do: run the chain, stop, break, mend."""

from dataclasses import fields
from pathlib import Path

from rich.console import Console

from local import airflow_server, processes, servers
from local.airflow import PLUGINS_FOLDER, PROCESSES, environment
from local.airflow_api import AirflowApi
from local.cloud import Cloud
from local.faults import clear_faults, set_fault
from local.home import Home
from local.ports import Ports, choose
from local.refresh import Failure, Progress, Refresh
from local.report import show_addresses, show_published, show_questions

LOG_LINES = 25


def run(home: Home, console: Console) -> int:
    """Bring everything up, refresh every source, show what was published; the exit code.

    Raises:
        ServerFailedError, PortTakenError, AzuriteInstallError: something did not come up.
    """
    cloud = bring_up(home, console)
    with Progress(console) as progress:
        refresh = Refresh(AirflowApi(cloud.url("airflow")), progress)
        failures = refresh.follow()
    if refresh.unchanged:
        console.print(f"Nothing new in {', '.join(sorted(refresh.unchanged))}: not loaded again.")
    for failure in failures:
        show_failure(failure, console)
    if failures:
        console.print(f"[red]{len(failures)} task(s) failed.[/] Mend, then clear them in the UI.")
        show_addresses(cloud, console)
        return 1
    show_published(cloud, console)
    show_questions(AirflowApi(cloud.url("airflow")).questions(), console)
    show_addresses(cloud, console)
    return 0


def bring_up(home: Home, console: Console, *, with_airflow: bool = True) -> Cloud:
    """The running cloud of this home, started where it does not run yet."""
    remembered, settings = processes.recall(home.processes)
    names = {process.name for process in remembered if process.is_alive()}
    needed = {field.name for field in fields(Ports)} - {"airflow"}
    if with_airflow:
        needed |= {f"airflow-{name}" for name in PROCESSES}
    if needed <= names and settings.get("data") == str(home.data):
        console.print("Already running.")
        return Cloud(home, Ports(**settings["ports"]), remembered)
    processes.stop(remembered)
    chosen, told = choose()
    for line in told:
        console.print(line)
    cloud = Cloud(home, chosen)

    def tell(line: str) -> None:
        console.print(f"Starting: {line}")

    try:
        servers.start(cloud, tell)
        if with_airflow:
            airflow_server.start(cloud, tell)
    except BaseException:
        cloud.stop()
        raise
    made = {"ports": chosen.as_dict(), "data": str(home.data)}
    processes.remember(home.processes, cloud.running, made)
    return cloud


def stop(home: Home, console: Console) -> None:
    """End what this home started, and nothing else."""
    remembered, _ = processes.recall(home.processes)
    processes.stop(remembered)
    home.processes.unlink(missing_ok=True)
    console.print(
        f"Stopped {sum(1 for _ in remembered)} servers." if remembered else "Not running."
    )


def write_env(home: Home, file: Path, console: Console) -> None:
    """Write what another Airflow (the Astro CLI's) needs to work on the running cloud.

    Raises:
        ServerFailedError: the cloud does not run.
    """
    remembered, settings = processes.recall(home.processes)
    if not any(process.is_alive() for process in remembered):
        raise processes.ServerFailedError("The laptop's cloud does not run; start it: make cloud")
    ours = environment(Cloud(home, Ports(**settings["ports"])))
    kept = {name: value for name, value in ours.items() if _is_of_the_project(name)}
    file.touch(mode=0o600)
    file.write_text("".join(f"{name}={value}\n" for name, value in kept.items()))
    console.print(f"Wrote {file.name}: {len(kept)} settings for the cloud that runs now.")


def _is_of_the_project(name: str) -> bool:
    """Whether a setting is ours, and not one of where the laptop's own Airflow lies."""
    if name == PLUGINS_FOLDER:
        return True
    return name != "PATH" and not name.startswith(("AIRFLOW_HOME", "AIRFLOW__"))


def take_screenshots(home: Home, console: Console) -> None:
    """Take the docs' pictures on the running laptop.

    Raises:
        ServerFailedError: It does not run, or what is to be seen does not come.
    """
    from local import screenshots

    remembered, settings = processes.recall(home.processes)
    if not any(process.name.startswith("airflow") for process in remembered if process.is_alive()):
        raise processes.ServerFailedError("The laptop does not run; start it: make run")
    screenshots.take(Cloud(home, Ports(**settings["ports"])), console)


def show_failure(failure: Failure, console: Console) -> None:
    """Print which task failed and the end of its log."""
    console.print(
        f"\n[red]Failed: {failure.run.dag}.{failure.task.id}[/]"
        f" (try {failure.task.tries}, run {failure.run.id}). The end of its log:",
        soft_wrap=True,
    )
    for line in failure.log[-LOG_LINES:]:
        console.print(f"  {line}", markup=False, highlight=False, soft_wrap=True)


def break_source(home: Home, source: str, fault: str, console: Console) -> None:
    """Have a source misbehave from its next request on."""
    set_fault(home.faults, source, fault)
    console.print(f"{source} now answers with the fault {fault}; end it with: make mend")


def mend(home: Home, console: Console) -> None:
    """End all faults."""
    clear_faults(home.faults)
    console.print("All sources behave again. Clear what failed in the Airflow UI, or: make run")
