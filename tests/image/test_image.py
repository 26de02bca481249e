"""The production image, without a Docker engine; `.ci/image` builds and inspects it."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from local.airflow import IMAGE_SETTINGS
from local.home import REPOSITORY
from tests.image.dockerignore import sent_files
from tests.image.packages import OF_THE_BASE

IGNORE = (REPOSITORY / ".dockerignore").read_text()
CHECK = (REPOSITORY / ".ci" / "image").read_text()
INSTRUCTION = re.compile(r"^(?P<name>[A-Z]+)\s+(?P<rest>.+)$")


def instructions() -> list[tuple[str, str]]:
    text = (REPOSITORY / "Dockerfile").read_text().replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    matches = [INSTRUCTION.match(line) for line in lines]
    assert all(matches), lines
    return [(match["name"], match["rest"]) for match in matches if match]


def tracked() -> list[str]:
    listed = subprocess.run(
        ["git", "ls-files"], cwd=REPOSITORY, capture_output=True, text=True, check=True
    )
    return listed.stdout.splitlines()


def test_the_base_is_a_runtime_of_the_pinned_airflow() -> None:
    pinned = re.search(
        r"^apache-airflow==(\d+\.\d+)\.",
        (REPOSITORY / "requirements-dev.txt").read_text(),
        re.MULTILINE,
    )
    (first, base), *_ = instructions()

    assert first == "FROM"
    # With "-base" the Dockerfile itself installs the packages, by the constraints.
    found = re.fullmatch(
        r"astrocrpublic\.azurecr\.io/runtime:(\d+\.\d+)-\d+-python-3\.12-base", base
    )
    assert found, base
    assert pinned
    assert found[1] == pinned[1]


def test_airflow_comes_from_the_base_image() -> None:
    # The base's build step refuses a requirements.txt that pins Airflow.
    assert "apache-airflow==" not in (REPOSITORY / "requirements.txt").read_text()


def test_the_image_ends_as_a_user_who_is_not_root() -> None:
    assert instructions()[-1] == ("USER", "astro")


def test_root_installs_and_the_project_belongs_to_its_user() -> None:
    steps = [(name, " ".join(rest.split())) for name, rest in instructions() if name != "ENV"][1:]

    assert steps[0] == ("USER", "root")
    assert steps.index(("USER", "astro")) < steps.index(("COPY", "--chown=astro:0 . ."))


def runs() -> list[str]:
    return [" ".join(rest.split()) for name, rest in instructions() if name == "RUN"]


def test_the_manifest_is_built_in() -> None:
    assert runs()[-1] == (
        "dbt --quiet parse --project-dir include/transform --profiles-dir include/transform"
    )


def test_the_packages_are_installed_by_the_constraints_and_airflow_is_the_bases(
    tmp_path: Path,
) -> None:
    copied = next(rest for name, rest in instructions() if name == "COPY" and "require" in rest)
    for name in copied.split()[:-1]:
        shutil.copy(REPOSITORY / name, tmp_path)
    script = "/usr/local/bin/install-python-dependencies"
    (command,) = (run for run in runs() if script in run)

    subprocess.run(["sh", "-euc", command.replace(script, "true")], cwd=tmp_path, check=True)

    installed = (tmp_path / "requirements.txt").read_text()
    *requirements, option = installed.splitlines()
    assert "\n".join(requirements).strip() == (REPOSITORY / "requirements.txt").read_text().strip()
    assert option == "--constraint constraints.txt"
    tested = set((REPOSITORY / "constraints.txt").read_text().splitlines())
    left = set((tmp_path / "constraints.txt").read_text().splitlines())
    assert left < tested
    assert {line.partition("==")[0] for line in tested - left} == set(OF_THE_BASE)


def test_the_built_image_is_compared_with_the_constraints() -> None:
    assert '--entrypoint python "$image" - < .ci/image_packages.py' in CHECK
    assert "set -euo pipefail" in CHECK


def test_the_laptop_sets_what_the_image_sets() -> None:
    set_by_the_image = [rest.split("=", 1) for name, rest in instructions() if name == "ENV"]

    assert dict(set_by_the_image) == IMAGE_SETTINGS


def test_the_steps_are_known_ones() -> None:
    assert {name for name, _ in instructions()} == {"FROM", "USER", "COPY", "RUN", "ENV"}


def test_the_image_holds_all_that_production_runs() -> None:
    inside = set(sent_files(tracked(), IGNORE))

    for folder in ("dags/", "include/", "plugins/"):
        outside = [name for name in tracked() if name.startswith(folder) and name not in inside]
        assert outside == [], folder
    needed = {"requirements.txt", "constraints.txt", "packages.txt"}
    assert needed | {"include/transform/dbt_project.yml"} <= inside
    assert sent_files(["include/version.json"], IGNORE), "a deployment writes it before the build"


def test_the_image_holds_nothing_else() -> None:
    tops = {name.partition("/")[0] for name in sent_files(tracked(), IGNORE)}

    files = {"packages.txt", "requirements.txt", "constraints.txt"}
    assert tops == {"dags", "include", "plugins"} | files


@pytest.mark.parametrize(
    "path",
    [
        ".env",
        "include/.env",
        ".git/config",
        ".local/credentials.json",
        ".venv/bin/python",
        ".local/venv/bin/python",
        ".astro/config.yaml",
        "tests/conftest.py",
        "local/credentials.py",
        "terraform/environments/prd/terraform.tfvars",
        "airflow_loader.p8",
        "a-folder-of-tomorrow/file.py",
        "include/transform/target/manifest.json",
        "dags/__pycache__/epa.cpython-312.pyc",
    ],
)
def test_other_files_of_a_checkout_stay_out_of_the_image(path: str) -> None:
    assert sent_files([path], IGNORE) == []


def test_the_check_of_the_built_image_covers_every_excluded_folder() -> None:
    listed = re.search(r"^for foreign in (.+); do$", CHECK, re.MULTILINE)
    assert listed
    folders = {name.partition("/")[0] for name in tracked() if "/" in name}

    assert folders - {"dags", "include", "plugins"} <= set(listed[1].split())


@pytest.mark.parametrize(
    ("pattern", "path", "sent"),
    [
        ("tests", "tests/deep/file", False),
        ("tests", "a/tests", True),
        ("**/tests", "a/tests/file", False),
        ("*.md", "README.md", False),
        ("*.md", "docs/README.md", True),
        ("*\n!docs", "docs/README.md", True),
        ("*\n!docs\ndocs/*.md", "docs/README.md", False),
        ("# docs", "docs/README.md", True),
        ("/docs/", "docs/README.md", False),
        ("te?t", "test", False),
        ("a/**", "a/b/c", False),
    ],
)
def test_patterns_follow_dockers_rules(pattern: str, path: str, sent: bool) -> None:
    assert sent_files([path], pattern) == ([path] if sent else [])
