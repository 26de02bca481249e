"""Parsing the DAGs needs nothing: no settings, no network, no dbt, no warehouse."""

import subprocess
import sys
from pathlib import Path

from local.home import REPOSITORY

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
bag = DagBag(dag_folder=sys.argv[1])
for error in bag.import_errors.values():
    print("ERROR", error.strip().splitlines()[-1])
print("PARSED", *sorted(bag.dags))
print("DBT", *sorted(name for name in sys.modules if name.startswith(("dbt.cli", "dbt.parser"))))
"""


def parse(folder: Path, home: Path) -> dict[str, list[str]]:
    """The DAGs that a process with nothing but its path parses, and what went wrong."""
    environment = {"AIRFLOW_HOME": str(home), "PYTHONPATH": str(REPOSITORY), "HOME": str(home)}
    done = subprocess.run(
        [sys.executable, "-c", GUARDED, str(folder)],
        env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    said: dict[str, list[str]] = {"ERROR": [], "PARSED": [], "DBT": []}
    for line in done.stdout.splitlines():
        word, *rest = line.split()
        if word in said:
            said[word] += [line] if word == "ERROR" else rest
    return said


def test_every_dag_parses_with_nothing_around_it(tmp_path: Path) -> None:
    said = parse(REPOSITORY / "dags", tmp_path)
    assert said["ERROR"] == []
    assert set(said["PARSED"]) == {path.stem for path in (REPOSITORY / "dags").glob("*.py")}
    assert said["DBT"] == [], "dbt itself is imported by the tasks that run it"


BAD = {
    "network": ("import httpx; httpx.get('http://127.0.0.1:9')", "opened a connection"),
    "process": ("import subprocess; subprocess.run(['true'])", "started a process"),
    "dbt": ("from dbt.cli.main import dbtRunner", "dbt.cli.main"),
    "warehouse": (
        "import snowflake.connector; snowflake.connector.connect(account='x', user='y')",
        "connected to the warehouse",
    ),
}


def test_a_dag_that_does_more_than_declare_itself_is_found(tmp_path: Path) -> None:
    folder = tmp_path / "dags"
    folder.mkdir()
    for name, (code, _) in BAD.items():
        head = "from airflow.sdk import DAG"
        (folder / f"{name}.py").write_text(f"{head}\n{code}\nwith DAG('{name}'):\n    pass\n")
    said = parse(folder, tmp_path)
    errors = "\n".join(said["ERROR"])
    for name in ("network", "process", "warehouse"):
        assert BAD[name][1] in errors, name
    assert "dbt.cli.main" in said["DBT"]
