"""The contracts of imports hold, and each of them refuses an import that breaks it."""

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from local.home import REPOSITORY

SETTINGS = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["tool"]["importlinter"]
# For each contract, in their order: a file, an import that it must not have, and the report.
BAD_IMPORTS = [
    ("include/warehouse.py", "local.home", "include.warehouse -> local.home"),
    ("local/home.py", "dags.epa", "local.home -> dags.epa"),
    ("dags/usace.py", "include.storage", "dags.usace -> include.storage"),
    (
        "include/loaders/errors.py",
        "include.publishing.store",
        "include.loaders.errors -> include.publishing.store",
    ),
    ("include/dashboard/fetch.py", "airflow.sdk", "include.dashboard.fetch -> airflow"),
    ("local/home.py", "local.cloud", "No cycles are allowed in local.\n"),
]


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    tool = str(Path(sys.executable).with_name("lint-imports"))
    # The folder's own code only: with a second `dags` in the path, both would be one package.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return subprocess.run(
        [tool, "--no-cache", "--no-logo"],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the Python code that a test may change."""
    folder = tmp_path_factory.mktemp("copy")
    shutil.copy(REPOSITORY / "pyproject.toml", folder)
    not_python = shutil.ignore_patterns("*.sql", "data", "target", "templates", "__pycache__")
    for root in SETTINGS["root_packages"]:
        shutil.copytree(REPOSITORY / root, folder / root, ignore=not_python)
    return folder


def test_every_contract_holds() -> None:
    done = lint_imports(REPOSITORY)

    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("contract", "file", "bad_import", "report"),
    [
        (contract["name"], *case)
        for contract, case in zip(SETTINGS["contracts"], BAD_IMPORTS, strict=True)
    ],
)
def test_an_import_that_breaks_a_contract_is_refused(
    copy: Path, contract: str, file: str, bad_import: str, report: str
) -> None:
    before = (copy / file).read_text()
    (copy / file).write_text(f"{before}\nimport {bad_import}\n")
    try:
        done = lint_imports(copy)
    finally:
        (copy / file).write_text(before)

    assert done.returncode == 1
    assert f"{contract} BROKEN" in done.stdout
    assert report in done.stdout
