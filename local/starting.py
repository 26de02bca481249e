"""One start of a laptop at a time; what it starts ends with the command, unless all is well.

A closed terminal, `kill` and a crash end a command between two servers. So a guard (`local.guard`)
waits for the command's end, and all that the command starts has a mark in its environment. The
guard finds its processes by the mark, and so does `make stop`, in whatever session they are.
"""

import fcntl
import getpass
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict
from types import FrameType
from typing import IO

import psutil

from local import guard, marks, processes
from local.home import REPOSITORY, Home
from local.ports import without_proxy

POLL_SECONDS = 0.1
# A guard stops processes twice at most: by SIGTERM, then by SIGKILL.
STOPPING_SECONDS = 2 * processes.STOP_SECONDS + 5
# A command that a person ends waits for its guard; after so long it is killed.
PATIENCE_SECONDS = STOPPING_SECONDS


_STILL_STOPPING = "Another command is still stopping the laptop's servers: try again in a minute."


class AlreadyStartingError(RuntimeError):
    """Another command is starting the laptop or stopping it."""


@contextmanager
def starting(home: Home) -> Iterator[None]:
    """Make this process the only one that starts servers of a home.

    What is started inside continues after the block. After an error in the block, or when this
    process is killed inside, it is stopped.

    Raises:
        AlreadyStartingError: Another command is starting the laptop.
        HomeError: The home cannot be written.
    """
    home.prepare()
    with home.lock.open("a+") as lock:
        _wait_for_a_killed_start(lock)
        mark = marks.start_mark()
        with (
            _recorded(lock, "start"),
            # Until the guard has ended, nobody else starts servers.
            _guarded(mark, keep=True, inherited=(lock.fileno(),)),
            _environment(
                {**marks.environment(mark, marks.home_mark(home)), **without_proxy(), **_user()}
            ),
        ):
            yield


@contextmanager
def ending(home: Home) -> Iterator[None]:
    """Stop the servers of a home when the block or this process ends, however it ends.

    Raises:
        HomeError: The home cannot be written.
    """
    home.prepare()
    with _guarded(marks.home_mark(home), keep=False):
        yield


@contextmanager
def _guarded(mark: str, *, keep: bool, inherited: tuple[int, ...] = ()) -> Iterator[None]:
    """Have a guard stop the processes with a mark, unless they are kept after the block.

    Args:
        mark: The mark.
        keep: Keep the processes if the block ends without an error.
        inherited: Files that the guard inherits; a lock of one of them ends with the guard.
    """
    reading, writing = os.pipe()
    watching = subprocess.Popen(
        [sys.executable, "-m", "local.guard", mark],
        cwd=REPOSITORY,
        stdin=reading,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        pass_fds=inherited,
        start_new_session=True,
    )
    os.close(reading)
    try:
        yield
        # Somebody may have killed the guard.
        with suppress(BrokenPipeError):
            os.write(writing, guard.KEEP if keep else b"")
    finally:
        os.close(writing)
        watching.wait()


@contextmanager
def stopping(home: Home) -> Iterator[bool]:
    """Make this process the only one that stops the servers of a home; nothing starts meanwhile.

    Yields:
        Whether a command was starting the laptop; it has ended.

    Raises:
        AlreadyStartingError: The command that starts or stops the laptop does not end.
    """
    try:
        lock = home.lock.open("a+")
    except OSError:
        # No command of this user has started anything here.
        yield False
        return
    with lock:
        has_ended_a_start = not _try_lock(lock) and _end_a_start(lock)
        with _recorded(lock, "stop"):
            yield has_ended_a_start


def _end_a_start(lock: IO[str]) -> bool:
    """Get a lock that a command holds: end a start, wait for a stop.

    Returns:
        Whether the command was a start.
    """
    holder = _holder(lock)
    is_start = holder is None or holder.name == "start"
    for number, seconds in (
        (signal.SIGTERM, PATIENCE_SECONDS),
        (signal.SIGKILL, STOPPING_SECONDS),
    ):
        if holder is not None and is_start and holder.is_alive():
            processes.send(holder.pid, number)
            # A command that was suspended (Ctrl-Z) sees a signal when it continues.
            processes.send(holder.pid, signal.SIGCONT)
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if _try_lock(lock):
                return is_start
            time.sleep(POLL_SECONDS)
    raise AlreadyStartingError(_STILL_STOPPING)


@contextmanager
def ending_by_signals() -> Iterator[None]:
    """Turn SIGTERM and SIGHUP (a closed terminal) into an exit that cleans up.

    A signal that is ignored, as SIGHUP is after `nohup`, stays ignored.
    """

    def end(number: int, frame: FrameType | None) -> None:
        raise SystemExit(128 + number)

    numbers = [
        number
        for number in (signal.SIGTERM, signal.SIGHUP)
        if signal.getsignal(number) is not signal.SIG_IGN
    ]
    before = {number: signal.signal(number, end) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _wait_for_a_killed_start(lock: IO[str]) -> None:
    """Get the lock, at once or when the guard of a killed start has stopped what was started."""
    deadline = time.monotonic() + STOPPING_SECONDS
    while not _try_lock(lock):
        holder = _holder(lock)
        if holder is not None and holder.name == "stop":
            raise AlreadyStartingError(
                "The laptop is being stopped in another terminal: try again in a minute."
            )
        if holder is None or holder.is_alive():
            process = f" (process {holder.pid})" if holder else ""
            raise AlreadyStartingError(
                f"The laptop is already starting in another terminal{process}:"
                " wait until it is ready, or end it with: make stop"
            )
        if time.monotonic() > deadline:
            raise AlreadyStartingError(_STILL_STOPPING)
        time.sleep(POLL_SECONDS)


def _try_lock(lock: IO[str]) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextmanager
def _recorded(lock: IO[str], name: str) -> Iterator[None]:
    """Write into the locked file who holds the lock, and what for: `start` or `stop`."""
    this = psutil.Process()
    lock.truncate(0)
    lock.write(json.dumps(asdict(processes.Running(name, this.pid, this.create_time()))))
    lock.flush()
    try:
        yield
    finally:
        lock.truncate(0)


def _holder(lock: IO[str]) -> processes.Running | None:
    """The process that holds the lock; `None` if it has not written its id yet."""
    lock.seek(0)
    try:
        return processes.Running(**json.loads(lock.read()))
    except (ValueError, TypeError):
        return None


def _user() -> dict[str, str]:
    """A name for a user who is only a number, as in some containers: Airflow needs one."""
    try:
        getpass.getuser()
    except (KeyError, OSError):
        return {"LOGNAME": "laptop"}
    return {}


@contextmanager
def _environment(variables: Mapping[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
