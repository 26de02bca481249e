"""The workflows: a fork's reach, pinned actions, and the checks that refuse a bad workflow."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]

from local.home import REPOSITORY

BIN = Path(sys.executable).parent
WORKFLOWS = {file.name: file for file in sorted((REPOSITORY / ".github/workflows").glob("*.yml"))}
FROM_FORKS = {"pull_request", "pull_request_target", "issue_comment", "issues", "workflow_run"}
USES = re.compile(r"uses: (?P<action>[\w./-]+)@(?P<sha>[0-9a-f]{40}) # (?P<version>v[\d.]+)$")
BAD = """
on: pull_request_target
jobs:
  bad:
    runs-on: ubuntu-24.04
    steps:
      - uses: actions/checkout@v4
      - run: echo ${{ github.event.pull_request.title }}
"""


def parsed(name: str) -> dict[str, Any]:
    found: dict[Any, Any] = yaml.safe_load(WORKFLOWS[name].read_text())
    # YAML 1.1 reads the key `on` as a truth value.
    return {"on" if key is True else key: value for key, value in found.items()}


def triggers(name: str) -> set[str]:
    return set(parsed(name)["on"])


def check_schema(file: Path) -> subprocess.CompletedProcess[str]:
    return run("check-jsonschema", "--builtin-schema", "vendor.github-workflows", str(file))


def check_safety(file: Path) -> subprocess.CompletedProcess[str]:
    return run("zizmor", "--offline", "--no-progress", str(file))


def run(tool: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([BIN / tool, *arguments], capture_output=True, text=True, check=False)


@pytest.mark.parametrize("name", WORKFLOWS)
def test_every_action_is_pinned_by_its_full_sha_with_its_version(name: str) -> None:
    lines = [line.strip() for line in WORKFLOWS[name].read_text().splitlines()]

    for line in (line.removeprefix("- ") for line in lines if "uses: " in line):
        assert USES.fullmatch(line) or line.startswith("uses: $/"), line


def test_an_action_has_the_same_pin_everywhere() -> None:
    pins: dict[str, set[str]] = {}
    for file in WORKFLOWS.values():
        for found in re.finditer(r"uses: ([\w./-]+)@(.+)", file.read_text()):
            pins.setdefault(found[1], set()).add(found[2])

    assert pins
    assert {action: found for action, found in pins.items() if len(found) > 1} == {}


@pytest.mark.parametrize("name", WORKFLOWS)
def test_a_job_has_declared_permissions_a_time_limit_and_no_credentials(name: str) -> None:
    workflow = parsed(name)

    assert workflow["permissions"] == {}
    assert "group" in workflow["concurrency"]
    for job in workflow["jobs"].values():
        assert job["permissions"]
        if "uses" in job:
            continue
        assert job["timeout-minutes"] <= 60
        for step in job["steps"]:
            if step.get("uses", "").startswith("actions/checkout@"):
                assert step["with"]["persist-credentials"] is False


def test_a_workflow_that_a_fork_starts_has_no_secret_and_cannot_write() -> None:
    reached = {name for name in WORKFLOWS if triggers(name) & FROM_FORKS}

    assert reached == {"checks.yml", "terraform-plan.yml"}
    for name in reached:
        assert triggers(name) <= {"pull_request", "workflow_call"}
        assert "secrets." not in WORKFLOWS[name].read_text()
        for job in parsed(name)["jobs"].values():
            if job["permissions"] != {"contents": "read"}:
                condition = job["if"]
                assert "pull_request.head.repo.full_name == github.repository" in condition


def test_a_merge_is_deployed_after_the_checks_of_a_pull_request() -> None:
    workflow = parsed("deploy.yml")

    assert workflow["on"] == {"push": {"branches": ["main"]}}
    assert workflow["jobs"]["deploy"]["needs"] == "checks"
    assert workflow["jobs"]["checks"]["uses"] == "$/.github/workflows/checks.yml"


def test_a_pull_request_runs_what_ci_runs() -> None:
    commands = re.findall(r"^make .+", (REPOSITORY / ".ci/run").read_text(), re.MULTILINE)
    steps = [
        step.get("run", "")
        for job in parsed("checks.yml")["jobs"].values()
        for step in job["steps"]
    ]

    assert commands == ["make lint", "make test"]
    assert {*commands, "make run", "make licences", ".ci/prepare", ".ci/image"} <= set(steps)


def test_the_workflows_scripts_exist_and_are_executable() -> None:
    named = {
        found
        for file in WORKFLOWS.values()
        for found in re.findall(r"run: (\.ci/\w+)$", file.read_text(), re.MULTILINE)
    }

    assert named
    for name in named:
        assert (REPOSITORY / name).stat().st_mode & 0o111, name


def test_the_workflows_use_one_version_of_terraform() -> None:
    versions = {
        step["with"]["terraform_version"]
        for name in WORKFLOWS
        for job in parsed(name)["jobs"].values()
        for step in job.get("steps", [])
        if step.get("uses", "").startswith("hashicorp/setup-terraform@")
    }

    assert len(versions) == 1


@pytest.mark.parametrize("name", WORKFLOWS)
def test_the_checks_accept_the_workflows(name: str) -> None:
    for done in (check_schema(WORKFLOWS[name]), check_safety(WORKFLOWS[name])):
        assert done.returncode == 0, done.stdout + done.stderr


def test_a_workflow_that_breaks_githubs_schema_is_refused(tmp_path: Path) -> None:
    bad = tmp_path / "bad.yml"
    bad.write_text(BAD.replace("runs-on", "run-on"))

    done = check_schema(bad)

    assert done.returncode == 1
    assert "bad.yml" in done.stdout


def test_a_workflow_that_exposes_secrets_to_forks_is_refused(tmp_path: Path) -> None:
    (tmp_path / ".github" / "workflows").mkdir(parents=True)
    bad = tmp_path / ".github" / "workflows" / "bad.yml"
    bad.write_text(BAD)

    done = check_safety(bad)

    assert done.returncode != 0
    for audit in (
        "dangerous-triggers",
        "unpinned-uses",
        "template-injection",
        "excessive-permissions",
        "artipacked",
    ):
        assert f"[{audit}]" in done.stdout, audit


def test_lint_runs_both_checks() -> None:
    makefile = (REPOSITORY / "Makefile").read_text()

    assert "check-jsonschema --quiet --builtin-schema vendor.github-workflows" in makefile
    assert "zizmor --offline --quiet --no-progress .github" in makefile
