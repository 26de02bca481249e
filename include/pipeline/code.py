"""Which code is deployed: a fingerprint that changes when a DAG, a loader or a model does."""

import hashlib
from functools import cache
from pathlib import Path

from include import warehouse

_ROOT = Path(__file__).parents[2]
# What decides what a run does. dbt writes into its own project: those folders are left out.
_FOLDERS = ("dags", "include", "plugins")
_KINDS = {".py", ".sql", ".yml", ".yaml", ".pem"}
_MADE = {"target", "logs", "dbt_packages", "__pycache__"}


def deployed_code() -> str:
    """The fingerprint of the deployed code, its pinned packages and its environment.

    Two tasks get the same one where the same code works on the same schemas.

    Returns:
        16 hexadecimal digits.
    """
    names = f"{warehouse.environment()} {warehouse.schema_prefix()}"
    return hashlib.sha256(f"{_files(_ROOT)} {names}".encode()).hexdigest()[:16]


@cache
def _files(root: Path) -> str:
    return fingerprint(root)


def fingerprint(root: Path) -> str:
    """The hash of a project's code files, by path and content."""
    found = [root / "requirements.txt"]
    for folder in _FOLDERS:
        found += (path for path in (root / folder).rglob("*") if path.suffix in _KINDS)
    hashed = hashlib.sha256()
    for path in sorted(found):
        relative = path.relative_to(root)
        if path.is_file() and _MADE.isdisjoint(relative.parts):
            hashed.update(f"{relative.as_posix()}\0".encode())
            hashed.update(hashlib.sha256(path.read_bytes()).digest())
    return hashed.hexdigest()
