"""Stopping a process stops its children too, and nothing else."""

import sys
from pathlib import Path

import psutil
import pytest

from local import processes
from local.processes import Running, ServerFailedError

PARENT_AND_CHILD = """
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
print(child.pid, flush=True)
time.sleep(600)
"""
IGNORES_SIGTERM = """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("ready", flush=True)
time.sleep(600)
"""


def start(code: str, log: Path) -> Running:
    running = processes.start("test", [sys.executable, "-c", code], {}, log)
    processes.wait_until_ready(running, lambda: bool(log.read_text()), log, seconds=20)
    return running


def test_stopping_a_server_stops_its_children_too(tmp_path: Path) -> None:
    log = tmp_path / "log"
    running = start(PARENT_AND_CHILD, log)
    child = psutil.Process(int(log.read_text()))

    processes.stop([running])

    assert not running.is_alive()
    assert not child.is_running() or child.status() == psutil.STATUS_ZOMBIE


def test_the_children_of_a_dead_server_are_stopped_too(tmp_path: Path) -> None:
    log = tmp_path / "log"
    running = start(PARENT_AND_CHILD, log)
    child = psutil.Process(int(log.read_text()))
    psutil.Process(running.pid).kill()
    psutil.Process(running.pid).wait()

    processes.stop([running])

    assert not child.is_running() or child.status() == psutil.STATUS_ZOMBIE


def test_a_process_with_a_reused_id_is_left_alone(tmp_path: Path) -> None:
    running = start(IGNORES_SIGTERM, tmp_path / "log")
    earlier = Running("test", running.pid, running.started - 1000)

    processes.stop([earlier])

    assert running.is_alive()
    psutil.Process(running.pid).kill()


def test_a_server_that_ignores_sigterm_is_killed(tmp_path: Path) -> None:
    running = start(IGNORES_SIGTERM, tmp_path / "log")

    processes.stop([running], seconds=0.5)

    assert not running.is_alive()


def test_a_server_that_ends_while_starting_is_reported_with_the_end_of_its_log(
    tmp_path: Path,
) -> None:
    log = tmp_path / "log"
    running = processes.start(
        "broken", [sys.executable, "-c", "raise SystemExit('no disk')"], {}, log
    )

    with pytest.raises(ServerFailedError, match=r"(?s)broken ended while starting.*no disk"):
        processes.wait_until_ready(running, lambda: False, log, seconds=20)


def test_running_processes_are_saved(tmp_path: Path) -> None:
    file = tmp_path / "processes.json"
    running = [Running("blob", 1, 2.5)]

    processes.save(file, running, {"ports": {"blob": 10000}})

    assert processes.load(file) == (running, {"ports": {"blob": 10000}})
    assert processes.load(tmp_path / "missing.json") == ([], {})
