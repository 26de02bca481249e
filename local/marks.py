"""Marks of the laptop's processes: variables in their environment, which their children inherit.

A process that left its session, or whose command was killed before it could record it, still has
its marks.
"""

import os
import uuid

import psutil

from local.home import Home

HOME, START = "DDRC_LAPTOP_HOME", "DDRC_LAPTOP_START"


def home_mark(home: Home) -> str:
    """The mark of all processes of a home, as `NAME=value`."""
    return f"{HOME}={home.root}"


def start_mark() -> str:
    """A new mark, as `NAME=value`, for what one command starts."""
    return f"{START}={uuid.uuid4().hex}"


def environment(*marks: str) -> dict[str, str]:
    """The environment variables of processes with these marks."""
    # setproctitle, which Airflow's processes call, overwrites a process's environment with its
    # title unless SPT_NOENV is set (its README, "Environment variables").
    return {**dict(mark.split("=", 1) for mark in marks), "SPT_NOENV": "1"}


def marked(mark: str) -> list[psutil.Process]:
    """The running processes with a mark, `NAME=value`, but not the calling one."""
    name, value = mark.split("=", 1)
    found = []
    for process in psutil.process_iter():
        try:
            is_ended = process.status() == psutil.STATUS_ZOMBIE
            if not is_ended and process.environ().get(name) == value:
                found.append(process)
        # An environment of another user's process cannot be read.
        except (psutil.Error, OSError):
            continue
    return [process for process in found if process.pid != os.getpid()]
