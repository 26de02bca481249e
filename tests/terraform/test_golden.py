"""The plans are those that somebody reviewed."""

from pathlib import Path
from typing import Any

import pytest

from tests.terraform import golden
from tests.terraform.golden import COMMAND, GOLDEN, differences, golden_files, read, write

LINES = [
    'module.a.snowflake_role.this["FILE FORMAT"]\tcomment = "Used by = nobody"',
    'module.a.snowflake_role.this["FILE FORMAT"]\tname = "R"',
    "output.stage\tvalue = []",
]


def test_the_plans_are_the_reviewed_ones(plans: dict[str, Any]) -> None:
    found = differences(golden_files(plans))

    assert not found, found


def test_no_other_file_lies_beside_the_reviewed_ones(plans: dict[str, Any]) -> None:
    assert {file.name for file in GOLDEN.iterdir()} == golden_files(plans).keys()


def test_a_written_file_is_read_as_it_was(tmp_path: Path) -> None:
    write(LINES, tmp_path / "dev.txt")

    assert read(tmp_path / "dev.txt") == LINES
    assert differences({"dev.txt": LINES}, tmp_path) == ""


def test_a_difference_shows_the_lost_and_the_new_line_and_how_to_accept_it(tmp_path: Path) -> None:
    write(LINES, tmp_path / "dev.txt")

    found = differences({"dev.txt": [LINES[0], LINES[1].replace('"R"', '"S"'), LINES[2]]}, tmp_path)

    assert found.splitlines() == [
        "Terraform's plan differs from tests/terraform/golden/",
        "dev.txt:",
        '-module.a.snowflake_role.this["FILE FORMAT"]: name = "R"',
        '+module.a.snowflake_role.this["FILE FORMAT"]: name = "S"',
        f"If each change is intended, run {COMMAND} and have the difference reviewed.",
    ]


def test_the_command_writes_the_files_and_compares_with_them(
    plans: dict[str, Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(golden, "GOLDEN", tmp_path)
    monkeypatch.setattr(golden, "show_plans", lambda terraform: plans)
    monkeypatch.setattr("sys.argv", ["golden"])
    assert golden.main() == 1
    monkeypatch.setattr("sys.argv", ["golden", "--write"])
    assert golden.main() == 0
    monkeypatch.setattr("sys.argv", ["golden"])
    assert golden.main() == 0

    (tmp_path / "dev.txt").write_text("")
    assert golden.main() == 1
    assert "dev.txt:" in capsys.readouterr().err


def test_a_long_difference_is_cut(tmp_path: Path) -> None:
    found = differences({"dev.txt": [f"a\tb{number:03} = 1" for number in range(100)]}, tmp_path)

    assert len(found.splitlines()) < 50
    assert "and 60 more lines" in found
