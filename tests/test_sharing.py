"""Tests that share what is expensive to make run in one process."""

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


def test_a_files_tests_run_in_one_process_and_another_files_in_another(tmp_path: Path) -> None:
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    for name in ("test_one.py", "test_two.py"):
        (tmp_path / name).write_text(TESTS)
    command = [sys.executable, "-m", "pytest", "-p", "tests.sharing", "--numprocesses=2", "-v"]
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    done = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )

    ran = RAN.findall(done.stdout)
    assert len(ran) == 18, done.stdout + done.stderr
    assert len(set(ran)) == 2, "a file's tests were split"
    assert len({process for process, _ in ran}) == 2, "all ran in one process"


def test_the_suite_is_handed_out_so(request: pytest.FixtureRequest) -> None:
    hook = request.config.pluginmanager.get_hookcallers(
        request.config.pluginmanager.get_plugin(str(REPOSITORY / "tests" / "conftest.py"))
    )
    assert "pytest_xdist_make_scheduler" in [caller.name for caller in hook or []]
