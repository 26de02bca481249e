"""Tests that share expensive fixtures run in one process."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from local.home import REPOSITORY

TESTS = """
import pytest

@pytest.mark.parametrize("number", range(9))
def test_something(number):
    pass
"""
RAN = re.compile(r"^\[(gw\d)\].* PASSED (\S+)::", re.MULTILINE)
AIRFLOW = {"tests/whole_dags/test_one.py", "tests/chaos/test_two.py"}
# Collected after the others, so that each of those would start a process if it were alone.
OTHER = "tests/ui/test_three.py"


def test_tests_of_folders_that_share_something_run_in_one_process(tmp_path: Path) -> None:
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    for name in (*AIRFLOW, OTHER):
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(TESTS)
    command = [sys.executable, "-m", "pytest", "-p", "tests.sharing", "--numprocesses=2", "-v"]
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    done = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )

    ran: dict[str, set[str]] = {}
    for process, name in RAN.findall(done.stdout):
        ran.setdefault(process, set()).add(name)
    assert sorted(ran.values(), key=len) == [{OTHER}, AIRFLOW], done.stdout + done.stderr


def test_the_test_run_uses_this_distribution(request: pytest.FixtureRequest) -> None:
    plugins = request.config.pluginmanager
    hooks = plugins.get_hookcallers(plugins.get_plugin(str(REPOSITORY / "tests" / "conftest.py")))
    assert "pytest_xdist_make_scheduler" in [hook.name for hook in hooks or []]
