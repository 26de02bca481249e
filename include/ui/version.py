"""The deployed code's commit and time, for a line at the foot of each page.

A deployment writes `include/version.json`, `{"commit": "…", "built_at": "…"}`, before it builds the
image. In a checkout, git knows them.
"""

import json
import subprocess
from datetime import datetime
from functools import cache
from pathlib import Path

from include.times import california_time

ROOT = Path(__file__).parents[2]
FILE = ROOT / "include" / "version.json"


@cache
def deployed_version() -> str:
    """The deployed code in one line, for example `1a2b3c4 of Tue Nov 24, 6:27 AM PST`."""
    try:
        version = json.loads(FILE.read_text())
        return f"{version['commit'][:7]} of {_moment(version['built_at'])}"
    except (OSError, ValueError, KeyError, TypeError):
        return _checked_out_version()


def _checked_out_version() -> str:
    command = ["git", "-C", str(ROOT), "log", "-1", "--format=%h %cI"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=5, check=True)  # noqa: S603
        commit, committed_at = done.stdout.split()
        return f"{commit} of {_moment(committed_at)}"
    except (OSError, subprocess.SubprocessError, ValueError):
        return "unknown commit"


def _moment(text: str) -> str:
    return california_time(datetime.fromisoformat(text))
