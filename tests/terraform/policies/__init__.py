"""Policies: what must hold for every plan and every file, even if somebody accepts a golden plan.

A golden plan shows each change to a reviewer; a policy refuses those that are always wrong: who
holds roles, what is public, what is deleted, what costs money. Each theme has a module.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

from tests.terraform.hcl import read_folder
from tests.terraform.policies import (
    compute,
    data,
    files,
    grants,
    roles,
    settings,
    stages,
    storage,
    users,
)
from tests.terraform.policies.planned import Planned
from tests.terraform.running import Resource

POLICIES: tuple[Callable[[Planned], Iterator[str]], ...] = (
    *settings.POLICIES,
    *roles.POLICIES,
    *grants.POLICIES,
    *users.POLICIES,
    *compute.POLICIES,
    *data.POLICIES,
    *stages.POLICIES,
    *storage.POLICIES,
)


def check_policies(resources: list[Resource], environment: str) -> list[str]:
    """The violations in a plan: each a resource's address and the problem.

    Args:
        resources: The resources of a plan whose objects have names.
        environment: `DEV` or `PRD`.
    """
    return [*violations(resources, environment)]


def violations(resources: list[Resource], environment: str) -> Iterator[str]:
    """The violations in a plan, one after the other."""
    planned = Planned(environment, resources)
    for policy in POLICIES:
        try:
            yield from policy(planned)
        except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
            # A value that must be there is not: the policy's own words are not reached.
            yield f"{policy.__module__}.{policy.__name__}: cannot judge it: {error!r}"


def check_files(folder: Path) -> list[str]:
    """The violations in what the files declare and a plan does not show."""
    read = read_folder(folder)
    return [problem for policy in files.POLICIES for problem in policy(read)]
