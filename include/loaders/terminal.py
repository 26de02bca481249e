"""What a person at a terminal sees: a progress bar, failures in plain words, JSON for programs."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from include.loaders.errors import LoadError, TransientError
from include.loaders.options import Progress as Show
from include.loaders.options import no_progress

# What sysexits.h calls a temporary failure: whoever runs this may try again.
TEMPORARY_FAILURE = 75


@contextmanager
def progress_bar(title: str) -> Iterator[Show]:
    """What to call with the rows read so far and the rows expected; drawn on standard error.

    Nothing is drawn where standard error is no terminal.
    """
    console = Console(stderr=True)
    if not console.is_terminal:
        yield no_progress
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeRemainingColumn(), console=console) as bar:
        task = bar.add_task(title, total=None)
        yield lambda rows, total: bar.update(task, completed=rows, total=total)


@contextmanager
def failures_told() -> Iterator[None]:
    """End the program with exit code 75 after a transient failure and 1 after a permanent one."""
    try:
        yield
    except LoadError as error:
        typer.echo(str(error), err=True)
        passing = isinstance(error, TransientError)
        raise typer.Exit(TEMPORARY_FAILURE if passing else 1) from error


def print_json(value: dict[str, Any]) -> None:
    """One line of JSON on standard output."""
    typer.echo(json.dumps(value))
