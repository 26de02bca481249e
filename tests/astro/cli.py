"""What the Astro CLI 1.45 does with a project, as its source says; the CLI is not installed here.

github.com/astronomer/astro-cli: config/config.go, airflow/docker_image.go, airflow/standalone.go,
pkg/airflowrt/dockerfile.go and pkg/airflowrt/env.go.
"""

import re
import shutil
import subprocess
import venv
from collections.abc import Mapping
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from local.home import REPOSITORY
from tests.image.dockerignore import sent_files
from tests.image.packages import needed
from tools.checkout import list_files

PARSE = ".astro/test_dag_integrity_default.py"
# `Pytest` copies these into a container of the image, into /usr/local/airflow.
COPIED = ("dags", "tests", "plugins", "include", ".astro")
STANDALONE = ".astro/standalone"
# `astro dev kill` removes these in standalone mode.
KILLED = (".venv", STANDALONE)


def is_project(folder: Path) -> bool:
    """True if the CLI's commands accept the folder (`IsProjectDir`)."""
    return (folder / ".astro" / "config.yaml").is_file()


def container(to: Path) -> Path:
    """The project in a container of the image, as `astro dev pytest` and `astro dev parse` make it.

    The image's build has parsed the dbt project; its manifest is this checkout's.
    """
    files = list_files(REPOSITORY)
    names = {*sent_files(files, (REPOSITORY / ".dockerignore").read_text())}
    names |= {name for name in files if name.split("/")[0] in COPIED}
    names.add("include/transform/target/manifest.json")
    for name in names:
        (to / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(REPOSITORY / name, to / name)
    return to


def image_python(folder: Path) -> Path:
    """A Python that has only the packages of the image: those that production needs, and pytest."""
    venv.create(folder, with_pip=False, symlinks=True)
    packages = next((folder / "lib").glob("python*")) / "site-packages"
    requirements = (REPOSITORY / "requirements.txt").read_text()
    for name in {need.name for need in needed(f"{requirements}\napache-airflow\npytest")}:
        try:
            _link(distribution(name), packages)
        except PackageNotFoundError:
            continue  # Only other Pythons or platforms need it.
    return folder / "bin" / "python"


def _link(installed: Distribution, packages: Path) -> None:
    for top in {Path(file).parts[0] for file in installed.files or ()} - {"..", "__pycache__"}:
        link = packages / top
        if not link.exists():
            link.symlink_to(str(installed.locate_file(top)))


def runtime(image: str) -> tuple[str, str]:
    """The versions of Astro Runtime and of Python in an image's tag (`ParseRuntimeTagPython`).

    By these two, standalone mode downloads the list of Airflow's packages.
    """
    found = re.fullmatch(
        r"(\d+\.\d+-\d+)(?:-slim)?-python-(\d+\.\d+)(?:-base)?", image.split(":")[1]
    )
    assert found, image
    return found[1], found[2]


def standalone_environment(
    project: Path, env_file: Path, inherited: Mapping[str, str], port: str = "8080"
) -> dict[str, str]:
    """The environment of every process in standalone mode (`buildEnv`)."""
    overrides = _read_env_file(env_file)
    path = inherited.get("PYTHONPATH", "")
    overrides |= {
        "PATH": f"{project / '.venv' / 'bin'}:{inherited['PATH']}",
        "PYTHONPATH": f"{project}:{path}" if path else str(project),
        "AIRFLOW_HOME": str(project / STANDALONE),
        "ASTRONOMER_ENVIRONMENT": "local",
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__DAGS_FOLDER": str(project / "dags"),
        "AIRFLOW__CORE__FERNET_KEY": "d6Vefz3G9U_ynXB3cr7y_Ak35tAHkEGAVxuz_B-jzWw=",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS": "True",
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"http://localhost:{port}/execution/",
        "AIRFLOW__API__SECRET_KEY": "astro-standalone",
        "AIRFLOW__API_AUTH__JWT_SECRET": "astro-standalone",
    }
    proxies = {f"{kind}_PROXY" for kind in ("HTTP", "HTTPS", "ALL", "NO")}
    if not any(name.upper() in proxies for name in {*overrides, *inherited}):
        overrides |= {"NO_PROXY": "*", "no_proxy": "*"}
    return {**inherited, **overrides}


def _read_env_file(file: Path) -> dict[str, str]:
    """The settings of a `.env` as `LoadEnvFile` reads it; none if there is no file."""
    if not file.is_file():
        return {}
    lines = [line.strip() for line in file.read_text().splitlines()]
    pairs = [line.split("=", 1) for line in lines if "=" in line and not line.startswith("#")]
    return {name: _without_quotes(value) for name, value in pairs}


def _without_quotes(value: str) -> str:
    quoted = len(value) >= 2 and value[0] == value[-1] and value[0] in "\"'"
    return value[1:-1] if quoted else value


def run_pytest(
    python: Path, project: Path, *arguments: str, **settings: str
) -> subprocess.CompletedProcess[str]:
    """Run pytest in a container's project; the settings are those of an `--env-file`."""
    environment = {
        "PATH": f"{python.parent}:/usr/bin:/bin",
        "HOME": str(project),
        # The image sets both.
        "AIRFLOW_HOME": str(project),
        "PYTHONPATH": str(project),
        **settings,
    }
    # The script `pytest` does not put the folder first on the path, `python -m pytest` would.
    code = "import sys, pytest; sys.exit(pytest.main(sys.argv[1:]))"
    return subprocess.run(
        [str(python), "-P", "-c", code, *arguments],
        cwd=project,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
