"""The workflows' `run:` steps, and a shell that runs one as GitHub's runner does.

The forms are documented: https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax
(`jobs.<job_id>.steps[*].shell`). Without `shell:` there is no pipefail.
"""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml  # type: ignore[import-untyped]

from local.home import REPOSITORY

WORKFLOWS = {file.name: file for file in sorted((REPOSITORY / ".github/workflows").glob("*.yml"))}
BASH = shutil.which("bash") or "/bin/bash"
FORMS = {
    None: (BASH, "-e"),
    "bash": (BASH, "--noprofile", "--norc", "-eo", "pipefail"),
    "sh": ("/bin/sh", "-e"),
}
# Bash calls it for each command that is not on the PATH, which is empty.
_HANDLE = """() { printf '%s\\n' "$1" >> "$CALLED"; [ "$1" != "$FAILING" ]; }"""
_PROGRAM = """#!{bash}
printf '%s\\n' '{name}' >> "$CALLED"; [ '{name}' != "$FAILING" ]
"""
_MISSING = re.compile(r"line \d+: (\S+): No such file or directory")


@dataclass(frozen=True)
class Step:
    """A `run:` step.

    Attributes:
        workflow: The workflow's file name.
        job: The job's id.
        script: What it runs.
        shell: The shell that applies to it; `None` for GitHub's default.
        environment: Its own variables, with GitHub's expressions.
    """

    workflow: str
    job: str
    script: str
    shell: str | None
    environment: Mapping[str, str] = field(default_factory=dict, hash=False)

    def __str__(self) -> str:
        first = self.script.strip().splitlines()[0]
        return f"{self.workflow} {self.job}: {first[:60]}"


def parsed(name: str) -> dict[str, Any]:
    """A workflow; its key `on` is text, though YAML 1.1 reads it as a truth value."""
    found: dict[Any, Any] = yaml.safe_load(WORKFLOWS[name].read_text())
    return {"on" if key is True else key: value for key, value in found.items()}


def steps(name: str) -> Iterator[Step]:
    """The `run:` steps of a workflow. The most specific `shell` applies."""
    workflow = parsed(name)
    for job, content in workflow["jobs"].items():
        for step in content.get("steps", []):
            if "run" in step:
                shells = [
                    step,
                    *(each.get("defaults", {}).get("run", {}) for each in (content, workflow)),
                ]
                shell = next((each["shell"] for each in shells if each.get("shell")), None)
                yield Step(name, job, step["run"], shell, step.get("env", {}))


def all_steps() -> list[Step]:
    """The `run:` steps of every workflow."""
    return [step for name in WORKFLOWS for step in steps(name)]


def run_shell(
    script: str, shell: str | None, folder: Path, environment: Mapping[str, str]
) -> subprocess.CompletedProcess[str]:
    """Run a script as GitHub's runner does, in a folder and with these variables only."""
    file = folder / "step.sh"
    file.write_text(script)
    return subprocess.run(
        [*FORMS[shell], str(file)],
        cwd=folder,
        env=dict(environment),
        capture_output=True,
        text=True,
        check=False,
    )


@dataclass
class Imitation:
    """A runner on which no program is real: each succeeds, except the one that shall fail.

    Attributes:
        folder: An empty folder.
    """

    folder: Path

    def run(self, script: str, shell: str | None, failing: str = "") -> tuple[int, list[str]]:
        """Run a script; its exit code, and the programs that it has started, once each."""
        called = self.folder / "called"
        environment = {
            "PATH": str(self.folder / "nothing"),
            "BASH_FUNC_command_not_found_handle%%": _HANDLE,
            "CALLED": str(called),
            "FAILING": failing,
            "RUNNER_TEMP": str(self.folder),
            "HOME": str(self.folder),
            "GITHUB_STEP_SUMMARY": str(self.folder / "summary"),
            "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "token",
            "ACTIONS_ID_TOKEN_REQUEST_URL": "https://token.invalid/?a=b",
        }
        for _ in range(20):
            called.write_text("")
            done = run_shell(script, shell, self.folder, environment)
            missing = _MISSING.search(done.stderr)
            if missing is None:
                return done.returncode, list(dict.fromkeys(called.read_text().split()))
            self._add(missing[1])
        raise AssertionError(done.stderr)

    def _add(self, path: str) -> None:
        program = self.folder / path
        program.parent.mkdir(parents=True, exist_ok=True)
        program.write_text(_PROGRAM.format(bash=BASH, name=path))
        program.chmod(0o755)


def fill(text: str, values: Mapping[str, str]) -> str:
    """Replace `${{ name }}` by its value, or by nothing, as GitHub does for unset names.

    The second part of `${{ name || 'default' }}` is the value of an unset name.
    """

    def value(found: re.Match[str]) -> str:
        name, _, default = (part.strip() for part in found[1].partition("||"))
        return values.get(name) or default.strip("'")

    return re.sub(r"\$\{\{(.*?)\}\}", value, text)


def inherited() -> dict[str, str]:
    """The variables of this process that a real program needs."""
    return {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
