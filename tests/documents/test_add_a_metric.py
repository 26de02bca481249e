"""The page on adding a metric: its own changes, made to a copy, publish the metric."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from local.home import REPOSITORY
from tests.cleanup import marks
from tools.checkout import copy_files

PAGE = REPOSITORY / "docs" / "add-a-metric.md"
METRIC = "phase2_roes_withdrawn"

# Run by pytest in the copy: two DAGs, and the public file that they leave.
PUBLISH = """
import json
from pathlib import Path

from local.cloud import Cloud
from tests.whole_dags.helpers import blob, run_dag


def test_publish(fresh: Cloud) -> None:
    for dag in ("usace", "publish_metrics"):
        run_dag(dag)
    Path("published.json").write_text(json.dumps(blob(fresh, "ddrc-metrics.json")))
"""


def changes() -> list[str]:
    """The page's changes, as unified diffs."""
    return re.findall(r"^```diff\n(.*?)^```$", PAGE.read_text(), re.DOTALL | re.MULTILINE)


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the checkout with the page's changes."""
    root = copy_files(REPOSITORY, tmp_path_factory.mktemp("metric"))
    for change in changes():
        done = subprocess.run(
            ["patch", "--strip=1", "--fuzz=0"],
            cwd=root, input=change, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
    # The installed Azurite is shared: the copy needs no second one.
    tools = REPOSITORY / ".local" / "tools"
    tools.mkdir(parents=True, exist_ok=True)
    (root / ".local").mkdir()
    (root / ".local" / "tools").symlink_to(tools)
    return root


def run(copy: Path, *words: str) -> None:
    """Run Python in the copy."""
    clean = {name: value for name, value in os.environ.items()
             if not name.startswith(("AIRFLOW", "DDRC", "PYTEST", "LOCAL"))}  # fmt: skip
    environment = {**clean, **marks(), "PYTHONPATH": str(copy)}
    done = subprocess.run(
        [sys.executable, *words],
        cwd=copy, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_page_changes_three_files(copy: Path) -> None:
    changed = [line.removeprefix("+++ b/") for change in changes()
               for line in change.splitlines() if line.startswith("+++ ")]  # fmt: skip
    assert len(changed) == len(set(changed)) == 3
    for name in changed:
        assert METRIC in (copy / name).read_text()
        assert METRIC not in (REPOSITORY / name).read_text()


def test_the_metric_of_the_page_reaches_the_public_file(copy: Path) -> None:
    project = ("--project-dir", "include/transform", "--profiles-dir", "include/transform")
    (copy / "tests" / "whole_dags" / "test_publish.py").write_text(PUBLISH)

    run(copy, "-m", "dbt.cli.main", "--quiet", "parse", *project)
    run(copy, "-m", "pytest", "-n0", "-q", "tests/sources", "tests/transform/test_definitions.py",
        "tests/whole_dags/test_publish.py")  # fmt: skip

    published = {
        row["METRIC_NAME"]: row for row in json.loads((copy / "published.json").read_text())
    }
    assert published[METRIC]["METRIC_VALUE"] == 1
    assert published[METRIC]["METRIC_UNIT_LABEL"] == "rights of entry withdrawn"
    assert published["phase2_roes_accepted"]["METRIC_VALUE"] == 6
