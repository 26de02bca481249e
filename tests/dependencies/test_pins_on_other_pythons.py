"""The pinned versions fit together on each supported Python, and a pin that is held back says why.

The versions' own requirements are read from the installed packages: no index is asked. That is what
`uv pip compile --python-version 3.12 --constraints constraints.txt requirements.txt` resolves.
"""

import re
from collections.abc import Iterator
from importlib.metadata import distribution, distributions

import pytest
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

from local.home import REPOSITORY
from tests.image.packages import installed_version, needed, own_requirements, pins

PYTHONS = ("3.11", "3.12", "3.13")
PIN = re.compile(r"^([\w.-]+)(?:\[[\w,]+\])?==(\S+)$", re.MULTILINE)


def text(name: str) -> str:
    return (REPOSITORY / name).read_text()


def environment_of(python: str) -> dict[str, str]:
    """The values of markers on a Python."""
    return {"python_version": python, "python_full_version": f"{python}.9"}


def problems(requirements: str, tested: dict[str, str], python: str) -> Iterator[str]:
    """What forbids to install the requirements by these pins on a Python."""
    environment = environment_of(python)
    for name, requirement, by in needed(requirements, environment):
        if name not in tested:
            yield f"{name} has no version in constraints.txt"
        elif by and installed_version(by) != tested.get(by):
            continue  # The nightly run has newer packages: this one's requirements are others.
        elif not requirement.specifier.contains(tested[name], prereleases=True):
            yield f"{by}: {requirement} forbids {tested[name]}"
        elif installed_version(name) == tested[name]:
            allowed = (distribution(name).metadata.get_all("Requires-Python") or [""])[0]
            if not SpecifierSet(allowed).contains(environment["python_full_version"]):
                yield f"{name} {tested[name]} needs Python {allowed}"


@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize(
    "files", [("requirements.txt",), ("requirements.txt", "requirements-dev.txt")]
)
def test_the_constraints_have_a_version_for_every_package(
    files: tuple[str, ...], python: str
) -> None:
    requirements = "\n".join(map(text, files))

    tested = pins(text("constraints.txt"), environment_of(python))

    assert sorted(set(problems(requirements, tested, python))) == []


@pytest.mark.parametrize(("python", "version"), [("3.11", "1"), ("3.12", "2"), ("3.13", "2")])
def test_a_version_for_some_pythons_counts_only_for_them(python: str, version: str) -> None:
    lines = "a==1 ; python_full_version < '3.12'\na==2 ; python_full_version >= '3.12'\n"

    assert pins(lines, environment_of(python)) == {"a": version}


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"certifi": "2026.1.1"}, "dbt-snowflake: certifi<2025.4.26 forbids 2026.1.1"),
        ({"httpx": None}, "httpx has no version"),
    ],
)
def test_a_version_that_does_not_fit_is_found(change: dict[str, str | None], problem: str) -> None:
    changed = pins(text("constraints.txt"), environment_of("3.12")) | change
    left = {name: version for name, version in changed.items() if version}

    assert any(problem in found for found in problems(text("requirements.txt"), left, "3.12"))


def last_of_the_range(version: str) -> str:
    """The highest version that `tools.newest` allows: of the same major, or below 1.0 minor."""
    parsed = Version(version)
    return f"{parsed.major}.9999" if parsed.major else f"0.{parsed.minor}.9999"


def held_back() -> Iterator[tuple[str, str, str]]:
    """The pins that another package holds back: the file, the pin, the other package."""
    by_pin: dict[str, set[str]] = {}
    for installed in distributions():
        for required in own_requirements(installed.metadata["Name"]):
            if required.marker is None or required.marker.evaluate({"extra": ""}):
                by_pin.setdefault(canonicalize_name(required.name), set()).add(
                    f"{installed.metadata['Name']} {required.specifier}"
                )
    for file in ("requirements.txt", "requirements-dev.txt"):
        for name, version in PIN.findall(text(file)):
            for other in by_pin.get(canonicalize_name(name), ()):
                by, _, specifier = other.partition(" ")
                if not SpecifierSet(specifier).contains(last_of_the_range(version)):
                    yield file, name, by


def reason(requirements: str, name: str) -> str:
    """The comment above a pin."""
    lines = requirements.splitlines()
    index = next(i for i, line in enumerate(lines) if line.startswith((f"{name}==", f"{name}[")))
    above = []
    for line in reversed(lines[:index]):
        if not line.strip():
            break
        if line.startswith("#"):
            above.append(line)
        elif above:
            break
    return " ".join(reversed(above))


def test_a_pin_that_another_package_holds_back_names_it() -> None:
    found = {(name, by) for file, name, by in held_back() if by not in reason(text(file), name)}

    assert ("certifi", "dbt-snowflake") in {(name, by) for _, name, by in held_back()}
    assert found == set()
