"""Each dependency has an exact pin, a reason and an allowed licence."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from local.home import REPOSITORY

FILES = (
    "requirements.txt",
    "requirements-dev.txt",
    "requirements-terraform.txt",
    "bench/requirements.txt",
)
PIN = re.compile(r"[\w.-]+(\[[\w,]+\])?==[\w.]+")


def without_reason(text: str) -> list[str]:
    """Find the requirements without a comment above them in their paragraph."""
    missing, reason = [], False
    for line in text.splitlines():
        if not line.strip():
            reason = False
        elif line.startswith("#"):
            reason = True
        elif not line.startswith("-r") and not reason:
            missing.append(line)
    return missing


@pytest.mark.parametrize("name", FILES)
def test_each_dependency_has_its_reason_in_a_comment(name: str) -> None:
    assert without_reason((REPOSITORY / name).read_text()) == []


def test_a_dependency_without_a_reason_is_found() -> None:
    text = "# Loaders.\nhttpx==0.28.1\n\nleft-pad==1.0\n"

    assert without_reason(text) == ["left-pad==1.0"]


@pytest.mark.parametrize("name", FILES)
def test_each_dependency_has_an_exact_pin(name: str) -> None:
    for line in (REPOSITORY / name).read_text().splitlines():
        assert not line or line.startswith(("#", "-r ")) or PIN.fullmatch(line), line


def test_the_constraints_have_every_pin() -> None:
    constraints = (REPOSITORY / "constraints.txt").read_text().splitlines()
    constrained = {line.partition(" ")[0] for line in constraints}

    for name in FILES[:2]:
        pins = re.findall(r"^[\w.-]+(?:\[[\w,]+\])?==\S+", (REPOSITORY / name).read_text(), re.M)
        assert pins
        for pin in pins:
            assert re.sub(r"\[.*\]", "", pin).lower().replace("_", "-") in constrained, pin


def licences(*arguments: str) -> subprocess.CompletedProcess[str]:
    # Two packages are enough to test a refusal; `make licences` checks all.
    tool = str(Path(sys.executable).with_name("pip-licenses"))
    return subprocess.run(
        [tool, "--packages", "httpx", "hypothesis", *arguments],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_licence_of_the_list_is_accepted() -> None:
    assert licences().returncode == 0


def test_a_licence_that_is_not_on_the_list_is_refused_by_name() -> None:
    settings = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["tool"]["pip-licenses"]
    without = "; ".join(
        licence
        for licence in settings["allow-only"].replace("\n", " ").split("; ")
        if "MPL" not in licence
    )

    refused = licences("--allow-only", without)

    assert refused.returncode == 1
    assert "license MPL-2.0 not in allow-only licenses was found" in refused.stderr
    assert "hypothesis" in refused.stderr


def test_no_strong_copyleft_is_allowed() -> None:
    settings = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["tool"]["pip-licenses"]

    assert settings.get("partial-match") is None, "a part of a name would allow other licences"
    for licence in settings["allow-only"].split(";"):
        assert "GPL" not in licence or "Lesser" in licence, licence
