"""A program that fails in a step fails the step, and with it the job."""

from pathlib import Path

import pytest

from local.home import REPOSITORY
from tests.ci.github_steps import WORKFLOWS, Imitation, Step, all_steps, parsed, run_shell

PLAN = "terraform plan -input=false | tee plan.txt\n"


@pytest.mark.parametrize("step", all_steps(), ids=str)
def test_each_program_of_a_step_fails_the_step(step: Step, tmp_path: Path) -> None:
    runner = Imitation(tmp_path)
    code, programs = runner.run(step.script, step.shell)
    assert code == 0

    for program in programs:
        code, _ = runner.run(step.script, step.shell, failing=program)
        assert code != 0, f"{step} is green when {program} fails"


def test_the_steps_are_found_with_the_programs_that_they_start(tmp_path: Path) -> None:
    [plan] = [step for step in all_steps() if "terraform plan" in step.script]

    _, programs = Imitation(tmp_path).run(plan.script, plan.shell)

    assert sorted(programs) == ["curl", "jq", "tee", "terraform"]
    assert len(all_steps()) >= 30


def test_with_githubs_default_shell_a_plan_that_fails_would_be_green(tmp_path: Path) -> None:
    runner = Imitation(tmp_path)

    assert runner.run(PLAN, None, failing="terraform")[0] == 0
    assert runner.run(PLAN, "bash", failing="terraform")[0] == 1


@pytest.mark.parametrize("name", WORKFLOWS)
def test_every_workflow_names_the_shell_that_has_pipefail(name: str) -> None:
    workflow = parsed(name)

    assert workflow["defaults"]["run"]["shell"] == "bash"
    for job in workflow["jobs"].values():
        assert job.get("defaults", {}).get("run", {}).get("shell", "bash") == "bash"
        for step in job.get("steps", []):
            assert step.get("shell", "bash") == "bash", step


@pytest.mark.parametrize("name", WORKFLOWS)
def test_no_job_and_no_step_passes_over_a_failure(name: str) -> None:
    for job in parsed(name)["jobs"].values():
        assert "continue-on-error" not in job
        # A job that needs others runs after their success only.
        assert not any(
            word in str(job.get("if", "")) for word in ("always()", "failure()", "!cancelled")
        )
        for step in job.get("steps", []):
            assert "continue-on-error" not in step
            assert "|| true" not in step.get("run", "")
            assert "set +" not in step.get("run", "")


@pytest.mark.parametrize(
    "script",
    sorted(file for file in (REPOSITORY / ".ci").iterdir() if file.is_file() and not file.suffix),
    ids=lambda file: file.name,
)
def test_every_script_of_the_workflows_stops_at_its_first_failure(script: Path) -> None:
    lines = [line for line in script.read_text().splitlines() if line and not line.startswith("#")]

    assert script.read_text().startswith("#!/usr/bin/env bash\n")
    assert lines[0] == "set -euo pipefail"
    assert "set +" not in script.read_text()


def test_a_step_that_fails_midway_ends_there(tmp_path: Path) -> None:
    done = run_shell("false | cat\necho later\n", "bash", tmp_path, {"PATH": "/usr/bin:/bin"})

    assert (done.returncode, done.stdout) == (1, "")
