"""The Makefile's targets for people: a refusal is the command's words, without make's own error."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from local.home import REPOSITORY


def make(home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run make with this test's Python, which is installed."""
    marker = REPOSITORY / "README.md"
    installed = [
        f"BIN={Path(sys.executable).parent}",
        f"INSTALLED={marker}",
        f"--old-file={marker}",
    ]
    return subprocess.run(
        ["make", "--no-print-directory", *installed, *words],
        cwd=REPOSITORY,
        env={**os.environ, "LOCAL_HOME": str(home)},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("break",), "Name a source and a fault: make break SOURCE=usace FAULT=error-200"),
        (("break", "SOURCE=usace"), "Name a fault of usace: make break SOURCE=usace FAULT="),
        (("break", "SOURCE=nowhere", "FAULT=slow"), "There is no source 'nowhere'."),
        (("dashboard",), "The laptop's cloud is not running; start it with: make run"),
        (("stop",), "Not running."),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_a_refusal_ends_without_makes_error(
    words: tuple[str, ...], said: str, tmp_path: Path
) -> None:
    done = make(tmp_path, *words)

    assert done.stdout.startswith(said)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_script_notices_that_the_laptop_did_not_start(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    done = make(tmp_path / "file" / "home", "cloud")

    assert done.returncode != 0
    assert "cannot be written" in done.stdout
