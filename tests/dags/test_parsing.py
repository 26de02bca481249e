"""Parsing the DAGs needs nothing: no settings, no network, no dbt, no warehouse."""

import subprocess
import sys
from pathlib import Path

import pytest

from local.home import REPOSITORY

DAGS = REPOSITORY / "dags"

# What a DAG file must not do while it is parsed fails at once, wherever it is hidden.
GUARDED = """
import os, socket, subprocess, sys
import snowflake.connector
def refuse(what):
    def refusal(*_, **__):
        raise AssertionError(f"parsing a DAG {what}")
    return refusal
socket.socket.connect = socket.create_connection = refuse("opened a connection")
start = subprocess.Popen.__init__
def start_what_asks_for_the_platform(self, args, *rest, **options):
    # Python's own `platform` does, for libraries that ask it where they run.
    started = start if args[0] in ("uname", "file") else refuse("started a process")
    started(self, args, *rest, **options)
subprocess.Popen.__init__ = start_what_asks_for_the_platform
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
Said = dict[str, list[str]]


@pytest.fixture(scope="module")
def bad(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """DAGs that do more than declare themselves."""
    folder = tmp_path_factory.mktemp("bad")
    for name, (code, _) in BAD.items():
        head = "from airflow.sdk import DAG"
        (folder / f"{name}.py").write_text(f"{head}\n{code}\nwith DAG('{name}'):\n    pass\n")
    return folder


@pytest.fixture(scope="module")
def parsed(bad: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[Path, Said]:
    """What one process with nothing but its path made of our folder, and then of the bad one."""
    home = str(tmp_path_factory.mktemp("home"))
    environment = {"AIRFLOW_HOME": home, "PYTHONPATH": str(REPOSITORY), "HOME": home}
    done = subprocess.run(
        [sys.executable, "-c", GUARDED, str(DAGS), str(bad)],
        env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found: dict[Path, Said] = {}
    for line in done.stdout.splitlines():
        word, *rest = line.split()
        if word == "FOLDER":
            said = found[Path(rest[0])] = {"ERROR": [], "PARSED": [], "DBT": []}
        elif word in ("ERROR", "PARSED", "DBT"):
            said[word] += [line] if word == "ERROR" else rest
    return found


def test_every_dag_parses_with_nothing_around_it(parsed: dict[Path, Said]) -> None:
    said = parsed[DAGS]
    assert said["ERROR"] == []
    assert set(said["PARSED"]) == {path.stem for path in DAGS.glob("*.py")}
    assert said["DBT"] == [], "dbt itself is imported by the tasks that run it"


def test_a_dag_that_does_more_than_declare_itself_is_found(
    bad: Path, parsed: dict[Path, Said]
) -> None:
    said = parsed[bad]
    errors = "\n".join(said["ERROR"])
    for name in ("network", "process", "warehouse"):
        assert BAD[name][1] in errors, name
    assert "dbt.cli.main" in said["DBT"]
