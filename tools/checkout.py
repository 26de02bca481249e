"""The files of a checkout: those that Git tracks or would track."""

import shutil
import subprocess
from pathlib import Path


def list_files(root: Path, *patterns: str) -> list[str]:
    """List the existing files, tracked or about to be, by their paths below the checkout.

    Args:
        root: The checkout.
        patterns: Git's path patterns, of which a file matches any; without one, all files.
    """
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", *patterns],
        cwd=root,
        capture_output=True,
        text=True,
        check=True,
    )
    return [name for name in listed.stdout.split("\0") if name and (root / name).is_file()]


def copy_files(root: Path, target: Path) -> Path:
    """Copy the files into a folder, and return it."""
    for name in list_files(root):
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(root / name, target / name)
    return target
