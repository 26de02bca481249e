"""Airflow's metadata tables: migrated once for a version, then copied."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from local import airflow_server
from local.airflow import DATABASE
from local.airflow_server import make_database
from local.cloud import Cloud
from local.home import Home
from local.ports import Ports
from local.processes import ServerFailedError

MakeCloud = Callable[[str], Cloud]


@pytest.fixture
def make_cloud(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> MakeCloud:
    """Make a cloud with a home of this name; all are of one checkout."""
    monkeypatch.setattr(Home, "tools", tmp_path / "tools")
    return lambda name: Cloud(Home(tmp_path / name), Ports())


@pytest.fixture
def migrations(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The homes whose database was migrated. Each migration adds a row."""
    homes = []

    def migrate(argv: list[str], settings: dict[str, str]) -> CompletedProcess[str]:
        homes.append(Path(settings["AIRFLOW_HOME"]).parent.name)
        with closing(sqlite3.connect(Path(settings["AIRFLOW_HOME"]) / DATABASE)) as database:
            database.execute("CREATE TABLE IF NOT EXISTS migrations (home)")
            database.execute("INSERT INTO migrations VALUES (?)", (homes[-1],))
            database.commit()
        return CompletedProcess(argv, 0)

    monkeypatch.setattr(airflow_server, "_run", migrate)
    return homes


def rows(cloud: Cloud) -> list[str]:
    with closing(sqlite3.connect(cloud.home.airflow / DATABASE)) as database:
        assert database.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        return [home for (home,) in database.execute("SELECT home FROM migrations")]


def test_a_second_home_gets_a_copy_of_the_first_ones_new_database(
    make_cloud: MakeCloud, migrations: list[str]
) -> None:
    one, two = make_cloud("one"), make_cloud("two")

    make_database(one)
    make_database(two)

    assert migrations == ["one"]
    assert rows(one) == rows(two) == ["one"]


def test_the_database_of_an_earlier_start_is_migrated_and_keeps_its_rows(
    make_cloud: MakeCloud, migrations: list[str]
) -> None:
    one = make_cloud("one")
    make_database(one)

    make_database(one)

    assert rows(one) == ["one", "one"]
    make_database(make_cloud("two"))
    assert rows(make_cloud("two")) == ["one"], "used databases are not copied"


def test_another_version_of_airflow_makes_a_new_database(
    make_cloud: MakeCloud, migrations: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    make_database(make_cloud("one"))
    monkeypatch.setattr(airflow_server, "version", lambda package: "99.0")

    make_database(make_cloud("two"))

    assert migrations == ["one", "two"]


def test_a_failed_migration_is_not_copied(
    make_cloud: MakeCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    failed = CompletedProcess[str]([], 1, "no space left")
    monkeypatch.setattr(airflow_server, "_run", lambda argv, settings: failed)

    for name in ("one", "two"):
        with pytest.raises(ServerFailedError, match="no space left"):
            make_database(make_cloud(name))


def test_a_checkout_that_cannot_be_written_is_no_error(
    make_cloud: MakeCloud, migrations: list[str], tmp_path: Path
) -> None:
    (tmp_path / "tools").touch()

    make_database(make_cloud("one"))
    make_database(make_cloud("two"))

    assert migrations == ["one", "two"]
