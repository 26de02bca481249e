"""The ranges of the pins, and the parsing of constraints."""

import tomllib

import pytest

from local.home import REPOSITORY
from tools.newest import FILES, read_pins, relax


@pytest.mark.parametrize(
    ("line", "limits", "expected"),
    [
        ("httpx==0.28.1", {}, "httpx>=0.28.1,<0.29"),
        ("pydantic==2.14.3", {}, "pydantic>=2.14.3,<3"),
        ("dbt-core==1.11.16  # why", {"dbt-core": "<1.12"}, "dbt-core>=1.11.16,<2,<1.12"),
        ("fakesnow[server]==0.12.1", {}, "fakesnow[server]>=0.12.1,<0.13"),
        ("# a reason", {}, "# a reason"),
        ("-r requirements.txt", {}, "-r requirements.txt"),
        ("", {}, ""),
    ],
)
def test_a_pin_allows_its_major_version(line: str, limits: dict[str, str], expected: str) -> None:
    assert relax(line, limits) == expected


@pytest.mark.parametrize("line", ["httpx>=0.28", "httpx", "httpx~=0.28.1"])
def test_a_requirement_without_an_exact_pin_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match=r"a requirement must have one exact pin"):
        relax(line, {})


def test_every_line_of_the_requirements_can_be_relaxed() -> None:
    limits = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["tool"]["newest"]
    lines = [line for name in FILES for line in (REPOSITORY / name).read_text().splitlines()]
    names = {line.partition("==")[0].partition("[")[0] for line in lines if "==" in line}

    assert all(relax(line, limits) is not None for line in lines)
    assert set(limits) <= names, "a limit names a pinned package"


def test_versions_are_read_without_their_markers() -> None:
    assert read_pins("a==1.0\nb==2.0 ; python_version < '3.12'\n\n") == {
        "a": "1.0",
        "b": "2.0",
    }
