"""Starts, monitors and stops the processes of the laptop's cloud.

Each process leads a session of its own, so that all its children stop with it. It is identified by
its id and start time: a process id may be reused by another program. `local.marks` finds those that
nobody recorded.
"""

import json
import os
import re
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import psutil

from local.home import REPOSITORY
from local.marks import marked

STOP_SECONDS = 15.0
POLL_SECONDS = 0.1
LOG_TAIL_LINES = 20
# Known ends of a server's log, and what a person does about each.
CAUSES = (
    (
        re.compile(r"Could not set lock on file .*?(?:\(PID (?P<pid>\d+)\)|$)", re.MULTILINE),
        "another process{pid} has the warehouse's files open; end it, or set LOCAL_HOME to"
        " another folder",
    ),
    (
        re.compile(r"address already in use|EADDRINUSE", re.IGNORECASE),
        "another program has just taken its port{pid}; run the command again",
    ),
)


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
            status = psutil.Process(self.pid).status()
        except psutil.NoSuchProcess:
            return False
        return status != psutil.STATUS_ZOMBIE and not self.is_reused()

    def is_reused(self) -> bool:
        """True if its id is another process's by now."""
        try:
            return abs(psutil.Process(self.pid).create_time() - self.started) >= 1
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
            raise ServerFailedError(_explained(running.name, tail(log)))
        if is_ready():
            return
        time.sleep(POLL_SECONDS)
    raise ServerFailedError(f"{running.name} was not ready within {seconds:.0f} s.\n{tail(log)}")


def stop(started: Sequence[Running], seconds: float = STOP_SECONDS, *, mark: str = "") -> int:
    """Stop these processes and all their children; return how many, once they have ended.

    Children are found by the session of their leader, even after the leader ended. With a mark,
    they are then found by it: a recorded leader's id may be another program's session by now.

    Args:
        started: The processes.
        seconds: The time after which they are killed.
        mark: Stop the processes with this mark too, in any session, and their children.

    Raises:
        ServerFailedError: A process belongs to another user.
    """
    members = _members(started, mark)
    for member in members:
        send(member.pid, signal.SIGTERM)
    _wait(members, seconds)
    # Again until none is left: a process may start another one before it ends.
    deadline = time.monotonic() + STOP_SECONDS
    while (left := _members(started, mark)) and time.monotonic() < deadline:
        for member in left:
            send(member.pid, signal.SIGKILL)
        _wait(left, 1)
    return len(members)


def _wait(members: list[psutil.Process], seconds: float) -> None:
    """Return when all have ended, or after so many seconds.

    A process whose parent does not read its exit code has ended too: the parent may be a command
    that waits for the guard that stops its servers.
    """
    deadline = time.monotonic() + seconds
    while members and time.monotonic() < deadline:
        _, members = psutil.wait_procs(members, timeout=POLL_SECONDS)
        members = [member for member in members if not _has_ended(member)]


def _has_ended(process: psutil.Process) -> bool:
    try:
        return process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


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
    """The saved processes, which may have ended, and their settings.

    A file that somebody edited or cut off counts as missing: the marks show what runs.
    """
    try:
        saved = json.loads(file.read_text())
        return [Running(**process) for process in saved["processes"]], saved.get("settings", {})
    except (FileNotFoundError, ValueError, TypeError, KeyError):
        return [], {}


def _explained(name: str, log: str) -> str:
    for pattern, advice in CAUSES:
        if found := pattern.search(log):
            pid = found.groupdict().get("pid")
            return f"{name} ended while starting: " + advice.format(
                pid=f" (process {pid})" if pid else ""
            )
    return f"{name} ended while starting.\n{log}"


def _members(started: Sequence[Running], mark: str) -> list[psutil.Process]:
    if not mark:
        return _session_members({each.pid for each in started if not each.is_reused()})
    found = _session_members({each.pid for each in started if each.is_alive()})
    return found + [process for process in marked(mark) if process not in found]


def _session_members(sessions: set[int]) -> list[psutil.Process]:
    found = []
    for process in psutil.process_iter():
        try:
            if os.getsid(process.pid) in sessions and not _has_ended(process):
                found.append(process)
        except (ProcessLookupError, PermissionError):
            continue
    return found


def send(pid: int, number: signal.Signals) -> None:
    """Send a signal to a process, if it still runs.

    Raises:
        ServerFailedError: The process belongs to another user.
    """
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return
    except PermissionError:
        raise ServerFailedError(
            f"Process {pid} belongs to another user, who has to stop it with: make stop"
        ) from None
