"""Which pull requests reach the development account, and with what."""

import os
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from local.home import REPOSITORY
from tests.ci.github_steps import parsed, run_shell, steps

OWN = {
    "vars.DEVELOPMENT_ACCOUNT": "true",
    "github.event.action": "opened",
    "github.event.pull_request.head.repo.full_name": "owner/name",
    "github.event.pull_request.user.login": "ana",
    "github.repository": "owner/name",
}


def runs(condition: str, facts: dict[str, str]) -> bool:
    """Evaluate a condition of comparisons that are joined by `&&`, as GitHub does."""
    comparisons = condition.strip().removeprefix("${{").removesuffix("}}").split("&&")
    for comparison in comparisons:
        found = re.fullmatch(r"\s*([\w.]+) (==|!=) (?:'([^']*)'|([\w.]+))\s*", comparison)
        assert found, comparison
        name, operator, text, other = found.groups()
        # An unset variable, and the repository of a deleted fork, is an empty text.
        wanted = facts.get(other, "") if other else text
        if (facts.get(name, "") == wanted) != (operator == "=="):
            return False
    return True


def jobs_for(facts: dict[str, str], name: str = "development-account.yml") -> list[str]:
    return [job for job, content in parsed(name)["jobs"].items() if runs(content["if"], facts)]


@pytest.mark.parametrize(
    ("changed", "jobs"),
    [
        ({}, ["build"]),
        ({"github.event.action": "synchronize"}, ["build"]),
        ({"github.event.action": "closed"}, ["drop"]),
        ({"vars.DEVELOPMENT_ACCOUNT": ""}, []),
        ({"github.event.pull_request.head.repo.full_name": "fork/name"}, []),
        (
            {
                "github.event.pull_request.head.repo.full_name": "fork/name",
                "github.event.action": "closed",
            },
            [],
        ),
        # The fork was deleted.
        ({"github.event.pull_request.head.repo.full_name": ""}, []),
        ({"github.event.pull_request.user.login": "dependabot[bot]"}, []),
    ],
)
def test_only_a_pull_request_of_the_repositorys_own_is_built_and_its_schemas_dropped(
    changed: dict[str, str], jobs: list[str]
) -> None:
    assert jobs_for(OWN | changed) == jobs


@pytest.mark.parametrize(
    ("login", "repository", "jobs"),
    [
        ("ana", "owner/name", ["plan"]),
        ("ana", "fork/name", []),
        ("dependabot[bot]", "owner/name", []),
    ],
)
def test_only_a_pull_request_of_the_repositorys_own_is_planned(
    login: str, repository: str, jobs: list[str]
) -> None:
    facts = OWN | {
        "github.event.pull_request.user.login": login,
        "github.event.pull_request.head.repo.full_name": repository,
    }

    assert jobs_for(facts, "terraform-plan.yml") == jobs


def test_unused_schemas_are_dropped_each_week_where_there_is_an_account() -> None:
    assert set(parsed("development-schemas.yml")["on"]) == {"schedule", "workflow_dispatch"}
    assert jobs_for(OWN, "development-schemas.yml") == ["expire"]
    assert jobs_for({}, "development-schemas.yml") == []


def test_the_schemas_have_the_pull_requests_number_in_both_jobs() -> None:
    workflow: dict[str, Any] = parsed("development-account.yml")
    build, drop = workflow["jobs"]["build"], workflow["jobs"]["drop"]
    prefix = "PR_${{ github.event.pull_request.number }}"

    assert set(workflow["on"]["pull_request"]["types"]) == {
        "opened", "synchronize", "reopened", "closed",
    }  # fmt: skip
    assert build["env"] == {"DDRC_ENV": "DEV", "DDRC_SCHEMA_PREFIX": prefix}
    assert drop["env"] == {"DDRC_ENV": "DEV", "PREFIX": prefix}
    scripts = [step["run"] for job in (build, drop) for step in job["steps"] if "run" in step]
    commands = [script.strip().splitlines()[-1] for script in scripts]
    assert commands == [
        "make manifest",
        ".ci/python -m tools.dev_schemas build",
        ".ci/python -m tools.acceptance --report acceptance.md",
        'cat acceptance.md >> "$GITHUB_STEP_SUMMARY"',
        "make manifest",
        '.ci/python -m tools.dev_schemas drop "$PREFIX"',
    ]


def test_the_removal_waits_for_the_build_and_neither_is_cancelled() -> None:
    concurrency = parsed("development-account.yml")["concurrency"]

    assert concurrency["group"].endswith("${{ github.event.pull_request.number }}")
    assert concurrency["cancel-in-progress"] is False


def test_the_acceptance_is_not_started_without_one_of_its_connections(tmp_path: Path) -> None:
    (tmp_path / ".ci").mkdir()
    shutil.copy(REPOSITORY / ".ci" / "require", tmp_path / ".ci")
    python = tmp_path / ".ci" / "python"
    python.write_text("#!/bin/sh\necho started\n")
    python.chmod(0o755)
    [step] = [each for each in steps("development-account.yml") if "acceptance --" in each.script]
    given = dict.fromkeys(step.environment, "dummy") | {"PATH": os.environ["PATH"]}
    assert len(step.environment) == 4

    assert run_shell(step.script, step.shell, tmp_path, given).stdout == "started\n"
    for name in step.environment:
        # GitHub fills in nothing for a secret that does not exist.
        refused = run_shell(step.script, step.shell, tmp_path, given | {name: ""})
        assert (refused.returncode, refused.stdout) == (1, "")
        assert refused.stderr == f"{name} is not set: docs/deploy.md says where it belongs.\n"
