"""`make new-source`: new files only, which lack what a person fills in, and pass once filled in."""

import json
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from include.sources import SOURCES
from local.home import REPOSITORY
from tests.tools.new_source.conftest import Checkout
from tools.new_source.__main__ import MARK, NewSourceError, write_source

KINDS = {"new_layer": "arcgis", "new_list": "json", "new_table": "fivetran"}
ROWS = {
    "new_layer": "arcgis/new_layer/features.json",
    "new_list": "new_list/records.json",
    "new_table": "fivetran/new_table/rows.json",
}
MOST_FILES = 10
DAGS = """
from airflow.dag_processing.dagbag import DagBag
bag = DagBag(dag_folder="dags")
assert not bag.import_errors, bag.import_errors
for name in ("new_layer", "new_list", "new_table"):
    print(name, *sorted(bag.dags[name].task_ids))
"""

PARSED = """
from airflow.dag_processing.dagbag import DagBag
bag = DagBag(dag_folder="dags")
assert not bag.import_errors, bag.import_errors
print(*bag.dags)
"""


@dataclass(frozen=True)
class SourceTests:
    """A run of the sources' tests: the failed ones and the output."""

    failed: set[str]
    output: str


@dataclass(frozen=True)
class Written:
    """A checkout with a source of each kind that is not filled in.

    Attributes:
        copy: The checkout.
        before: Its files before, by path.
        files: The files that were written, by source.
    """

    copy: Checkout
    before: dict[str, bytes]
    files: dict[str, list[str]]


@pytest.fixture(scope="module")
def written(tree: Path) -> Written:
    """The checkout after `make new-source` for each kind."""
    copy = Checkout(tree)
    before = copy.files()
    files = {name: write_source(name, kind, tree) for name, kind in KINDS.items()}
    return Written(copy, before, files)


@pytest.fixture(scope="module")
def unfilled(written: Written) -> SourceTests:
    """The sources' tests before the sources are filled in."""
    return run_tests(written.copy)


@pytest.fixture(scope="module")
def filled(unfilled: SourceTests, written: Written) -> Checkout:
    """The same checkout, filled in; dbt and Airflow parse it."""
    small = written.copy.root / "tests" / "data" / "small"
    for name, file in ROWS.items():
        edit(small / file, lambda text: more_rows(text, 6))
        edit(small / "expected" / f"{name}.yml", counted_by_hand)
    for path in (written.copy.root / name for names in written.files.values() for name in names):
        edit(path, lambda text: text.replace(MARK, "filled"))
    parsed = written.copy.make("manifest")
    assert parsed.returncode == 0, parsed.stdout + parsed.stderr
    return written.copy


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


def counted_by_hand(text: str) -> str:
    keys = ", ".join(f"R-{n}" for n in range(1, 7))
    counted = text.replace(f"value: {MARK}, rows: [{MARK}]", f"value: 6, rows: [{keys}]")
    return counted.replace(f"last_updated: {MARK}", "last_updated: 2026-11-22T07:20:00.000Z")


@pytest.mark.parametrize("name", KINDS)
def test_a_source_is_at_most_ten_new_files(name: str, written: Written) -> None:
    assert 0 < len(written.files[name]) <= MOST_FILES
    assert set(written.files[name]).isdisjoint(written.before)


def test_no_file_that_was_there_is_changed(written: Written) -> None:
    new = {name for names in written.files.values() for name in names}
    left = {name: text for name, text in written.copy.files().items() if name not in new}
    assert left == written.before


@pytest.mark.parametrize("name", KINDS)
def test_an_unfilled_source_fails_for_each_place_to_fill_in(
    name: str, unfilled: SourceTests
) -> None:
    assert "test_nothing_is_left_to_fill_in" in unfilled.failed
    for place in (
        f"include/sources/{name}.py",
        f"dags/{name}.py",
        f"staging/{name}/stg_{name}__records.sql",
        f"{name}/_{name}__metrics.yml",
        f"{name}/{name}_metrics.sql",
        f"tests/data/small/{ROWS[name]}",
        f"tests/data/small/expected/{name}.yml",
    ):
        assert re.search(rf"{place}:\d+: ", unfilled.output), place
    assert f"tests/data/small/{ROWS[name]} has 1 rows; write about a dozen" in unfilled.output


def test_an_unfilled_source_leaves_the_other_sources_tests_alone(unfilled: SourceTests) -> None:
    of_others = {
        test for test in unfilled.failed
        for source in SOURCES if test.endswith((f"[{source}]", f"[{source}-{source}]"))
    }  # fmt: skip
    assert of_others == set()


def test_a_filled_in_source_passes(filled: Checkout) -> None:
    after = run_tests(filled)
    assert after.failed == set(), after.output


def test_airflow_chains_the_tasks_of_its_kind(filled: Checkout) -> None:
    done = filled.run("-c", DAGS)

    assert done.returncode == 0, done.stderr
    tasks = {line.split()[0]: set(line.split()[1:]) for line in done.stdout.splitlines()
             if line.split()[:1] and line.split()[0] in KINDS}  # fmt: skip
    models = {name: {f"transform.stg_{name}__records_model_build",
                     f"transform.{name}_metrics_model_build"} for name in KINDS}  # fmt: skip
    assert tasks == {
        "new_layer": {"look_for_edits", "load", "unload", "release"} | models["new_layer"],
        "new_list": {"look_for_changes", "load_new_list_records", "unload", "release"}
        | models["new_list"],
        "new_table": {"sync", "wait_for_sync", "unload", "release"} | models["new_table"],
    }


def test_the_summary_reads_its_released_file(filled: Checkout) -> None:
    done = filled.run("-m", "include.sources")
    assert set(KINDS) <= set(done.stdout.split()), done.stderr


def test_its_files_pass_the_linters(filled: Checkout, written: Written) -> None:
    sql = [name for names in written.files.values() for name in names if name.endswith(".sql")]
    for words in (
        ("ruff", "check", "."),
        ("ruff", "format", "--check", "."),
        ("sqlfluff", "lint", *sql),
    ):
        done = filled.run("-m", *words)
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("name", "kind", "reason"),
    [
        ("la_city", "csv", "choose one of arcgis, json, fivetran"),
        ("LA City", "arcgis", "lower-case letters"),
        ("la__city", "arcgis", "single underscores"),
        ("2025_permits", "arcgis", "a letter first"),
        ("../la_city", "arcgis", "lower-case letters"),
        ("x" * 41, "arcgis", "at most 40"),
        ("dbt_models", "arcgis", "must not begin with dbt"),
        ("class", "json", "another meaning"),
        ("history", "json", "another meaning"),
        ("epa", "json", "dags/epa.py exists already"),
        ("publish_metrics", "json", "dags/publish_metrics.py exists already"),
    ],
)
def test_an_invalid_or_taken_name_is_refused_in_one_line(
    name: str, kind: str, reason: str, tmp_path: Path
) -> None:
    for taken in ("epa", "publish_metrics"):
        (tmp_path / "dags").mkdir(exist_ok=True)
        (tmp_path / "dags" / f"{taken}.py").write_text("mine")
    with pytest.raises(NewSourceError) as refused:
        write_source(name, kind, tmp_path)
    assert reason in str(refused.value)
    assert len(str(refused.value).splitlines()) == 1
    files = {path.name for path in tmp_path.rglob("*") if path.is_file()}
    assert files == {"epa.py", "publish_metrics.py"}


def test_when_one_file_cannot_be_written_none_is(tmp_path: Path) -> None:
    (tmp_path / "tests").write_text("a file, where a folder has to be")
    with pytest.raises(NewSourceError, match="Not a directory") as refused:
        write_source("la_city", "json", tmp_path)
    assert len(str(refused.value).splitlines()) == 1
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["tests"]


def new_source(typed: str, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tools.new_source", *words],
        cwd=REPOSITORY, input=typed, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_a_refusal_is_one_line() -> None:
    done = new_source("", "--name", "epa", "--kind", "arcgis")
    assert done.returncode == 2
    assert done.stderr == "dags/epa.py exists already. Nothing was written.\n"


def test_it_asks_again_after_an_invalid_answer() -> None:
    done = new_source("LA City\nepa\ncsv\narcgis\n")
    assert "Error: NAME is 'LA City'" in done.stdout
    assert "Error: KIND is 'csv': choose one of arcgis, json, fivetran." in done.stdout
    assert done.stderr == "dags/epa.py exists already. Nothing was written.\n"


def test_without_an_answer_it_says_what_to_write() -> None:
    done = new_source("", "--name", "la_city")
    assert done.returncode == 2
    assert done.stderr.strip() == "No name or no kind, for example NAME=la_city KIND=arcgis."


def test_make_passes_the_name_and_the_kind() -> None:
    words = ["make", "--dry-run", "new-source", "NAME=la_city", "KIND=arcgis"]
    done = subprocess.run(words, cwd=REPOSITORY, capture_output=True, text=True, check=True)
    assert '-m tools.new_source --name "la_city" --kind "arcgis"' in done.stdout


def test_a_source_whose_files_are_deleted_leaves_the_others_as_they_were(tree: Path) -> None:
    page = (REPOSITORY / "docs" / "remove-a-source.md").read_text()
    [commands] = re.findall(r"^```\n(NAME=.*?)^git grep", page, re.DOTALL | re.MULTILINE)
    copy = Checkout(tree)
    subprocess.run(["git", "init", "-q"], cwd=tree, check=True)
    subprocess.run(["git", "add", "-A"], cwd=tree, check=True)
    removed = subprocess.run(
        ["bash", "-ec", commands.replace("git rm -r", "git rm -rfq")],
        cwd=tree, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert removed.returncode == 0, removed.stderr

    assert copy.make("manifest").returncode == 0
    parsed = copy.run("-c", PARSED)
    assert parsed.returncode == 0, parsed.stderr
    assert "pasadena" not in parsed.stdout.split()
    assert "epa" in parsed.stdout.split()
    assert run_tests(copy).failed == set()
