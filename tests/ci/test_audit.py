"""`.ci/audit` judges the image's own packages, in the versions of constraints.txt."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from local.home import REPOSITORY
from tests.ci.github_steps import parsed
from tools.newest import read_pins

BIN = Path(sys.executable).parent
# uv is real, and finds the versions in a folder instead of an index; pip-audit is not here.
PIPX = """#!/bin/sh
shift
echo "$@" >> "{calls}"
case "$1" in
    uv==*) shift; exec {uv} "$@" ;;
    pip-audit==*) cp "$3" "{audited}"; exit "$AUDIT" ;;
esac
"""


def wheel(folder: Path, name: str, version: str, *needs: str) -> None:
    """A wheel with nothing but its metadata."""
    import zipfile

    info = f"{name}-{version}.dist-info"
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
    metadata += "".join(f"Requires-Dist: {need}\n" for need in needs)
    with zipfile.ZipFile(folder / f"{name}-{version}-py3-none-any.whl", "w") as file:
        file.writestr(f"{info}/METADATA", metadata)
        file.writestr(
            f"{info}/WHEEL",
            "Wheel-Version: 1.0\nGenerator: t\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        )
        file.writestr(f"{info}/RECORD", "")


class Project:
    """A project with two packages in its image, and one on laptops only."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.calls, self.audited = folder, folder / "calls", folder / "audited"
        (folder / ".ci").mkdir()
        (folder / "bin").mkdir()
        (folder / "wheels").mkdir()
        shutil.copy(REPOSITORY / ".ci" / "audit", folder / ".ci")
        for name, version, *needs in (
            ("production", "1.0", "library>=1", 'old; python_version < "3.12"'),
            ("library", "1.0"),
            ("library", "2.0"),
            ("old", "1.0"),
        ):
            wheel(folder / "wheels", name, version, *needs)
        (folder / "requirements.txt").write_text("production==1.0\n")
        (folder / "constraints.txt").write_text(
            "library==1.0\nlaptop==1.0\nold==1.0\nproduction==1.0\n"
        )
        (folder / "uv.toml").write_text('no-index = true\nfind-links = ["wheels"]\n')
        (folder / "Makefile").write_text("UV_VERSION := 0.13.9\n")
        self.dockerfile("FROM registry.invalid/runtime:3.3-8-python-3.12\n")
        pipx = folder / "bin" / "pipx"
        pipx.write_text(PIPX.format(calls=self.calls, audited=self.audited, uv=BIN / "uv"))
        pipx.chmod(0o755)

    def dockerfile(self, text: str) -> None:
        (self.folder / "Dockerfile").write_text(text)

    def audit(self, *arguments: str, finds: bool = False) -> subprocess.CompletedProcess[str]:
        environment = {
            "PATH": f"{self.folder / 'bin'}:{os.environ['PATH']}",
            "HOME": str(self.folder),
            "AUDIT": str(int(finds)),
            "UV_CACHE_DIR": str(self.folder / "cache"),
        }
        return subprocess.run(
            [str(self.folder / ".ci" / "audit"), *arguments],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


def test_the_audit_is_of_the_images_packages_for_its_python_by_the_constraints(
    project: Project,
) -> None:
    done = project.audit()

    assert done.returncode == 0, done.stderr
    assert read_pins(project.audited.read_text()) == {"library": "1.0", "production": "1.0"}
    assert "the 2 packages of .local/audit/requirements.txt" in done.stdout


def test_the_audit_of_all_is_of_the_constraints(project: Project) -> None:
    assert project.audit("all").returncode == 0
    assert "laptop" in read_pins(project.audited.read_text())


def test_the_audit_of_the_built_image_is_of_every_package_in_it(project: Project) -> None:
    packages = project.folder / ".local" / "audit" / "image.txt"
    packages.parent.mkdir(parents=True)
    packages.write_text("base==3.0\nlibrary==1.0\n")

    assert project.audit("built").returncode == 0
    assert read_pins(project.audited.read_text()) == {"base": "3.0", "library": "1.0"}
    assert project.audit("built", finds=True).returncode != 0


def test_an_image_that_was_not_built_is_not_green(project: Project) -> None:
    done = project.audit("built")

    assert (done.returncode, project.audited.exists()) == (1, False)
    assert ".local/audit/image.txt is missing: run .ci/image first." in done.stderr


def test_a_known_vulnerability_fails_the_job(project: Project) -> None:
    assert project.audit(finds=True).returncode != 0
    assert project.audited.exists()


def test_an_image_without_packages_is_not_green(project: Project) -> None:
    (project.folder / "requirements.txt").write_text("")

    done = project.audit()

    assert (done.returncode, project.audited.exists()) == (1, False)
    assert "requirements.txt has no packages." in done.stderr


def test_a_package_that_cannot_be_resolved_is_not_audited_as_if_nothing_was_wrong(
    project: Project,
) -> None:
    (project.folder / "constraints.txt").write_text("library==9.9\n")

    assert project.audit().returncode != 0
    assert not project.audited.exists()


def test_an_image_whose_python_is_unknown_is_refused(project: Project) -> None:
    project.dockerfile("FROM registry.invalid/runtime:3.3-8\n")

    done = project.audit()

    assert done.returncode == 1
    assert "The Dockerfile's FROM names no Python version." in done.stderr


def test_every_pull_request_audits_the_image_and_every_night_all_packages() -> None:
    def commands(name: str) -> list[str]:
        return [step.get("run", "") for step in parsed(name)["jobs"]["vulnerabilities"]["steps"]]

    assert ".ci/audit" in commands("checks.yml")
    assert commands("nightly.yml")[1:] == [
        ".ci/audit", ".ci/audit all", ".ci/image", ".ci/audit built",
    ]  # fmt: skip
