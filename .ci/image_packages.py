"""Compares the installed packages of production with `constraints.txt`, by which they were tested.

`.ci/image` runs it inside the built image: `python - < .ci/image_packages.py`. Only the packages
that `requirements.txt` needs count. Airflow's own come with the base image.
"""

import sys
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, distribution, version
from pathlib import Path
from typing import NamedTuple

from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

OF_THE_BASE = ("apache-airflow", "apache-airflow-core", "apache-airflow-task-sdk")


class Need(NamedTuple):
    """A package's name, what is required of it, and by which package; by none in the file."""

    name: str
    requirement: Requirement
    by: str | None


def needed(requirements: str, environment: Mapping[str, str] | None = None) -> Iterator[Need]:
    """Each package that the requirements need, directly or not.

    The packages' own requirements are those of the installed versions.

    Args:
        requirements: The text of a requirements file.
        environment: Values for markers, for example another `python_version`.
    """
    lines = (line.partition("#")[0].strip() for line in requirements.splitlines())
    waiting = [(Requirement(line), None) for line in lines if line and not line.startswith("-")]
    seen: set[tuple[str, frozenset[str]]] = set()
    while waiting:
        requirement, by = waiting.pop()
        name = canonicalize_name(requirement.name)
        yield Need(name, requirement, by)
        extras = frozenset(requirement.extras)
        if (name, extras) in seen:
            continue
        seen.add((name, extras))
        markers = [{**(environment or {}), "extra": extra} for extra in ("", *extras)]
        waiting += [
            (required, name)
            for required in own_requirements(name)
            if required.marker is None or any(map(required.marker.evaluate, markers))
        ]


@cache
def own_requirements(name: str) -> tuple[Requirement, ...]:
    """What an installed package requires; nothing if it is not installed."""
    try:
        return tuple(map(Requirement, distribution(name).requires or ()))
    except PackageNotFoundError:
        return ()


@cache
def installed_version(name: str) -> str | None:
    """The version of an installed package."""
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def pins(constraints: str, environment: Mapping[str, str] | None = None) -> dict[str, str]:
    """The version of each package in a constraints file's text.

    Args:
        constraints: The text; a line may end with a marker, for example of older Pythons only.
        environment: Values for markers, for example another `python_version`.
    """
    found = {}
    for line in constraints.splitlines():
        pin, _, marker = (part.strip() for part in line.partition(";"))
        if "==" in pin and (not marker or Marker(marker).evaluate(dict(environment or {}))):
            name, version_text = pin.split("==", 1)
            found[name] = version_text
    return found


def differences(requirements: str, constraints: str) -> list[str]:
    """A line for each installed package whose version is not the tested one."""
    tested = pins(constraints)
    lines = []
    for name in sorted({need.name for need in needed(requirements)} - set(OF_THE_BASE)):
        installed = installed_version(name)
        if installed is None:
            continue  # Only other Pythons or platforms need it.
        if name not in tested:
            lines.append(f"{name} {installed} is not in constraints.txt")
        elif Version(installed).public != Version(tested[name]).public:
            lines.append(f"{name} is {installed}, constraints.txt has {tested[name]}")
    return lines


if __name__ == "__main__":
    texts = (Path(name).read_text() for name in ("requirements.txt", "constraints.txt"))
    found = differences(*texts)
    print("\n".join(found) or "Every package of requirements.txt has its tested version.")
    sys.exit(bool(found))
