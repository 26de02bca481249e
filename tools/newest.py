"""Resolves the newest packages within the pins' ranges: `python -m tools.newest`, in `make newest`.

A pin `==1.4.2` allows its major version, `>=1.4.2,<2`; below 1.0, its minor version.
`[tool.newest]` in `pyproject.toml` lists narrower limits with their reasons. Writes the relaxed
requirements and uv's constraints for them to a folder, and prints the differences to
`constraints.txt`.
"""

import subprocess
import sys
import tomllib
from pathlib import Path

from packaging.requirements import Requirement
from packaging.version import Version

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / ".local" / "newest"
# The first includes the second with `-r`.
FILES = ("requirements-dev.txt", "requirements.txt")


def relax(line: str, limits: dict[str, str]) -> str:
    """Replace the exact pin in a line of a requirements file by a range.

    Args:
        line: A requirement, a comment, an option or an empty line.
        limits: Additional specifiers by package, for example `<1.12`.

    Raises:
        ValueError: The requirement has no exact pin.
    """
    text = line.partition("#")[0].strip()
    if not text or text.startswith("-"):
        return line
    requirement = Requirement(text)
    exact = [pin.version for pin in requirement.specifier if pin.operator == "=="]
    if len(exact) != 1:
        raise ValueError(f"{text}: a requirement must have one exact pin, name==version")
    version = Version(exact[0])
    major, minor = version.major, version.minor
    below = f"{major + 1}" if major else f"0.{minor + 1}"
    extras = f"[{','.join(sorted(requirement.extras))}]" if requirement.extras else ""
    bounds = ",".join(filter(None, [f">={version}", f"<{below}", limits.get(requirement.name, "")]))
    return f"{requirement.name}{extras}{bounds}"


def read_pins(constraints: str) -> dict[str, str]:
    """Parse a constraints file's text; returns the versions by package."""
    lines = (line.partition(";")[0].strip() for line in constraints.splitlines())
    return dict(line.split("==", 1) for line in lines if "==" in line)


def write_newest(folder: Path) -> list[str]:
    """Write the relaxed requirements into a folder and have uv resolve them.

    Returns:
        The differences to `constraints.txt`, one line per package.

    Raises:
        subprocess.CalledProcessError: There is no solution; uv has printed the reason.
    """
    limits = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["newest"]
    folder.mkdir(parents=True, exist_ok=True)
    for name in FILES:
        lines = [relax(line, limits) for line in (ROOT / name).read_text().splitlines()]
        (folder / name).write_text("\n".join(lines) + "\n")
    resolved = folder / "constraints.txt"
    resolved.unlink(missing_ok=True)
    uv = [str(Path(sys.executable).with_name("uv")), "pip", "compile", "--quiet", "--no-header"]
    uv += ["--no-annotate", "--no-emit-index-url", "--output-file", str(resolved)]
    subprocess.run([*uv, str(folder / FILES[0])], check=True)
    before, after = (read_pins(file.read_text()) for file in (ROOT / "constraints.txt", resolved))
    return [
        f"{name}: {before.get(name, 'new')} -> {version}"
        for name, version in sorted(after.items())
        if before.get(name) != version
    ]


if __name__ == "__main__":
    print("\n".join(write_newest(FOLDER)) or "The pinned packages are the newest.")
