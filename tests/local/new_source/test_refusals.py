"""`make new-source` writes all files or none, and reports what is wrong."""

import subprocess
from pathlib import Path

import pytest

from include.sources import SOURCES
from local.home import REPOSITORY
from local.new_source import insertions
from local.new_source.edits import edit_files
from local.new_source.files import render_files, write_files
from local.new_source.request import NewSource, NewSourceError, parse_request
from tests.local.new_source.conftest import Checkout


@pytest.mark.parametrize(
    ("name", "kind", "reason"),
    [
        ("la_city", "csv", "choose one of arcgis, json, fivetran"),
        ("la_city", "", "KIND is ''"),
        ("", "arcgis", "NAME is ''"),
        ("LA City", "arcgis", "lower-case letters"),
        ("la__city", "arcgis", "single underscores"),
        ("2025_permits", "arcgis", "a letter first"),
        ("../la_city", "arcgis", "lower-case letters"),
        ("x" * 41, "arcgis", "at most 40"),
        ("dbt_models", "arcgis", "must not begin with dbt"),
        ("class", "json", "another meaning"),
        ("history", "json", "another meaning"),
        ("epa", "arcgis", "include/sources/epa.py already exists"),
        ("publish_metrics", "json", "dags/publish_metrics.py already exists"),
    ],
)
def test_an_invalid_name_or_kind_is_refused(name: str, kind: str, reason: str) -> None:
    with pytest.raises(NewSourceError, match=reason):
        parse_request(name, kind, REPOSITORY)


@pytest.mark.parametrize("source", SOURCES)
def test_no_source_is_overwritten(source: str) -> None:
    with pytest.raises(NewSourceError, match="already exists"):
        parse_request(source, "arcgis", REPOSITORY)


def test_an_existing_file_is_not_overwritten(tmp_path: Path) -> None:
    existing = tmp_path / "tests" / "data" / "small" / "arcgis" / "la_city" / "layer.json"
    existing.parent.mkdir(parents=True)
    existing.write_text("mine")
    with pytest.raises(NewSourceError, match=r"Already there: \S*la_city/layer\.json"):
        render_files(NewSource("la_city", "arcgis"), tmp_path)


def test_a_checkout_without_a_place_for_an_entry_is_not_changed(tree: Path) -> None:
    copy = Checkout(tree)
    tests = tree / "tests" / "counting.py"
    whole = tests.read_text()
    tests.write_text(whole.replace("COUNTERS", "RULES"))
    before = copy.files()
    try:
        done = copy.run("-m", "local.new_source", "la_city", "arcgis")
    finally:
        tests.write_text(whole)
    assert done.returncode == 2
    assert "tests/counting.py has no place for an entry of la_city: there is no COUNTERS" in (
        done.stderr
    )
    assert "Nothing was written" in done.stderr
    assert copy.files() == {**before, "tests/counting.py": whole.encode()}


def test_when_one_file_cannot_be_written_none_is(tmp_path: Path) -> None:
    (tmp_path / "old.md").write_text("old")
    (tmp_path / "taken").write_text("a file, where a folder has to be")
    files = {"old.md": "new", "made/new.md": "new", "taken/new.md": "new"}
    with pytest.raises(NewSourceError, match="Nothing was written"):
        write_files(files, tmp_path)
    assert (tmp_path / "old.md").read_text() == "old"
    assert not (tmp_path / "made").exists()


def test_every_place_of_this_checkout_is_found() -> None:
    for kind in ("arcgis", "json", "fivetran"):
        changed = edit_files(NewSource("la_city", kind), REPOSITORY)
        for path, text in changed.items():
            assert "la_city" in text.lower(), path


def test_adding_to_a_document_does_not_change_the_rest() -> None:
    text = "a:\n  first: 1\n  # of the last\n  last: {b: 2}\nother: 3\n"
    made = insertions.add_to_yaml(text, ["a"], "new:\n  - 4")
    expected = "a:\n  first: 1\n  new:\n    - 4\n  # of the last\n  last: {b: 2}\nother: 3\n"
    assert made == expected


@pytest.mark.parametrize("path", [["b"], ["a", 0], ["a", "first", "c"]])
def test_a_document_without_the_place_is_refused(path: list[str | int]) -> None:
    with pytest.raises(NewSourceError, match="there is no"):
        insertions.add_to_yaml("a:\n  first: 1\n", path, "new: 2")


def test_make_passes_the_name_and_the_kind() -> None:
    words = ["make", "--dry-run", "new-source", "NAME=la_city", "KIND=arcgis"]
    done = subprocess.run(words, cwd=REPOSITORY, capture_output=True, text=True, check=True)
    assert '-m local.new_source "la_city" "arcgis"' in done.stdout
