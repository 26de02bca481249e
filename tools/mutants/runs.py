"""Runs tests on a mutant, in a copy of the checkout."""

import multiprocessing
import shutil
import subprocess
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from multiprocessing.connection import wait
from multiprocessing.context import ForkServerContext, ForkServerProcess
from pathlib import Path

import psutil
import pytest

from tools.checkout import copy_files
from tools.mutants.child import run_pytest
from tools.mutants.edits import Mutant
from tools.mutants.lines import Lines, read_lines

# Not in Git; dbt parses the project into it, and the DAGs read it.
_BUILT = "include/transform/target/manifest.json"

PRELOADED = ["tools.mutants.preload"]

# A process's exit code can be read once, and starting one reads those of all that have ended.
_exit_codes = threading.Lock()


@dataclass(frozen=True)
class Outcome:
    """The outcome of a run of tests.

    Attributes:
        passed: True if every test passed; of a mutant: it survived.
        seconds: Its duration.
        output: The output of pytest.
        lines: Which tests run which lines of the traced files.
    """

    passed: bool
    seconds: float
    output: str = ""
    lines: Lines = field(default_factory=Lines)


def copy_checkout(root: Path, target: Path) -> Path:
    """Copy the files of a checkout and dbt's manifest, and return the new folder."""
    copy_files(root, target)
    # Some tests ask Git for the checkout's files.
    subprocess.run(["git", "init", "--quiet", target], check=True)
    if (root / _BUILT).is_file():
        (target / _BUILT).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(root / _BUILT, target / _BUILT)
    return target


def run_tests(
    folder: Path, tests: Sequence[str], seconds: float, *, traced: Sequence[str] = ()
) -> Outcome:
    """Run tests until the first failure, in a fork of a process that has imported the libraries.

    Args:
        folder: The copy of the checkout.
        tests: Their paths; they run in this order.
        seconds: The time limit; a run that exceeds it has failed.
        traced: The Python files of which to note which tests run their lines.
    """
    temporary, output, lines = (folder / ".local" / name for name in ("tmp", "output", "lines"))
    temporary.mkdir(parents=True, exist_ok=True)
    began = time.monotonic()
    arguments = ["-x", "-q", "-p", "no:cacheprovider", "--numprocesses=0", *tests]
    process = _forks().Process(
        target=run_pytest,
        args=(folder, temporary, output, arguments),
        kwargs={"traced": traced, "lines": lines},
    )
    with _exit_codes:
        process.start()
    try:
        wait([process.sentinel], seconds)
    finally:
        with _exit_codes:
            _end(process)
            passed = process.exitcode == pytest.ExitCode.OK
        shutil.rmtree(temporary, ignore_errors=True)
    seconds_taken = time.monotonic() - began
    found = read_lines(lines) if traced and passed else Lines()
    return Outcome(passed, seconds_taken, output.read_text(errors="replace"), found)


@cache
def _forks() -> ForkServerContext:
    """The server of forks; it imports the libraries when it starts."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(PRELOADED)
    return context


def try_mutant(
    mutant: Mutant, folder: Path, runs: Sequence[Sequence[str]], seconds: float
) -> Outcome:
    """Run tests on a mutant until one fails, and put the file back.

    Args:
        mutant: The mutant.
        folder: The copy of the checkout.
        runs: The paths of the tests of each run; pytest collects all of a run before the first one.
        seconds: The time limit of each run.
    """
    file, began = folder / mutant.path, time.monotonic()
    _write(file, mutant.changed)
    try:
        passed = all(run_tests(folder, tests, seconds).passed for tests in runs)
        return Outcome(passed, time.monotonic() - began)
    finally:
        _write(file, mutant.source)


def _write(file: Path, text: str) -> None:
    file.write_text(text)
    # Python would take the compiled module of another edit of the same length and second.
    for compiled in file.parent.glob(f"__pycache__/{file.stem}.*.pyc"):
        compiled.unlink()


def _end(process: ForkServerProcess) -> None:
    """Kill the process if it still runs, and the servers that it has started."""
    if process.is_alive() and process.pid is not None:
        for started in psutil.Process(process.pid).children(recursive=True):
            with suppress(psutil.NoSuchProcess):
                started.kill()
        process.kill()
    process.join()
