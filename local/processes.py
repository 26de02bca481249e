"""Starts, monitors and stops the processes of the laptop's cloud.

Each process leads a session of its own, so that all its children stop with it. It is identified by
its id and start time: a process id may be reused by another program.
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
    """A server ended, or was not ready in time; the message holds the end of its log."""


@dataclass(frozen=True)
class Running:
    """A started process.

    Attributes:
        name: The server's name.
        pid: The process id, which is also the id of its session.
        started: The time at which it started, as the system reports it.
    """

    name: str
    pid: int
    started: float

    def is_alive(self) -> bool:
        """True if this process is still running."""
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
    """Start a command in the background.

    Args:
        name: The server's name.
        argv: The command.
        environment: Environment variables in addition to this process's own.
        log: The file that its output is appended to.
        folder: Its working directory.
    """
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
    """Return once the server is ready.

    Args:
        running: The server's process.
        is_ready: Whether the server is ready now.
        log: The server's log, which an error quotes.
        seconds: The longest time to wait.

    Raises:
        ServerFailedError: The server ended, or was not ready within `seconds`.
    """
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if not running.is_alive():
            raise ServerFailedError(f"{running.name} ended while starting.\n{tail(log)}")
        if is_ready():
            return
        time.sleep(0.1)
    raise ServerFailedError(f"{running.name} was not ready within {seconds:.0f} s.\n{tail(log)}")


def stop(started: Sequence[Running], seconds: float = STOP_SECONDS) -> None:
    """Stop these processes and all their children; return when they have ended.

    Children are found by the session of their leader, even after the leader ended.

    Args:
        started: The processes.
        seconds: The time after which they are killed.
    """
    members = _session_members(started)
    for member in members:
        _signal(member.pid, signal.SIGTERM)
    psutil.wait_procs(members, timeout=seconds)
    # Children that were started meanwhile are not in the first list.
    left = _session_members(started)
    for member in left:
        _signal(member.pid, signal.SIGKILL)
    psutil.wait_procs(left, timeout=STOP_SECONDS)


def tail(log: Path, lines: int = LOG_TAIL_LINES) -> str:
    """The last lines of a log, under a line with its path."""
    text = log.read_text(errors="replace").splitlines() if log.exists() else []
    return "\n".join([f"The end of {log}:", *text[-lines:]])


def save(file: Path, running: Sequence[Running], settings: Mapping[str, Any]) -> None:
    """Save the running processes, so that a later command can stop just these.

    Args:
        file: The file to write.
        running: The processes.
        settings: The settings that they were started with, for later commands.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    processes = [asdict(process) for process in running]
    text = json.dumps({"settings": dict(settings), "processes": processes})
    partial = file.with_suffix(".partial")
    partial.write_text(text)
    partial.replace(file)


def load(file: Path) -> tuple[list[Running], dict[str, Any]]:
    """The saved processes, which may have ended, and their settings."""
    if not file.exists():
        return [], {}
    saved = json.loads(file.read_text())
    return [Running(**process) for process in saved["processes"]], saved.get("settings", {})


def _session_members(started: Sequence[Running]) -> list[psutil.Process]:
    sessions = {
        leader.pid for leader in started if leader.is_alive() or not psutil.pid_exists(leader.pid)
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
