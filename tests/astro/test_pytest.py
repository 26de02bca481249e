"""`astro dev pytest`: in the image, without the laptop's code and packages."""

import ast
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from local import airflow_server
from local.home import REPOSITORY
from tests.astro import cli
from tests.astro.collection import LAPTOP_FIXTURES, missing_modules

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., str]:
    """Run the command with arguments; what it prints."""
    airflow_server.make_manifest()
    python = cli.image_python(tmp_path_factory.mktemp("image"))
    project = cli.container(tmp_path_factory.mktemp("container"))

    def pytest_in_the_image(*arguments: str) -> str:
        done = cli.run_pytest(python, project, *arguments)
        assert done.returncode == 0, done.stdout[-8000:] + done.stderr[-2000:]
        return done.stdout

    return pytest_in_the_image


def test_it_collects_more_than_a_thousand_tests_and_says_that_others_are_left_out(
    run: Callable[..., str],
) -> None:
    output = run("tests", "--collect-only", "--quiet")

    collected = re.search(r"(\d+)(?:/\d+)? tests collected", output)
    assert collected
    assert int(collected[1]) > 1000
    for folder in ("tests/incidents/", "tests/publishing/", "tests/ui/", "tests/test_times.py"):
        assert f"\n{folder}" in output, folder
    assert re.search(r"\d+ files need more than the image has; `make test` runs all", output)


def test_what_it_collects_passes(run: Callable[..., str]) -> None:
    # All of them take a minute or more; these cover files in memory, HTTP, and the contract.
    output = run("tests/publishing")

    passed = re.search(r"(\d+) passed", output)
    assert passed
    assert int(passed[1]) > 100
    assert "failed" not in output
    assert "error" not in output


def test_the_laptops_fixtures_are_known() -> None:
    tree = ast.parse((REPOSITORY / "tests" / "one_cloud.py").read_text())
    made = {
        node.name
        for node in tree.body
        if isinstance(node, ast.FunctionDef)
        and any("fixture" in ast.unparse(one) for one in node.decorator_list)
    }

    assert made == LAPTOP_FIXTURES


def test_a_file_is_left_out_for_what_another_file_imports(tmp_path: Path) -> None:
    folder = tmp_path / "tests"
    folder.mkdir()
    (folder / "helper.py").write_text("def f():\n    import package_of_tomorrow.part\n")
    (folder / "test_a.py").write_text("from tests.helper import f\nimport json, pytest\n")
    (folder / "test_b.py").write_text("from tests import helper\n")
    (folder / "test_c.py").write_text("import include, tools\nfrom . import helper\n")

    found = {name: missing_modules(folder / f"test_{name}.py", tmp_path) for name in "abc"}

    assert found == {"a": {"package_of_tomorrow"}, "b": {"package_of_tomorrow"}, "c": {"tools"}}
