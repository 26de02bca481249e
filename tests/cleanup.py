"""Ends what a test process has started and deletes its folder, however the process ends.

Fixtures stop their servers, unless the process is killed. So a guard, started by the test process
in a session of its own, waits for its end. Then it kills every process that inherited the mark in
the test process's environment, also those that left its session, and deletes the folder.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
import uuid
from pathlib import Path

import psutil

import local.marks

_MARK = "DDRC_TEST_PROCESS"
_SET = "1"
_POLL_SECONDS = 0.2
_END_SECONDS = 10.0


def guard_this_process() -> Path:
    """Start the guard of this process and set its folder for temporary files.

    Returns:
        The folder, in which `tempfile` makes its files from now on, also in child processes.
    """
    folder = Path(tempfile.mkdtemp(prefix="ddrc-tests-"))
    # One mark for each process: a process has those of all its ancestors.
    mark = f"{_MARK}_{uuid.uuid4().hex}"
    subprocess.Popen(
        [sys.executable, "-m", "tests.cleanup", mark, str(folder), str(os.getpid())],
        cwd=Path(__file__).parents[1],
        # Nobody who reads the test process's output waits for its guard.
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    os.environ.update({**local.marks.environment(f"{mark}={_SET}"), "TMPDIR": str(folder)})
    tempfile.tempdir = None
    return folder


def marks() -> dict[str, str]:
    """The marks of this process, which an environment that a test makes has to keep."""
    own = {name: value for name, value in os.environ.items() if name.startswith(_MARK)}
    return {**own, **local.marks.environment()}


def marked(mark: str) -> list[psutil.Process]:
    """The running processes that have a mark in their environment, but not the calling one."""
    return local.marks.marked(f"{mark}={_SET}")


def _end(mark: str, folder: Path) -> None:
    deadline = time.monotonic() + _END_SECONDS
    # Again until none is left: a process may start another before it ends.
    while (left := marked(mark)) and time.monotonic() < deadline:
        for process in left:
            try:
                process.kill()
            except psutil.NoSuchProcess:
                continue
        psutil.wait_procs(left, timeout=_POLL_SECONDS)
    shutil.rmtree(folder, ignore_errors=True)


def _main() -> None:
    mark, folder, parent = sys.argv[1:]
    while os.getppid() == int(parent):
        time.sleep(_POLL_SECONDS)
    _end(mark, Path(folder))


if __name__ == "__main__":
    _main()
