"""A copy of the checkout that tests may write into."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from local.home import REPOSITORY
from tests.cleanup import marks
from tools.checkout import copy_files


@dataclass(frozen=True)
class Checkout:
    """A copy of the checkout."""

    root: Path

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run Python in the copy, with the copy's code."""
        return self._run(sys.executable, *words)

    def make(self, target: str) -> subprocess.CompletedProcess[str]:
        """Make a target in the copy, with this checkout's packages; dbt's warnings are errors."""
        installed = ("--old-file", f"{sys.prefix}/.installed")
        return self._run("make", *installed, f"VENV={sys.prefix}", target)

    def _run(self, *words: str) -> subprocess.CompletedProcess[str]:
        environment = {
            **marks(),
            "PATH": os.environ["PATH"],
            "HOME": str(self.root),
            "PYTHONPATH": str(self.root),
            "AIRFLOW_HOME": str(self.root / ".airflow"),
            "DO_NOT_TRACK": "1",
            "DBT_WARN_ERROR": "true",
        }
        return subprocess.run(
            words, env=environment, cwd=self.root, capture_output=True, text=True, check=False
        )

    def files(self) -> dict[str, bytes]:
        """Its files by path, without those that Python's tools create."""
        created = {"__pycache__", ".airflow", ".ruff_cache", ".pytest_cache", "target", "logs"}
        return {
            str(path.relative_to(self.root)): path.read_bytes()
            for path in self.root.rglob("*")
            if path.is_file() and created.isdisjoint(path.parts)
        }


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the files that git does not ignore."""
    return copy_files(REPOSITORY, tmp_path_factory.mktemp("checkout"))
