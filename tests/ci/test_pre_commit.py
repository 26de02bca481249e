"""The pre-commit hooks run `make lint`'s tools, and refuse a bad commit."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml  # type: ignore[import-untyped]

from local.home import REPOSITORY

CONFIGURATION = REPOSITORY / ".pre-commit-config.yaml"
# Where make installs the tools.
[VENV] = re.findall(r"^VENV := (\S+)$", (REPOSITORY / "Makefile").read_text(), re.M)


def hooks() -> list[dict[str, Any]]:
    (repository,) = yaml.safe_load(CONFIGURATION.read_text())["repos"]
    assert repository["repo"] == "local"
    return list(repository["hooks"])


def test_every_hook_is_a_tool_that_make_installs_and_lint_runs() -> None:
    makefile = (REPOSITORY / "Makefile").read_text()

    assert len(hooks()) >= 6
    for hook in hooks():
        assert hook["entry"].startswith(f"{VENV}/bin/"), hook["entry"]
        tool, _, arguments = hook["entry"].removeprefix(f"{VENV}/bin/").partition(" ")
        assert hook["language"] == "system"
        assert (Path(sys.executable).parent / tool).exists(), tool
        first = arguments.split()[:2] if tool == "python" else arguments.split()[:1]
        assert f"$(BIN)/{tool} {' '.join(first)}" in makefile, hook["id"]


def test_a_badly_formatted_file_is_refused(tmp_path: Path) -> None:
    shutil.copyfile(CONFIGURATION, tmp_path / CONFIGURATION.name)
    (tmp_path / VENV).parent.mkdir(exist_ok=True)
    (tmp_path / VENV).symlink_to(Path(sys.executable).parents[1])
    (tmp_path / "good.py").write_text('"""Nothing."""\n')
    environment = os.environ | {"PRE_COMMIT_HOME": str(tmp_path / "home"), "HOME": str(tmp_path)}

    def run(*command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
        )

    def hook() -> subprocess.CompletedProcess[str]:
        pre_commit = str(Path(sys.executable).with_name("pre-commit"))
        return run(pre_commit, "run", "format", "--files", "good.py")

    run("git", "init", "--quiet")
    run("git", "add", "good.py", CONFIGURATION.name)

    assert hook().returncode == 0

    (tmp_path / "good.py").write_text("x  =  1\n")
    run("git", "add", "good.py")
    refused = hook()
    assert refused.returncode == 1
    assert "1 file would be reformatted" in refused.stdout
