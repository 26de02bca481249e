"""`make new-source`: its files parse, lack what a person fills in, and pass once filled in."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from local.new_source.request import MARK
from tests.local.new_source.conftest import Checkout

KINDS = {"new_layer": "arcgis", "new_list": "json", "new_table": "fivetran"}
ROWS = {
    "new_layer": "arcgis/new_layer/features.json",
    "new_list": "new_list/records.json",
    "new_table": "fivetran/new_table/rows.json",
}
PARSE = """
from airflow.dag_processing.dagbag import DagBag
bag = DagBag(dag_folder="dags")
assert not bag.import_errors, bag.import_errors
for name in ("new_layer", "new_list", "new_table"):
    print(name, *sorted(bag.dags[name].task_ids))
"""


@dataclass(frozen=True)
class SourceTests:
    """A run of the sources' tests: the failed ones and the output."""

    failed: set[str]
    output: str


@pytest.fixture(scope="module")
def unfilled(tree: Path) -> Checkout:
    """A checkout with a new source of each kind, not filled in."""
    copy = Checkout(tree)
    for name, kind in KINDS.items():
        done = copy.run("-m", "local.new_source", name, kind)
        assert done.returncode == 0, done.stderr
        assert f"new      dags/{name}.py" in done.stdout
        assert "docs/add-a-source.md" in done.stdout
    return copy


@pytest.fixture(scope="module")
def run_unfilled(unfilled: Checkout) -> SourceTests:
    """The tests' run before the sources are filled in."""
    return run_tests(unfilled)


@pytest.fixture(scope="module")
def filled(run_unfilled: SourceTests, unfilled: Checkout) -> Checkout:
    """The same checkout, filled in."""
    small = unfilled.root / "tests" / "data" / "small"
    for name, file in ROWS.items():
        edit(small / file, lambda text: more_rows(text, 6))
        edit(small / "expected.json", counted_manually(f"{name}_records", 6))
    for folder in ("include", "dags", "tests/data", "terraform"):
        for path in (unfilled.root / folder).rglob("*"):
            if path.is_file() and path.suffix != ".pyc":
                edit(path, lambda text: text.replace(MARK, "filled"))
    edit(unfilled.root / "tests" / "counting.py", lambda text: text.replace(MARK, "filled"))
    return unfilled


def run_tests(copy: Checkout) -> SourceTests:
    # Without the tests' shared conftest, which starts a cloud that these tests do not need.
    alone = ("-n0", "-q", "--tb=short", "-p", "no:cacheprovider", "--confcutdir=tests/sources")
    done = copy.run("-m", "pytest", *alone, "tests/sources")
    assert done.returncode in (0, 1), done.stdout + done.stderr
    return SourceTests(set(re.findall(r"^FAILED \S+::(\S+)", done.stdout, re.M)), done.stdout)


def edit(path: Path, change: Callable[[str], str]) -> None:
    text = path.read_text(encoding="utf-8")
    if (changed := change(text)) != text:
        path.write_text(changed, encoding="utf-8")


def more_rows(text: str, count: int) -> str:
    content = json.loads(text)
    rows = content["features"] if isinstance(content, dict) else content
    first = json.dumps(rows[0])
    rows[:] = [
        json.loads(first.replace(MARK, f"R-{n}").replace('"OBJECTID": 1', f'"OBJECTID": {n}'))
        for n in range(1, count + 1)
    ]
    return json.dumps(content)


def counted_manually(metric: str, value: int) -> Callable[[str], str]:
    return lambda text: text.replace(
        f'"{metric}": {{"value": null', f'"{metric}": {{"value": {value}'
    )


def test_an_unfilled_source_fails_only_for_what_it_lacks(
    run_unfilled: SourceTests,
) -> None:
    judged = ("was_counted_by_hand", "has_rows_to_judge_the_rules_by")
    expected = {f"test_its_small_data_{test}[{name}]" for test in judged for name in KINDS}
    assert run_unfilled.failed == {"test_nothing_is_left_to_fill_in", *expected}


@pytest.mark.parametrize("name", KINDS)
def test_every_place_to_fill_in_is_reported(name: str, run_unfilled: SourceTests) -> None:
    for place in (
        f"include/sources/{name}.py",
        f"dags/{name}.py",
        f"staging/{name}/stg_{name}__records.sql",
        f"_{name}__unit_tests.yml",
        f"tests/data/small/{ROWS[name]}",
    ):
        assert re.search(rf"{place}:\d+: ", run_unfilled.output), place
    assert f"tests/data/small/{ROWS[name]} has 1 rows; write about a dozen" in run_unfilled.output


def test_a_filled_in_source_passes(filled: Checkout) -> None:
    after = run_tests(filled)
    assert after.failed == set(), after.output


def test_dbt_and_airflow_parse_it(filled: Checkout) -> None:
    parsed = filled.make("manifest")
    assert parsed.returncode == 0, parsed.stdout + parsed.stderr

    done = filled.run("-c", PARSE)

    assert done.returncode == 0, done.stderr
    tasks = {line.split()[0]: set(line.split()[1:]) for line in done.stdout.splitlines()
             if line.split()[:1] and line.split()[0] in KINDS}  # fmt: skip
    models = {name: {f"transform.stg_{name}__records_model_build",
                     f"transform.{name}_metrics_model_build"} for name in KINDS}  # fmt: skip
    assert tasks == {
        "new_layer": {"look_for_edits", "load", "unload", "release"} | models["new_layer"],
        "new_list": {"look_for_changes", "load_records", "unload", "release"} | models["new_list"],
        "new_table": {"sync", "wait_for_sync", "unload", "release"} | models["new_table"],
    }


def test_its_files_pass_the_linter(filled: Checkout) -> None:
    for words in (("check", "."), ("format", "--check", ".")):
        done = filled.run("-m", "ruff", *words)
        assert done.returncode == 0, done.stdout
