"""Tests that share expensive fixtures run in one process; slow tests run last."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from local.home import REPOSITORY
from tests.sharing import LONG, OWN_PROGRAMS

TESTS = """
import pytest

@pytest.mark.parametrize("number", range(9))
def test_something(number):
    pass
"""
FILES = [str(file.relative_to(REPOSITORY)) for file in (REPOSITORY / "tests").rglob("test_*.py")]
RAN = re.compile(r"^\[(gw\d)\].* PASSED (\S+)::", re.MULTILINE)
AIRFLOW = {"tests/stories/test_one.py", "tests/chaos/test_two.py"}
# Collected after the others, so that each of those would start a process if it were alone.
OTHER = "tests/sources/test_three.py"


MARKED = """
import pytest

@pytest.fixture
def cloud():
    return 1

@pytest.fixture
def store(cloud):
    return cloud

def test_quick():
    pass

def test_asks(cloud):
    pass

def test_asks_indirectly(store):
    pass
"""


def run_pytest(folder: Path, *arguments: str) -> str:
    """The output of a run with this project's distribution."""
    (folder / "pytest.ini").write_text("[pytest]\nmarkers = slow\n")
    command = [sys.executable, "-m", "pytest", "-p", "tests.sharing", "-v", *arguments]
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    return done.stdout + done.stderr


def test_a_test_is_slow_if_it_asks_for_the_cloud_or_starts_programs(tmp_path: Path) -> None:
    for name in (
        "tests/ui/test_it.py",
        "tests/end_to_end/test_own.py",
        "tests/local/data/test_long.py",
    ):
        file = tmp_path / name
        file.parent.mkdir(parents=True)
        file.write_text(MARKED)

    output = run_pytest(tmp_path, "-m", "not slow", "--numprocesses=0")

    assert re.findall(r"^(\S+) PASSED", output, re.MULTILINE) == ["tests/ui/test_it.py::test_quick"]


@pytest.mark.parametrize("listed", OWN_PROGRAMS + LONG)
def test_each_listed_test_exists(listed: str) -> None:
    path, _, name = listed.partition("::")
    found = [file for file in FILES if file.startswith(path)]

    assert found
    assert not name or f"\ndef {name}(" in (REPOSITORY / path).read_text()


def test_tests_of_folders_that_share_something_run_in_one_process(tmp_path: Path) -> None:
    for name in (*AIRFLOW, OTHER):
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(TESTS)
    output = run_pytest(tmp_path, "--numprocesses=2")

    ran: dict[str, set[str]] = {}
    for process, name in RAN.findall(output):
        ran.setdefault(process, set()).add(name)
    assert sorted(ran.values(), key=len) == [{OTHER}, AIRFLOW], output


def test_the_test_run_uses_this_distribution(request: pytest.FixtureRequest) -> None:
    plugins = request.config.pluginmanager
    hooks = plugins.get_hookcallers(plugins.get_plugin(str(REPOSITORY / "tests" / "conftest.py")))
    assert "pytest_xdist_make_scheduler" in [hook.name for hook in hooks or []]
