"""Looks for secrets in the files that git tracks: `python -m tools.secrets`, in `make lint`.

What is found is compared with `.secrets.baseline`, where a person has looked at each find and
called it harmless. The scanner is detect-secrets; its own hook rewrites the baseline whenever a
line moves, so the two are compared here by file and content, without the line.

`python -m tools.secrets --accept` writes the finds into it, as harmless: look at them first. Its
detectors are those whose secrets this project could hold: half the time of all that there are.
"""

import contextlib
import json
import subprocess
import sys
from pathlib import Path

from detect_secrets.core import baseline
from detect_secrets.core.potential_secret import PotentialSecret
from detect_secrets.core.secrets_collection import SecretsCollection

ROOT = Path(__file__).parents[1]
BASELINE = ".secrets.baseline"
# Data and schemas that are made or cut by a command, and hold no text of ours.
GENERATED = ("tests/data/", "tests/terraform/schemas/", "constraints.txt", BASELINE)


def tracked(root: Path) -> list[str]:
    """The files that git tracks or would add, but for generated ones and pictures."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],  # noqa: S607
        cwd=root,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    return [
        name
        for name in listed
        if not name.startswith(GENERATED) and Path(name).suffix not in {".png", ".svg"}
    ]


def unknown_secrets(root: Path, names: list[str]) -> list[PotentialSecret]:
    """What looks like a secret in those files and is not in the root's baseline.

    Raises:
        OSError: There is no baseline.
    """
    known = baseline.load(baseline.load_from_file(str(root / BASELINE)), BASELINE)
    unknown = _scan(root, names) - known
    return sorted((secret for _, secret in unknown), key=lambda one: (one.filename, one.type))


def accept(root: Path, names: list[str]) -> None:
    """Write the finds of all those files into the baseline, as looked at and harmless."""
    file = root / BASELINE
    baseline.load(baseline.load_from_file(str(file)), BASELINE)
    content = baseline.format_for_output(_scan(root, names))
    # The time would change with every run, and a line with every edit above it.
    content.pop("generated_at", None)
    for each in (one for finds in content["results"].values() for one in finds):
        each.pop("line_number", None)
        each["is_secret"] = False
    file.write_text(json.dumps(content, indent=2) + "\n")


def _scan(root: Path, names: list[str]) -> SecretsCollection:
    # Names in the baseline are relative, and so is what they are compared with.
    with contextlib.chdir(root):
        found = SecretsCollection()
        found.scan_files(*names)
    return found


def main(arguments: list[str]) -> int:
    """Print the finds; 1 if there is one."""
    names = tracked(ROOT)
    if "--accept" in arguments:
        accept(ROOT, names)
        return 0
    unknown = unknown_secrets(ROOT, [name for name in arguments if name in names] or names)
    for secret in unknown:
        print(
            f"{secret.filename}:{secret.line_number}: this looks like a secret ({secret.type}). "
            "Take it out and replace it where it was used; if it is a dummy, call it one and run "
            "python -m tools.secrets --accept",
            file=sys.stderr,
        )
    return 1 if unknown else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
