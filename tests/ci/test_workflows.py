"""The workflows: what a fork can reach, what is pinned, and that each check of them refuses."""

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


def check_shape(file: Path) -> subprocess.CompletedProcess[str]:
    return run("check-jsonschema", "--builtin-schema", "vendor.github-workflows", str(file))


def check_safety(file: Path) -> subprocess.CompletedProcess[str]:
    return run("zizmor", "--offline", "--no-progress", str(file))


def run(tool: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([BIN / tool, *arguments], capture_output=True, text=True, check=False)


@pytest.mark.parametrize("name", WORKFLOWS)
def test_every_action_is_pinned_by_its_whole_sha_with_the_version_beside_it(name: str) -> None:
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
def test_a_job_has_the_rights_that_it_names_a_time_limit_and_no_credentials(name: str) -> None:
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


def test_no_workflow_that_a_fork_starts_has_a_secret_or_may_write() -> None:
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


def test_what_the_workflows_run_exists_and_can_be_executed() -> None:
    named = {
        found
        for file in WORKFLOWS.values()
        for found in re.findall(r"run: (\.ci/\w+)$", file.read_text(), re.MULTILINE)
    }

    assert named
    for name in named:
        assert (REPOSITORY / name).stat().st_mode & 0o111, name


def test_the_laptops_terraform_is_that_of_the_workflows() -> None:
    versions = {
        step["with"]["terraform_version"]
        for name in WORKFLOWS
        for job in parsed(name)["jobs"].values()
        for step in job.get("steps", [])
        if step.get("uses", "").startswith("hashicorp/setup-terraform@")
    }

    assert len(versions) == 1


@pytest.mark.parametrize("name", WORKFLOWS)
def test_the_checks_of_workflows_accept_ours(name: str) -> None:
    for done in (check_shape(WORKFLOWS[name]), check_safety(WORKFLOWS[name])):
        assert done.returncode == 0, done.stdout + done.stderr


def test_a_workflow_that_is_not_githubs_shape_is_refused(tmp_path: Path) -> None:
    bad = tmp_path / "bad.yml"
    bad.write_text(BAD.replace("runs-on", "run-on"))

    done = check_shape(bad)

    assert done.returncode == 1
    assert "bad.yml" in done.stdout


def test_a_workflow_that_hands_secrets_to_strangers_is_refused(tmp_path: Path) -> None:
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
