"""The checks of Terraform can fail: each deliberate mistake is reported by the right one.

The list of a mistake says what reports it (mistakes.py): Terraform, a policy on the plan or on the
files, or the golden plan alone. One plan shows several mistakes, in different lines.
"""

import os
from pathlib import Path
from typing import Any

import pytest

from tests.terraform.golden import differences, golden_files
from tests.terraform.mistakes import (
    DEV,
    FILES,
    GOLDEN_ONLY,
    POLICY,
    REFUSED_BY_TERRAFORM,
    Mistake,
    batches,
    make,
)
from tests.terraform.policies import check_files, check_policies
from tests.terraform.running import Terraform, copy_configuration

# MISTAKES_TOGETHER=1 plans each alone: a new mistake may hide another one's report.
BATCHES = [*batches(POLICY, int(os.environ.get("MISTAKES_TOGETHER", "7")))]


def copy_with(mistakes: list[Mistake], terraform: Terraform, folder: Path) -> Terraform:
    """A copy of the configuration with mistakes in it."""
    wrong = Terraform(copy_configuration(folder / "copy"), terraform.environment)
    make(mistakes, wrong.folder)
    return wrong


def test_sixty_mistakes_of_which_policies_catch_most() -> None:
    caught_by_policy = {mistake.name for mistake in (*POLICY, *FILES)}
    every = caught_by_policy | {one.name for one in (*REFUSED_BY_TERRAFORM, *GOLDEN_ONLY)}

    assert len(every) == sum(map(len, (POLICY, FILES, REFUSED_BY_TERRAFORM, GOLDEN_ONLY)))
    assert len(every) >= 60
    assert len(caught_by_policy) >= 45


@pytest.mark.parametrize("mistake", REFUSED_BY_TERRAFORM, ids=lambda mistake: mistake.name)
def test_terraform_refuses(mistake: Mistake, terraform: Terraform, tmp_path: Path) -> None:
    wrong = copy_with([mistake], terraform, tmp_path)
    done = wrong.run(DEV, "init", "-backend=false", "-input=false", "-no-color")
    output = done.stdout + done.stderr

    if done.returncode == 0:
        output = "\n".join(wrong.validate(DEV))

    assert mistake.report in output


@pytest.mark.parametrize("batch", BATCHES, ids=range(len(BATCHES)))
def test_a_policy_refuses(batch: list[Mistake], named: Terraform, tmp_path: Path) -> None:
    wrong = copy_with(batch, named, tmp_path)
    root = batch[0].root
    wrong.init(root)
    reports = check_policies(wrong.plan(root), root[-3:].upper())

    unreported = [
        mistake.name for mistake in batch if not any(mistake.report in report for report in reports)
    ]
    assert unreported == []


@pytest.mark.parametrize("mistake", FILES, ids=lambda mistake: mistake.name)
def test_a_policy_on_the_files_refuses(mistake: Mistake, tmp_path: Path) -> None:
    copy = copy_configuration(tmp_path / "copy")
    make([mistake], copy)

    assert mistake.report in "\n".join(check_files(copy))


def test_the_golden_plan_shows_what_no_policy_can_judge(
    named: Terraform, plans: dict[str, Any], tmp_path: Path
) -> None:
    wrong = copy_with(GOLDEN_ONLY, named, tmp_path)
    declared = copy_configuration(tmp_path / "declared")
    make(GOLDEN_ONLY, declared)
    wrong.init(DEV)
    shown = {**plans, "dev": wrong.show_plan(DEV)}

    found = differences(golden_files(shown, declared))

    assert [one.name for one in GOLDEN_ONLY if one.report not in found] == []
    assert check_files(declared) == []
