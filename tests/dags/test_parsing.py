"""Parsing the DAGs needs no settings, network, dbt or warehouse."""

import subprocess
import sys
from pathlib import Path

import pytest

from local.home import REPOSITORY

DAGS = REPOSITORY / "dags"

# Whatever a DAG file must not do while it is parsed fails at once.
GUARDED = """
import os, socket, subprocess, sys
import snowflake.connector
def refuse(what):
    def refusal(*_, **__):
        raise AssertionError(f"parsing a DAG {what}")
    return refusal
socket.socket.connect = socket.create_connection = refuse("opened a connection")
start = subprocess.Popen.__init__
def start_only_platform_checks(self, args, *rest, **options):
    # Python's own `platform` module runs these two.
    started = start if args[0] in ("uname", "file") else refuse("started a process")
    started(self, args, *rest, **options)
subprocess.Popen.__init__ = start_only_platform_checks
os.system = os.posix_spawn = refuse("started a process")
snowflake.connector.connect = refuse("connected to the warehouse")
snowflake.connector.SnowflakeConnection.__init__ = refuse("connected to the warehouse")
from airflow.dag_processing.dagbag import DagBag
for folder in sys.argv[1:]:
    print("FOLDER", folder)
    bag = DagBag(dag_folder=folder)
    for error in bag.import_errors.values():
        print("ERROR", error.strip().splitlines()[-1])
    print("PARSED", *sorted(bag.dags))
    dbt = {name for name in sys.modules if name.startswith(("dbt.cli", "dbt.parser"))}
    print("DBT", *sorted(dbt))
"""
BAD = {
    "network": ("import httpx; httpx.get('http://127.0.0.1:9')", "opened a connection"),
    "process": ("import subprocess; subprocess.run(['true'])", "started a process"),
    "dbt": ("from dbt.cli.main import dbtRunner", "dbt.cli.main"),
    "warehouse": (
        "import snowflake.connector; snowflake.connector.connect(account='x', user='y')",
        "connected to the warehouse",
    ),
}
Output = dict[str, list[str]]


@pytest.fixture(scope="module")
def bad(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """DAGs that do more than declare tasks."""
    folder = tmp_path_factory.mktemp("bad")
    for name, (code, _) in BAD.items():
        head = "from airflow.sdk import DAG"
        (folder / f"{name}.py").write_text(f"{head}\n{code}\nwith DAG('{name}'):\n    pass\n")
    return folder


@pytest.fixture(scope="module")
def parsed(bad: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[Path, Output]:
    """The output of a process without settings that parsed the DAGs, and then the bad ones."""
    home = str(tmp_path_factory.mktemp("home"))
    environment = {"AIRFLOW_HOME": home, "PYTHONPATH": str(REPOSITORY), "HOME": home}
    done = subprocess.run(
        [sys.executable, "-c", GUARDED, str(DAGS), str(bad)],
        env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found: dict[Path, Output] = {}
    for line in done.stdout.splitlines():
        word, *rest = line.split()
        if word == "FOLDER":
            output = found[Path(rest[0])] = {"ERROR": [], "PARSED": [], "DBT": []}
        elif word in ("ERROR", "PARSED", "DBT"):
            output[word] += [line] if word == "ERROR" else rest
    return found


def test_every_dag_parses_without_settings(parsed: dict[Path, Output]) -> None:
    output = parsed[DAGS]
    assert output["ERROR"] == []
    assert set(output["PARSED"]) == {path.stem for path in DAGS.glob("*.py")}
    assert output["DBT"] == [], "only the tasks that run dbt may import it"


def test_a_dag_that_does_more_than_declare_tasks_is_found(
    bad: Path, parsed: dict[Path, Output]
) -> None:
    output = parsed[bad]
    errors = "\n".join(output["ERROR"])
    for name in ("network", "process", "warehouse"):
        assert BAD[name][1] in errors, name
    assert "dbt.cli.main" in output["DBT"]
