"""The commands of the Makefile: `python -m local --help`."""

import errno
import sys

import typer
from rich.console import Console

from local import commands, dashboard
from local.azurite import AzuriteInstallError
from local.faults import UnknownFaultError
from local.home import REPOSITORY, Home, HomeError
from local.ports import PortTakenError
from local.processes import ServerFailedError
from local.starting import AlreadyStartingError, ending_by_signals

app = typer.Typer(
    add_completion=False,
    pretty_exceptions_enable=False,
    help="The laptop's cloud and the pipeline on it.",
)
console = Console(width=None if sys.stdout.isatty() else 120)
EXPECTED = (
    AlreadyStartingError,
    AzuriteInstallError,
    HomeError,
    PortTakenError,
    ServerFailedError,
    UnknownFaultError,
)
# Of a file of another user, or of a disk that is full or read-only.
NOT_WRITABLE = (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOSPC, errno.EDQUOT)


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
    """Start the dashboard on the running cloud and open it."""
    dashboard.show(Home.from_environment(), console)


@app.command()
def analysis(name: str = typer.Argument("")) -> None:
    """Run an analysis on the running cloud, or all; without a name, list them."""
    raise typer.Exit(commands.run_analysis(Home.from_environment(), name))


@app.command()
def screenshots() -> None:
    """Take the screenshots of the docs on the running cloud."""
    commands.take_screenshots(Home.from_environment(), console)


@app.command(name="break")
def break_(source: str = typer.Argument(""), fault: str = typer.Argument("")) -> None:
    """Inject a fault into a source; without one, list the faults."""
    commands.break_source(Home.from_environment(), source, fault, console)


@app.command()
def fix() -> None:
    """Remove all faults."""
    commands.fix(Home.from_environment(), console)


def main() -> int:
    """Run the command; an expected error prints one message and gives exit code 2."""
    try:
        with ending_by_signals():
            app()
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else 0
    except EXPECTED as error:
        _print_error(str(error))
        return 2
    except OSError as error:
        if error.errno not in NOT_WRITABLE or error.filename is None:
            raise
        _print_error(
            f"{error.filename} cannot be used ({error.strerror}): make it yours, or set LOCAL_HOME"
            " to another folder."
        )
        return 2
    return 0


def _print_error(text: str) -> None:
    # A log's end may contain brackets, which are not markup.
    console.print(text, style="red", soft_wrap=True, markup=False, highlight=False)


if __name__ == "__main__":
    sys.exit(main())
