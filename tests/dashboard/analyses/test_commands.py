"""The command, the format of the files, their pictures, and the statements that they send."""

import ast
import re
from datetime import date
from pathlib import Path

import pytest
from PIL import Image
from snowflake.connector.errors import OperationalError, ProgrammingError

from include.dashboard.analyses import __main__ as command
from include.dashboard.analyses import queries
from include.dashboard.queries import read
from tests.dashboard.analyses.conftest import Insert
from tests.statements.catalogue import Sent, problems, read_catalogue

NAMES = list(command.analyses())
DAY = date(2026, 11, 20)
CELL = re.compile(r"^# %%(.*)$", re.MULTILINE)


def test_the_five_analyses_are_found_with_their_questions() -> None:
    assert NAMES == [
        "page_helpfulness", "parcel_waits", "permit_waits", "phase_pace", "public_file",
    ]  # fmt: skip
    assert all(question.endswith("?") for question in command.analyses().values())


@pytest.mark.parametrize("name", NAMES)
def test_a_file_is_in_percent_format_and_begins_with_its_text(name: str) -> None:
    text = (command.FILES / f"{name}.py").read_text()

    cells = CELL.findall(text)
    assert text.startswith("# %% [markdown]\n")
    assert set(cells) == {"", " [markdown]"}
    # The last cell is code whose value, the chart, a notebook shows.
    assert cells[-1] == ""
    assert isinstance(ast.parse(text).body[-1], ast.Expr)


@pytest.mark.parametrize("name", NAMES)
def test_an_analysis_writes_a_picture_and_a_csv_even_without_rows(
    name: str, warehouse_connection: object, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "new" / "folder"

    assert command.main([name, "--to", str(folder)]) == 0

    with Image.open(folder / f"{name}.png") as picture:
        assert picture.format == "PNG"
        assert picture.width > 600
    assert (folder / f"{name}.csv").read_bytes().count(b"\r\n") >= 1
    assert f"Wrote {folder / name}.png" in capsys.readouterr().out


def test_all_analyses_run_one_after_the_other(
    warehouse_connection: object, tmp_path: Path, insert: Insert
) -> None:
    assert command.main(["all", "--to", str(tmp_path)]) == 0

    assert {file.name for file in tmp_path.iterdir()} == {
        f"{name}.{kind}" for name in NAMES for kind in ("png", "csv")
    }


def test_without_a_name_they_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main([]) == 0

    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == NAMES


def test_an_unknown_name_is_refused_with_the_known_ones(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["parcels"]) == 2

    assert capsys.readouterr().err == (
        "There is no analysis parcels; there are page_helpfulness, parcel_waits, permit_waits,"
        " phase_pace, public_file.\n"
    )


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (ProgrammingError("X does not exist", errno=2003), "run the DAG keep_history"),
        (OperationalError("Could not connect", errno=250001), "Snowflake did not answer"),
        (PermissionError("the folder is read-only"), "the folder is read-only"),
    ],
)
def test_a_failure_is_one_sentence_and_the_others_still_run(
    error: Exception,
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    done = []

    def run(name: str) -> None:
        if name == "parcel_waits":
            raise error
        done.append(name)

    monkeypatch.setattr(command, "run", run)

    assert command.main(["parcel_waits", "public_file"]) == 1
    assert done == ["public_file"]
    [line] = capsys.readouterr().err.splitlines()
    assert line.startswith("parcel_waits was not written: ")
    assert said in line


@pytest.mark.parametrize("name", sorted(file.stem for file in queries.SQL.glob("*.sql")))
def test_the_catalogue_has_each_statement(name: str) -> None:
    values: dict[str, date | str] = {
        **read._schemas(),
        "parcels": queries.parcels_schema(),
        "since": read.midnight(DAY),
    }
    sql = read._fill((queries.SQL / f"{name}.sql").read_text(), values)

    assert problems(read_catalogue(), Sent(sql, "DASHBOARD", "dashboard", name, "none")) == []


def test_the_parcels_are_in_the_schema_of_their_marts(monkeypatch: pytest.MonkeyPatch) -> None:
    assert queries.parcels_schema().endswith("_PARCELS")
    monkeypatch.setenv("DDRC_ENV", "PRD")
    assert queries.parcels_schema() == "ANALYTICS_DDRC_PRD.PARCELS"
