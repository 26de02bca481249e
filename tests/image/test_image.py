"""The production image, without a Docker engine; `.ci/image` builds and inspects it."""

import re
import subprocess

import pytest

from local.airflow import IMAGE_SETTINGS
from local.home import REPOSITORY
from tests.image.dockerignore import sent_files

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
    found = re.fullmatch(r"astrocrpublic\.azurecr\.io/runtime:(\d+\.\d+)-\d+-python-3\.12", base)
    assert found, base
    assert pinned
    assert found[1] == pinned[1]


def test_airflow_comes_from_the_base_image() -> None:
    # The base's build step refuses a requirements.txt that pins Airflow.
    assert "apache-airflow==" not in (REPOSITORY / "requirements.txt").read_text()


def test_the_image_ends_as_a_user_who_is_not_root() -> None:
    assert [rest for name, rest in instructions() if name == "USER"] == ["astro"]
    assert instructions()[-1] == ("USER", "astro")


def test_the_manifest_is_built_in() -> None:
    runs = [" ".join(rest.split()) for name, rest in instructions() if name == "RUN"]

    assert runs == [
        "dbt --quiet parse --project-dir include/transform --profiles-dir include/transform"
    ]


def test_the_laptop_sets_what_the_image_sets() -> None:
    set_by_the_image = [rest.split("=", 1) for name, rest in instructions() if name == "ENV"]

    assert dict(set_by_the_image) == IMAGE_SETTINGS


def test_only_the_base_copies_files() -> None:
    assert {name for name, _ in instructions()} == {"FROM", "RUN", "ENV", "USER"}


def test_the_image_holds_all_that_production_runs() -> None:
    inside = set(sent_files(tracked(), IGNORE))

    for folder in ("dags/", "include/", "plugins/"):
        outside = [name for name in tracked() if name.startswith(folder) and name not in inside]
        assert outside == [], folder
    assert {"requirements.txt", "packages.txt", "include/transform/dbt_project.yml"} <= inside
    assert sent_files(["include/version.json"], IGNORE), "a deployment writes it before the build"


def test_the_image_holds_nothing_else() -> None:
    tops = {name.partition("/")[0] for name in sent_files(tracked(), IGNORE)}

    assert tops == {"dags", "include", "plugins", "packages.txt", "requirements.txt"}


@pytest.mark.parametrize(
    "path",
    [
        ".env",
        "include/.env",
        ".git/config",
        ".local/credentials.json",
        ".venv/bin/python",
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
