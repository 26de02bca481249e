"""`.ci/image` refuses an image whose packages are not those that were tested."""

import os
import subprocess
import sys
from importlib.metadata import distributions, version
from pathlib import Path

import pytest
from packaging.utils import canonicalize_name

from local.home import REPOSITORY
from tests.image.packages import OF_THE_BASE, differences, needed

REQUIREMENTS = (REPOSITORY / "requirements.txt").read_text()
HTTPCORE = f"httpcore=={version('httpcore')}"


@pytest.fixture(scope="module")
def installed() -> str:
    """Constraints of what is installed: the nightly run has newer packages than the file."""
    return "".join(
        f"\n{canonicalize_name(one.metadata['Name'])}=={one.version}" for one in distributions()
    )


def test_installed_packages_by_the_constraints_have_no_difference(installed: str) -> None:
    assert differences(REQUIREMENTS, installed) == []


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("httpcore==0.0.1", ["httpcore is 1", "has 0.0.1"]),
        ("", ["httpcore 1", "is not in constraints.txt"]),
    ],
    ids=["other version", "not tested at all"],
)
def test_a_package_that_only_another_package_needs_is_compared_too(
    line: str, says: list[str], installed: str
) -> None:
    assert "httpcore" not in REQUIREMENTS

    (found,) = differences(REQUIREMENTS, installed.replace(HTTPCORE, line))

    assert all(part in found for part in says)


def test_what_the_base_image_brings_is_not_compared(installed: str) -> None:
    other = installed
    for name in OF_THE_BASE:
        assert f"\n{name}==" in other
        other = other.replace(f"\n{name}==", f"\n{name}==99.")

    assert differences(REQUIREMENTS, other) == []


def test_an_extra_brings_its_packages() -> None:
    def names(requirement: str) -> set[str]:
        return {need.name for need in needed(requirement)}

    assert {"fakesnow", "duckdb", "uvicorn"} <= names("fakesnow[server]")
    assert "uvicorn" not in names("fakesnow")


def test_the_check_fails_and_names_the_package(installed: str, tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text(REQUIREMENTS)
    (tmp_path / "constraints.txt").write_text(installed.replace(HTTPCORE, "httpcore==0.0.1"))

    done = subprocess.run(
        [sys.executable, "-"],
        input=(REPOSITORY / ".ci" / "image_packages.py").read_text(),
        cwd=tmp_path,
        env=os.environ,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 1
    assert done.stdout.startswith("httpcore is 1")
