"""Tests that share expensive fixtures run in one process; slow tests run last."""

import os
import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from local.home import REPOSITORY
from tests import sharing
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


@pytest.mark.parametrize(
    ("expression", "cores", "memory", "processes"),
    [
        ("not slow and not chaos", 2, 8, 2),
        ("not slow and not chaos", 8, 8, 8),
        # One more than cores, as they wait for servers, if the memory suffices.
        ("slow and not chaos", 2, 8, 3),
        ("slow and not chaos", 4, 16, 5),
        ("slow and not chaos", 8, 16, 8),
        ("slow and not chaos", 8, 2, 1),
        ("slow and not chaos", None, 16, 2),
    ],
)
def test_make_test_uses_the_machines_cores_and_memory(
    expression: str,
    cores: int | None,
    memory: int,
    processes: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("os.cpu_count", lambda: cores)
    total = SimpleNamespace(total=memory * 2**30)
    monkeypatch.setattr("psutil.virtual_memory", lambda: total)
    config: Any = SimpleNamespace(option=SimpleNamespace(markexpr=expression))

    assert sharing.pytest_xdist_auto_num_workers(config) == processes


def test_make_test_asks_for_as_many_processes_as_the_machine_has() -> None:
    makefile = (REPOSITORY / "Makefile").read_text()
    recipe = makefile.partition("\ntest:")[2].partition("\n\n")[0]
    assert re.findall("--numprocesses=(.*)", recipe) == ["auto", "auto"]
