"""The packages whose code is mutated, and the tests that should notice."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

from tools.mutants.edits import Edit
from tools.mutants.other_code import hcl_edits, hcl_test_edits, sql_edits, yaml_edits
from tools.mutants.python_code import python_edits


@dataclass(frozen=True)
class Package:
    """A part of the code and its tests.

    Attributes:
        name: The package's name in the report.
        files: Patterns of its files.
        tests: Files or folders of tests; those that most likely notice first.
        wanted: The wanted share of killed mutants, in percent.
        needs: The program without which the tests are skipped.
    """

    name: str
    files: tuple[str, ...]
    tests: tuple[str, ...]
    wanted: int = 90
    needs: str = "git"


PACKAGES = (
    Package(
        "publishing",
        ("include/publishing/**/*.*",),
        ("tests/publishing", "tests/pipeline/test_unload.py"),
        95,
    ),
    Package("incidents", ("include/incidents/**/*.*",), ("tests/incidents",), 95),
    Package("pipeline", ("include/pipeline/**/*.*",), ("tests/pipeline", "tests/dags"), 95),
    Package("sources", ("include/sources/**/*.*",), ("tests/sources",), 95),
    Package(
        "transform",
        ("include/transform/**/*.*",),
        (
            "tests/transform/test_declared_checks.py",
            "tests/transform/test_definitions.py",
            "tests/transform/test_metrics_marts.py",
            "tests/transform",
        ),
        95,
    ),
    Package("ui", ("include/ui/**/*.*",), ("tests/ui",)),
    Package("loaders", ("include/loaders/**/*.*",), ("tests/loaders",)),
    Package("dashboard", ("include/dashboard/**/*.*",), ("tests/dashboard",)),
    Package(
        "shared",
        ("include/*.py",),
        (
            "tests/test_times.py",
            "tests/test_words.py",
            "tests/test_metric_words.py",
            "tests/test_masking.py",
            "tests/test_query_tags.py",
            "tests/test_airflow_client.py",
            "tests/test_history_tables.py",
            "tests/test_transform_project.py",
            "tests/test_warehouse.py",
            "tests/transform/test_definitions.py",
            "tests/publishing",
            "tests/pipeline",
            "tests/sources",
            "tests/local/airflow/test_airflow_api.py",
            "tests/dashboard/test_queries.py",
            "tests/transform/test_relations.py",
        ),
    ),
    Package(
        "terraform",
        ("terraform/**/*.tf", "terraform/**/*.tftest.hcl"),
        ("tests/terraform/test_golden.py", "tests/terraform"),
        needs="terraform",
    ),
)

# Built files, descriptions, the settings of accounts that no test has, and a test in a browser.
_SKIPPED = (
    "*/__pycache__/*",
    "include/transform/target/*",
    "include/transform/logs/*",
    "include/transform/profiles.yml",
    "include/transform/macros/*.yml",
    "terraform/*/backend.tf",
    "terraform/*/versions.tf",
    "terraform/*/providers.tf",
    "tests/dashboard/test_in_a_browser.py",
)
EDITS: dict[str, Callable[[str], Iterator[Edit]]] = {
    ".py": python_edits,
    ".sql": sql_edits,
    ".yml": yaml_edits,
    ".tf": hcl_edits,
    ".hcl": hcl_test_edits,
}


def find_code(package: Package, root: Path) -> list[str]:
    """The package's files that can be mutated."""
    return _paths(root, [file for pattern in package.files for file in root.glob(pattern)])


def find_tests(package: Package, root: Path) -> list[str]:
    """The package's files of tests."""
    found: list[Path] = []
    for name in package.tests:
        path = root / name
        found += sorted(path.rglob("test_*.py")) if path.is_dir() else [path]
    return list(dict.fromkeys(_paths(root, found, in_order=True)))


def order_runs(tests: list[str], concerned: set[str], code: str, root: Path) -> list[list[str]]:
    """The runs of tests on a mutant, until one notices it.

    Args:
        tests: The package's files of tests.
        concerned: Those that run the changed statement; none if it may concern any test.
        code: The changed file.
        root: The checkout.

    Returns:
        One run of those concerned; or, if it may concern any test, a run of those that are named
        like the changed file, if there are any, and one of all. In each, those named like the
        file come first, then those that mention it.
    """
    name = _name(code)
    near = [test for test in tests if name in Path(test).stem]
    mention = re.compile(rf"\b{re.escape(name)}\b")

    def distance(test: str) -> int:
        if test in near:
            return 0
        return 1 if mention.search((root / test).read_text()) else 2

    ordered = sorted(tests, key=distance)
    if concerned:
        return [[test for test in ordered if test in concerned]]
    return [near, ordered] if near else [ordered]


def _name(code: str) -> str:
    return Path(code).stem.strip("_")


def _paths(root: Path, files: list[Path], *, in_order: bool = False) -> list[str]:
    paths = [str(file.relative_to(root)) for file in files if file.suffix in EDITS]
    kept = [path for path in paths if not any(fnmatch(path, each) for each in _SKIPPED)]
    return kept if in_order else sorted(kept)
