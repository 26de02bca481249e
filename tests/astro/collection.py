"""The tests that `astro dev pytest` collects: those that need only what the production image has.

The Astro CLI copies `dags`, `tests`, `plugins`, `include` and `.astro` into a container of the
image and runs pytest there, without this project's `pyproject.toml` (astro-cli 1.45, `Pytest` in
airflow/docker_image.go).
"""

import ast
from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
# The fixtures of `tests/one_cloud.py`.
LAPTOP_FIXTURES = frozenset({"airflow_database", "azure_store", "cloud", "parsed_project", "slack"})
# They read the laptop's connections from the environment that `tests/one_cloud.py` sets.
NEED_CONNECTIONS = frozenset({ROOT / "tests" / "ui" / "test_links.py"})

_left_out: set[Path] = set()


def pytest_configure(config: pytest.Config) -> None:
    """Set what `pyproject.toml` sets elsewhere."""
    # Several test files have the same name.
    config.option.importmode = "importlib"
    for marker in ("chaos", "cloud"):
        config.addinivalue_line("markers", f"{marker}: needs the laptop's programs")


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    """Leave out a file, or a folder whose fixtures are in a file, that cannot be imported."""
    folder = collection_path.is_dir()
    file = collection_path / "conftest.py" if folder else collection_path
    if not file.is_file() or file == ROOT / "tests" / "conftest.py" or file.suffix != ".py":
        return None
    if not (folder or file.name.startswith("test_")):
        return None
    if file not in NEED_CONNECTIONS and not missing_modules(file):
        return None
    _left_out.update(collection_path.rglob("test_*.py") if folder else [file])
    return True


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the tests that use a fixture of the laptop."""
    kept: list[pytest.Item] = []
    dropped: list[pytest.Item] = []
    for item in items:
        uses = LAPTOP_FIXTURES.intersection(getattr(item, "fixturenames", ()))
        (dropped if uses else kept).append(item)
    if dropped:
        config.hook.pytest_deselected(items=dropped)
        items[:] = kept


def pytest_report_collectionfinish() -> str:
    """Say that not all tests ran."""
    return f"{len(_left_out)} files need more than the image has; `make test` runs all tests."


def missing_modules(file: Path, root: Path = ROOT) -> set[str]:
    """The packages that a file of the tests imports, directly or through another, and that are
    not here.
    """
    missing: set[str] = set()
    seen: set[Path] = set()
    waiting = [file]
    while waiting:
        current = waiting.pop()
        if current in seen:
            continue
        seen.add(current)
        for name in _imports(current):
            package = name.partition(".")[0]
            if package == "tests":
                waiting.extend(_files(root, name))
            elif not _is_here(package, root):
                missing.add(package)
    return missing


@cache
def _imports(file: Path) -> frozenset[str]:
    return frozenset(_names(ast.parse(file.read_bytes())))


def _names(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _files(root: Path, name: str) -> Iterator[Path]:
    path = root.joinpath(*name.split("."))
    yield from (file for file in (path.with_suffix(".py"), path / "__init__.py") if file.is_file())


@cache
def _is_here(package: str, root: Path) -> bool:
    if package in ("bench", "local", "tools"):
        return (root / package).is_dir()
    return find_spec(package) is not None
