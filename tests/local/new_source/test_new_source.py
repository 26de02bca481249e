"""`make new-source`: what it writes parses, waits for a person, and is sound once filled in."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from local.new_source.asked import MARK
from tests.local.new_source.conftest import Copy

MADE = {"new_layer": "arcgis", "new_list": "json", "new_table": "fivetran"}
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
class Verdict:
    """Which tests of the sources failed, and what was said."""

    failed: set[str]
    said: str


@pytest.fixture(scope="module")
def made(tree: Path) -> Copy:
    """A checkout with a new source of each kind, none of them filled in."""
    copy = Copy(tree)
    for name, kind in MADE.items():
        done = copy.run("-m", "local.new_source", name, kind)
        assert done.returncode == 0, done.stderr
        assert f"new      dags/{name}.py" in done.stdout
        assert "docs/add-a-source.md" in done.stdout
    return copy


@pytest.fixture(scope="module")
def unfilled(made: Copy) -> Verdict:
    """What the tests say while nobody has filled them in."""
    return verdict(made)


@pytest.fixture(scope="module")
def filled(unfilled: Verdict, made: Copy) -> Copy:
    """The same checkout when a person has filled them in."""
    small = made.root / "tests" / "data" / "small"
    for name, file in ROWS.items():
        edit(small / file, lambda text: more_rows(text, 6))
        edit(small / "expected.json", counted_by_hand(f"{name}_records", 6))
    for folder in ("include", "dags", "tests/data", "terraform"):
        for path in (made.root / folder).rglob("*"):
            if path.is_file() and path.suffix != ".pyc":
                edit(path, lambda text: text.replace(MARK, "told"))
    edit(made.root / "tests" / "counting.py", lambda text: text.replace(MARK, "told"))
    return made


def verdict(copy: Copy) -> Verdict:
    # They need nothing of what all tests share, above all no cloud.
    alone = ("-n0", "-q", "--tb=short", "-p", "no:cacheprovider", "--confcutdir=tests/sources")
    done = copy.run("-m", "pytest", *alone, "tests/sources")
    assert done.returncode in (0, 1), done.stdout + done.stderr
    return Verdict(set(re.findall(r"^FAILED \S+::(\S+)", done.stdout, re.M)), done.stdout)


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


def counted_by_hand(metric: str, value: int) -> Callable[[str], str]:
    return lambda text: text.replace(
        f'"{metric}": {{"value": null', f'"{metric}": {{"value": {value}'
    )


def test_an_unfilled_source_fails_for_what_it_lacks_and_for_nothing_else(unfilled: Verdict) -> None:
    judged = ("was_counted_by_hand", "has_rows_to_judge_the_rules_by")
    expected = {f"test_its_small_data_{test}[{name}]" for test in judged for name in MADE}
    assert unfilled.failed == {"test_nothing_is_left_to_fill_in", *expected}


@pytest.mark.parametrize("name", MADE)
def test_every_place_that_waits_for_a_person_is_told(name: str, unfilled: Verdict) -> None:
    for place in (
        f"include/sources/{name}.py",
        f"dags/{name}.py",
        f"staging/{name}/stg_{name}__records.sql",
        f"_{name}__unit_tests.yml",
        f"tests/data/small/{ROWS[name]}",
    ):
        assert re.search(rf"{place}:\d+: ", unfilled.said), place
    assert f"tests/data/small/{ROWS[name]} has 1 rows; write about a dozen" in unfilled.said


def test_what_is_filled_in_passes(filled: Copy) -> None:
    after = verdict(filled)
    assert after.failed == set(), after.said


def test_dbt_and_airflow_parse_it(filled: Copy) -> None:
    parsed = filled.make("manifest")
    assert parsed.returncode == 0, parsed.stdout + parsed.stderr

    done = filled.run("-c", PARSE)

    assert done.returncode == 0, done.stderr
    tasks = {line.split()[0]: set(line.split()[1:]) for line in done.stdout.splitlines()
             if line.split()[:1] and line.split()[0] in MADE}  # fmt: skip
    models = {name: {f"transform.stg_{name}__records_model_build",
                     f"transform.{name}_metrics_model_build"} for name in MADE}  # fmt: skip
    assert tasks == {
        "new_layer": {"look_for_edits", "load", "unload", "release"} | models["new_layer"],
        "new_list": {"look_for_changes", "load_records", "unload", "release"} | models["new_list"],
        "new_table": {"sync", "wait_for_sync", "unload", "release"} | models["new_table"],
    }


def test_what_it_writes_keeps_the_style_of_the_house(filled: Copy) -> None:
    for words in (("check", "."), ("format", "--check", ".")):
        done = filled.run("-m", "ruff", *words)
        assert done.returncode == 0, done.stdout
