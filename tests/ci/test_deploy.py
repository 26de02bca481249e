"""`.ci/deploy` and `.ci/astro` with a scripted Astro CLI, which does what v1.45.0's source does."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from local.home import REPOSITORY
from tests.ci.github_steps import parsed

# cmd/cloud/deploy.go and cloud/deploy/deploy.go: three ends that deploy nothing have exit code 0.
ENDINGS = {
    "deployed": 'echo "Successfully pushed image to Astronomer registry. Navigate to the UI"',
    "refused": 'echo "Error: your token is not valid" >&2; exit 1',
    "unhealthy": 'echo "Error: timed out waiting for the deployment to become healthy" >&2; exit 1',
    "late": 'echo "Successfully pushed image to it"; echo "Error: lost" >&2; exit 1',
    "uncommitted": 'echo "Project directory has uncommitted changes, use astro deploy -f"',
    "workspace": 'echo "Invalid workspace id ws in context"',
    "canceled": 'echo "Canceling deploy..."',
}
SILENT = [name for name in ENDINGS if name in ("uncommitted", "workspace", "canceled")]


class Checkout:
    """A repository with `.ci/deploy` and a scripted `astro`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.calls = folder / "calls"
        (folder / ".ci").mkdir()
        (folder / "include").mkdir()
        (folder / "bin").mkdir()
        shutil.copy(REPOSITORY / ".ci" / "deploy", folder / ".ci")
        (folder / ".gitignore").write_text("bin/\ncalls\ninclude/version.json\n")
        (folder / "dag.py").write_text("first\n")
        self.git("init", "--quiet")
        self.git("add", ".")
        self.git("-c", "user.name=a", "-c", "user.email=a@b", "commit", "--quiet", "-m", "first")

    def git(self, *arguments: str) -> str:
        done = subprocess.run(
            ["git", *arguments], cwd=self.folder, capture_output=True, text=True, check=True
        )
        return done.stdout.strip()

    def deploy(self, ending: str, **variables: str) -> subprocess.CompletedProcess[str]:
        astro = self.folder / "bin" / "astro"
        astro.write_text(f'#!/bin/sh\necho "$@" >> "{self.calls}"\n{ENDINGS[ending]}\n')
        astro.chmod(0o755)
        environment = {
            "PATH": f"{astro.parent}:{os.environ['PATH']}",
            "ASTRO_API_TOKEN": "token",
            "ASTRO_DEPLOYMENT_ID": "cm123",
            **variables,
        }
        return subprocess.run(
            [str(self.folder / ".ci" / "deploy")],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path)


def test_a_deployment_has_the_commit_in_its_description_and_in_the_image(
    checkout: Checkout,
) -> None:
    commit = checkout.git("rev-parse", "HEAD")

    done = checkout.deploy("deployed")

    assert done.returncode == 0, done.stderr
    assert checkout.calls.read_text() == (
        f"deploy cm123 --parse --wait --wait-time 15m --description {commit}\n"
    )
    version = json.loads((checkout.folder / "include" / "version.json").read_text())
    assert version["commit"] == commit
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", version["built_at"])


@pytest.mark.parametrize("ending", ["refused", "unhealthy", "late"])
def test_an_error_of_the_cli_fails_the_step_and_is_in_its_log(
    checkout: Checkout, ending: str
) -> None:
    done = checkout.deploy(ending)

    assert done.returncode == 1
    assert "Error: " in done.stdout


@pytest.mark.parametrize("ending", SILENT)
def test_a_cli_that_ends_well_without_a_deployment_fails_the_step(
    checkout: Checkout, ending: str
) -> None:
    done = checkout.deploy(ending)

    assert done.returncode == 1
    assert done.stderr.startswith("Nothing is deployed: astro deploy has ended without an error")


def test_a_changed_checkout_is_refused_before_the_cli_is_called(checkout: Checkout) -> None:
    (checkout.folder / "dag.py").write_text("second\n")

    done = checkout.deploy("deployed")

    assert (done.returncode, checkout.calls.exists()) == (1, False)
    assert "changes that are not committed: dag.py" in done.stderr


@pytest.mark.parametrize("name", ["ASTRO_API_TOKEN", "ASTRO_DEPLOYMENT_ID"])
def test_an_environment_without_its_settings_is_refused_by_name(
    checkout: Checkout, name: str
) -> None:
    done = checkout.deploy("deployed", **{name: ""})

    assert (done.returncode, checkout.calls.exists()) == (1, False)
    assert done.stderr.startswith(f"Nothing is deployed: {name} is not set")


def install(folder: Path, installed: str, installer: str = "") -> subprocess.CompletedProcess[str]:
    """Run `.ci/astro` with a scripted download, whose installer writes an `astro` of a version."""
    script = installer or (
        'mkdir -p "$2"; printf \'#!/bin/sh\\necho "Astro CLI Version: '
        f'{installed}"\\n\' > "$2/astro"; chmod +x "$2/astro"; echo "$@" > "$HOME/asked"'
    )
    curl = folder / "bin" / "curl"
    curl.parent.mkdir()
    (folder / "installer").write_text(script)
    fails = "exit 22" if installer == "missing" else f'cat "{folder}/installer"'
    curl.write_text(f'#!/bin/sh\necho "$@" > "{folder}/curl-called"\n{fails}\n')
    curl.chmod(0o755)
    environment = {
        "PATH": f"{curl.parent}:{os.environ['PATH']}",
        "HOME": str(folder),
        "GITHUB_PATH": str(folder / "path"),
    }
    return subprocess.run(
        [str(REPOSITORY / ".ci" / "astro")],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_cli_is_of_one_version_and_its_installer_of_one_commit(tmp_path: Path) -> None:
    done = install(tmp_path, "1.45.0")

    assert done.returncode == 0, done.stderr
    assert (tmp_path / "asked").read_text() == f"-b {tmp_path}/.local/bin v1.45.0\n"
    assert re.search(
        r"/astro-cli/[0-9a-f]{40}/godownloader\.sh", (tmp_path / "curl-called").read_text()
    )
    assert (tmp_path / "path").read_text() == f"{tmp_path}/.local/bin\n"


def test_another_version_than_the_pinned_one_is_refused(tmp_path: Path) -> None:
    done = install(tmp_path, "1.46.0")

    assert (done.returncode, (tmp_path / "path").exists()) == (1, False)
    assert '"Astro CLI Version: 1.46.0", not v1.45.0' in done.stderr


@pytest.mark.parametrize("installer", ["missing", "exit 3"])
def test_an_installer_that_is_missing_or_fails_fails_the_step(
    tmp_path: Path, installer: str
) -> None:
    assert install(tmp_path, "1.45.0", installer).returncode != 0
    assert not (tmp_path / "path").exists()


def test_development_is_deployed_after_the_checks_and_production_after_development() -> None:
    jobs = parsed("deploy.yml")["jobs"]

    assert [(job, content.get("needs")) for job, content in jobs.items()] == [
        ("checks", None),
        ("development", "checks"),
        ("production", "development"),
    ]
    for name in ("development", "production"):
        job = jobs[name]
        # The environment has the protection rules, the token and the deployment's id.
        assert job["environment"] == name
        assert job["concurrency"] == {"group": f"deploy-{name}", "cancel-in-progress": False}
        assert [step.get("run") for step in job["steps"]] == [None, ".ci/astro", ".ci/deploy"]
    assert jobs["development"]["steps"] == jobs["production"]["steps"]


def test_only_the_step_that_deploys_has_the_token() -> None:
    for job in parsed("deploy.yml")["jobs"].values():
        assert "env" not in job
        for step in job.get("steps", []):
            has = "ASTRO_API_TOKEN" in step.get("env", {})
            assert has == (step.get("run") == ".ci/deploy")
