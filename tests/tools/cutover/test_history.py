"""The earlier daily copies become states in the snapshots; every expected state is hand-counted."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
import shapely
from snowflake.connector.errors import OperationalError
from sqlfluff.core import Linter

from include import warehouse
from include.dashboard.queries.places import places
from tests.local.snowflake.in_process import Role, started
from tests.tools.cutover.earlier_copies import (
    BEGAN,
    TABLES,
    Sources,
    make_earlier,
    snapshot_first_load,
    snapshot_of,
)
from tests.transform.raw_tables import Row
from tests.transform.rows import epa, pasadena, usace
from tools.cutover import history
from tools.cutover.account import CutoverError
from tools.cutover.history_statement import back, statement

# Of the snapshot, in California.
OWN_BEGINS = "01-15 12:00"
SQUARE = '{"type":"Polygon","coordinates":[[[-118,34],[-117,34],[-117,35],[-118,34]]]}'
# 1 March 2025, in UTC.
MARCH_1 = 1_740_787_200_000
MIDNIGHT = datetime.fromtimestamp(MARCH_1 / 1000, UTC).replace(tzinfo=None)
OWN_ROWS: Mapping[str, Row] = {
    "epa": epa(1, "Done"),
    "usace": usace(1),
    "pasadena": pasadena("A", "Issued"),
    "malibu": {"PROJECTNUMBER": "PR 1", "TYPE": "InBPC"},
}


@pytest.fixture(scope="module")
def administrator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Role]:
    with started(tmp_path_factory.mktemp("account") / "databases") as account:
        role = account.log_in("ACCOUNTADMIN")
        for kind in warehouse.DATABASES:
            role.run(f"CREATE DATABASE {warehouse.database(kind)}")
        role.run(f"CREATE SCHEMA {warehouse.history_schema()}")
        role.run(f"CREATE WAREHOUSE {warehouse.compute('TRANSFORMING')}")
        yield role


@pytest.fixture
def sources(administrator: Role) -> Sources:
    return Sources(administrator.run)


def begin(sources: Sources, *names: str) -> None:
    """Empty tables of the earlier project, and one load of this project with its snapshot."""
    for name in names:
        make_earlier(sources, name)
        sources.load(name, OWN_ROWS[name])
        snapshot_first_load(sources, name)


@dataclass
class Command:
    """The command line in a session of one role, and the statements that it has sent."""

    role: Role
    sent: list[str] = field(default_factory=list)
    # Called with each statement, before and after it runs.
    before: Callable[[str], object] = id
    after: Callable[[str], object] = id

    def run(self, *arguments: str) -> int:
        """Run `python -m tools.cutover history`; its exit code."""
        session: Any = SimpleNamespace(cursor=self._cursor, close=lambda: None)
        return history.main(arguments, lambda: session)

    def _cursor(self) -> Any:
        cursor = self.role.session.cursor()

        def execute(sql: str) -> Any:
            self.sent.append(sql)
            self.before(sql)
            cursor.execute(sql)
            self.after(sql)
            return cursor

        return SimpleNamespace(execute=execute, close=lambda: None)


@pytest.fixture
def command(administrator: Role) -> Command:
    return Command(administrator)


def test_a_state_lasts_from_its_first_day_to_the_day_that_showed_another(
    sources: Sources, command: Command
) -> None:
    """No copy on the 4th and the 5th: nothing ended there. Clocks go forward on the 9th."""
    begin(sources, "epa")
    days = {
        "2025-03-07": {1: "A", 2: "A"},
        "2025-03-08": {1: "A", 2: "A", 3: "C"},
        "2025-03-09": {1: "B", 3: "C"},
        "2025-03-12": {1: "B", 2: "A", 3: "C"},
        "2025-03-13": {1: "A", 2: "A"},
    }
    for day, statuses in days.items():
        rows = ({"OBJECTID": one, "PublicStatus": value} for one, value in statuses.items())
        sources.copy("epa", day, *rows)
    assert command.run("--only", "epa", "--apply") == 0
    assert sources.states("epa", "object_id", "public_status") == [
        # Changed and changed back.
        (1, "A", "03-07 00:00", "03-09 00:00"),
        (1, "A", "03-13 00:00", OWN_BEGINS),
        (1, "B", "03-09 00:00", "03-13 00:00"),
        # Vanished and came back.
        (2, "A", "03-07 00:00", "03-09 00:00"),
        (2, "A", "03-12 00:00", OWN_BEGINS),
        # Vanished.
        (3, "C", "03-08 00:00", "03-13 00:00"),
    ]


def test_the_rows_of_this_project_stay_as_they_are_and_begin_where_the_imported_ones_end(
    sources: Sources, command: Command
) -> None:
    begin(sources, "epa")
    name = f"{warehouse.history_schema()}.EPA_PARCELS_HISTORY"
    own = f"SELECT * FROM {name} WHERE STARTSWITH(load_id, 'scheduled__')"
    before = sources.run(own)
    # The earlier loads went on: this project has the day of its first load, and what came after.
    for day in ("2026-01-14", "2026-01-15", "2026-01-16"):
        sources.copy("epa", day, {"OBJECTID": 1, "PublicStatus": f"Seen on {day}"})
    assert command.run("--only", "epa", "--apply") == 0
    assert len(before) == 1
    assert sources.run(own) == before
    assert sources.states("epa", "object_id") == [(1, "01-14 00:00", OWN_BEGINS)]
    [(ended,)] = sources.run(
        f"SELECT dbt_valid_to::VARCHAR FROM {name} WHERE dbt_valid_to IS NOT NULL"
    )
    assert ended.startswith(BEGAN)


def test_dbts_columns_are_as_dbt_writes_them(sources: Sources, command: Command) -> None:
    begin(sources, "epa")
    sources.copy("epa", "2025-06-01", {"OBJECTID": 1}, {"OBJECTID": 2})
    sources.copy("epa", "2025-06-02", {"OBJECTID": 1, "APN": "5"}, {"OBJECTID": 2})
    command.run("--only", "epa", "--apply")
    name = f"{warehouse.history_schema()}.EPA_PARCELS_HISTORY"
    rows = sources.run(
        "SELECT dbt_scd_id, MD5(object_id::VARCHAR || '|' || dbt_updated_at::VARCHAR),"
        f" dbt_updated_at, dbt_valid_from FROM {name}"
    )
    assert len({row[0] for row in rows}) == len(rows) == 4
    assert [row[0] for row in rows] == [row[1] for row in rows]
    assert [row[2] for row in rows] == [row[3] for row in rows]


@pytest.fixture
def default_time_zone(administrator: Role) -> Iterator[None]:
    """The time zone of a session for which nobody has set another."""
    administrator.run("ALTER SESSION SET TIMEZONE = 'America/Los_Angeles'")
    yield
    administrator.run("ALTER SESSION SET TIMEZONE = 'UTC'")


@pytest.mark.usefixtures("default_time_zone")
def test_values_are_converted_as_staging_converts_them(sources: Sources, command: Command) -> None:
    begin(sources, "epa", "usace", "malibu")
    square = "geometry"
    sources.copy(
        "epa",
        "2025-03-01",
        {
            "OBJECTID": 1,
            "AssessmentDate": float(MARCH_1),
            "LandUse": " Residential ",
            "APN": "",
            "Shape__Area": 12.5,
            square: SQUARE,
            "_LAST_EDIT_DATE": MARCH_1 + 1,
        },
        {"OBJECTID": 2, "Shape__Area": "NaN"},
    )
    sources.copy(
        "usace",
        "2025-03-01",
        {
            "OBJECTID": 1,
            "event_sub_name": "Eaton ",
            "roe_approved": float(MARCH_1),
            "roe_submitted": "NaN",
            "_LOADED_AT": "2025-03-01 23:27:00-08:00",
        },
    )
    sources.copy(
        "malibu",
        "2025-03-01",
        {"projectNumber": "PR 1", "lat": "34.03", "lng": "none", "daysToDecision": 7},
    )
    assert command.run("--apply", "--only", "epa", "--only", "usace", "--only", "malibu") == 0
    assert sources.states(
        "epa", "object_id", "assessed_at", "land_use", "apn", "shape_area", "source_edited_at",
        "loaded_at", "load_id",
    ) == [
        (
            1, MIDNIGHT, "Residential", None, 12.5,
            MIDNIGHT + timedelta(milliseconds=1), None, "imported__2025-03-01",
            "03-01 00:00", OWN_BEGINS,
        ),
        (
            2, None, None, None, None, None, None, "imported__2025-03-01",
            "03-01 00:00", OWN_BEGINS,
        ),
    ]  # fmt: skip
    [(_, shape, *_), _] = sources.states("epa", "object_id", "geometry")
    assert shapely.from_wkb(bytes(shape)).equals(shapely.from_geojson(SQUARE))
    assert sources.states(
        "usace", "fire_name", "roe_approved_at", "roe_submitted_at", "loaded_at"
    ) == [
        (
            "Eaton",
            MIDNIGHT,
            None,
            MIDNIGHT + timedelta(hours=31, minutes=27),
            "03-01 00:00",
            OWN_BEGINS,
        )
    ]
    assert sources.states("malibu", "latitude", "longitude", "days_to_decision") == [
        (34.03, None, 7.0, "03-01 00:00", OWN_BEGINS)
    ]


def test_a_change_that_staging_removes_begins_no_state(sources: Sources, command: Command) -> None:
    begin(sources, "epa")
    for day, status in (("2025-03-01", "Done"), ("2025-03-02", " Done ")):
        sources.copy("epa", day, {"OBJECTID": 1, "PublicStatus": status})
    command.run("--only", "epa", "--apply")
    assert sources.states("epa", "public_status") == [("Done", "03-01 00:00", OWN_BEGINS)]


def test_columns_that_the_earlier_table_lacks_are_null(sources: Sources, command: Command) -> None:
    begin(sources, "usace")
    for name in ("roe_details", "_LOADED_AT"):
        sources.run(f'ALTER TABLE {sources.earlier("usace")} DROP COLUMN "{name}"')
    sources.copy("usace", "2025-03-01", {"OBJECTID": 1, "ma": "SPD-09"})
    assert command.run("--only", "usace", "--apply") == 0
    assert sources.states("usace", "mission_assignment", "roe_details") == [
        ("SPD-09", None, "03-01 00:00", OWN_BEGINS)
    ]


def test_the_last_load_of_a_day_counts_where_a_copy_has_a_key_twice(
    sources: Sources, command: Command
) -> None:
    begin(sources, "usace", "pasadena")
    for day, first, last in (
        ("2025-03-01", "received", "approved"),
        ("2025-03-02", "x", "approved"),
    ):
        sources.copy(
            "usace",
            day,
            {"OBJECTID": 1, "roe_status": last, "_LOADED_AT": f"{day} 23:27:00"},
            {"OBJECTID": 1, "roe_status": first, "_LOADED_AT": f"{day} 08:27:00"},
        )
    # The city renumbered its permits, and the earlier loader identified them by the numbers.
    sources.copy(
        "pasadena",
        "2025-03-01",
        {"ID": 1, "PERMIT_NUMBER": "A", "PERMIT_STATUS": "Issued", "_LAST_EDIT_DATE": 2000},
        {"ID": 7, "PERMIT_NUMBER": "A", "PERMIT_STATUS": "In Review", "_LAST_EDIT_DATE": 1000},
    )
    assert command.run("--only", "usace", "--only", "pasadena", "--apply") == 0
    assert sources.states("usace", "roe_status") == [("approved", "03-01 00:00", OWN_BEGINS)]
    assert sources.states("pasadena", "permit_status") == [("Issued", "03-01 00:00", OWN_BEGINS)]


def test_rows_without_a_key_or_a_day_are_left_out(sources: Sources, command: Command) -> None:
    begin(sources, "pasadena")
    sources.copy(
        "pasadena",
        "2025-03-01",
        {"ID": 1, "PERMIT_NUMBER": None},
        {"ID": 2, "PERMIT_NUMBER": " "},
        {"ID": 3, "PERMIT_NUMBER": "A"},
    )
    sources.run(f"INSERT INTO {sources.earlier('pasadena')} (PERMIT_NUMBER) SELECT 'B'")
    assert command.run("--only", "pasadena", "--apply") == 0
    assert sources.states("pasadena", "permit_number") == [("A", "03-01 00:00", OWN_BEGINS)]


def test_equal_rows_of_a_list_without_a_key_are_separate(
    sources: Sources, command: Command
) -> None:
    begin(sources, "malibu")
    twin = {"projectNumber": "PR 1", "type": "InBPC"}
    sources.copy("malibu", "2025-03-01", twin, twin)
    sources.copy("malibu", "2025-03-02", twin)
    assert command.run("--only", "malibu", "--apply") == 0
    assert sources.states("malibu", "RIGHT(content_key, 2)") == [
        ("-1", "03-01 00:00", OWN_BEGINS),
        ("-2", "03-01 00:00", "03-02 00:00"),
    ]


def test_without_apply_nothing_changes_and_the_statement_is_printed(
    sources: Sources, command: Command, capsys: pytest.CaptureFixture[str]
) -> None:
    begin(sources, "epa")
    sources.copy("epa", "2025-03-01", {"OBJECTID": 1})
    assert command.run("--only", "epa") == 0
    assert sources.states("epa", "object_id") == []
    printed = capsys.readouterr().out
    assert f"insert into {warehouse.history_schema()}.epa_parcels_history (" in printed
    assert "1 copies from 2025-03-01 to 2025-03-01, 1 to 1 rows each" in printed
    assert "-- Nothing was changed. Add --apply to do it." in printed


def test_a_second_run_adds_nothing(
    sources: Sources, command: Command, capsys: pytest.CaptureFixture[str]
) -> None:
    begin(sources, "epa")
    sources.copy("epa", "2025-03-01", {"OBJECTID": 1})
    assert command.run("--only", "epa", "--apply") == 0
    sources.copy("epa", "2025-03-02", {"OBJECTID": 1, "APN": "5"})
    assert command.run("--only", "epa", "--apply") == 0
    assert len(sources.states("epa", "object_id")) == 1
    assert "epa_parcels_history has 1 imported states: nothing to do" in capsys.readouterr().out
    # Two people at once: the statement itself adds nothing, too.
    [statement] = [one for one in command.sent if "insert into" in one]
    assert sources.run(statement) == [(0,)]


def test_an_interrupted_import_is_completed_by_the_next_run(
    sources: Sources, command: Command, capsys: pytest.CaptureFixture[str]
) -> None:
    both = ("--only", "epa", "--only", "pasadena", "--apply")
    begin(sources, "epa", "pasadena")
    sources.copy("epa", "2025-03-01", {"OBJECTID": 1})
    sources.copy("pasadena", "2025-03-01", {"PERMIT_NUMBER": "A"})

    def lose_connection(sql: str) -> None:
        if "insert into" in sql:
            raise OperationalError("Connection reset by peer")

    # The first statement ran, and its answer was lost.
    command.after = lose_connection
    assert command.run(*both) == 1
    [error] = capsys.readouterr().err.splitlines()
    assert "epa_parcels_history" in error
    assert "Connection reset by peer" in error
    assert sources.states("pasadena", "permit_number") == []
    command.after = id
    assert command.run(*both) == 0
    assert len(sources.states("epa", "object_id")) == 1
    assert len(sources.states("pasadena", "permit_number")) == 1


def test_an_import_can_be_taken_back_and_repeated_without_an_incomplete_copy(
    sources: Sources, command: Command, capsys: pytest.CaptureFixture[str]
) -> None:
    begin(sources, "epa")
    for day in ("2025-03-01", "2025-03-02", "2025-03-03"):
        objects = (1,) if day == "2025-03-02" else range(1, 6)
        sources.copy("epa", day, *({"OBJECTID": one} for one in objects))
    command.run("--only", "epa", "--apply")
    assert len(sources.states("epa", "object_id")) == 9
    assert "2025-03-02: 1 rows after 5." in capsys.readouterr().out
    sources.run(back(snapshot_of("epa")))
    assert sources.states("epa", "object_id") == []
    assert command.run("--only", "epa", "--leave-out", "2025-03-02", "--apply") == 0
    assert sources.states("epa", "object_id") == [
        (one, "03-01 00:00", OWN_BEGINS) for one in range(1, 6)
    ]


def test_the_earlier_tables_are_only_read(sources: Sources, command: Command) -> None:
    begin(sources, "epa")
    sources.copy("epa", "2025-03-01", {"OBJECTID": 1})
    before = sources.rows("epa")
    assert command.run("--only", "epa", "--apply") == 0
    assert sources.rows("epa") == before
    changing = [sql for sql in command.sent if not sql.startswith("SELECT ")]
    assert len(changing) == 1
    for sql in changing:
        code = "\n".join(line for line in sql.splitlines() if not line.startswith("--"))
        assert code.startswith(f"insert into {warehouse.history_schema()}.")
        assert ";" not in code


def test_the_dashboards_map_shows_a_day_of_2025(sources: Sources, command: Command) -> None:
    begin(sources, "epa")
    sources.copy(
        "epa", "2025-03-01", {"OBJECTID": 1, "PublicStatus": "Pending", "geometry": SQUARE}
    )
    sources.copy("epa", "2025-03-02", {"OBJECTID": 1, "PublicStatus": "Done", "geometry": SQUARE})
    command.run("--only", "epa", "--apply")
    session: Any = command.role.session
    shown = {day: list(places(session, "epa", date(2025, 3, day)).status) for day in (1, 2, 20)}
    assert shown == {1: ["Pending"], 2: ["Done"], 20: ["Done"]}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ('ALTER TABLE {earlier} DROP COLUMN "_LOAD_DATE"', "has no column _LOAD_DATE"),
        ("DROP TABLE {history}", "Run the DAGs epa and keep_history first"),
        ("DELETE FROM {history}", "has no state of this project"),
        ("DROP TABLE {raw}", "Run the DAGs epa and keep_history first"),
        ("DROP TABLE {earlier}", "There is no RAW_DDRC_PRD.EPA_AGOL_ASSESSMENT_LEGACY.PUBLIC_"),
    ],
)
def test_an_account_that_is_not_ready_is_refused_in_one_sentence(
    sources: Sources,
    command: Command,
    capsys: pytest.CaptureFixture[str],
    change: str,
    message: str,
) -> None:
    begin(sources, "epa")
    table = TABLES["epa"]
    places = {
        "earlier": sources.earlier("epa"),
        "history": f"{warehouse.history_schema()}.EPA_PARCELS_HISTORY",
        "raw": f"{warehouse.database('RAW')}.{table.schema}.{table.name}",
    }
    sources.run(change.format(**places))
    assert command.run("--only", "epa", "--apply") == 1
    [line] = capsys.readouterr().err.splitlines()
    assert message in line


def test_two_columns_that_differ_by_case_are_refused() -> None:
    types = {"_LOAD_DATE": "DATE", "Address": "TEXT", "address": "TEXT"}
    with pytest.raises(CutoverError, match="the fields 'Address' and 'address' are one column"):
        statement(snapshot_of("epa"), types, {"ADDRESS": "TEXT"}, ["ADDRESS"])


def test_nothing_is_imported_while_one_table_is_not_ready(
    sources: Sources, command: Command
) -> None:
    begin(sources, "epa", "pasadena")
    sources.copy("epa", "2025-03-01", {"OBJECTID": 1})
    sources.run(f"DROP TABLE {sources.earlier('pasadena')}")
    assert command.run("--only", "epa", "--only", "pasadena", "--apply") == 1
    assert sources.states("epa", "object_id") == []


@pytest.mark.parametrize(
    "arguments", [("--only", "airtable"), ("--leave-out", "3 May"), ("--delete",)]
)
def test_a_wrong_command_line_is_refused(
    command: Command, arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert command.run(*arguments) == 2
    assert command.sent == []
    assert "usage:" in capsys.readouterr().err


def test_an_unknown_environment_is_refused(
    command: Command, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DDRC_ENV", "STAGING")
    assert command.run() == 2
    assert "set it to one of DEV, PRD" in capsys.readouterr().err


def test_the_statement_is_snowflakes_sql() -> None:
    """The dialect of the linter knows more of Snowflake's syntax than the emulator."""
    one = snapshot_of("malibu")
    types = {"_LOAD_DATE": "DATE", "lat": "TEXT", "_LOADED_AT": "TIMESTAMP_LTZ"}
    raw = {"LAT": "TEXT", "_LOADED_AT": "TIMESTAMP_NTZ"}
    sql = statement(one, types, raw, ["LATITUDE"], [date(2025, 3, 2)])
    parsed = Linter(dialect="snowflake").parse_string(sql)
    assert parsed.violations == []
    assert "unparsable" not in set(parsed.tree.type_set() if parsed.tree else {"unparsable"})
