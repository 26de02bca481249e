"""Copies of the checkout that a benchmark changes."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from local.home import REPOSITORY


@contextmanager
def copy_of_the_checkout() -> Iterator[Path]:
    """The committed files, as they are now, in a folder that ends with the block."""
    listed = subprocess.run(
        ["git", "ls-files"],  # noqa: S607
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=True,
    )
    with TemporaryDirectory() as folder:
        tree = Path(folder)
        for name in listed.stdout.splitlines():
            (tree / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(REPOSITORY / name, tree / name)
        yield tree


def run(tree: Path, *words: str) -> str:
    """Run Python in a copy; what it printed.

    Raises:
        subprocess.CalledProcessError: It failed.
    """
    environment = {**os.environ, "PYTHONPATH": str(tree)}
    command = [sys.executable, *words]
    done = subprocess.run(  # noqa: S603
        command, cwd=tree, env=environment, check=True, stdout=subprocess.PIPE, text=True
    )
    return done.stdout
