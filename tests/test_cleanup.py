"""A test process that ends, however it ends, leaves neither a process nor a folder."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from local.home import REPOSITORY
from tests.cleanup import marked, marks
from tests.end_to_end.laptop import Laptop

END_SECONDS = 120

# A test process with a file, a server, a child that left its session, and one with a title of its
# own, as Airflow's processes have.
SCRIPT = """
import os, subprocess, sys, tempfile
from tests.cleanup import guard_this_process

folder = guard_this_process()
mark = next(name for name in os.environ if name.startswith("DDRC_TEST_PROCESS_"))
sleep = [sys.executable, "-c", "import time; time.sleep(600)"]
subprocess.Popen(sleep)
subprocess.Popen(sleep, start_new_session=True)
titled = "import setproctitle, time; setproctitle.setproctitle('title ' * 999); print(flush=True)"
titled = [sys.executable, "-c", titled + "; time.sleep(600)"]
subprocess.Popen(titled, stdout=subprocess.PIPE).stdout.readline()
tempfile.mkdtemp()
print(mark, folder, flush=True)
{end}
"""
WAITS = "sys.stdin.read()"


def start(end: str) -> tuple[subprocess.Popen[str], str, Path]:
    """Start the script without the marks of this test run; return its mark and its folder."""
    own = ("DDRC_TEST_PROCESS_", "SPT_NOENV")
    environment = {k: v for k, v in os.environ.items() if not k.startswith(own)}
    process = subprocess.Popen(
        [sys.executable, "-c", SCRIPT.format(end=end)],
        cwd=REPOSITORY, env=environment, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout
    mark, folder = process.stdout.readline().split()
    return process, mark, Path(folder)


def guards(mark: str) -> list[psutil.Process]:
    """The guard that watches the process with this mark."""
    return [one for one in psutil.process_iter(["cmdline"]) if mark in (one.info["cmdline"] or ())]


@pytest.mark.usefixtures("signals_of_a_terminal")
@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_a_killed_test_process_leaves_no_process_and_no_folder(end: signal.Signals) -> None:
    process, mark, folder = start(WAITS)
    guard = guards(mark)
    assert len(guard) == 1
    assert len(marked(mark)) == 3
    assert list(folder.iterdir())

    process.send_signal(end)

    process.wait(END_SECONDS)
    assert psutil.wait_procs(guard, timeout=END_SECONDS)[1] == []
    assert marked(mark) == []
    assert not folder.exists()


def test_a_test_process_that_ends_by_itself_leaves_nothing_either() -> None:
    process, mark, folder = start("sys.exit(0)")

    process.wait(END_SECONDS)

    psutil.wait_procs(guards(mark), timeout=END_SECONDS)
    assert marked(mark) == []
    assert not folder.exists()


def test_the_processes_of_another_run_are_left_alone() -> None:
    ended, its_mark, _ = start(WAITS)
    other, mark, folder = start(WAITS)
    its_guard = guards(its_mark)
    try:
        ended.kill()
        ended.wait(END_SECONDS)
        assert psutil.wait_procs(its_guard, timeout=END_SECONDS)[1] == []
        assert len(marked(mark)) == 3
        assert folder.exists()
    finally:
        guard = guards(mark)
        other.kill()
        other.wait(END_SECONDS)
        psutil.wait_procs(guard, timeout=END_SECONDS)


def test_what_a_laptops_commands_start_ends_with_the_tests_too(tmp_path: Path) -> None:
    assert marks()
    assert marks().items() <= Laptop(tmp_path).environment.items()
