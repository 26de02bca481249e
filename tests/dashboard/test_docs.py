"""The dashboard's documents: their analysis runs, and the files they list are enough to deploy."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import snowflake.connector
from snowflake.connector import SnowflakeConnection

from include.dashboard.queries import read
from include.incidents.incident_log import INCIDENT_LOG
from include.publishing.history import PUBLISHED_METRICS
from local.home import REPOSITORY
from local.screenshots import code_block

RUN_APP = """
from streamlit.testing.v1 import AppTest
app = AppTest.from_file("streamlit_app.py", default_timeout=60).run()
assert not app.exception, app.exception[0].stack_trace
print(app.title[0].value, "|", app.error[0].value)
"""


def test_the_documented_analysis_draws_its_chart(
    connection: SnowflakeConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snowflake.connector, "connect", lambda: connection)
    namespace: dict[str, Any] = {}

    exec(code_block("analysis.md", "python"), namespace)

    [rows] = namespace["chart"].to_dict()["datasets"].values()
    cities = {row["city"] for row in rows}
    assert cities == {"Pasadena"}
    # The count grows by one an hour; one week in autumn has an extra hour.
    assert max(row["permits"] for row in rows if row["permits"]) == 7 * 24 + 1


def test_the_app_needs_only_the_deployed_files(tmp_path: Path) -> None:
    for name in ("include", "docs"):
        (tmp_path / name).symlink_to(REPOSITORY / name)
    script = code_block("dashboard.md", "sh")
    subprocess.run(["sh", "-ec", script], cwd=tmp_path, check=True)
    deployed = tmp_path / "deploy"
    (tmp_path / "include").unlink()
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith("PYTHON")
    }

    done = subprocess.run(
        [sys.executable, "-c", RUN_APP],
        cwd=deployed, env=environment | {"SNOWFLAKE_HOME": str(tmp_path)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("Recovery now | Snowflake does not answer")
    used = set(deployed.rglob("*.py")) | set(deployed.rglob("*.sql"))
    assert len(used) > 20


def test_snowflake_installs_the_versions_that_the_tests_use() -> None:
    required = (REPOSITORY / "include" / "dashboard" / "requirements.txt").read_text().splitlines()
    pinned = {
        line.split(";")[0].strip()
        for line in (REPOSITORY / "constraints.txt").read_text().splitlines()
    }

    assert {line for line in required if line and not line.startswith("#")} - pinned == set()


def test_the_queries_read_the_tables_that_the_pipeline_writes() -> None:
    schema = read._schemas()["history"]

    assert PUBLISHED_METRICS.full_name == f"{schema}.PUBLISHED_METRICS"
    assert INCIDENT_LOG.full_name == f"{schema}.INCIDENT_LOG"
