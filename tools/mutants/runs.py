"""Runs tests on a mutant, in a copy of the checkout."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from tools.checkout import copy_files
from tools.mutants.edits import Mutant

# Not in Git; dbt parses the project into it, and the DAGs read it.
_BUILT = "include/transform/target/manifest.json"


@dataclass(frozen=True)
class Outcome:
    """The outcome of a run of tests.

    Attributes:
        passed: True if every test passed; of a mutant: it survived.
        seconds: Its duration.
        output: The output of pytest; empty after a time-out.
    """

    passed: bool
    seconds: float
    output: str = ""


def copy_checkout(root: Path, target: Path) -> Path:
    """Copy the files of a checkout and dbt's manifest, and return the new folder."""
    copy_files(root, target)
    if (root / _BUILT).is_file():
        (target / _BUILT).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(root / _BUILT, target / _BUILT)
    return target


def run_tests(folder: Path, tests: Sequence[str], seconds: float) -> Outcome:
    """Run tests until the first failure, in one process.

    Args:
        folder: The copy of the checkout.
        tests: Their paths; they run in this order.
        seconds: The time limit; a run that exceeds it has failed.
    """
    temporary = folder / ".local" / "tmp"
    temporary.mkdir(parents=True, exist_ok=True)
    began = time.monotonic()
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider"]
    process = subprocess.Popen(
        [*command, "--numprocesses=0", *tests],
        cwd=folder,
        env={**os.environ, "TMPDIR": str(temporary)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        output, _ = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        output = ""
    finally:
        _end(process)
        shutil.rmtree(temporary, ignore_errors=True)
    return Outcome(process.returncode == 0, time.monotonic() - began, output)


def try_mutant(mutant: Mutant, folder: Path, tests: Sequence[str], seconds: float) -> Outcome:
    """Run tests on a mutant, and put the file back.

    Args:
        mutant: The mutant.
        folder: The copy of the checkout.
        tests: The tests' paths.
        seconds: The time limit.
    """
    file = folder / mutant.path
    _write(file, mutant.changed)
    try:
        return run_tests(folder, tests, seconds)
    finally:
        _write(file, mutant.source)


def _write(file: Path, text: str) -> None:
    file.write_text(text)
    # Python would take the compiled module of another edit of the same length and second.
    for compiled in file.parent.glob(f"__pycache__/{file.stem}.*.pyc"):
        compiled.unlink()


def _end(process: subprocess.Popen[str]) -> None:
    """Kill the process, and the servers that it has started."""
    if process.poll() is None:
        for started in psutil.Process(process.pid).children(recursive=True):
            with suppress(psutil.NoSuchProcess):
                started.kill()
        process.kill()
        process.wait()
