"""A committed lock file of the providers has the pinned versions, and hashes for every platform.

The hashes come from the providers' registry; docs/deploy.md says how to write the files.
"""

import re

import pytest

from tests.terraform.running import TERRAFORM

ENVIRONMENTS = sorted((TERRAFORM / "environments").iterdir())
# Linux and macOS on two processors each, Windows on one: one `h1:` for each of them.
PLATFORMS = 5
PINS = 'azurerm = {\n source = "hashicorp/azurerm"\n version = "4.81.0"\n}'
GOOD = (
    'provider "registry.example/hashicorp/azurerm" {\n  version     = "4.81.0"\n  hashes = [\n'
    + "".join(f'    "h1:{number}=",\n' for number in range(PLATFORMS))
    + '    "zh:0",\n  ]\n}\n'
)


def problems(lock: str, versions: str) -> list[str]:
    """A sentence for each provider in `versions.tf` that the lock file does not fix as pinned."""
    locked = {
        found["source"]: found
        for found in re.finditer(
            r'^provider "[^/"]+/(?P<source>[^"]+)" \{\n(?P<body>.*?)^\}', lock, re.M | re.S
        )
    }
    wrong = []
    for source, version in re.findall(
        r'source\s*=\s*"([^"]+)"\s+version\s*=\s*"([^"]+)"', versions
    ):
        body = locked[source]["body"] if source in locked else ""
        if f'version     = "{version}"' not in body:
            wrong.append(f"{source} {version} is not locked")
        elif len(set(re.findall(r'"h1:[^"]+"', body))) < PLATFORMS or '"zh:' not in body:
            wrong.append(f"{source} has no hashes for {PLATFORMS} platforms")
    return wrong


def test_the_lock_files_are_complete_where_they_are_committed() -> None:
    locks = [folder / ".terraform.lock.hcl" for folder in ENVIRONMENTS]

    assert len({lock.exists() for lock in locks}) == 1, "both environments or none"
    for lock in (lock for lock in locks if lock.exists()):
        assert problems(lock.read_text(), (lock.parent / "versions.tf").read_text()) == []


@pytest.mark.parametrize(
    ("lock", "problem"),
    [
        (GOOD, []),
        ("", ["hashicorp/azurerm 4.81.0 is not locked"]),
        (GOOD.replace("4.81.0", "4.80.0"), ["hashicorp/azurerm 4.81.0 is not locked"]),
        (GOOD.replace('    "h1:4=",\n', ""), ["hashicorp/azurerm has no hashes for 5 platforms"]),
        (GOOD.replace('    "zh:0",\n', ""), ["hashicorp/azurerm has no hashes for 5 platforms"]),
    ],
)
def test_a_lock_file_that_lacks_something_is_found(lock: str, problem: list[str]) -> None:
    assert problems(lock, PINS) == problem
