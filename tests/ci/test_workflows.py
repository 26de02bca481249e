"""The workflows: a fork's reach, pinned actions, and the checks that refuse a bad workflow."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from local.home import REPOSITORY
from tests.ci.github_steps import WORKFLOWS, all_steps, parsed
from tests.ci.pinned_actions import ACTIONS

BIN = Path(sys.executable).parent
FROM_FORKS = {"pull_request", "pull_request_target", "issue_comment", "issues", "workflow_run"}
OWN_ONLY = "pull_request.head.repo.full_name == github.repository"
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


def test_each_action_is_pinned_to_the_commit_of_its_tag_and_none_uses_node_20() -> None:
    pins = {
        found.groups()
        for file in WORKFLOWS.values()
        for found in re.finditer(r"uses: ([\w./-]+)@(\w+) # (\S+)", file.read_text())
    }

    assert pins == {(action, pin.commit, pin.tag) for action, pin in ACTIONS.items()}
    assert {pin.runtime for pin in ACTIONS.values()} == {"node24"}


def test_a_pull_request_compares_the_pins_with_the_actions_repositories() -> None:
    [look] = parsed("checks.yml")["jobs"]["actions"]["steps"][1:]
    [pinned] = re.findall(r"^zizmor==\S+", (REPOSITORY / "requirements-dev.txt").read_text(), re.M)

    # Without --offline it looks for each commit and its tag on GitHub.
    assert look["run"] == f"pipx run {pinned} --no-progress .github"
    assert look["env"] == {"GH_TOKEN": "${{ github.token }}"}


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


def test_a_job_that_a_fork_starts_has_no_secret_and_cannot_write() -> None:
    reached = {name for name in WORKFLOWS if triggers(name) & FROM_FORKS}

    assert reached == {"checks.yml", "development-account.yml", "terraform-plan.yml"}
    for name in reached:
        assert triggers(name) <= {"pull_request", "workflow_call"}
        workflow = parsed(name)
        assert "secrets." not in str(
            {key: value for key, value in workflow.items() if key != "jobs"}
        )
        for job in workflow["jobs"].values():
            if (
                "secrets." in str(job)
                or "vars." in str(job)
                or job["permissions"] != {"contents": "read"}
            ):
                assert OWN_ONLY in job["if"]
                # GitHub gives Dependabot's neither secrets nor a token that may write.
                assert "pull_request.user.login != 'dependabot[bot]'" in job["if"]
                assert "||" not in job["if"]


def test_a_secret_is_in_an_environment_and_in_the_step_that_needs_it_only() -> None:
    for name, file in WORKFLOWS.items():
        for job in parsed(name)["jobs"].values():
            in_steps = [step for step in job.get("steps", []) if "secrets." in str(step)]
            assert str(job).count("secrets.") == sum(
                str(step).count("secrets.") for step in in_steps
            )
            # The webhook can only post to one channel; a scheduled workflow waits for no approval.
            if in_steps and name != "outside-watch.yml":
                assert job["environment"], (name, file)


def test_a_merge_is_deployed_after_the_checks_of_a_pull_request() -> None:
    workflow = parsed("deploy.yml")

    assert workflow["on"] == {"push": {"branches": ["main"]}}
    assert workflow["jobs"]["development"]["needs"] == "checks"
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
    named = {found for step in all_steps() for found in re.findall(r"(\.ci/\w+)", step.script)}

    assert named >= {
        ".ci/astro",
        ".ci/audit",
        ".ci/deploy",
        ".ci/image",
        ".ci/prepare",
        ".ci/python",
    }
    for name in named:
        assert (REPOSITORY / name).stat().st_mode & 0o111, name


def test_the_tools_of_the_workflows_exist() -> None:
    named = {
        found for step in all_steps() for found in re.findall(r"-m (tools[\w.]*)", step.script)
    }

    assert named == {"tools.acceptance", "tools.dev_schemas", "tools.outside_watch"}
    for name in named:
        assert (REPOSITORY / name.replace(".", "/") / "__main__.py").exists()


def test_the_workflows_python_is_the_one_that_make_installs(tmp_path: Path) -> None:
    [venv] = re.findall(r"^VENV := (\S+)$", (REPOSITORY / "Makefile").read_text(), re.M)
    for name in (".ci/python", "Makefile"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(REPOSITORY / name, tmp_path / name)
    program = tmp_path / venv / "bin" / "python"
    program.parent.mkdir(parents=True)
    program.write_text('#!/bin/sh\necho "$PWD $@"; exit 3\n')
    program.chmod(0o755)
    command = [str(tmp_path / ".ci" / "python"), "-m", "tools.x", "two words"]

    done = subprocess.run(command, cwd="/", capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout) == (3, f"{tmp_path} -m tools.x two words\n")


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
