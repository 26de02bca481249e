"""The newest packages that the pins' ranges allow: `python -m tools.newest`, in `make newest`.

A pin `==1.4.2` stands for its major version, `>=1.4.2,<2`; below 1, for its minor one. What must
not move that far is held in `pyproject.toml`, each with its reason, under `[tool.newest]`. Writes
the requirements, and the constraints that uv finds for them, to a folder; prints what differs.
"""

import subprocess
import sys
import tomllib
from pathlib import Path

from packaging.requirements import Requirement
from packaging.version import Version

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / ".local" / "newest"
# The first one includes the second by `-r`.
FILES = ("requirements-dev.txt", "requirements.txt")


def relaxed(line: str, held: dict[str, str]) -> str:
    """A line of a requirements file with its exact pin as a range.

    Args:
        line: As written: a requirement, a comment, an option or nothing.
        held: By package, a specifier that its range keeps to as well, for example `<1.12`.

    Raises:
        ValueError: The line has a requirement without an exact pin.
    """
    text = line.partition("#")[0].strip()
    if not text or text.startswith("-"):
        return line
    wanted = Requirement(text)
    pins = [each.version for each in wanted.specifier if each.operator == "=="]
    if len(pins) != 1:
        raise ValueError(f"{text}: every requirement has one exact pin, name==version")
    version = Version(pins[0])
    major, minor = version.major, version.minor
    below = f"{major + 1}" if major else f"0.{minor + 1}"
    extras = f"[{','.join(sorted(wanted.extras))}]" if wanted.extras else ""
    bounds = ",".join(filter(None, [f">={version}", f"<{below}", held.get(wanted.name, "")]))
    return f"{wanted.name}{extras}{bounds}"


def pins(constraints: str) -> dict[str, str]:
    """The versions by package, of a constraints file's text."""
    lines = (line.partition(";")[0].strip() for line in constraints.splitlines())
    return dict(line.split("==", 1) for line in lines if "==" in line)


def write(folder: Path) -> list[str]:
    """Write the relaxed requirements into the folder and resolve them.

    Returns:
        What differs from `constraints.txt`, one line for each package.

    Raises:
        subprocess.CalledProcessError: There is no solution; uv has said why.
    """
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["newest"]
    folder.mkdir(parents=True, exist_ok=True)
    for name in FILES:
        lines = [relaxed(line, settings) for line in (ROOT / name).read_text().splitlines()]
        (folder / name).write_text("\n".join(lines) + "\n")
    found = folder / "constraints.txt"
    found.unlink(missing_ok=True)
    uv = [str(Path(sys.executable).with_name("uv")), "pip", "compile", "--quiet", "--no-header"]
    uv += ["--no-annotate", "--no-emit-index-url", "--output-file", str(found)]
    subprocess.run([*uv, str(folder / FILES[0])], check=True)  # noqa: S603
    before, after = (pins(file.read_text()) for file in (ROOT / "constraints.txt", found))
    return [
        f"{name}: {before.get(name, 'new')} -> {version}"
        for name, version in sorted(after.items())
        if before.get(name) != version
    ]


if __name__ == "__main__":
    print("\n".join(write(FOLDER)) or "Nothing differs from what is pinned.")
