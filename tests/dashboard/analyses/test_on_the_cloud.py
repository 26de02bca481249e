"""Analyses as programs, on the emulated warehouse's server, as the dashboard's role."""

import os
import subprocess
import sys
from pathlib import Path

import pandas as pd

from local import dashboard
from local.cloud import Cloud
from local.home import REPOSITORY
from tests.dashboard import year


def test_the_command_reads_what_the_dashboards_role_may_read(filled: Cloud, tmp_path: Path) -> None:
    names = ["page_helpfulness", "phase_pace", "public_file"]
    settings = dashboard.environment(filled) | {"DDRC_SCHEMA_PREFIX": year.PREFIX}

    done = subprocess.run(
        [sys.executable, "-m", "include.dashboard.analyses", *names, "--to", str(tmp_path)],
        cwd=REPOSITORY, env={**os.environ, **settings}, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    assert {file.name for file in tmp_path.iterdir()} == {
        f"{name}.{kind}" for name in names for kind in ("png", "csv")
    }
    pace = pd.read_csv(tmp_path / "phase_pace.csv").set_index("phase")
    # The year's last value; the program's clock is later than the year.
    assert pace.done["Phase 2: debris"] == 1000 + 2 * year.HOURS
    record = pd.read_csv(tmp_path / "public_file.csv")
    assert record.incidents.sum() == 3


def test_a_missing_table_is_one_sentence(empty_warehouse: Cloud, tmp_path: Path) -> None:
    settings = dashboard.environment(empty_warehouse) | {"DDRC_SCHEMA_PREFIX": year.NOTHING}

    done = subprocess.run(
        [sys.executable, "-m", "include.dashboard.analyses", "parcel_waits", "--to", str(tmp_path)],
        cwd=REPOSITORY, env={**os.environ, **settings}, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert done.returncode == 1
    assert done.stderr.startswith("parcel_waits was not written: a table is missing: run the DAG")
    assert "Traceback" not in done.stderr
