"""Starts, watches and ends the processes of the laptop's cloud.

Each process leads a session of its own, so that everything it starts ends with it, and
is remembered by its id and start time, so that a reused id is never taken for ours.
"""

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import psutil

from local.home import REPOSITORY

STOP_SECONDS = 15.0
LOG_TAIL_LINES = 20


class ServerFailedError(RuntimeError):
    """A server ended, or did not answer in time; the message holds the end of its log."""


@dataclass(frozen=True)
class Running:
    """A process that this home started."""

    name: str
    pid: int
    started: float

    def is_alive(self) -> bool:
        """Whether that very process still runs."""
        try:
            process = psutil.Process(self.pid)
            is_same = abs(process.create_time() - self.started) < 1
            return is_same and process.status() != psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return False


def start(
    name: str,
    argv: Sequence[str],
    environment: Mapping[str, str],
    log: Path,
    folder: Path = REPOSITORY,
) -> Running:
    """Start a command in the background, in a folder, its output in `log`."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        process = subprocess.Popen(
            argv,
            cwd=folder,
            env={**os.environ, **environment},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    return Running(name, process.pid, psutil.Process(process.pid).create_time())


def wait_until_ready(
    running: Running, is_ready: Callable[[], bool], log: Path, seconds: float
) -> None:
    """Return once the server answers.

    Raises:
        ServerFailedError: it ended, or did not answer within `seconds`.
    """
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if not running.is_alive():
            raise ServerFailedError(f"{running.name} ended at its start.\n{tail(log)}")
        if is_ready():
            return
        time.sleep(0.1)
    raise ServerFailedError(f"{running.name} did not answer within {seconds:.0f} s.\n{tail(log)}")


def stop(remembered: Sequence[Running], seconds: float = STOP_SECONDS) -> None:
    """End these processes and everything they started; return when they are gone.

    Those that have not ended by themselves after so many seconds are killed. Everything is found by
    the session that its leader began, even after the leader ended.
    """
    members = _members(remembered)
    for member in members:
        _signal(member.pid, signal.SIGTERM)
    psutil.wait_procs(members, timeout=seconds)
    # What was started while its session was being ended is only found by asking again.
    left = _members(remembered)
    for member in left:
        _signal(member.pid, signal.SIGKILL)
    psutil.wait_procs(left, timeout=STOP_SECONDS)


def tail(log: Path, lines: int = LOG_TAIL_LINES) -> str:
    """The end of a log, introduced by its path."""
    text = log.read_text(errors="replace").splitlines() if log.exists() else []
    return "\n".join([f"The end of {log}:", *text[-lines:]])


def remember(file: Path, running: Sequence[Running], settings: Mapping[str, Any]) -> None:
    """Write down what runs and with which settings, so that a later command can end just that."""
    file.parent.mkdir(parents=True, exist_ok=True)
    processes = [asdict(each) for each in running]
    text = json.dumps({"settings": dict(settings), "processes": processes})
    partial = file.with_suffix(".partial")
    partial.write_text(text)
    partial.replace(file)


def recall(file: Path) -> tuple[list[Running], dict[str, Any]]:
    """What was remembered: the processes, alive or not, and their settings."""
    if not file.exists():
        return [], {}
    kept = json.loads(file.read_text())
    return [Running(**each) for each in kept["processes"]], kept.get("settings", {})


def _members(remembered: Sequence[Running]) -> list[psutil.Process]:
    sessions = {
        each.pid for each in remembered if each.is_alive() or not psutil.pid_exists(each.pid)
    }
    found = []
    for process in psutil.process_iter():
        try:
            if os.getsid(process.pid) in sessions:
                found.append(process)
        except (ProcessLookupError, PermissionError):
            continue
    return found


def _signal(pid: int, number: signal.Signals) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return
