"""Builds and tests the dbt project in the schemas of `DDRC_SCHEMA_PREFIX`."""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from include import warehouse
from include.query_tags import ALL_SOURCES
from include.transform_project import PROJECT, dbt_environment

# In the query tag of its statements, where Airflow has the DAG.
TAG = "dev_schemas"


def build(arguments: Sequence[str] = ()) -> int:
    """Run `dbt build`: models, tests, unit tests and snapshots.

    It has the profile that Cosmos makes from Airflow's connection, and writes nothing into the
    checkout: the manifest there has the names of this checkout's own prefix.

    Args:
        arguments: More arguments of dbt, for example a selection.

    Returns:
        dbt's exit code.
    """
    from include.pipeline.transform import profile_config

    dbt = Path(sys.executable).with_name("dbt")
    with (
        profile_config(ALL_SOURCES).ensure_profile() as (profile, secrets),
        TemporaryDirectory(prefix="dev-schemas-") as folder,
    ):
        command = [
            str(dbt), "build",
            "--project-dir", str(PROJECT),
            "--profiles-dir", str(Path(profile).parent),
            "--profile", "ddrc",
            "--target", warehouse.environment().lower(),
            "--target-path", f"{folder}/target",
            "--log-path", f"{folder}/logs",
            *arguments,
        ]  # fmt: skip
        environment = {**os.environ, **dbt_environment(), **secrets, "AIRFLOW_CTX_DAG_ID": TAG}
        return subprocess.run(command, env=environment, check=False).returncode
