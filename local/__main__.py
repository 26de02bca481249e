"""The commands of the Makefile: `python -m local --help`."""

import sys

import typer
from rich.console import Console

from local import commands, dashboard
from local.azurite import AzuriteInstallError
from local.faults import UnknownFaultError
from local.home import REPOSITORY, Home
from local.ports import PortTakenError
from local.processes import ServerFailedError

app = typer.Typer(add_completion=False, help="The laptop's cloud and the pipeline on it.")
console = Console(width=None if sys.stdout.isatty() else 120)
EXPECTED = (AzuriteInstallError, UnknownFaultError, PortTakenError, ServerFailedError)


@app.command()
def run() -> None:
    """Start everything, refresh every source, print the published metrics, keep running."""
    raise typer.Exit(commands.run(Home.from_environment(), console))


@app.command()
def cloud() -> None:
    """Start the emulated services only, without Airflow."""
    commands.bring_up(Home.from_environment(), console, with_airflow=False)


@app.command()
def env() -> None:
    """Write .env, which connects the Astro CLI's Airflow to the running cloud."""
    commands.write_env(Home.from_environment(), REPOSITORY / ".env", console)


@app.command()
def stop() -> None:
    """Stop everything that was started."""
    commands.stop(Home.from_environment(), console)


@app.command(name="dashboard")
def dashboard_() -> None:
    """Start the dashboard on the running cloud."""
    dashboard.start(Home.from_environment(), console)


@app.command()
def screenshots() -> None:
    """Take the screenshots of the docs on the running cloud."""
    commands.take_screenshots(Home.from_environment(), console)


@app.command(name="break")
def break_(source: str, fault: str) -> None:
    """Inject a fault into a source."""
    commands.break_source(Home.from_environment(), source, fault, console)


@app.command()
def fix() -> None:
    """Remove all faults."""
    commands.fix(Home.from_environment(), console)


def main() -> int:
    """Run the command; an expected error prints one message and gives exit code 2."""
    try:
        # Outside its standalone mode, typer returns the code of an Exit instead of exiting.
        code: int | None = app(standalone_mode=False)
    except EXPECTED as error:
        console.print(f"[red]{error}[/]", soft_wrap=True)
        return 2
    except KeyboardInterrupt:
        return 130
    return code or 0


if __name__ == "__main__":
    sys.exit(main())
