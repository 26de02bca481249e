"""`astro dev parse`, and a deployment with parsing: the integrity test, in the image."""

import re
import shutil
from pathlib import Path

import pytest

from local import airflow_server
from local.home import REPOSITORY
from tests.astro import cli

pytestmark = pytest.mark.slow

BROKEN = {
    "dags/syntax.py": ("def dag(:\n", "SyntaxError"),
    "dags/missing.py": ("import airflow, pandas_of_tomorrow\n", "No module named 'pandas_of_tom"),
    "dags/exits.py": ("import sys\nsys.exit('no settings')\n", "SystemExit: no settings"),
    "dags/team/uncalled.py": (
        "from airflow.sdk import dag\n@dag()\ndef uncalled(): ...\n",
        "defines no DAG; call the function that has the decorator @dag",
    ),
    "dags/cycle.py": (
        "from airflow.sdk import DAG\nfrom airflow.providers.standard.operators.empty import"
        " EmptyOperator as E\nwith DAG('cycle'):\n    a, b = E(task_id='a'), E(task_id='b')\n"
        "    a >> b >> a\n",
        "Cycle detected",
    ),
    "dags/variable.py": (
        "from airflow.sdk import DAG, Variable\ndag = DAG(Variable.get('nobody_set_this'))\n",
        "nobody_set_this",
    ),
}
GOOD = {
    "dags/twice_1.py": "from airflow.sdk import DAG\ndag = DAG('twice_1')\n",
    "dags/twice_2.py": "from airflow.sdk import DAG\ndag = DAG('twice_1')\n",
}


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return cli.image_python(tmp_path_factory.mktemp("image"))


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    airflow_server.make_manifest()
    return cli.container(tmp_path_factory.mktemp("container"))


def failures(output: str) -> dict[str, str]:
    """The line that explains each failure, by the file."""
    lines = [line for line in output.splitlines() if re.match(r"dags/\S+\.py: ", line)]
    return dict(line.split(": ", 1) for line in lines)


def test_the_project_passes(python: Path, project: Path) -> None:
    done = cli.run_pytest(python, project, cli.PARSE)

    assert done.returncode == 0, done.stdout + done.stderr
    files = len(list((REPOSITORY / "dags").glob("*.py")))
    assert f"{files + 1} passed" in done.stdout


def write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)


def test_each_broken_dag_fails_and_its_message_says_why(
    python: Path, project: Path, tmp_path: Path
) -> None:
    # With Docker, `astro dev start` mounts the checkout's `include` over the image's: without a
    # manifest there, the DAGs that run dbt have no tasks to show.
    for folder in ("include", ".astro"):
        shutil.copytree(
            project / folder, tmp_path / folder, ignore=shutil.ignore_patterns("target")
        )
    write(tmp_path, {"dags/epa.py": (project / "dags" / "epa.py").read_text()})
    write(tmp_path, GOOD | {name: text for name, (text, _) in BROKEN.items()})

    done = cli.run_pytest(python, tmp_path, cli.PARSE)

    # The CLI reports failed DAGs for this exit code only.
    assert done.returncode == 1, done.stdout + done.stderr
    found = failures(done.stdout)
    for name, (_, message) in BROKEN.items():
        assert message in found.pop(name), name
    manifest = "include/transform/target/manifest.json does not exist; make it with: make manifest"
    assert manifest in found.pop("dags/epa.py")
    # Which of the two files with the same DAG is parsed first is up to the file system.
    (twice,) = found.items()
    assert twice[0] in ("dags/twice_1.py", "dags/twice_2.py")
    assert "twice_1" in twice[1]
    assert f"{len(BROKEN) + 2} failed, {len(GOOD)} passed" in done.stdout


def test_a_project_without_dags_fails(python: Path, tmp_path: Path) -> None:
    write(tmp_path, {cli.PARSE: (REPOSITORY / cli.PARSE).read_text()})

    done = cli.run_pytest(python, tmp_path, cli.PARSE)

    assert done.returncode == 1
    assert "dags has no Python file" in done.stdout
