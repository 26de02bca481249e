"""Every DAG file parses, defines a DAG and can be stored by the scheduler.

`astro dev parse`, and `astro deploy` with parsing, run this file in the image, and refuse the
project if a test fails. The Astro CLI's own file of this name does not work on Airflow 3.3, whose
`DagBag` has no argument `include_examples`.

The file needs only what the image has: Airflow, pytest, and the project's `dags`, `include` and
`plugins`. Nothing here reads a database or the network.
"""

import logging
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from airflow.dag_processing.dagbag import DagBag

ROOT = Path(__file__).resolve().parents[1]
DAGS = ROOT / "dags"
# A `.env` written for a laptop's Airflow names folders that the image does not have.
sys.path[:0] = [str(ROOT)]
os.environ["AIRFLOW__CORE__PLUGINS_FOLDER"] = str(ROOT / "plugins")

FILES = sorted(DAGS.rglob("*.py"))


@pytest.fixture(scope="module")
def bag() -> "DagBag":
    """The DAGs, parsed as the scheduler's DAG processor does."""
    from airflow.dag_processing.dagbag import DagBag

    # The errors are in the tests' messages; the log would repeat each with its traceback.
    logging.disable(logging.CRITICAL)
    try:
        # Airflow skips a file without the words "dag" and "airflow" unless the mode is not safe.
        return DagBag(DAGS, safe_mode=False, bundle_path=DAGS, bundle_name="dags")
    finally:
        logging.disable(logging.NOTSET)


def test_there_are_dags() -> None:
    """An empty folder would pass every other test."""
    if not FILES:
        pytest.fail(f"{DAGS} has no Python file", pytrace=False)


@pytest.mark.parametrize("file", FILES, ids=[str(file.relative_to(ROOT)) for file in FILES])
def test_airflow_accepts_the_dags_of(bag: "DagBag", file: Path) -> None:
    """A failure is one line: the file, the error and its place."""
    from airflow.serialization.serialized_objects import DagSerialization

    error = bag.import_errors.get(str(file.relative_to(DAGS)))
    dags = [dag for dag in bag.dags.values() if Path(dag.fileloc) == file]
    if error is not None:
        _fail(file, _last_lines(error))
    if not dags:
        _fail(file, "defines no DAG; call the function that has the decorator @dag")
    for dag in dags:
        try:
            DagSerialization.to_dict(dag)
        except Exception as problem:
            _fail(file, f"{dag.dag_id} cannot be stored: {problem}")


def _fail(file: Path, problem: str) -> None:
    pytest.fail(f"{file.relative_to(ROOT)}: {problem}", pytrace=False)


def _last_lines(traceback: str) -> str:
    """The error of a traceback, and where it was raised."""
    lines = [line.strip() for line in traceback.splitlines() if line.strip()]
    places = [line for line in lines if line.startswith("File ")]
    return f"{lines[-1]} ({places[-1]})" if places else lines[-1]
